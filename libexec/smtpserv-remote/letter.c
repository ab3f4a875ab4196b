/* SPDX-License-Identifier: ISC */
#include "letter.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "text.h"

enum {
	PIECE = 65536
};

struct letter *
letter_of(struct talkmail *mail)
{
	/* It is the first member of one. */
	return ((struct letter *)mail);
}

bool
letter_weigh(struct letter *l)
{
	char piece[PIECE];
	struct text text;
	off_t at = l->from;
	ssize_t n;

	text_init(&text);
	while ((n = pread(l->fd, piece, sizeof(piece), at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return (false);
		text_feed(&text, (struct bytes){ piece, (size_t)n });
		at += n;
	}
	l->mail.has_size = true;
	l->mail.size = text_size(&text);
	l->mail.is_8bit = text.is_8bit;
	l->mail.is_utf8 = text.is_utf8;
	return (true);
}
