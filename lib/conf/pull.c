/* SPDX-License-Identifier: ISC */
#include "conf/pull.h"

#include "base/base.h"

#define AT(member)                                                             \
	offsetof(struct settings, pull.member),                                \
	    sizeof(((struct settings *)0)->pull.member)
#define TEXT(name, type, preset, member, meaning)                              \
	{                                                                      \
		PULL_PREFIX name, type, preset, AT(member), 0, 0, NULL,        \
		    meaning                                                    \
	}
#define NUMBER(name, preset, member, min, max, meaning)                        \
	{                                                                      \
		PULL_PREFIX name, KEY_NUMBER, preset, AT(member), min, max,    \
		    NULL, meaning                                              \
	}

static const struct key ROWS[] = {
	NUMBER("most", "1000", most, 1, 1000000,
	    "messages that wait in the spool before no more are taken"),
	TEXT("stat", KEY_PATH, "", stat,
	    "a textfile for Prometheus of smtpserv-pull's; unset: none"),
};

const struct keyset PULL_KEYS = { PULL_PREFIX, ROWS, ARRAY_LEN(ROWS), NULL };
