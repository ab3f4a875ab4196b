/* SPDX-License-Identifier: ISC */
#include "smtp/smtpanswer.h"

#include <string.h>

void
smtpanswer_init(struct smtpanswer *a)
{
	*a = (struct smtpanswer){ .text = { "", 0 } };
}

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9');
}

/* The code of a line, or 0. */
static unsigned int
code_of(struct bytes line)
{
	if (line.n < 3 || line.p[0] < '2' || line.p[0] > '5' ||
	    !is_digit(line.p[1]) || !is_digit(line.p[2]))
		return (0);
	if (line.n > 3 && line.p[3] != ' ' && line.p[3] != '-')
		return (0);
	return ((unsigned int)(line.p[0] - '0') * 100 +
	    (unsigned int)(line.p[1] - '0') * 10 +
	    (unsigned int)(line.p[2] - '0'));
}

static enum smtpanswer_status
take_line(struct smtpanswer *a)
{
	struct bytes line = { a->line,
		a->n < sizeof(a->line) ? a->n : sizeof(a->line) };
	bool is_part;

	if (line.n > 0 && line.n == a->n && line.p[line.n - 1] == '\r')
		line.n--;
	a->code = code_of(line);
	is_part = line.n > 3 && line.p[3] == '-';
	if (a->code == 0 ||
	    (a->lines > 0 && a->code / 100 != a->before / 100) ||
	    ++a->lines > SMTPANSWER_LINES_MAX)
		return (SMTPANSWER_BAD);
	/* Some servers mix 550 and 554: the last is the reply's. */
	a->before = a->code;
	a->text = bytes_cut(line, 4, line.n);
	if (!is_part)
		a->lines = 0;
	return (is_part ? SMTPANSWER_PART : SMTPANSWER_LAST);
}

enum smtpanswer_status
smtpanswer_feed(struct smtpanswer *a, struct bytes in, size_t *used)
{
	enum smtpanswer_status status = SMTPANSWER_MORE;
	size_t at = 0;

	/* The line that was handed out last is done with. */
	if (a->is_read)
		a->n = 0;
	a->is_read = false;
	while (at < in.n && status == SMTPANSWER_MORE && !a->is_bad) {
		char c = in.p[at++];

		if (c == '\n') {
			status = take_line(a);
			a->is_read = true;
		} else if (a->n >= SMTPANSWER_LINE_MAX) {
			status = SMTPANSWER_BAD;
		} else {
			if (a->n < sizeof(a->line))
				a->line[a->n] = c;
			a->n++;
		}
	}
	a->is_bad = a->is_bad || status == SMTPANSWER_BAD;
	*used = a->is_bad ? in.n : at;
	return (a->is_bad ? SMTPANSWER_BAD : status);
}

/* One to three digits at the beginning; 0: there are none. */
static size_t
digits(struct bytes text)
{
	size_t n = 0;

	while (n < text.n && n < 4 && is_digit(text.p[n]))
		n++;
	return (n < 4 ? n : 0);
}

/* How long the status at the beginning is; 0: there is none. */
static size_t
status_length(struct bytes text)
{
	size_t subject = digits(bytes_cut(text, 2, text.n));
	size_t at = 2 + subject;
	size_t detail;

	if (subject == 0 || text.p[1] != '.' || at >= text.n ||
	    text.p[at] != '.')
		return (0);
	detail = digits(bytes_cut(text, at + 1, text.n));
	at += 1 + detail;
	return (detail > 0 && (at == text.n || text.p[at] == ' ') ? at : 0);
}

void
smtpanswer_enhanced(
    unsigned int code, struct bytes text, char status[SMTPANSWER_STATUS_MAX])
{
	char class = (char)('0' + (char)(code / 100));
	size_t n = status_length(text);

	if (n > 0 && text.p[0] == class) {
		memcpy(status, text.p, n);
		status[n] = '\0';
		return;
	}
	memcpy(status, "0.0.0", sizeof("0.0.0"));
	status[0] = class;
}
