/* SPDX-License-Identifier: ISC */
#include "outcome/outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bytes/num.h"

static const struct word {
	const char *word;
	struct outcome as;
} WORDS[] = {
	{ "delivered", { .kind = OUTCOME_DELIVERED } },
	{ "relayed", { .kind = OUTCOME_DELIVERED, .action = OUTCOME_RELAYED } },
	{ "expanded",
	    { .kind = OUTCOME_DELIVERED, .action = OUTCOME_EXPANDED } },
	{ "last", { .kind = OUTCOME_DELIVERED, .is_last = true } },
	{ "later", { .kind = OUTCOME_TRY_AGAIN } },
	{ "untried", { .kind = OUTCOME_TRY_AGAIN, .is_untried = true } },
	{ "down", { .kind = OUTCOME_TRY_AGAIN, .is_down = true } },
	{ "failed", { .kind = OUTCOME_FAILED } },
	{ "done", { .kind = OUTCOME_TRY_AGAIN, .is_part = true } },
};

/* One line of printable ASCII, whatever its n bytes were. */
static void
make_printable(char *text, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\n' || c == '\r' || c == '\t')
			text[i] = ' ';
		else if (c < ' ' || c > '~')
			text[i] = '?';
	}
}

static void
set(struct outcome *out, const char *status, const char *fmt, va_list ap)
{
	(void)snprintf(out->status, sizeof(out->status), "%s", status);
	(void)vsnprintf(out->text, sizeof(out->text), fmt, ap);
	make_printable(out->text, strlen(out->text));
}

void
outcome_set(struct outcome *out, enum outcome_kind kind, const char *status,
    const char *fmt, ...)
{
	va_list ap;

	*out = (struct outcome){ .kind = kind };
	va_start(ap, fmt);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is not. */
	set(out, status, fmt, ap);
	va_end(ap);
}

void
outcome_down(struct outcome *out, const char *status, const char *fmt, ...)
{
	va_list ap;

	*out = (struct outcome){ .kind = OUTCOME_TRY_AGAIN, .is_down = true };
	va_start(ap, fmt);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is not. */
	set(out, status, fmt, ap);
	va_end(ap);
}

void
outcome_fault(struct outcome *out, const char *status, const char *op,
    const char *name, int err)
{
	outcome_set(out, OUTCOME_TRY_AGAIN, status, "unable to %s %s: %s", op,
	    name, strerror(err));
}

void
outcome_untried(struct outcome *out, const char *op, const char *name, int err)
{
	outcome_fault(out, "4.3.2", op, name, err);
	out->is_untried = true;
}

const char *
outcome_word(enum outcome_kind kind)
{
	size_t i = 0;

	while (WORDS[i].as.kind != kind)
		i++;
	return (WORDS[i].word);
}

/* One to three digits, and what follows them. */
static bool
skip_number(struct bytes *text)
{
	size_t n = 0;

	while (n < text->n && text->p[n] >= '0' && text->p[n] <= '9')
		n++;
	*text = bytes_cut(*text, n, text->n);
	return (n >= 1 && n <= 3);
}

static bool
skip_dot(struct bytes *text)
{
	bool is_dot = text->n > 0 && text->p[0] == '.';

	*text = bytes_cut(*text, 1, text->n);
	return (is_dot);
}

/* RFC 3463: class, subject and detail. */
static bool
is_status(struct bytes text)
{
	static const struct bytes classes = { "245", 3 };
	size_t at;

	if (text.n >= OUTCOME_STATUS_MAX || text.n == 0 ||
	    !bytes_find(classes, text.p[0], &at))
		return (false);
	text = bytes_cut(text, 1, text.n);
	return (skip_dot(&text) && skip_number(&text) && skip_dot(&text) &&
	    skip_number(&text) && text.n == 0);
}

/* The word that says all of it but status and text. */
static const char *
word_of(const struct outcome *out)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(WORDS); i++) {
		const struct outcome *as = &WORDS[i].as;

		if (as->kind == out->kind && as->is_last == out->is_last &&
		    as->is_untried == out->is_untried &&
		    as->is_down == out->is_down &&
		    as->is_part == out->is_part &&
		    (out->is_last || as->action == out->action))
			return (WORDS[i].word);
	}
	return (outcome_word(out->kind));
}

bool
outcome_print(const struct outcome *out, size_t which, struct buf *line)
{
	static const char *const statuses[] = {
		[OUTCOME_DELIVERED] = "2.0.0",
		[OUTCOME_TRY_AGAIN] = "4.0.0",
		[OUTCOME_FAILED] = "5.0.0",
	};

	return (buf_put_number(line, which) && buf_putc(line, ' ') &&
	    buf_puts(line, word_of(out)) && buf_putc(line, ' ') &&
	    buf_puts(line,
		is_status(bytes_of(out->status)) ? out->status
						 : statuses[out->kind]) &&
	    buf_putc(line, ' ') && buf_puts(line, out->text) &&
	    buf_putc(line, '\n'));
}

bool
outcome_print_done(const struct done *done, size_t which, struct buf *line)
{
	struct outcome out = {
		.kind = OUTCOME_TRY_AGAIN, .status = "4.0.0", .is_part = true
	};

	done_print(done, out.text);
	return (outcome_print(&out, which, line));
}

/* The word before the next blank of *rest, which moves on behind it. */
static struct bytes
take_word(struct bytes *rest)
{
	struct bytes word = *rest;

	(void)bytes_find(*rest, ' ', &word.n);
	*rest = bytes_cut(*rest, word.n + 1, rest->n);
	return (word);
}

static const struct word *
find_word(struct bytes word)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(WORDS); i++)
		if (bytes_same(word, bytes_of(WORDS[i].word)))
			return (&WORDS[i]);
	return (NULL);
}

bool
outcome_parse(struct bytes line, size_t *which, struct outcome *out)
{
	struct bytes number = take_word(&line);
	const struct word *word = find_word(take_word(&line));
	struct bytes status = take_word(&line);
	struct done done;
	uint64_t n;

	if (word == NULL || !is_status(status) ||
	    !num_parse(number, SIZE_MAX, &n))
		return (false);
	*which = (size_t)n;
	*out = word->as;
	memcpy(out->status, status.p, status.n);
	line = bytes_cut(line, 0, sizeof(out->text) - 1);
	memcpy(out->text, line.p, line.n);
	/* A NUL, too, becomes a question mark, and does not end the text. */
	make_printable(out->text, line.n);
	/* The text of a `done` line must be such a text. */
	if (out->is_part && !done_parse(bytes_of(out->text), &done))
		return (false);
	if (out->is_part)
		done_print(&done, out->done);
	return (true);
}
