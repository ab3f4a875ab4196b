/* SPDX-License-Identifier: ISC */
/*
 * A line of the log: what is taken of it lies within it, field by field, and
 * what was quoted is no longer than it was written.
 */
#include "log/logline.h"

#include "fuzz.h"

static void
check_view(struct bytes whole, struct bytes part)
{
	fuzz_must(part.n == 0 ||
		(part.p >= whole.p && part.p + part.n <= whole.p + whole.n),
	    "it lies within the line");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	static char store[1 << 20];
	struct bytes event;
	struct bytes fields;
	struct bytes key;
	struct bytes value;
	struct bytes found;
	struct buf text;

	if (n > sizeof(store) - 1 || !logline_begin(in, &event, &fields))
		return (0);
	check_view(in, event);
	check_view(in, fields);
	while (logline_next(&fields, &key, &value)) {
		check_view(in, key);
		check_view(in, value);
		fuzz_must(key.n > 0, "it has a name");
		fuzz_must(!bytes_find(key, ' ', &(size_t){ 0 }),
		    "a name is a word");
		buf_init(&text, store, sizeof(store));
		fuzz_must(logline_unquote(value, &text), "it fits");
		fuzz_must(buf_view(&text).n <= value.n, "it is no longer");
		fuzz_must(logline_find(in, "\t", &found) ||
			value.n <= in.n,
		    "there is an end");
	}
	return (0);
}
