/* SPDX-License-Identifier: ISC */
#include "relay/relay.h"

#include <string.h>

#include "base/base.h"
#include "bytes/num.h"
#include "bytes/utf8.h"
#include "mail/idn.h"
#include "smtp/smtppath.h"

enum {
	WORDS_MAX = 4,
	PORT_MAX = 65535
};

/* What ends in digits alone was meant to be an address. */
static bool
ends_in_digits(struct bytes name)
{
	size_t i = name.n;

	while (i > 0 && name.p[i - 1] >= '0' && name.p[i - 1] <= '9')
		i--;
	return (i == 0 || name.p[i - 1] == '.');
}

/* Is it a domain, if need be in its ASCII spelling? */
static bool
is_domain(struct bytes name)
{
	char store[SMTPPATH_DOMAIN_MAX + 1];
	struct buf ascii;

	if (name.n > SMTPPATH_DOMAIN_MAX || ends_in_digits(name))
		return (false);
	if (!utf8_is_needed(name))
		return (smtppath_is_domain(name));
	buf_init(&ascii, store, sizeof(store));
	return (utf8_is_good(name) && idn_put_ascii(name, &ascii) &&
	    smtppath_is_domain(buf_view(&ascii)));
}

static bool
set_kind(struct relay *r)
{
	static const char tag[] = "IPv6:";
	struct bytes bare = r->name;

	if (bytes_starts_nocase(bare, bytes_of(tag)))
		bare = bytes_cut(bare, sizeof(tag) - 1, bare.n);
	if (smtppath_is_ipv6(bare)) {
		r->name = bare;
		r->kind = RELAY_IPV6;
	} else if (smtppath_is_ipv4(r->name)) {
		r->kind = RELAY_IPV4;
	} else {
		r->kind = RELAY_HOST;
		return (is_domain(r->name));
	}
	return (true);
}

/* ":587", or nothing. */
static bool
take_port(struct bytes text, uint16_t *port)
{
	uint64_t n = 0;

	*port = 0;
	if (text.n == 0)
		return (true);
	if (text.p[0] != ':' || text.n > 6 ||
	    !num_parse(bytes_cut(text, 1, text.n), PORT_MAX, &n) || n == 0)
		return (false);
	*port = (uint16_t)n;
	return (true);
}

/* What stands in brackets, and its port. */
static bool
parse_bracketed(struct bytes text, struct relay *r)
{
	size_t end;

	if (!bytes_find(text, ']', &end))
		return (false);
	r->name = bytes_cut(text, 1, end - 1);
	return (take_port(bytes_cut(text, end + 1, text.n), &r->port) &&
	    set_kind(r));
}

bool
relay_parse(struct bytes text, struct relay *r)
{
	if (text.n > 0 && text.p[0] == '[')
		return (parse_bracketed(text, r));
	*r = (struct relay){ RELAY_DOMAIN, text, 0 };
	return (is_domain(text));
}

/* host:port, in brackets or not. */
static bool
parse_place(struct bytes text, struct relay *r)
{
	size_t colon = text.n;

	if (text.n > 0 && text.p[0] == '[')
		return (parse_bracketed(text, r) && r->port != 0);
	while (colon > 0 && text.p[colon - 1] != ':')
		colon--;
	if (colon == 0)
		return (false);
	r->name = bytes_cut(text, 0, colon - 1);
	return (take_port(bytes_cut(text, colon - 1, text.n), &r->port) &&
	    r->port != 0 && set_kind(r));
}

static bool
is_blank(char c)
{
	return (c == ' ' || c == '\t');
}

/* The next word of *rest, with its quotes; false: there is none. */
static bool
next_word(struct bytes *rest, struct bytes *word)
{
	size_t from = 0;
	size_t to;
	bool is_quoted = false;

	while (from < rest->n && is_blank(rest->p[from]))
		from++;
	for (to = from; to < rest->n; to++) {
		if (!is_quoted && is_blank(rest->p[to]))
			break;
		if (is_quoted && rest->p[to] == '\\' && to + 1 < rest->n)
			to++;
		else if (rest->p[to] == '"')
			is_quoted = !is_quoted;
	}
	*word = bytes_cut(*rest, from, to - from);
	*rest = bytes_cut(*rest, to, rest->n);
	return (word->n > 0);
}

/* The word itself, without its quotes; false: too long, or a control byte. */
static bool
unquote(struct bytes word, char *into, size_t *n)
{
	bool is_quoted = word.p[0] == '"';
	size_t i = is_quoted ? 1 : 0;

	if (is_quoted && (word.n < 2 || word.p[word.n - 1] != '"'))
		return (false);
	if (bytes_has_control(word))
		return (false);
	for (*n = 0; i + (is_quoted ? 1 : 0) < word.n; i++) {
		if (is_quoted && word.p[i] == '\\')
			i++;
		else if (word.p[i] == '"')
			return (false);
		if (*n == RELAY_WORD_MAX)
			return (false);
		into[(*n)++] = word.p[i];
	}
	return (true);
}

/* One line.  False: it is wrong; *r is the place that it is for. */
static bool
parse_line(struct bytes text, struct relay *r, struct relay_account *a)
{
	struct bytes word[WORDS_MAX + 1];
	size_t n = 0;

	while (n <= WORDS_MAX && next_word(&text, &word[n]))
		n++;
	*a = (struct relay_account){ .is_plaintext = n == WORDS_MAX };
	return (n >= 3 && n <= WORDS_MAX && parse_place(word[0], r) &&
	    unquote(word[1], a->user, &a->nuser) &&
	    unquote(word[2], a->password, &a->npassword) &&
	    (n == 3 || bytes_same(word[3], bytes_of("plaintext"))));
}

/* The next line of *rest, without its end. */
static struct bytes
next_line(struct bytes *rest)
{
	size_t end = rest->n;
	struct bytes line;

	(void)bytes_find(*rest, '\n', &end);
	line = bytes_cut(*rest, 0, end);
	*rest = bytes_cut(*rest, end + 1, rest->n);
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return (bytes_trim_end(line));
}

enum relay_found
relay_account(struct bytes file, const struct relay *r, uint16_t port,
    struct relay_account *account, unsigned int *line)
{
	enum relay_found found = RELAY_NONE;
	struct relay_account one;
	struct relay place;

	for (*line = 1; file.n > 0 && found != RELAY_BAD; ++*line) {
		struct bytes text = next_line(&file);

		if (text.n == 0 || text.p[0] == '#')
			continue;
		if (!parse_line(text, &place, &one)) {
			found = RELAY_BAD;
			break;
		}
		if (found == RELAY_NONE && place.port == port &&
		    bytes_same_nocase(place.name, r->name)) {
			*account = one;
			found = RELAY_FOUND;
		}
	}
	explicit_bzero(&one, sizeof(one));
	return (found);
}
