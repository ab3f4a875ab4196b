/* SPDX-License-Identifier: ISC */
#include "conf/pull.h"

#include "base/base.h"

#define TEXT(name, type, preset, member, meaning)                              \
	KEY_TEXT_ROW(PULL_PREFIX name, type, preset, pull.member, meaning)
#define NUMBER(name, preset, member, min, max, meaning)                        \
	KEY_NUMBER_ROW(PULL_PREFIX name, preset, pull.member, min, max, meaning)

static const struct key ROWS[] = {
	NUMBER("most", "1000", most, 1, 1000000,
	    "messages that wait in the spool before no more are taken"),
	TEXT("stat", KEY_PATH, "", stat,
	    "a textfile for Prometheus of smtpserv-pull's; unset: none"),
};

const struct keyset PULL_KEYS = { PULL_PREFIX, ROWS, ARRAY_LEN(ROWS), NULL };
