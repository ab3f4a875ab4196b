/* SPDX-License-Identifier: ISC */
#include "deliver/origin.h"

#include "base/base.h"
#include "mail/field.h"

static bool
is_blank(char c)
{
	return (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

/* The next word of *text, which moves on. */
static struct bytes
take_word(struct bytes *text)
{
	struct bytes word = *text;
	size_t n = 0;

	while (word.n > 0 && is_blank(word.p[0]))
		word = bytes_cut(word, 1, word.n);
	while (n < word.n && !is_blank(word.p[n]))
		n++;
	*text = bytes_cut(word, n, word.n);
	return (bytes_cut(word, 0, n));
}

/*
 * `from HOST by HOST with LOCAL', as trace.h writes it for us.  No client can
 * have it in theirs: the name that they give is one word.
 */
static bool
is_our_trace(struct bytes body)
{
	static const char *const words[] = { "from", NULL, "by", NULL, "with",
		"local" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++) {
		struct bytes word = take_word(&body);

		if (words[i] != NULL &&
		    !bytes_same_nocase(word, bytes_of(words[i])))
			return (false);
	}
	return (true);
}

struct origin
origin_of(struct bytes header)
{
	struct origin o = { false, false };
	struct field f;

	while (field_next(&header, &f)) {
		if (field_is(&f, "Received") && is_our_trace(f.body))
			o.is_ours = true;
		else if (o.is_ours && field_is(&f, "Delivered-To"))
			o.was_postmasters = o.was_postmasters ||
			    bytes_same_nocase(
				take_word(&f.body), bytes_of("postmaster"));
		else
			break;
	}
	return (o);
}
