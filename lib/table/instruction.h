/* SPDX-License-Identifier: ISC */
/*
 * instruction: what is to happen to a recipient's mail, one line of text.
 *
 * Pure.  The result's target is a view into the text.  Only the form is
 * checked; whether there is such a directory, mailbox or server turns out when
 * the instruction is carried out.  A host is a name or an address, which stands
 * without brackets in the target.
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
	INSTRUCTION_PEGASUS,   /* pegasus:/directory/ */
	INSTRUCTION_SMTP_MX,   /* smtp: */
	INSTRUCTION_SMTP_RELAY /* smtp:[host]:port, smtp:[host] */
};

struct instruction {
	enum instruction_kind kind;
	struct bytes target; /* the command, directory, mailbox, path or host */
	uint32_t port;       /* where the target is a host */
	struct bytes user;   /* of INSTRUCTION_COMMAND; empty: none named */
};

/*
 * Blanks around it do not count.  NULL, or what is wrong with it, static text.
 * Only that of INSTRUCTION_SMTP_MX is empty; none holds a control byte but a
 * command, which may have tabs.
 */
const char *instruction_parse(struct bytes text, struct instruction *in);

#endif
