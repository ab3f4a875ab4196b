/* SPDX-License-Identifier: ISC */
#include "mail/tlsrequired.h"

#include "mail/field.h"

static bool
is_blank(char c)
{
	return (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

static bool
says_no(struct bytes body)
{
	while (body.n > 0 && is_blank(body.p[0]))
		body = bytes_cut(body, 1, body.n);
	while (body.n > 0 && is_blank(body.p[body.n - 1]))
		body.n--;
	return (bytes_same_nocase(body, bytes_of("No")));
}

bool
tlsrequired_is_no(struct bytes header)
{
	struct field f;
	bool is_no = false;
	bool is_there = false;

	while (field_next(&header, &f)) {
		if (!field_is(&f, "TLS-Required"))
			continue;
		is_no = !is_there && says_no(f.body);
		is_there = true;
	}
	return (is_no);
}
