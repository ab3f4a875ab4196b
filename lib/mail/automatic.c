/* SPDX-License-Identifier: ISC */
#include "mail/automatic.h"

#include "base/base.h"
#include "mail/field.h"

static bool
is_blank(char c)
{
	return (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

/* The text behind the comment that it begins with; comments nest. */
static struct bytes
skip_comment(struct bytes text)
{
	size_t depth = 0;
	size_t i;

	for (i = 0; i < text.n; i++) {
		if (text.p[i] == '\\')
			i++;
		else if (text.p[i] == '(')
			depth++;
		else if (text.p[i] == ')' && --depth == 0)
			break;
	}
	return (bytes_cut(text, i + 1, text.n));
}

/* The first word of a body; parameters and comments are behind it. */
static struct bytes
first_word(struct bytes body)
{
	size_t n = 0;

	while (body.n > 0 && (is_blank(body.p[0]) || body.p[0] == '('))
		body = body.p[0] == '(' ? skip_comment(body)
					: bytes_cut(body, 1, body.n);
	while (n < body.n && !is_blank(body.p[n]) && body.p[n] != '(' &&
	    body.p[n] != ';')
		n++;
	return (bytes_cut(body, 0, n));
}

static bool
says_so(const struct field *f)
{
	static const char *const bulk[] = { "bulk", "list", "junk" };
	struct bytes word = first_word(f->body);
	size_t i;

	if (field_is(f, "List-Id"))
		return (true);
	if (field_is(f, "Auto-Submitted"))
		return (word.n > 0 && !bytes_same_nocase(word, bytes_of("no")));
	for (i = 0; i < ARRAY_LEN(bulk); i++)
		if (field_is(f, "Precedence") &&
		    bytes_same_nocase(word, bytes_of(bulk[i])))
			return (true);
	return (false);
}

bool
automatic_is(struct bytes header)
{
	struct field f;

	while (field_next(&header, &f))
		if (says_so(&f))
			return (true);
	return (false);
}
