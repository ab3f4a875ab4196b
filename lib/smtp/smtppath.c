/* SPDX-License-Identifier: ISC */
#include "smtp/smtppath.h"

#include <arpa/inet.h>
#include <string.h>

#include "bytes/num.h"
#include "bytes/utf8.h"

/* A cursor that only moves forward. */
struct scan {
	struct bytes in;
	size_t at;
	bool is_utf8;
};

/* The byte at the cursor; 0, which no rule accepts, at the end. */
static unsigned char
peek(const struct scan *s)
{
	return (s->at < s->in.n ? (unsigned char)s->in.p[s->at] : 0);
}

static bool
eat(struct scan *s, unsigned char c)
{
	if (peek(s) != c || c == 0)
		return (false);
	s->at++;
	return (true);
}

static bool
is_alnum(unsigned char c)
{
	return ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z'));
}

static bool
is_atext(unsigned char c)
{
	return (is_alnum(c) ||
	    (c != 0 && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL));
}

/* What a label of a domain is made of; the underscore is not in the RFC, but
 * in the names of machines. */
static bool
is_ldh(unsigned char c)
{
	return (is_alnum(c) || c == '-' || c == '_');
}

/* One character over 127. */
static bool
eat_utf8(struct scan *s)
{
	size_t n = utf8_char(bytes_cut(s->in, s->at, s->in.n));

	s->at += n;
	if (n > 0)
		s->is_utf8 = true;
	return (n > 0);
}

bool
smtppath_is_harmless(struct bytes text, bool *is_utf8)
{
	struct scan s = { .in = text };

	while (s.at < text.n)
		if (peek(&s) >= ' ' && peek(&s) <= '~')
			s.at++;
		else if (!eat_utf8(&s))
			return (false);
	*is_utf8 = *is_utf8 || s.is_utf8;
	return (true);
}

static bool
eat_atom(struct scan *s)
{
	size_t start = s->at;

	while (eat_utf8(s) || (is_atext(peek(s)) && eat(s, peek(s))))
		continue;
	return (s->at > start);
}

static bool
eat_dot_string(struct scan *s)
{
	do {
		if (!eat_atom(s))
			return (false);
	} while (eat(s, '.'));
	return (true);
}

/* From after the opening quote to after the closing one. */
static bool
eat_quoted(struct scan *s)
{
	while (!eat(s, '"')) {
		bool escaped = eat(s, '\\');
		unsigned char c = peek(s);

		if (c >= ' ' && c <= '~')
			s->at++;
		else if (escaped || !eat_utf8(s))
			return (false);
	}
	return (true);
}

static bool
eat_local(struct scan *s)
{
	return (eat(s, '"') ? eat_quoted(s) : eat_dot_string(s));
}

/* A label: does not begin or end with a hyphen, at most 63 octets. */
static bool
eat_label(struct scan *s)
{
	size_t start = s->at;

	while (eat_utf8(s) || (is_ldh(peek(s)) && eat(s, peek(s))))
		continue;
	return (s->at > start && s->at - start <= 63 && s->in.p[start] != '-' &&
	    s->in.p[s->at - 1] != '-');
}

static bool
eat_labels(struct scan *s)
{
	do {
		if (!eat_label(s))
			return (false);
	} while (eat(s, '.'));
	return (true);
}

bool
smtppath_is_ipv4(struct bytes text)
{
	int parts;

	for (parts = 1;; parts++) {
		uint64_t octet;
		size_t dot;
		bool more = bytes_find(text, '.', &dot);
		struct bytes part = more ? bytes_cut(text, 0, dot) : text;

		if (part.n > 3 || !num_parse(part, 255, &octet))
			return (false);
		if (!more)
			return (parts == 4);
		text = bytes_cut(text, dot + 1, text.n);
	}
}

bool
smtppath_is_ipv6(struct bytes text)
{
	char cstr[INET6_ADDRSTRLEN];
	struct in6_addr addr;

	if (text.n >= sizeof(cstr) || text.n == 0 ||
	    memchr(text.p, '\0', text.n) != NULL)
		return (false);
	memcpy(cstr, text.p, text.n);
	cstr[text.n] = '\0';
	return (inet_pton(AF_INET6, cstr, &addr) == 1);
}

/* What stands between the brackets of an address literal. */
static bool
is_literal(struct bytes inner)
{
	static const struct bytes tag = { "IPv6:", 5 };

	if (bytes_starts_nocase(inner, tag))
		return (smtppath_is_ipv6(bytes_cut(inner, tag.n, inner.n)));
	return (smtppath_is_ipv4(inner));
}

static bool
eat_domain(struct scan *s)
{
	struct bytes rest = bytes_cut(s->in, s->at, s->in.n);
	size_t end;

	if (peek(s) != '[')
		return (eat_labels(s));
	if (!bytes_find(rest, ']', &end) ||
	    !is_literal(bytes_cut(rest, 1, end - 1)))
		return (false);
	s->at += end + 1;
	return (true);
}

/* @a,@b: before the mailbox; having none is fine. */
static bool
eat_route(struct scan *s)
{
	if (peek(s) != '@')
		return (true);
	do {
		if (!eat(s, '@') || !eat_domain(s))
			return (false);
	} while (eat(s, ','));
	return (eat(s, ':'));
}

static enum smtppath_status
eat_mailbox(struct scan *s, struct smtppath *path)
{
	static const struct bytes postmaster = { "postmaster", 10 };
	size_t start = s->at;
	size_t local_end;

	if (!eat_local(s))
		return (SMTPPATH_BAD);
	local_end = s->at;
	if (local_end - start > SMTPPATH_LOCAL_MAX)
		return (SMTPPATH_TOO_LONG);
	path->has_domain = eat(s, '@');
	if (path->has_domain && !eat_domain(s))
		return (SMTPPATH_BAD);
	if (path->has_domain && s->at - local_end - 1 > SMTPPATH_DOMAIN_MAX)
		return (SMTPPATH_TOO_LONG);
	path->mailbox = bytes_cut(s->in, start, s->at - start);
	path->is_utf8 = s->is_utf8;
	if (!path->has_domain && !bytes_same_nocase(path->mailbox, postmaster))
		return (SMTPPATH_NO_DOMAIN);
	return (SMTPPATH_OK);
}

enum smtppath_status
smtppath_parse(struct bytes in, struct smtppath *path, size_t *used)
{
	struct scan s = { in, 0, false };
	enum smtppath_status status = SMTPPATH_OK;

	*path = (struct smtppath){ { in.p, 0 }, false, false };
	if (!eat(&s, '<'))
		return (SMTPPATH_BAD);
	if (peek(&s) != '>') {
		if (!eat_route(&s))
			return (SMTPPATH_BAD);
		status = eat_mailbox(&s, path);
	}
	if (status != SMTPPATH_OK && status != SMTPPATH_NO_DOMAIN)
		return (status);
	if (!eat(&s, '>'))
		return (SMTPPATH_BAD);
	*used = s.at;
	return (s.at > SMTPPATH_MAX ? SMTPPATH_TOO_LONG : status);
}

bool
smtppath_is_atom(struct bytes text)
{
	struct scan s = { text, 0, false };

	return (eat_atom(&s) && s.at == text.n && !s.is_utf8);
}

bool
smtppath_is_domain(struct bytes name)
{
	struct scan s = { name, 0, false };

	return (name.n <= SMTPPATH_DOMAIN_MAX && eat_labels(&s) &&
	    s.at == name.n && !s.is_utf8);
}

bool
smtppath_is_helo(struct bytes name)
{
	struct scan s = { name, 0, false };

	return (name.n <= SMTPPATH_DOMAIN_MAX && eat_domain(&s) &&
	    s.at == name.n && !s.is_utf8);
}
