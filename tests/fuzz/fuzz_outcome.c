/* SPDX-License-Identifier: ISC */
/*
 * The line that says what became of a delivery: what is taken is printable and
 * means the same when it is written down again.
 */
#include "outcome/outcome.h"

#include <string.h>

#include "fuzz.h"

static void
check_text(const char *text, size_t cap)
{
	size_t i;

	fuzz_must(memchr(text, '\0', cap) != NULL, "the text ends");
	for (i = 0; text[i] != '\0'; i++)
		fuzz_must(text[i] >= ' ' && text[i] <= '~', "it is printable");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	char store[OUTCOME_LINE_MAX];
	struct outcome out;
	struct outcome again;
	struct buf line;
	size_t which;
	size_t same;

	if (!outcome_parse(in, &which, &out))
		return (0);
	check_text(out.status, sizeof(out.status));
	check_text(out.text, sizeof(out.text));
	buf_init(&line, store, sizeof(store));
	fuzz_must(outcome_print(&out, which, &line), "it fits a line");
	in = buf_view(&line);
	fuzz_must(in.p[in.n - 1] == '\n' &&
		outcome_parse(bytes_cut(in, 0, in.n - 1), &same, &again),
	    "it is a line again");
	fuzz_must(same == which && again.kind == out.kind &&
		again.is_last == out.is_last && again.action == out.action &&
		again.is_untried == out.is_untried &&
		again.is_down == out.is_down &&
		again.is_part == out.is_part &&
		strcmp(again.done, out.done) == 0 &&
		strcmp(again.status, out.status) == 0 &&
		strcmp(again.text, out.text) == 0,
	    "it means the same");
	return (0);
}
