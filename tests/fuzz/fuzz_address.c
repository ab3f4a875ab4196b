/* SPDX-License-Identifier: ISC */
/*
 * Lists of addresses: each mailbox that comes out is one by itself, has no line
 * end in it, and comes out in brackets as it does without; and the fields of a
 * header are all of it.  The whole input is a domain, too, whose two spellings
 * lead to each other.  No options.
 */
#include "mail/address.h"

#include <string.h>

#include "bytes/utf8.h"
#include "fuzz.h"
#include "mail/field.h"
#include "mail/idn.h"

enum {
	ROOM = 300
};

static void
check_mailbox(struct bytes mailbox)
{
	char list[ROOM + 2];
	char store[ROOM];
	struct buf b;
	struct bytes rest;
	size_t at;

	fuzz_must(mailbox.n > 0 && mailbox.n <= ROOM, "a mailbox");
	fuzz_must(
	    !bytes_find(mailbox, '\n', &at) && !bytes_find(mailbox, '\r', &at),
	    "no line end gets out");
	/* A comma in brackets is only a route's, which this is not. */
	list[0] = '<';
	memcpy(list + 1, mailbox.p, mailbox.n);
	list[mailbox.n + 1] = '>';
	rest = (struct bytes){ list, mailbox.n + 2 };
	buf_init(&b, store, sizeof(store));
	fuzz_must(address_next(&rest, &b) == ADDRESS_FOUND &&
		bytes_same(buf_view(&b), mailbox),
	    "in brackets it is the same");
}

static void
check_list(struct bytes rest)
{
	char store[ROOM];
	struct buf b;

	buf_init(&b, store, sizeof(store));
	for (;;) {
		size_t left = rest.n;
		enum address_status status = address_next(&rest, &b);

		fuzz_must(rest.n < left || status == ADDRESS_END,
		    "each takes something off");
		if (status == ADDRESS_END)
			return;
		if (status == ADDRESS_FOUND)
			check_mailbox(buf_view(&b));
	}
}

static bool
has_punycode(struct bytes domain)
{
	size_t i;

	for (i = 0; i < domain.n; i++)
		if (bytes_starts_nocase(
			bytes_cut(domain, i, domain.n), bytes_of("xn--")))
			return (true);
	return (false);
}

/* A domain's other spelling leads back to the first. */
static void
check_spellings(struct bytes domain)
{
	char store[3][ROOM];
	struct buf ascii;
	struct buf unicode;
	struct buf again;

	buf_init(&ascii, store[0], ROOM);
	buf_init(&unicode, store[1], ROOM);
	buf_init(&again, store[2], ROOM);
	if (idn_put_unicode(domain, &unicode) && !idn_has_spellings(domain))
		fuzz_must(bytes_same_nocase(buf_view(&unicode), domain),
		    "what has one spelling keeps it");
	if (!idn_put_ascii(domain, &ascii))
		return;
	fuzz_must(!utf8_is_needed(buf_view(&ascii)), "ASCII is ASCII");
	/* What is longer in A-labels is no domain, and the same as none. */
	fuzz_must(
	    buf_view(&ascii).n > 255 || idn_is_same(buf_view(&ascii), domain),
	    "it is the same domain");
	buf_reset(&unicode);
	/* One that came as Punycode may be no one's. */
	if (!has_punycode(domain))
		fuzz_must(idn_put_unicode(buf_view(&ascii), &unicode) &&
			idn_put_ascii(buf_view(&unicode), &again) &&
			bytes_same(buf_view(&again), buf_view(&ascii)),
		    "and back it comes out the same");
}

/* What a domain was added to once needs none again. */
static void
check_qualified(struct bytes list)
{
	static char once[1 << 18];
	static char twice[1 << 18];
	struct buf a;
	struct buf b;

	buf_init(&a, once, sizeof(once));
	buf_init(&b, twice, sizeof(twice));
	if (!address_qualify(list, "h.x", &a))
		return;
	fuzz_must(buf_view(&a).n >= list.n, "nothing is taken away");
	if (address_qualify(buf_view(&a), "h.x", &b))
		fuzz_must(
		    bytes_same(buf_view(&a), buf_view(&b)), "once is enough");
}

static void
check_fields(struct bytes rest)
{
	struct field f;
	const char *end = rest.p;

	while (field_next(&rest, &f)) {
		fuzz_must(f.whole.p == end && f.whole.n > 0, "one by one");
		end = f.whole.p + f.whole.n;
		fuzz_must(f.name.n > 0 && f.name.p == f.whole.p &&
			!bytes_has_control(f.name),
		    "a name");
		fuzz_must(f.body.p + f.body.n == end, "to the end");
		check_list(f.body);
	}
	fuzz_must(rest.p == end, "and nothing is left out");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);

	check_list(in);
	check_qualified(in);
	check_fields(in);
	check_spellings(in);
	return (0);
}
