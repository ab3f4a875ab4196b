/* SPDX-License-Identifier: ISC */
#include "qmail/qqexit.h"

#include "base/base.h"

/* The codes that say more than for good or for now. */
static const struct {
	int code;
	struct smtp_reply reply;
} ROWS[] = {
	{ QQEXIT_TOO_LONG, { 554, "5.1.3", "address too long" } },
	{ QQEXIT_REFUSED, { 554, "5.7.1", "message refused" } },
	{ QQEXIT_MEMORY, { 451, "4.3.0", "queue: out of memory" } },
	{ QQEXIT_TIMEOUT, { 451, "4.3.0", "queue: timeout" } },
	{ QQEXIT_WRITE, { 452, "4.3.1", "queue: write error, or no space" } },
	{ QQEXIT_READ, { 451, "4.3.0", "queue: read error" } },
	{ QQEXIT_CONFIG, { 451, "4.3.5", "queue: not configured" } },
	{ QQEXIT_NETWORK, { 451, "4.4.1", "queue: no network connection" } },
	{ QQEXIT_NOT_NOW, { 451, "4.3.2", "queue: refused for now" } },
	{ QQEXIT_TIMED_OUT, { 451, "4.4.1", "queue: connection timed out" } },
	{ QQEXIT_UNREACHABLE, { 451, "4.4.1", "queue: connection refused" } },
	{ QQEXIT_LOST, { 451, "4.4.2", "queue: connection failed" } },
	{ QQEXIT_NO_PROGRAM, { 451, "4.3.5", "queue: cannot be run" } },
};

static const struct smtp_reply REFUSED = { 554, "5.3.0", "message refused" };
static const struct smtp_reply FAILED = { 451, "4.3.0",
	"queue: temporary problem" };

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9');
}

/*
 * The length of the RFC 3463 code at the beginning of text; 0: there is none.
 */
static size_t
code_length(struct bytes text, char class)
{
	size_t dots = 0;
	size_t digits = 0;
	size_t i;

	for (i = 0; i < text.n && (is_digit(text.p[i]) || text.p[i] == '.');
	     i++) {
		bool is_dot = text.p[i] == '.';

		if (is_dot && digits == 0)
			return (0);
		dots += is_dot ? 1 : 0;
		digits = is_dot ? 0 : digits + 1;
		if (digits > 3 || dots > 2)
			return (0);
	}
	if (dots != 2 || digits == 0 || text.p[0] != class ||
	    text.p[1] != '.' || (i < text.n && text.p[i] != ' '))
		return (0);
	return (i);
}

/* Printable ASCII, one line, blanks neither at an end nor in a row. */
static void
put_printable(struct buf *out, struct bytes text)
{
	bool blank = false;
	bool some = false;
	size_t i;

	for (i = 0; i < text.n && buf_room(out) > 2; i++) {
		char c = text.p[i];

		if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			blank = some;
			continue;
		}
		if (blank)
			(void)buf_putc(out, ' ');
		blank = false;
		some = true;
		if (c < ' ' || c > '~')
			c = '?';
		(void)buf_putc(out, c);
	}
}

/* False: the words do not begin as they should. */
static bool
take_words(struct qqexit *q, struct bytes said)
{
	struct buf out;
	size_t n;
	bool is_no;

	if (said.n == 0 || (said.p[0] != 'D' && said.p[0] != 'Z'))
		return (false);
	is_no = said.p[0] == 'D';
	q->reply.code = is_no ? 554 : 451;
	said = bytes_cut(said, 1, said.n);
	n = code_length(said, is_no ? '5' : '4');
	buf_init(&out, q->enhanced, sizeof(q->enhanced));
	if (n > 0)
		(void)buf_put(&out, bytes_cut(said, 0, n));
	else
		(void)buf_puts(&out, is_no ? "5.3.0" : "4.3.0");
	q->reply.enhanced = buf_cstr(&out);
	buf_init(&out, q->text, sizeof(q->text));
	put_printable(&out, bytes_cut(said, n, said.n));
	q->reply.text = buf_cstr(&out);
	return (q->reply.text != NULL && q->reply.text[0] != '\0');
}

static bool
is_final(int code)
{
	return (code >= 11 && code <= 40);
}

void
qqexit_reply(struct qqexit *q, int code, struct bytes said)
{
	size_t i;

	/* A stranger need not know the reason of a temporary refusal. */
	if ((code == QQEXIT_CUSTOM ||
		(is_final(code) && said.n > 0 && said.p[0] == 'D')) &&
	    take_words(q, said))
		return;
	q->reply = is_final(code) ? REFUSED : FAILED;
	for (i = 0; i < ARRAY_LEN(ROWS); i++)
		if (ROWS[i].code == code)
			q->reply = ROWS[i].reply;
}

bool
qqexit_put_said(
    struct buf *out, int code, const char *status, struct bytes text)
{
	bool is_no = is_final(code) || code == QQEXIT_CUSTOM;
	char store[QQEXIT_TEXT_MAX];
	struct buf said;

	buf_init(&said, store, sizeof(store));
	(void)buf_printf(&said, "%s.%s ", is_no ? "D5" : "Z4", status);
	put_printable(&said, text);
	return (!buf_overflowed(&said) && buf_put(out, buf_view(&said)));
}
