/* SPDX-License-Identifier: ISC */
/*
 * The body of a message on a queue: however it comes in pieces, it is split at
 * its first LF LF, and no octet is lost.
 *
 * Options: the knife.
 */
#include "published/published.h"

#include <string.h>

#include "bytes/buf.h"
#include "fuzz.h"

static void
split(struct bytes in, struct fuzz_knife *knife, struct published_split *s,
    struct buf *envelope, struct buf *text)
{
	published_split_init(s);
	while (in.n > 0) {
		struct bytes piece =
		    bytes_cut(in, 0, fuzz_knife_cut(knife, in.n));
		struct bytes e;
		struct bytes t;

		published_split(s, piece, &e, &t);
		fuzz_must(buf_put(envelope, e) && buf_put(text, t),
		    "not more than there was");
		in = bytes_cut(in, piece.n, in.n);
	}
}

static void
check(struct bytes in, struct fuzz_knife *knife)
{
	static char store[2][FUZZ_TEXT_MAX];
	const char *at = memmem(in.p, in.n, "\n\n", 2);
	size_t n = at == NULL ? in.n : (size_t)(at - in.p) + 1;
	struct published_split s;
	struct buf envelope;
	struct buf text;

	buf_init(&envelope, store[0], sizeof(store[0]));
	buf_init(&text, store[1], sizeof(store[1]));
	split(in, knife, &s, &envelope, &text);
	fuzz_must(s.is_split == (at != NULL), "split at LF LF, or not");
	fuzz_must(s.envelope == n &&
		bytes_same(buf_view(&envelope), bytes_cut(in, 0, n)),
	    "what stands before is the envelope");
	fuzz_must(bytes_same(buf_view(&text), bytes_cut(in, n + 1, in.n)),
	    "what stands behind is the text");
}

/* An id can stand in a line of the envelope; of types there are few. */
static void
check_words(struct bytes in)
{
	size_t at;

	if (published_is_id(in))
		fuzz_must(in.n > 0 && in.n <= PUBLISHED_ID_MAX &&
			!bytes_has_control(in) && !bytes_find(in, ':', &at) &&
			!bytes_find(in, ' ', &at),
		    "an id is one word");
	if (published_is_type(in))
		fuzz_must(memcmp(in.p, "smtpserv.1", 10) == 0, "a type");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	struct fuzz_knife knife;

	fuzz_knife_init(&knife, &in);
	check_words(in);
	check(in, &knife);
	if (in.n > FUZZ_EVERY_CUT)
		return (0);
	for (n = 0; n <= in.n; n++) {
		fuzz_knife_two(&knife, n);
		check(in, &knife);
	}
	return (0);
}
