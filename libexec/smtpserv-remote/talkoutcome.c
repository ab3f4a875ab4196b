/* SPDX-License-Identifier: ISC */
#include "talkoutcome.h"

#include <stdarg.h>
#include <stdio.h>

#include "bytes/buf.h"

/* One line of printable ASCII. */
static void
make_printable(char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '\t' || c == '\n' || c == '\r')
			*text = ' ';
		else if (c < ' ' || c > '~')
			*text = '?';
	}
}

void
talkoutcome_say(struct talkmail_outcome *o, char letter, const char *status,
    const char *fmt, ...)
{
	va_list ap;

	o->letter = letter;
	o->is_said = false;
	(void)snprintf(o->status, sizeof(o->status), "%s", status);
	va_start(ap, fmt);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is not. */
	(void)vsnprintf(o->words, sizeof(o->words), fmt, ap);
	va_end(ap);
	make_printable(o->words);
}

/* The class of RFC 3463 that a letter stands for. */
static char
class_of(char letter)
{
	if (letter == 'K' || letter == 'r')
		return ('2');
	if (letter == 'D' || letter == 'h')
		return ('5');
	return ('4');
}

void
talkoutcome_hear(struct talkmail_outcome *o, char letter, unsigned int code,
    struct bytes text)
{
	char line[TALKMAIL_WORDS_MAX];
	struct buf b;

	buf_init(&b, line, sizeof(line) - 1);
	text = bytes_cut(text, 0, sizeof(line) - 5);
	(void)buf_put(&b, text);
	/* A NUL would end it, and is not what anybody meant. */
	while (bytes_find(buf_view(&b), '\0', &text.n))
		line[text.n] = '?';
	line[buf_view(&b).n] = '\0';
	talkoutcome_say(o, letter, "", "%u %s", code, line);
	o->is_said = true;
	smtpanswer_enhanced(code, buf_view(&b), o->status);
	o->status[0] = class_of(letter);
}

void
talkoutcome_soften(struct talkmail_outcome *o)
{
	if (class_of(o->letter) != '5')
		return;
	o->letter = o->letter == 'D' ? 'Z' : 's';
	o->status[0] = '4';
}

void
talkoutcome_worsen(
    struct talkmail_outcome *o, const struct talkmail_outcome *more)
{
	bool is_soft = o->letter == 'Z' || o->letter == 's';

	*o = *more;
	if (is_soft)
		talkoutcome_soften(o);
}
