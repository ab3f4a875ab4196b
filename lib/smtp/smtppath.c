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

/*
 * Atoms and dots, in any order.  In RFC 5321 a dot stands between two atoms,
 * but there are mailboxes, of Japan's carriers, with dots at other places.
 */
static bool
eat_dotted(struct scan *s)
{
	size_t start = s->at;

	while (eat(s, '.') || eat_atom(s))
		continue;
	return (s->at > start);
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
	return (eat(s, '"') ? eat_quoted(s) : eat_dotted(s));
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
begins_label(const struct scan *s)
{
	return (is_ldh(peek(s)) || peek(s) > 127);
}

/* Labels, and perhaps the dot of the root behind them. */
static bool
eat_labels(struct scan *s)
{
	do {
		if (!eat_label(s))
			return (false);
	} while (eat(s, '.') && begins_label(s));
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
	size_t end;

	if (!eat_local(s))
		return (SMTPPATH_BAD);
	path->has_domain = eat(s, '@');
	if (path->has_domain && !eat_domain(s))
		return (SMTPPATH_BAD);
	end = s->at;
	if (path->has_domain && s->in.p[end - 1] == '.')
		end--;
	path->mailbox = bytes_cut(s->in, start, end - start);
	path->is_utf8 = s->is_utf8;
	if (!path->has_domain && !bytes_same_nocase(path->mailbox, postmaster))
		return (SMTPPATH_NO_DOMAIN);
	return (SMTPPATH_OK);
}

static void
eat_blanks(struct scan *s)
{
	while (eat(s, ' ') || eat(s, '\t'))
		continue;
}

/* What may stand between the brackets, or without them. */
static enum smtppath_status
eat_path(struct scan *s, struct smtppath *path)
{
	if (!eat_route(s))
		return (SMTPPATH_BAD);
	return (eat_mailbox(s, path));
}

enum smtppath_status
smtppath_parse(struct bytes in, struct smtppath *path, size_t *used)
{
	struct scan s = { in, 0, false };
	enum smtppath_status status = SMTPPATH_OK;
	bool has_brackets = eat(&s, '<');
	size_t brackets = has_brackets ? 0 : 2;

	*path = (struct smtppath){ { in.p, 0 }, false, false };
	if (has_brackets)
		eat_blanks(&s);
	if (!has_brackets || peek(&s) != '>')
		status = eat_path(&s, path);
	if (status == SMTPPATH_BAD)
		return (status);
	if (has_brackets) {
		eat_blanks(&s);
		if (!eat(&s, '>'))
			return (SMTPPATH_BAD);
	}
	*used = s.at;
	return (s.at + brackets > SMTPPATH_MAX ? SMTPPATH_TOO_LONG : status);
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
	    s.at == name.n && name.p[name.n - 1] != '.' && !s.is_utf8);
}

bool
smtppath_is_greeting(struct bytes name)
{
	bool is_utf8 = false;
	size_t at;

	return (name.n > 0 && name.n <= SMTPPATH_DOMAIN_MAX &&
	    smtppath_is_harmless(name, &is_utf8) &&
	    !bytes_find(name, ' ', &at));
}

/* Letters, digits, hyphens and underscores, with single dots between them. */
static bool
is_dotted_name(struct bytes name)
{
	size_t i;
	bool is_edge = true;

	for (i = 0; i < name.n; i++) {
		bool is_dot = name.p[i] == '.';

		if (is_dot ? is_edge : !is_ldh((unsigned char)name.p[i]))
			return (false);
		is_edge = is_dot;
	}
	return (!is_edge);
}

struct bytes
smtppath_greeting_name(struct bytes name)
{
	struct bytes inner;

	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	inner = bytes_cut(name, 1, name.n - 2);
	if (is_dotted_name(name) ||
	    (name.n > 2 && name.p[0] == '[' && name.p[name.n - 1] == ']' &&
		(is_literal(inner) || smtppath_is_ipv6(inner))))
		return (name);
	return (bytes_cut(name, 0, 0));
}
