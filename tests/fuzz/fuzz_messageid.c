/* SPDX-License-Identifier: ISC */
/*
 * The Message-ID of any text: it is a part of the header, has no blank and no
 * control byte that would need more than an escape in the log, is bounded, and
 * is the same however the text is cut.
 *
 * Options: where it is cut, 95 choices.
 */
#include "mail/messageid.h"

#include <string.h>

#include "fuzz.h"

static struct bytes
find(struct messageid *m, struct bytes a, struct bytes b)
{
	messageid_init(m);
	if (messageid_feed(m, a))
		(void)messageid_feed(m, b);
	return (messageid_view(m));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	size_t at = fuzz_option(&in, 95);
	struct messageid m;
	struct messageid other;
	struct bytes id = find(&m, in, bytes_of(""));
	struct bytes cut =
	    find(&other, bytes_cut(in, 0, at), bytes_cut(in, at, in.n));
	size_t i;

	fuzz_must(bytes_same(id, cut), "the same, however it is cut");
	fuzz_must(id.n <= MESSAGEID_MAX, "bounded");
	if (id.n == 0)
		return (0);
	fuzz_must(memmem(in.p, in.n, id.p, id.n) != NULL, "a part of the text");
	for (i = 0; i < id.n; i++)
		fuzz_must((unsigned char)id.p[i] > ' ' && id.p[i] != 0x7f,
		    "one word");
	return (0);
}
