/* SPDX-License-Identifier: ISC */
/*
 * The text of /etc/aliases: entries are views, one behind the other; no item
 * has a line end or a NUL in it, whatever its kind; and each that has a name is
 * found by it.
 */
#include "mail/aliases.h"

#include <string.h>

#include "fuzz.h"

enum {
	ROOM = 300
};

static void
check_items(struct bytes items)
{
	char store[ROOM];
	enum aliases_kind kind;
	struct bytes text;
	struct buf room;

	do {
		size_t left = items.n;
		size_t at;

		buf_init(&room, store, sizeof(store));
		kind = aliases_item(&items, &room, &text);
		fuzz_must(items.n < left || kind == ALIASES_END,
		    "each takes something off");
		if (kind == ALIASES_BAD || kind == ALIASES_END)
			continue;
		fuzz_must(text.n > 0 && text.n <= ROOM, "there is some text");
		fuzz_must(!bytes_find(text, '\n', &at) &&
			!bytes_find(text, '\r', &at) &&
			!bytes_find(text, '\0', &at),
		    "it is a line");
		fuzz_must(kind != ALIASES_FILE || text.p[0] == '/', "a path");
	} while (kind != ALIASES_END);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	struct bytes rest = in;
	const char *end = in.p;
	struct aliases_entry e;
	struct bytes found;

	while (aliases_next(&rest, &e)) {
		fuzz_must(e.name.p >= end && rest.p > end, "one by one");
		end = rest.p;
		if (e.is_bad)
			continue;
		fuzz_must(e.items.p + e.items.n <= rest.p, "a view");
		fuzz_must(
		    aliases_find(in, e.name, &found) && found.p <= e.items.p,
		    "it is found by its name");
		check_items(e.items);
	}
	check_items(in);
	return (0);
}
