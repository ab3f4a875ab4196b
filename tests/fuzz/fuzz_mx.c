/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-mx's search: whatever the DNS answers, it ends, what it prints at
 * any time is a route, and a line with TLSA records was secure all the way.
 *
 * Options: what is asked for (0 a domain, 1 a relay, 2 an address); addresses
 * to be printed, from 2 upwards; which families (0 both, 1 IPv4, 2 IPv6).
 * Then come the answers, one to each question: an octet that says what it is,
 *
 *     0 no data, 1 NXDOMAIN, 2 SERVFAIL, 3 junk; with 8: authentic
 *     4 to 7: so many records of the type that is asked for, less 3; each has
 *     an octet, which its data is made of; with 16: a CNAME goes before, which
 *     leads to the name that another octet says
 *
 * and for junk its length and its octets, which stand behind the question.
 */
#include "print.h"
#include "search.h"

#include <string.h>

#include "fuzz.h"

enum {
	QUESTIONS_MAX = 1000,
	ASKED_SECURE = 8,
	HAS_ALIAS = 16
};

struct fake {
	struct bytes in;
	struct buf message;
	char store[2048];
	unsigned int asked;
	const struct search *search;
};

static char route_store[ROUTE_TEXT_MAX];

static unsigned int
next(struct fake *f)
{
	unsigned int c = f->in.n > 0 ? (unsigned char)f->in.p[0] : 0;

	f->in = bytes_cut(f->in, 1, f->in.n);
	return (c);
}

static void
put_name(struct buf *b, struct bytes name)
{
	size_t n;

	while (name.n > 0) {
		n = name.n;
		(void)bytes_find(name, '.', &n);
		(void)buf_putc(b, (char)n);
		(void)buf_put(b, bytes_cut(name, 0, n));
		name = bytes_cut(name, n + 1, name.n);
	}
	(void)buf_putc(b, '\0');
}

static void
put_pair(struct buf *b, unsigned int n)
{
	(void)buf_putc(b, (char)(n >> 8));
	(void)buf_putc(b, (char)n);
}

/* One of 16 names; the first is the root. */
static const char *
name_of(unsigned int c)
{
	static const char *const names[] = { "", "a.test", "b.test", "c.test",
		"mx1.a.test", "mx2.a.test", "mx3.a.test", "d.test", "e.test",
		"x", "f.test", "g.test", "h.test", "i.test", "j.test",
		"k.test" };

	return (names[c & 15]);
}

static void
put_data(struct buf *b, enum dns_type type, unsigned int c)
{
	static const char zeros[16];

	if (type == DNS_MX) {
		(void)buf_putc(b, '\0');
		(void)buf_putc(b, (char)(c >> 4));
		put_name(b, bytes_of(name_of(c)));
	} else if (type == DNS_CNAME) {
		put_name(b, bytes_of(name_of(c)));
	} else if (type == DNS_TLSA) {
		(void)buf_putc(b, (char)(c & 3));
		(void)buf_putc(b, (char)(c >> 2 & 1));
		(void)buf_putc(b, (char)(c >> 3 & 1));
		(void)buf_put(b, (struct bytes){ zeros, c >> 4 });
	} else {
		(void)buf_putc(b, (char)c);
		(void)buf_put(
		    b, (struct bytes){ zeros, type == DNS_A ? 3U : 15U });
	}
}

static void
put_record(struct buf *b, const char *owner, enum dns_type type, unsigned int c)
{
	char store[64];
	struct buf data;

	buf_init(&data, store, sizeof(store));
	put_data(&data, type, c);
	put_name(b, bytes_of(owner));
	put_pair(b, (unsigned int)type);
	put_pair(b, 1);
	put_pair(b, 0);
	put_pair(b, 300);
	put_pair(b, (unsigned int)buf_view(&data).n);
	(void)buf_put(b, buf_view(&data));
}

/* The header and the question. */
static void
put_start(struct fake *f, unsigned int rcode, bool is_secure, unsigned int n,
    const char *name, enum dns_type type)
{
	struct buf *b = &f->message;

	buf_init(b, f->store, sizeof(f->store));
	put_pair(b, 4711);
	put_pair(b, 0x8180 | rcode | (is_secure ? 0x20 : 0));
	put_pair(b, 1);
	put_pair(b, n);
	put_pair(b, 0);
	put_pair(b, 0);
	put_name(b, bytes_of(name));
	put_pair(b, (unsigned int)type);
	put_pair(b, 1);
}

static void
put_answer(
    struct fake *f, unsigned int kind, const char *name, enum dns_type type)
{
	static const unsigned int rcodes[] = { 0, 3, 2 };
	unsigned int what = kind & 7;
	unsigned int n = what > 3 ? what - 3 : 0;
	unsigned int alias = (kind & HAS_ALIAS) != 0 ? 1 : 0;

	put_start(f, what < 3 ? rcodes[what] : 0, (kind & ASKED_SECURE) != 0,
	    what == 3 ? next(f) & 3 : n + alias, name, type);
	if (what == 3) {
		n = next(f);
		(void)buf_put(&f->message, bytes_cut(f->in, 0, n));
		f->in = bytes_cut(f->in, n, f->in.n);
		return;
	}
	if (alias > 0) {
		unsigned int c = next(f);

		put_record(&f->message, name, DNS_CNAME, c);
		name = name_of(c);
	}
	while (n-- > 0)
		put_record(&f->message, name, type, next(f));
}

/* What is printed is a route, and says what it has to. */
static void
check(const struct fake *f)
{
	static struct route r;
	struct buf out;
	enum result result;
	size_t i;

	buf_init(&out, route_store, sizeof(route_store));
	result = print_route(f->search, &out);
	fuzz_must(!buf_overflowed(&out) && route_parse(buf_view(&out), &r),
	    "it is a route");
	fuzz_must((result == RES_OK) == (r.verdict == ROUTE_OK), "its result");
	fuzz_must(r.verdict == ROUTE_OK ||
		(result == RES_PERM) == (r.status.p[0] == '5'),
	    "its status");
	fuzz_must(f->search->target.kind == TARGET_DOMAIN || result != RES_PERM,
	    "no relay fails for good");
	for (i = 0; i < r.n; i++) {
		fuzz_must(r.hops[i].tlsa.n == 0 || r.is_secure,
		    "TLSA only behind what is secure");
		fuzz_must(r.hops[i].is_error ||
			(r.hops[i].is_v6 ? !f->search->no_v6
					 : !f->search->no_v4),
		    "only families that are wanted");
	}
}

static void
ask(void *ctx, const char *name, enum dns_type type, struct dns_answer *a)
{
	struct fake *f = ctx;
	unsigned int kind = f->in.n > 0 ? next(f) : 2;

	check(f);
	fuzz_must(++f->asked < QUESTIONS_MAX, "it ends");
	put_answer(f, kind, name, type);
	fuzz_must(!buf_overflowed(&f->message), "room for the answer");
	dns_parse(buf_view(&f->message), name, type, a);
}

static bool
is_ours(void *ctx, const struct place *place)
{
	(void)ctx;
	return (place->ip[0] == 7);
}

static bool
is_routed(void *ctx, const struct place *place)
{
	(void)ctx;
	return (place->ip[0] % 5 != 0);
}

static uint32_t
chance(void *ctx)
{
	return (next(ctx));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const targets[] = { "a.test", "[a.test]:587",
		"[192.0.2.1]" };
	static struct search s;
	struct fake f = { .in = fuzz_input(data, n), .search = &s };
	struct search_ports ports = { ask, is_ours, is_routed, chance, &f };
	unsigned int family;

	memset(&s, 0, sizeof(s));
	s.ports = &ports;
	fuzz_must(target_parse(bytes_of(targets[fuzz_option(&f.in, 3)]), 25,
		      &s.target) == TARGET_OK,
	    "a target");
	s.most = 2 + fuzz_option(&f.in, ROUTE_MAX - 1);
	family = fuzz_option(&f.in, 3);
	s.no_v6 = family == 1;
	s.no_v4 = family == 2;
	search_run(&s);
	check(&f);
	return (0);
}
