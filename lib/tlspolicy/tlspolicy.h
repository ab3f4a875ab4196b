/* SPDX-License-Identifier: ISC */
/*
 * tlspolicy: how well a connection to another host is to be protected, in the
 * words of a key, of a row of a table, or of a daemon's answer.
 *
 * Pure.  Views in a policy point into the text that was parsed.  tlsneed.h
 * says what follows from it for one address.
 */
#ifndef TLSPOLICY_TLSPOLICY_H
#define TLSPOLICY_TLSPOLICY_H

#include "bytes/bytes.h"

enum tlspolicy_level {
	TLSPOLICY_NONE,    /* never TLS */
	TLSPOLICY_MAY,     /* where it is offered; any certificate, or clear */
	TLSPOLICY_DANE,    /* by TLSA where there are secure ones, else MAY */
	TLSPOLICY_ENCRYPT, /* any certificate, but never in clear */
	TLSPOLICY_VERIFY   /* a chain to a CA that we trust, and a name */
};

/* The words of a level: none, may, dane, encrypt, verify. */
bool tlspolicy_parse_level(struct bytes word, enum tlspolicy_level *level);
const char *tlspolicy_level_word(enum tlspolicy_level level);

/*
 * Whose words they are.  An administrator's replace what the key says; those of
 * a daemon, which are the other domain's, only add to it.
 */
enum tlspolicy_source {
	TLSPOLICY_ABSENT,
	TLSPOLICY_TABLE,
	TLSPOLICY_SOCKETMAP
};

struct tlspolicy {
	enum tlspolicy_source source;
	enum tlspolicy_level level;
	bool is_only;       /* dane-only: no host without usable TLSA */
	struct bytes match; /* the MX hosts that will do; empty: any */
	struct bytes names; /* of the certificate; empty: the host's own */
};

/*
 * A row's words, or those of an answer:
 *
 *     [LEVEL] [match=HOST:.DOMAIN:...] [name=NAME:...]
 *
 * LEVEL is one of the above, dane-only, or secure, which is verify and wants
 * a match.  Without a LEVEL it is verify.  `.DOMAIN` stands for each host that
 * has one label before it.  What Postfix's policies say besides, and changes
 * nothing here, is skipped; another word is an error, for it may demand more
 * than we do.  NULL, or what is wrong, static text.
 */
const char *tlspolicy_parse(
    struct bytes words, enum tlspolicy_source source, struct tlspolicy *policy);

/*
 * The keys that a hop may stand under, the most specific first: `a.b.c`,
 * `.b.c`, `.c`; or `[relay]:25`, `[relay]`.  *rest is the hop, in the case of
 * the table's keys, and moves on.  False: there are no more.
 */
bool tlspolicy_next_key(struct bytes *rest, struct bytes *key);

/* The next of a list's names, which colons separate; *rest moves on. */
bool tlspolicy_next_name(struct bytes *rest, struct bytes *name);

/* Is an MX host one of those that will do? */
bool tlspolicy_has_host(const struct tlspolicy *policy, struct bytes host);

/*
 * Can a server be known by a TLSA record with these numbers, and so many octets
 * of data?  Not by the usages 0 and 1 (RFC 7672 3.1.3), nor by a number that is
 * not known here, nor by a digest of another size.
 */
bool tlspolicy_is_usable(unsigned int usage, unsigned int selector,
    unsigned int matching, size_t octets);

#endif
