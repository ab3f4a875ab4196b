/* SPDX-License-Identifier: ISC */
/*
 * smtppath: <reverse-path>, <forward-path>, domains and address literals
 * (RFC 5321 4.1.2 and 4.1.3, RFC 6531 3.3), and what senders write that other
 * servers take, too.
 *
 * Pure; only ever moves forward in its input.  A mailbox that it accepts holds
 * no control byte, no line end and no blank outside a quoted string.
 */
#ifndef SMTP_SMTPPATH_H
#define SMTP_SMTPPATH_H

#include "bytes/bytes.h"

enum {
	/*
	 * Octets, RFC 5321 4.5.3.1.2 and 4.5.3.1.3.  The 64 of a local part
	 * are no limit: mailing lists and their like use more.
	 */
	SMTPPATH_DOMAIN_MAX = 255,
	SMTPPATH_MAX = 256 /* with its brackets */
};

enum smtppath_status {
	SMTPPATH_OK,
	SMTPPATH_BAD,      /* no such form in the grammar */
	SMTPPATH_TOO_LONG, /* longer than SMTPPATH_MAX */
	SMTPPATH_NO_DOMAIN /* a local part alone */
};

struct smtppath {
	/* Without brackets, blanks in them, source route, and a last dot. */
	struct bytes mailbox; /* empty: <> */
	bool has_domain;
	bool is_utf8; /* holds bytes over 127, all of it valid UTF-8 */
};

/*
 * Parse the path at the beginning of `in`, from its `<` to its `>`, and say
 * how long it is; without brackets it ends where a mailbox does.  A source
 * route is checked and left out (3.6.1, app. C), and so is the last dot of a
 * domain.  The dots of a local part may stand anywhere.
 * A mailbox without a domain is SMTPPATH_NO_DOMAIN, unless it is Postmaster.
 */
enum smtppath_status smtppath_parse(
    struct bytes in, struct smtppath *path, size_t *used);

/* An atom of RFC 5321 4.1.2, in ASCII. */
bool smtppath_is_atom(struct bytes text);

/* A domain of dotted labels: letters, digits, `-`, and `_` as seen in use. */
bool smtppath_is_domain(struct bytes name);

/*
 * The argument of HELO and EHLO: it ought to be a domain or an address literal,
 * but many clients say something else.  It must be harmless, without a blank,
 * and not too long.
 */
bool smtppath_is_greeting(struct bytes name);

/*
 * The part of it that may stand in a header field as a name: all but a last
 * dot, or nothing.  Wider than RFC 5321: an IPv6 address may lack its tag, a
 * label may begin or end with a hyphen.
 */
struct bytes smtppath_greeting_name(struct bytes name);

/*
 * May it stand in an envelope, whatever it means?  It must not hold a control
 * byte, and its bytes over 127 must be well-formed UTF-8 that readers do not
 * take for a line end.  *is_utf8 is set if there are such bytes, else left
 * alone.
 */
bool smtppath_is_harmless(struct bytes text, bool *is_utf8);

/* A numeric address: dotted quad, or IPv6 in any form of RFC 4291 2.2. */
bool smtppath_is_ipv4(struct bytes text);
bool smtppath_is_ipv6(struct bytes text);

#endif
