/* SPDX-License-Identifier: ISC */
/*
 * instruction: what is to happen to a recipient's mail, one line of text.
 *
 * Pure.  The result's target is a view into the text.  Only the form is
 * checked; whether there is such a directory, mailbox or server turns out when
 * the instruction is carried out.
 */
#ifndef TABLE_INSTRUCTION_H
#define TABLE_INSTRUCTION_H

#include <stdint.h>

#include "bytes/bytes.h"

enum {
	INSTRUCTION_MAX = 2048,      /* octets of a whole instruction */
	INSTRUCTION_PATH_MAX = 1023, /* of a directory */
	INSTRUCTION_USER_MAX = 63    /* of a user's name */
};

enum instruction_kind {
	INSTRUCTION_COMMAND,   /* |command, user:name |command */
	INSTRUCTION_MAILDIR,   /* /directory/ */
	INSTRUCTION_FORWARD,   /* &user@host */
	INSTRUCTION_LMTP_UNIX, /* lmtp:unix:/path */
	INSTRUCTION_LMTP_INET, /* lmtp:[host]:port */
	INSTRUCTION_PEGASUS    /* pegasus:/directory/ */
};

struct instruction {
	enum instruction_kind kind;
	struct bytes target; /* the command, directory, mailbox, path or host */
	uint32_t port;       /* of INSTRUCTION_LMTP_INET */
	struct bytes user;   /* of INSTRUCTION_COMMAND; empty: none named */
};

/*
 * Blanks around it do not count.  NULL, or what is wrong with it, static text.
 * A target is never empty, and holds no control byte but a tab in a command.
 */
const char *instruction_parse(struct bytes text, struct instruction *in);

#endif
