/* SPDX-License-Identifier: ISC */
/*
 * The envelope: what the writer accepts is read back, what it refuses leaves
 * no trace; and the reader on any text.
 *
 * Options: how many facts, how much room.  Then lines: the sender, the
 * recipients, the facts; 0x1e in them stands for LF.  The same text is what
 * the reader gets.
 */
#include "envelope/envelope.h"
#include "envelope/plan.h"

#include <string.h>

#include "base/base.h"
#include "fuzz.h"

enum {
	FACTS_MAX = 4,
	ROOMS = 64,
	STORE_MAX = 64 * FUZZ_TEXT_MAX
};

static char store[STORE_MAX + 1];
static char model_store[STORE_MAX];
static const char *const FACTS[] = { "Body", "Smtputf8", "Helo", "Client" };

/* What the reader is to find. */
struct wanted {
	const char *name;
	struct bytes value;
};

static struct wanted wanted[FUZZ_TEXT_MAX + 1];

/* The input, with LF where 0x1e was; the lines are cut before that. */
static char with_lf[FUZZ_TEXT_MAX];

static struct bytes
next_item(struct bytes *rest)
{
	struct bytes item = *rest;
	size_t lf = rest->n;

	(void)bytes_find(*rest, '\n', &lf);
	item.n = lf;
	*rest = bytes_cut(*rest, lf + 1, rest->n);
	return (item);
}

static bool
has_control(struct bytes value)
{
	size_t i;

	for (i = 0; i < value.n; i++)
		if ((value.p[i] >= 0 && value.p[i] < ' ') || value.p[i] == 0x7f)
			return (true);
	return (false);
}

/* The line in the model of the file; false if it must be refused. */
static bool
model_line(struct buf *model, const char *name, struct bytes value)
{
	size_t n = strlen(name) + 2 + value.n + 1;

	if (has_control(value) || n > buf_room(model))
		return (false);
	(void)buf_puts(model, name);
	(void)buf_puts(model, ": ");
	(void)buf_put(model, value);
	(void)buf_putc(model, '\n');
	return (true);
}

static bool
write_line(struct envelope *e, size_t i, const char *name, struct bytes value)
{
	if (i == 0)
		return (envelope_set_sender(e, value));
	if (strcmp(name, "To") == 0)
		return (envelope_add_rcpt(e, value));
	return (envelope_add_fact(e, name, value));
}

/* All lines are there, and no other. */
static void
check_reading(struct bytes text, size_t lines)
{
	struct bytes name;
	struct bytes value;
	size_t i;

	for (i = 0; i < lines; i++)
		fuzz_must(
		    envelope_next(&text, &name, &value) == ENVELOPE_LINE &&
			bytes_same(name, bytes_of(wanted[i].name)) &&
			bytes_same(value, wanted[i].value),
		    "each line is read as it was written");
	fuzz_must(
	    envelope_next(&text, &name, &value) == ENVELOPE_END, "and no more");
}

static void
check_written(const struct envelope *e, struct bytes model, size_t lines)
{
	struct bytes text = envelope_text(e);
	struct bytes sender = { NULL, 0 };
	size_t nrcpt = 0;
	size_t to = 0;
	bool all_named = true;
	size_t i;

	fuzz_must(bytes_same(text, model), "the text is the model's");
	for (i = 0; i < lines; i++) {
		if (strcmp(wanted[i].name, "To") != 0)
			continue;
		to++;
		all_named = all_named && wanted[i].value.n > 0;
	}
	fuzz_must(e->nrcpt == to, "each recipient is counted");
	if (lines == 0)
		return;
	fuzz_must(bytes_same(envelope_sender(e), wanted[0].value),
	    "the sender is the sender");
	check_reading(text, lines);
	fuzz_must((plan_check(text, &sender, &nrcpt) == NULL) ==
		(to > 0 && all_named),
	    "in order, if it has recipients");
	if (to > 0 && all_named)
		fuzz_must(nrcpt == to && bytes_same(sender, wanted[0].value),
		    "those it has");
}

static void
check_writer(struct bytes in, size_t nfacts, size_t room)
{
	struct envelope e;
	struct buf model;
	struct bytes whole = in;
	struct bytes count = in;
	size_t items = 0;
	size_t lines = 0;
	size_t i;

	while (count.n > 0) {
		(void)next_item(&count);
		items++;
	}
	if (room == 0)
		room = envelope_store_size(items);
	if (room > STORE_MAX)
		return;
	store[room] = '!';
	envelope_init(&e, store, room);
	buf_init(&model, model_store, room);
	for (i = 0; i < items; i++) {
		size_t at = whole.n - in.n;
		struct bytes value = { with_lf + at, next_item(&in).n };
		const char *name = i == 0 ? "From"
		    : i + nfacts < items  ? "To"
					  : FACTS[items - i - 1];
		bool good = model_line(&model, name, value);

		fuzz_must(write_line(&e, i, name, value) == good,
		    "what can be stored, and only that, is accepted");
		if (good)
			wanted[lines++] = (struct wanted){ name, value };
		else if (i == 0)
			break;
	}
	fuzz_must(store[room] == '!', "no byte behind the store");
	check_written(&e, buf_view(&model), lines);
}

/* The verdict on the whole, line by line. */
static bool
is_good(struct bytes text)
{
	size_t to = 0;
	size_t i;

	for (i = 0; text.n > 0; i++) {
		struct bytes line;
		size_t at;

		if (memchr(text.p, '\n', text.n) == NULL)
			return (false);
		line = next_item(&text);
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (has_control(line) || !bytes_find(line, ':', &at) || at == 0)
			return (false);
		if (bytes_starts_nocase(line, bytes_of("from:")) != (i == 0))
			return (false);
		if (bytes_starts_nocase(line, bytes_of("failed:")) ||
		    bytes_starts_nocase(line, bytes_of("delivered:")))
			to++;
		if (!bytes_starts_nocase(line, bytes_of("to:")))
			continue;
		if (line.n == 3 || (line.n == 4 && line.p[3] == ' '))
			return (false);
		to++;
	}
	return (to > 0);
}

/* Progress, views, and no byte twice. */
static size_t
check_lines(struct bytes text)
{
	struct bytes rest = text;
	size_t lines = 0;

	while (rest.n > 0) {
		struct bytes before = rest;
		struct bytes name = { NULL, 0 };
		struct bytes value = { NULL, 0 };
		enum envelope_status status =
		    envelope_next(&rest, &name, &value);
		size_t at;

		fuzz_must(status != ENVELOPE_END, "not at the end");
		if (status == ENVELOPE_NOT_ENDED) {
			fuzz_must(!bytes_find(before, '\n', &at), "torn");
			break;
		}
		fuzz_must(bytes_find(before, '\n', &at) &&
			rest.n == before.n - at - 1 &&
			rest.p == before.p + at + 1,
		    "a line at a time");
		lines++;
		if (status != ENVELOPE_LINE)
			continue;
		fuzz_must(name.p == before.p && name.n > 0 &&
			value.p > name.p + name.n &&
			value.p + value.n <= before.p + at,
		    "views");
		fuzz_must(!has_control(name) && !has_control(value) &&
			!bytes_find(name, ':', &at),
		    "no control byte");
	}
	return (lines);
}

/* Written again, what was read is the same. */
static void
check_rewrite(struct bytes text)
{
	static char again_store[2 * FUZZ_TEXT_MAX];
	struct bytes rest = text;
	struct bytes again;
	struct bytes name[2];
	struct bytes value[2];
	struct envelope e;
	char cstr[64];
	size_t i;

	envelope_init(&e, again_store, sizeof(again_store));
	for (i = 0; envelope_next(&rest, &name[0], &value[0]) == ENVELOPE_LINE;
	     i++) {
		if (name[0].n >= sizeof(cstr))
			return;
		memcpy(cstr, name[0].p, name[0].n);
		cstr[name[0].n] = '\0';
		if (i > 0 && bytes_same_nocase(name[0], bytes_of("To")))
			memcpy(cstr, "To", 2);
		if (!write_line(&e, i, cstr, value[0]))
			fuzz_must(buf_room(&e.text) < 1024 + value[0].n,
			    "what was read can be written");
	}
	again = envelope_text(&e);
	rest = text;
	while (again.n > 0 &&
	    envelope_next(&rest, &name[0], &value[0]) == ENVELOPE_LINE)
		fuzz_must(envelope_next(&again, &name[1], &value[1]) ==
			    ENVELOPE_LINE &&
			bytes_same_nocase(name[0], name[1]) &&
			bytes_same(value[0], value[1]),
		    "and is the same");
	fuzz_must(again.n == 0 && rest.n == 0, "all of it");
}

static void
check_reader(struct bytes text)
{
	struct bytes sender;
	size_t nrcpt = 0;
	const char *wrong = plan_check(text, &sender, &nrcpt);
	size_t lines = check_lines(text);

	fuzz_must((wrong == NULL) == is_good(text), "the same verdict");
	fuzz_must(nrcpt <= lines, "no more recipients than lines");
	if (wrong == NULL)
		check_rewrite(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	size_t nfacts = fuzz_option(&in, FACTS_MAX);
	size_t room = 8U * fuzz_option(&in, ROOMS);
	size_t i;

	for (i = 0; i < in.n; i++)
		with_lf[i] = (char)(in.p[i] == 0x1e ? '\n' : in.p[i]);
	check_reader(in);
	check_writer(in, nfacts, room);
	return (0);
}
