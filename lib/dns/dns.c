/* SPDX-License-Identifier: ISC */
#include "dns/dns.h"

#include <string.h>

#include "base/base.h"

enum {
	HEADER_SIZE = 12,
	LABEL_MAX = 63,
	POINTER = 0xc0,
	/* On the wire, with its length octets and the root. */
	WIRE_NAME_MAX = 255,
	CLASS_IN = 1,
	TYPE_OPT = 41,
	A_SIZE = 4,
	AAAA_SIZE = 16,
	TLSA_MIN = 3,
	/* The header's third and fourth octet. */
	BIT_QR = 0x80,
	BITS_OPCODE = 0x78,
	BIT_AA = 0x04,
	BIT_TC = 0x02,
	BIT_RA = 0x80,
	BIT_AD = 0x20,
	BITS_RCODE = 0x0f,
	RCODE_NOERROR = 0,
	RCODE_NXDOMAIN = 3
};

struct name {
	char text[DNS_NAME_SIZE];
	size_t n;
	bool is_odd;
};

struct raw {
	struct name owner;
	unsigned int type;
	unsigned int class;
	size_t at; /* of its data */
	size_t n;
};

static unsigned int
octet(struct bytes m, size_t at)
{
	return ((unsigned char)m.p[at]);
}

static unsigned int
pair(struct bytes m, size_t at)
{
	return (octet(m, at) << 8 | octet(m, at + 1));
}

static bool
has(struct bytes m, size_t at, size_t n)
{
	return (at <= m.n && m.n - at >= n);
}

static bool
is_plain(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	    c == '_');
}

/* False: the name is too long. */
static bool
add_label(struct name *name, struct bytes label)
{
	size_t i;

	/* Each label takes its length octet, and the root the last. */
	if (name->n + (name->n > 0 ? 1 : 0) + label.n + 2 > WIRE_NAME_MAX)
		return (false);
	if (name->n > 0)
		name->text[name->n++] = '.';
	for (i = 0; i < label.n; i++) {
		char c = bytes_lower(label.p[i]);

		if (!is_plain(c)) {
			name->is_odd = true;
			c = '?';
		}
		name->text[name->n++] = c;
	}
	return (true);
}

/*
 * The name at *at, which moves behind it.  A pointer leads to a place before
 * the one that it was met in, so this ends.  False: not a name.
 */
static bool
take_name(struct bytes m, size_t *at, struct name *name)
{
	size_t here = *at;
	size_t start = *at; /* of the part that is being read */
	bool has_jumped = false;

	name->n = 0;
	name->is_odd = false;
	for (;;) {
		unsigned int n;

		if (!has(m, here, 1))
			return (false);
		n = octet(m, here);
		if (n > LABEL_MAX) {
			if (n < POINTER || !has(m, here, 2))
				return (false);
			if (!has_jumped)
				*at = here + 2;
			has_jumped = true;
			here = pair(m, here) & 0x3fff;
			if (here >= start)
				return (false);
			start = here;
			continue;
		}
		if (!has(m, here, 1 + n) ||
		    (n > 0 && !add_label(name, bytes_cut(m, here + 1, n))))
			return (false);
		here += 1 + n;
		if (n == 0)
			break;
	}
	name->text[name->n] = '\0';
	if (!has_jumped)
		*at = here;
	return (true);
}

static bool
take_raw(struct bytes m, size_t *at, struct raw *raw)
{
	if (!take_name(m, at, &raw->owner) || !has(m, *at, 10))
		return (false);
	raw->type = pair(m, *at);
	raw->class = pair(m, *at + 2);
	raw->n = pair(m, *at + 8);
	raw->at = *at + 10;
	*at = raw->at + raw->n;
	return (has(m, raw->at, raw->n));
}

/* The name that is the data, from `from` to its end. */
static bool
read_name(
    struct bytes m, const struct raw *raw, size_t from, struct dns_record *r)
{
	struct name name;
	size_t at = raw->at + from;

	if (raw->n < from || !take_name(m, &at, &name) ||
	    at != raw->at + raw->n)
		return (false);
	memcpy(r->name, name.text, name.n + 1);
	r->is_odd = name.is_odd;
	return (true);
}

static bool
read_address(
    struct bytes m, const struct raw *raw, size_t n, struct dns_record *r)
{
	if (raw->n != n)
		return (false);
	memcpy(r->ip, m.p + raw->at, n);
	return (true);
}

/* The data of a record of a type that is known.  False: it is malformed. */
static bool
read_data(struct bytes m, const struct raw *raw, struct dns_record *r)
{
	memset(r, 0, sizeof(*r));
	switch (raw->type) {
	case DNS_A:
		return (read_address(m, raw, A_SIZE, r));
	case DNS_AAAA:
		return (read_address(m, raw, AAAA_SIZE, r));
	case DNS_CNAME:
		return (read_name(m, raw, 0, r));
	case DNS_MX:
		if (!read_name(m, raw, 2, r))
			return (false);
		r->preference = pair(m, raw->at);
		return (true);
	case DNS_TLSA:
		if (raw->n < TLSA_MIN)
			return (false);
		r->usage = octet(m, raw->at);
		r->selector = octet(m, raw->at + 1);
		r->matching = octet(m, raw->at + 2);
		r->data = bytes_cut(m, raw->at + TLSA_MIN, raw->n - TLSA_MIN);
		return (true);
	default:
		return (true);
	}
}

/* A name with odd octets is none that was asked for. */
static bool
is_of(const struct raw *raw, enum dns_type type, const char *name)
{
	return (raw->type == type && raw->class == CLASS_IN &&
	    !raw->owner.is_odd && strcmp(raw->owner.text, name) == 0);
}

/* From the start of the answer section: are all its records sound? */
static bool
is_sound(const struct dns_answer *a)
{
	struct dns_record r;
	struct raw raw;
	size_t at = a->at;
	unsigned int i;

	for (i = 0; i < a->left; i++)
		if (!take_raw(a->message, &at, &raw) ||
		    (raw.class == CLASS_IN && !read_data(a->message, &raw, &r)))
			return (false);
	return (true);
}

/* The first record of that type that the name has. */
static bool
find(const struct dns_answer *a, enum dns_type type, struct dns_record *r)
{
	struct dns_answer walk = *a;

	walk.type = type;
	return (dns_next(&walk, r));
}

/* Where the CNAMEs of this answer lead.  False: nowhere. */
static bool
follow(struct dns_answer *a)
{
	struct dns_record r;

	/* Who asks for a CNAME does not mean what it leads to. */
	while (a->type != DNS_CNAME && find(a, DNS_CNAME, &r)) {
		if (r.is_odd || r.name[0] == '\0' ||
		    a->aliases == DNS_ALIASES_MAX)
			return (false);
		a->aliases++;
		memcpy(a->name, r.name, sizeof(a->name));
	}
	return (true);
}

static void
fail(struct dns_answer *a, const char *why)
{
	a->status = DNS_FAILED;
	a->why = why;
}

/* Is it an answer, and to this question?  Steps over that. */
static bool
take_question(struct dns_answer *a)
{
	struct bytes m = a->message;
	struct name name;

	if (!has(m, 0, HEADER_SIZE) || m.n > DNS_MESSAGE_MAX ||
	    (octet(m, 2) & (BIT_QR | BITS_OPCODE)) != BIT_QR || pair(m, 4) != 1)
		return (false);
	a->at = HEADER_SIZE;
	if (!take_name(m, &a->at, &name) || !has(m, a->at, 4) || name.is_odd ||
	    strcmp(name.text, a->name) != 0 || pair(m, a->at) != a->type ||
	    pair(m, a->at + 2) != CLASS_IN)
		return (false);
	a->at += 4;
	a->left = pair(m, 6);
	return (true);
}

/* The name as answers have it.  False: too long. */
static bool
set_name(struct dns_answer *a, const char *name)
{
	size_t n = strlen(name);
	size_t i;

	if (n >= sizeof(a->name))
		return (false);
	for (i = 0; i <= n; i++)
		a->name[i] = bytes_lower(name[i]);
	return (true);
}

/*
 * A server that neither looks things up nor has the zone only says where to go
 * on; that it has no records means nothing.
 */
static bool
is_referral(struct bytes m)
{
	return ((octet(m, 2) & BIT_AA) == 0 && (octet(m, 3) & BIT_RA) == 0);
}

void
dns_parse(struct bytes message, const char *name, enum dns_type type,
    struct dns_answer *a)
{
	struct dns_record r;
	unsigned int rcode;

	memset(a, 0, sizeof(*a));
	a->message = message;
	a->type = type;
	if (!set_name(a, name) || !take_question(a)) {
		fail(a, "malformed answer");
		return;
	}
	rcode = octet(message, 3) & BITS_RCODE;
	a->is_secure = (octet(message, 3) & BIT_AD) != 0;
	a->status = DNS_NXDOMAIN;
	if (rcode != RCODE_NOERROR && rcode != RCODE_NXDOMAIN)
		fail(a, dns_rcode_text(rcode));
	else if ((octet(message, 2) & BIT_TC) != 0)
		fail(a, "truncated answer");
	else if (!is_sound(a))
		fail(a, "malformed answer");
	else if (!follow(a))
		fail(a, "CNAMEs that lead nowhere");
	else if (rcode == RCODE_NOERROR)
		a->status = find(a, type, &r) ? DNS_FOUND : DNS_NODATA;
	if ((a->status == DNS_NODATA || a->status == DNS_NXDOMAIN) &&
	    is_referral(message))
		fail(a, "the server does not look it up");
}

bool
dns_next(struct dns_answer *a, struct dns_record *record)
{
	struct raw raw;

	while (a->left > 0) {
		a->left--;
		if (!take_raw(a->message, &a->at, &raw))
			return (false);
		if (is_of(&raw, a->type, a->name))
			return (read_data(a->message, &raw, record));
	}
	return (false);
}

size_t
dns_put_edns(unsigned char *question, size_t n, size_t cap)
{
	static const unsigned char opt[] = { 0, 0, TYPE_OPT, DNS_UDP_SIZE >> 8,
		DNS_UDP_SIZE & 0xff, 0, 0, 0, 0, 0, 0 };

	if (n < HEADER_SIZE || n > cap || cap - n < sizeof(opt) ||
	    question[10] != 0 || question[11] != 0)
		return (0);
	memcpy(question + n, opt, sizeof(opt));
	/* One additional record. */
	question[11] = 1;
	return (n + sizeof(opt));
}

const char *
dns_rcode_text(unsigned int rcode)
{
	static const char *const texts[] = { "NOERROR", "FORMERR", "SERVFAIL",
		"NXDOMAIN", "NOTIMP", "REFUSED" };

	return (rcode < ARRAY_LEN(texts) ? texts[rcode] : "an error");
}
