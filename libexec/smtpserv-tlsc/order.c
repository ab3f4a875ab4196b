/* SPDX-License-Identifier: ISC */
#include "order.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "bytes/num.h"
#include "route/route.h"

enum {
	SECONDS = 30,
	SECONDS_MAX = 3600
};

static const char CA[] = "/etc/ssl/certs/ca-certificates.crt";

/* 192.0.2.1 of [192.0.2.1], and 2001:db8::1 of [IPv6:2001:db8::1]. */
static struct bytes
bare(const char *name)
{
	struct bytes text = bytes_of(name);
	struct bytes tag = bytes_of("IPv6:");

	if (text.n < 2 || text.p[0] != '[' || text.p[text.n - 1] != ']')
		return (text);
	text = bytes_cut(text, 1, text.n - 2);
	if (bytes_starts_nocase(text, tag))
		text = bytes_cut(text, tag.n, text.n);
	return (text);
}

static bool
add_name(struct order *o, const char *name)
{
	struct bytes text = bare(name);
	struct buf b;

	if (o->nnames == ORDER_NAMES_MAX || text.n == 0)
		return (false);
	buf_init(&b, o->names[o->nnames], sizeof(o->names[0]));
	(void)buf_put(&b, text);
	if (buf_cstr(&b) == NULL)
		return (false);
	o->nnames++;
	return (true);
}

/* RFC 6066 3: names alone, not addresses. */
static const char *
name_to_send(const char *sni)
{
	unsigned char ip[sizeof(struct in6_addr)];

	if (sni[0] == '\0' || sni[0] == '[' ||
	    inet_pton(AF_INET, sni, ip) == 1 ||
	    inet_pton(AF_INET6, sni, ip) == 1)
		return (NULL);
	return (sni);
}

static unsigned char
octet_of(const char *digits)
{
	static const char all[] = "0123456789abcdef";
	const char *high = strchr(all, bytes_lower(digits[0]));
	const char *low = strchr(all, bytes_lower(digits[1]));

	return ((unsigned char)((high - all) << 4 | (low - all)));
}

/* One that cannot be used is as if it were not there (RFC 7672 3). */
static bool
add_record(struct order *o, const struct route_tlsa *t)
{
	size_t n = t->hex.n / 2;
	unsigned char *data = o->data + o->ndata;
	size_t i;

	if (!tlspolicy_is_usable(t->usage, t->selector, t->matching, n))
		return (true);
	if (o->ntlsa == ORDER_TLSA_MAX || n > ORDER_DATA_MAX - o->ndata)
		return (false);
	for (i = 0; i < n; i++)
		data[i] = octet_of(t->hex.p + 2 * i);
	o->ndata += n;
	o->tlsa[o->ntlsa++] = (struct order_tlsa){ (uint8_t)t->usage,
		(uint8_t)t->selector, (uint8_t)t->matching, data, n };
	return (true);
}

/* Records, a blank between two, and before the first one or not. */
static bool
add_tlsa(struct order *o, const char *text)
{
	static char store[ROUTE_TEXT_MAX];
	struct route_tlsa tlsa;
	struct bytes rest;
	struct buf b;

	buf_init(&b, store, sizeof(store));
	if (text[0] != ' ')
		(void)buf_putc(&b, ' ');
	(void)buf_puts(&b, text);
	if (buf_overflowed(&b))
		return (false);
	rest = buf_view(&b);
	while (route_next_tlsa(&rest, &tlsa))
		if (!add_record(o, &tlsa))
			return (false);
	return (rest.n == 0);
}

static bool
take(struct order *o, int option, const char *value)
{
	uint64_t n;

	switch (option) {
	case 'l':
		return (tlspolicy_parse_level(bytes_of(value), &o->level) &&
		    o->level != TLSPOLICY_NONE);
	case 'C':
		o->ca = value;
		return (true);
	case 's':
		o->sni = name_to_send(value);
		return (true);
	case 'm':
		return (add_name(o, value));
	case 'T':
		return (add_tlsa(o, value));
	case 'c':
		o->cert = value;
		return (true);
	case 'k':
		o->key = value;
		return (true);
	case 'n':
		o->is_trial = true;
		return (true);
	case 'w':
		if (!num_parse(bytes_of(value), SECONDS_MAX, &n) || n == 0)
			return (false);
		o->seconds = (uint32_t)n;
		return (true);
	default:
		return (false);
	}
}

bool
order_read(struct order *o, int argc, char **argv)
{
	int option;

	o->level = TLSPOLICY_NONE;
	o->ca = CA;
	o->seconds = SECONDS;
	while ((option = getopt(argc, argv, "+nl:C:s:m:T:c:k:w:")) != -1)
		if (!take(o, option, optarg))
			return (false);
	if (optind != argc || o->level == TLSPOLICY_NONE ||
	    (o->key != NULL && o->cert == NULL))
		return (false);
	if (o->key == NULL)
		o->key = o->cert;
	/* Who is to be known needs a name to be known by. */
	if (o->level == TLSPOLICY_VERIFY || o->level == TLSPOLICY_DANE)
		return (o->nnames > 0);
	return (true);
}
