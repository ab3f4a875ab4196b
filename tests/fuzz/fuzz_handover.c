/* SPDX-License-Identifier: ISC */
/*
 * A request to the keeper and its answer: what is read is, put again, the same;
 * each part of a request asks for more, and of a yes only the whole is one.
 *
 * Options: none.  An answer is to the ID 1.2.gnat; the input as an ID's host.
 */
#include "handover/handover.h"

#include <string.h>

#include "fuzz.h"

static void
check_request(struct bytes in)
{
	char store[HANDOVER_REQUEST_MAX];
	struct handover_request r;
	struct buf out;
	size_t cut;

	if (handover_parse_request(in, &r) != HANDOVER_DONE)
		return;
	fuzz_must(handover_is_id(r.id), "an ID");
	buf_init(&out, store, sizeof(store));
	fuzz_must(handover_put_request(&out, &r), "it can be put again");
	fuzz_must(bytes_same(buf_view(&out), in), "and is the same");
	for (cut = 0; cut < in.n; cut++)
		fuzz_must(handover_parse_request(bytes_cut(in, 0, cut), &r) ==
			HANDOVER_MORE,
		    "a part of it asks for more");
}

static void
check_answer(struct bytes in)
{
	struct bytes id = bytes_of("1.2.gnat");
	char store[HANDOVER_ANSWER_MAX + 1];
	struct handover_answer a;
	struct handover_answer again;
	struct buf out;
	struct qqexit q;

	if (!handover_parse_answer(in, id, &a))
		return;
	fuzz_must(in.n <= HANDOVER_ANSWER_MAX, "it was bounded");
	if (a.code == QQEXIT_ACCEPTED) {
		fuzz_must(bytes_same(a.text, id), "a yes names its ID");
		return;
	}
	qqexit_reply(&q, a.code, a.text);
	fuzz_must(q.reply.code != 554 || a.code == QQEXIT_CUSTOM,
	    "only one code refuses for good");
	buf_init(&out, store, sizeof(store));
	fuzz_must(handover_put_no(&out, a.code, "0.0", a.text) &&
		handover_parse_answer(buf_view(&out), id, &again) &&
		again.code == a.code,
	    "its words can be put again");
}

static void
check_id(struct bytes in)
{
	char store[HANDOVER_ID_MAX];
	struct buf out;

	buf_init(&out, store, sizeof(store));
	fuzz_must(
	    handover_put_id(&out, UINT64_MAX, UINT32_MAX, UINT64_MAX, in) &&
		handover_is_id(buf_view(&out)),
	    "any host gives an ID");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);

	check_request(in);
	check_answer(in);
	check_id(in);
	return (0);
}
