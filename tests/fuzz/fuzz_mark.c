/* SPDX-License-Identifier: ISC */
/*
 * A mark, the name of an envelope that is being committed, and the other names
 * in a spool; and the sum in it, of pieces that are cut anywhere.
 *
 * The first byte says where the input is cut.  The rest is a name, and a text.
 */
#include "spool/mark.h"

#include <string.h>

#include "base/base.h"
#include "fuzz.h"
#include "spool/scan.h"

enum {
	NAME_MAX_HERE = 255
};

/* What is read can be written, and is then the same name. */
static void
check_mark(const char *name)
{
	char again[MARK_NAME_MAX];
	struct mark m;
	enum scan_kind kind;
	uint32_t number;

	if (!mark_parse(name, &m))
		return;
	fuzz_must(m.number != 0, "a number is not 0");
	mark_name(again, &m);
	fuzz_must(strcmp(again, name) == 0, "a mark has one spelling");
	fuzz_must(scan_parse_name(name, &number, &kind) && kind == SCAN_MARK &&
		number == m.number,
	    "a mark is a name in the spool");
}

static void
check_name(const char *name)
{
	char again[SCAN_NAME_MAX];
	struct mark m;
	enum scan_kind kind;
	uint32_t number;

	if (!scan_parse_name(name, &number, &kind))
		return;
	fuzz_must(number != 0, "a number is not 0");
	if (kind == SCAN_MARK) {
		fuzz_must(mark_parse(name, &m), "a mark can be read");
		return;
	}
	scan_name(again, number, kind);
	fuzz_must(strcmp(again, name) == 0, "a name has one spelling");
}

static struct mark_sum
sum_of(struct bytes text, size_t cut)
{
	struct mark_sum s;

	mark_sum_init(&s);
	mark_sum_add(&s, bytes_cut(text, 0, cut));
	mark_sum_add(&s, bytes_cut(text, cut, text.n - cut));
	return (s);
}

/* A text that ends early, or is zeros from somewhere on, is another one. */
static void
check_sum(struct bytes text, size_t cut)
{
	char torn[FUZZ_TEXT_MAX];
	struct mark_sum none = sum_of(text, 0);
	struct mark_sum cut_up = sum_of(text, cut);
	struct mark a = mark_of(7, &none, &none);
	struct mark b = mark_of(7, &cut_up, &none);
	char name[MARK_NAME_MAX];
	bool is_same;

	fuzz_must(mark_equal(&a, &b), "the pieces do not matter");
	mark_name(name, &a);
	check_mark(name);
	fuzz_must(
	    mark_parse(name, &b) && mark_equal(&a, &b), "parse(name(m)) is m");
	if (text.n == 0 || text.n > sizeof(torn))
		return;
	memcpy(torn, text.p, text.n);
	memset(torn + cut, 0, text.n - cut);
	is_same = memcmp(torn, text.p, text.n) == 0;
	cut_up = sum_of((struct bytes){ torn, text.n }, 0);
	b = mark_of(7, &cut_up, &none);
	fuzz_must(mark_equal(&a, &b) == is_same, "a torn text is found out");
	b = mark_of(7, &none, &cut_up);
	fuzz_must(mark_equal(&a, &b) == is_same, "a torn envelope is, too");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	char name[NAME_MAX_HERE + 1];
	size_t cut = fuzz_option(&in, 256);
	size_t length = in.n < NAME_MAX_HERE ? in.n : NAME_MAX_HERE;

	if (length > 0)
		memcpy(name, in.p, length);
	name[length] = '\0';
	check_mark(name);
	check_name(name);
	check_sum(in, cut < in.n ? cut : in.n);
	return (0);
}
