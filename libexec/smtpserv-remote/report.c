/* SPDX-License-Identifier: ISC */
#include "report.h"

/* "192.0.2.1 (mx.example.test)", or what of it is known. */
static void
put_peer(struct buf *out, const struct report_peer *peer)
{
	(void)buf_puts(out, peer->address);
	if (peer->host[0] != '\0' && peer->address[0] != '\0')
		(void)buf_printf(out, " (%s)", peer->host);
	else
		(void)buf_puts(out, peer->host);
}

static bool
is_named(const struct report_peer *peer)
{
	return (peer->host[0] != '\0' || peer->address[0] != '\0');
}

/* The text, made harmless, and its end. */
static void
put(struct buf *out, const struct talkmail_outcome *o,
    const struct report_peer *peer, const char *what)
{
	if (!is_named(peer)) {
		(void)buf_printf(out, "%s", o->words);
	} else {
		put_peer(out, peer);
		(void)buf_printf(out, " %s.\n%s%s", what,
		    o->is_said ? "Remote host said: " : "", o->words);
	}
	(void)buf_printf(out, " (#%s)\n", o->status);
	(void)buf_putc(out, '\0');
}

void
report_rcpt(struct buf *out, const struct talkmail_outcome *o,
    const struct report_peer *peer)
{
	(void)buf_putc(out, o->letter);
	/* What became of the message is said behind it. */
	if (o->letter == 'r')
		(void)buf_putc(out, '\0');
	else
		put(out, o, peer, "does not like recipient");
}

static const char *
what_of(char letter)
{
	switch (letter) {
	case 'K':
		return ("accepted message");
	case 'D':
		return ("failed");
	default:
		return ("could not take the message now");
	}
}

void
report_mail(struct buf *out, const struct talkmail_outcome *o,
    const struct report_peer *peer)
{
	char letter = o->letter;

	/* There is no such thing as an untouched message here. */
	if (letter == 'N')
		letter = 'Z';
	(void)buf_putc(out, letter);
	put(out, o, peer, what_of(letter));
}

void
report_say(struct buf *out, char letter, const char *status, const char *words)
{
	struct talkmail_outcome o = { .letter = '\0' };
	const struct report_peer nobody = { "", "" };

	talkoutcome_say(&o, letter, status, "%s", words);
	(void)buf_putc(out, letter);
	put(out, &o, &nobody, "");
}
