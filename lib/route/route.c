/* SPDX-License-Identifier: ISC */
#include "route/route.h"

#include <arpa/inet.h>
#include <string.h>

#include "bytes/num.h"

enum {
	PREFERENCE_MAX = 65535,
	PORT_MAX = 65535,
	OCTET_MAX = 255,
	STATUS_MAX = 999 /* of RFC 3463, in its last two parts */
};

static const char *const VERDICTS[] = {
	[ROUTE_OK] = "ok",
	[ROUTE_NULLMX] = "nullmx",
	[ROUTE_NOHOST] = "nohost",
	[ROUTE_NOMX] = "nomx",
	[ROUTE_AGAIN] = "again",
	[ROUTE_SELF] = "self",
};

/* Up to the next blank, where *rest then begins. */
static bool
take_word(struct bytes *rest, struct bytes *word)
{
	size_t end = rest->n;

	(void)bytes_find(*rest, ' ', &end);
	*word = bytes_cut(*rest, 0, end);
	*rest = bytes_cut(*rest, end, rest->n);
	return (end > 0);
}

/* The blank, and the word behind it. */
static bool
take_next(struct bytes *rest, struct bytes *word)
{
	if (rest->n == 0 || rest->p[0] != ' ')
		return (false);
	*rest = bytes_cut(*rest, 1, rest->n);
	return (take_word(rest, word));
}

static bool
take_number(struct bytes *rest, uint64_t max, uint32_t *n)
{
	struct bytes word;
	uint64_t value;

	if (!take_next(rest, &word) || !num_parse(word, max, &value))
		return (false);
	*n = (uint32_t)value;
	return (true);
}

static bool
is_printable(char c)
{
	return (c >= ' ' && c <= '~');
}

/* All that is left, behind its blank. */
static bool
take_words(struct bytes *rest, struct bytes *words)
{
	size_t i;

	if (rest->n < 2 || rest->p[0] != ' ' ||
	    rest->n - 1 > (size_t)ROUTE_WORDS_MAX)
		return (false);
	*words = bytes_cut(*rest, 1, rest->n);
	for (i = 0; i < words->n; i++)
		if (!is_printable(words->p[i]))
			return (false);
	return (true);
}

static bool
is_hex(char c)
{
	return ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') ||
	    (c >= 'a' && c <= 'f'));
}

static bool
is_of_name(char c)
{
	char low = bytes_lower(c);

	return ((low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') ||
	    c == '-' || c == '_' || c == '.');
}

static bool
is_domain(struct bytes name)
{
	size_t i;

	if (name.n == 0 || name.n > (size_t)ROUTE_NAME_MAX)
		return (false);
	for (i = 0; i < name.n; i++)
		if (!is_of_name(name.p[i]))
			return (false);
	return (true);
}

/* Sets the address if it is one. */
static bool
read_address(struct bytes text, struct route_hop *hop)
{
	char cstr[INET6_ADDRSTRLEN];
	size_t colon;
	struct buf b;

	buf_init(&b, cstr, sizeof(cstr));
	(void)buf_put(&b, text);
	if (bytes_has_control(text) || buf_cstr(&b) == NULL)
		return (false);
	hop->address = text;
	hop->is_v6 = bytes_find(text, ':', &colon);
	memset(hop->ip, 0, sizeof(hop->ip));
	return (inet_pton(hop->is_v6 ? AF_INET6 : AF_INET, cstr, hop->ip) == 1);
}

/* A domain, or an address in brackets. */
static bool
is_host(struct bytes name)
{
	struct route_hop literal;

	if (name.n > 2 && name.p[0] == '[' && name.p[name.n - 1] == ']')
		return (read_address(bytes_cut(name, 1, name.n - 2), &literal));
	return (is_domain(name));
}

static bool
has_tlsa(struct bytes rest)
{
	struct route_tlsa tlsa;
	size_t n = 0;

	while (route_next_tlsa(&rest, &tlsa))
		n++;
	return (n > 0 && rest.n == 0);
}

/* `secure` or not, and the records. */
static bool
read_security(struct bytes rest, struct bytes word, struct route_hop *hop)
{
	static const char tag[] = "tlsa=";
	struct bytes base;

	hop->is_secure = bytes_same(word, bytes_of("secure"));
	if (!hop->is_secure && !bytes_same(word, bytes_of("insecure")))
		return (false);
	if (rest.n == 0)
		return (true);
	if (!hop->is_secure || !take_next(&rest, &base) ||
	    !bytes_same(bytes_cut(base, 0, strlen(tag)), bytes_of(tag)))
		return (false);
	hop->tlsa_base = bytes_cut(base, strlen(tag), base.n);
	hop->tlsa = rest;
	return (is_domain(hop->tlsa_base) && has_tlsa(rest));
}

bool
route_parse_hop(struct bytes line, struct route_hop *hop)
{
	struct bytes rest = line;
	struct bytes word;
	struct bytes address;
	uint64_t preference;

	*hop = (struct route_hop){ .line = line };
	if (!take_word(&rest, &word) ||
	    !num_parse(word, PREFERENCE_MAX, &preference) ||
	    !take_next(&rest, &hop->host) || !is_host(hop->host) ||
	    !take_next(&rest, &address))
		return (false);
	hop->preference = (uint32_t)preference;
	hop->is_error = bytes_same(address, bytes_of("-"));
	if (hop->is_error)
		return (take_next(&rest, &word) &&
		    bytes_same(word, bytes_of("-")) &&
		    take_next(&rest, &word) &&
		    bytes_same(word, bytes_of("error")) &&
		    take_words(&rest, &hop->words));
	return (read_address(address, hop) &&
	    take_number(&rest, PORT_MAX, &hop->port) && hop->port > 0 &&
	    take_next(&rest, &word) && read_security(rest, word, hop));
}

/* The next number of *rest, and the dot behind it. */
static bool
take_part(struct bytes *rest, uint64_t max, unsigned int *n)
{
	uint64_t value;
	size_t dot;

	if (!bytes_find(*rest, '.', &dot) ||
	    !num_parse(bytes_cut(*rest, 0, dot), max, &value))
		return (false);
	*rest = bytes_cut(*rest, dot + 1, rest->n);
	*n = (unsigned int)value;
	return (true);
}

static bool
is_status(struct bytes text)
{
	unsigned int class;
	unsigned int subject;
	uint64_t detail;

	return (text.n < sizeof("5.999.999") &&
	    take_part(&text, STATUS_MAX, &class) &&
	    (class == 4 || class == 5) &&
	    take_part(&text, STATUS_MAX, &subject) &&
	    num_parse(text, STATUS_MAX, &detail));
}

/* The first line, behind its `=`. */
static bool
read_verdict(struct bytes rest, struct route *route)
{
	struct bytes word;
	size_t i;

	if (!take_next(&rest, &word))
		return (false);
	for (i = 0; i < ARRAY_LEN(VERDICTS); i++)
		if (bytes_same(word, bytes_of(VERDICTS[i])))
			break;
	if (i == ARRAY_LEN(VERDICTS) || !take_next(&rest, &word))
		return (false);
	route->verdict = (enum route_verdict)i;
	if (route->verdict != ROUTE_OK) {
		route->status = word;
		return (is_status(word) && take_words(&rest, &route->words));
	}
	route->is_secure = bytes_same(word, bytes_of("secure"));
	return ((route->is_secure || bytes_same(word, bytes_of("insecure"))) &&
	    take_next(&rest, &route->domain) && is_host(route->domain) &&
	    rest.n == 0);
}

bool
route_parse(struct bytes text, struct route *route)
{
	struct bytes line;

	memset(route, 0, sizeof(*route));
	if (text.n > ROUTE_TEXT_MAX || !bytes_take(&text, '\n', &line) ||
	    line.n == 0 || line.p[0] != '=' ||
	    !read_verdict(bytes_cut(line, 1, line.n), route))
		return (false);
	while (text.n > 0)
		if (route->n == ROUTE_MAX || !bytes_take(&text, '\n', &line) ||
		    !route_parse_hop(line, &route->hops[route->n++]))
			return (false);
	return ((route->verdict == ROUTE_OK) == (route->n > 0));
}

bool
route_next_tlsa(struct bytes *rest, struct route_tlsa *tlsa)
{
	struct bytes left = *rest;
	struct bytes word;
	size_t i;

	if (!take_next(&left, &word))
		return (false);
	tlsa->text = word;
	if (!take_part(&word, OCTET_MAX, &tlsa->usage) ||
	    !take_part(&word, OCTET_MAX, &tlsa->selector) ||
	    !take_part(&word, OCTET_MAX, &tlsa->matching) || word.n % 2 != 0)
		return (false);
	for (i = 0; i < word.n; i++)
		if (!is_hex(word.p[i]))
			return (false);
	tlsa->hex = word;
	*rest = left;
	return (true);
}

static void
put_words(struct buf *out, struct bytes words)
{
	size_t i;

	words = bytes_cut(words, 0, ROUTE_WORDS_MAX);
	for (i = 0; i < words.n; i++) {
		char c = words.p[i];

		(void)buf_putc(out, (char)(is_printable(c) ? c : '?'));
	}
	if (words.n == 0)
		(void)buf_putc(out, '?');
	(void)buf_putc(out, '\n');
}

static const char *
security(bool is_secure)
{
	return (is_secure ? "secure" : "insecure");
}

void
route_put_ok(struct buf *out, bool is_secure, struct bytes domain)
{
	(void)buf_printf(out, "= %s %s %.*s\n", VERDICTS[ROUTE_OK],
	    security(is_secure), (int)domain.n, domain.p);
}

void
route_put_no(struct buf *out, enum route_verdict verdict, const char *status,
    struct bytes words)
{
	(void)buf_printf(out, "= %s %s ", VERDICTS[verdict], status);
	put_words(out, words);
}

void
route_put_hop(struct buf *out, const struct route_hop *hop)
{
	(void)buf_put_number(out, hop->preference);
	(void)buf_putc(out, ' ');
	(void)buf_put(out, hop->host);
	if (hop->is_error) {
		(void)buf_puts(out, " - - error ");
		put_words(out, hop->words);
		return;
	}
	(void)buf_putc(out, ' ');
	(void)buf_put(out, hop->address);
	(void)buf_printf(out, " %u %s", hop->port, security(hop->is_secure));
	if (hop->tlsa.n > 0) {
		(void)buf_puts(out, " tlsa=");
		(void)buf_put(out, hop->tlsa_base);
		(void)buf_put(out, hop->tlsa);
	}
	(void)buf_putc(out, '\n');
}

void
route_put_tlsa(struct buf *out, unsigned int usage, unsigned int selector,
    unsigned int matching, struct bytes data)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t i;

	(void)buf_printf(out, " %u.%u.%u.", usage, selector, matching);
	for (i = 0; i < data.n; i++) {
		unsigned char c = (unsigned char)data.p[i];

		(void)buf_putc(out, digits[c >> 4]);
		(void)buf_putc(out, digits[c & 0xf]);
	}
}
