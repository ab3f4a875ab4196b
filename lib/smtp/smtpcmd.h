/* SPDX-License-Identifier: ISC */
/*
 * smtpcmd: one command line to one struct smtp_cmd (RFC 5321 4.1.1).
 *
 * Pure.  Views in the result point into the line, or the result itself.  The
 * parser checks form only; whether the command is welcome now is the session's
 * business.  It is strict where it matters for a message's destination or its
 * reports; elsewhere it accepts what other servers accept.
 *
 * A new extension's verb is a row of VERBS here and a row of the session's
 * table; its parameter is a row in smtpparam.c.
 */
#ifndef SMTP_SMTPCMD_H
#define SMTP_SMTPCMD_H

#include <stdint.h>

#include "bytes/bytes.h"
#include "smtp/smtppath.h"

enum smtp_verb {
	SMTP_EHLO,
	SMTP_HELO,
	SMTP_LHLO, /* RFC 2033 */
	SMTP_MAIL,
	SMTP_RCPT,
	SMTP_DATA,
	SMTP_RSET,
	SMTP_NOOP,
	SMTP_QUIT,
	SMTP_VRFY,
	SMTP_HELP,
	SMTP_STARTTLS,
	SMTP_AUTH,
	SMTP_BDAT,   /* RFC 3030: what follows it is not a command */
	SMTP_ABSENT, /* a verb of some RFC that we do not implement */
	SMTP_UNKNOWN
};

enum smtp_body {
	SMTP_BODY_UNSAID,
	SMTP_BODY_7BIT,
	SMTP_BODY_8BITMIME,
	SMTP_BODY_BINARYMIME
};

enum smtp_ret {
	SMTP_RET_UNSAID,
	SMTP_RET_FULL,
	SMTP_RET_HDRS
};

enum {
	/* Octets of a parameter's value, as it is sent. */
	SMTPCMD_ENVID_MAX = 100, /* RFC 3461 4.4 */
	SMTPCMD_NOTIFY_MAX = 21, /* SUCCESS,FAILURE,DELAY */
	SMTPCMD_ORCPT_MAX = 500, /* RFC 3461 4.2 */
	SMTPCMD_AUTH_MAX = 500   /* RFC 4954 5 */
};

enum smtpcmd_status {
	SMTPCMD_OK,
	SMTPCMD_LINE_TOO_LONG, /* longer than this verb's limit */
	SMTPCMD_BAD_BYTE,      /* a control byte */
	SMTPCMD_BAD_ARGUMENT,  /* one missing, too many, or ill-formed */
	SMTPCMD_BAD_PATH,
	SMTPCMD_PATH_TOO_LONG,
	SMTPCMD_PATH_NO_DOMAIN,
	SMTPCMD_BAD_PARAMETER, /* malformed, repeated, or of bad value */
	SMTPCMD_UNKNOWN_PARAMETER
};

struct smtp_cmd {
	enum smtp_verb verb;
	struct bytes argument; /* all that follows the verb; may be empty */
	struct smtppath path;  /* MAIL, RCPT */
	bool has_size;
	uint64_t size;       /* octets, RFC 1870; UINT64_MAX: or more */
	enum smtp_body body; /* RFC 6152 */
	bool smtputf8;       /* RFC 6531 */
	bool requiretls;     /* RFC 8689 */
	/*
	 * RFC 3461; empty if not said.  As they were sent, xtext stays xtext;
	 * but an ORCPT that is UTF-8 is kept in RFC 6533's ASCII form.
	 */
	enum smtp_ret ret;
	struct bytes envid;
	struct bytes notify;
	struct bytes orcpt;
	/* An ENVID or ORCPT that cannot be kept, whole; the first one. */
	struct bytes dropped;
	uint64_t chunk; /* BDAT: octets; UINT64_MAX: or more */
	bool is_last_chunk;
	/* Private. */
	char orcpt_store[SMTPCMD_ORCPT_MAX];
};

/* On failure cmd->verb is set all the same, so the reply can depend on it. */
enum smtpcmd_status smtpcmd_parse(struct bytes line, struct smtp_cmd *cmd);

#endif
