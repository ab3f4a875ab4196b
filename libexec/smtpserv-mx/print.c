/* SPDX-License-Identifier: ISC */
#include "print.h"

#include <arpa/inet.h>
#include <string.h>

static const char OUT_OF_TIME[] = "out of time";

/* Those of hosts of which all is known. */
static size_t
usable(const struct search *s)
{
	size_t i;

	for (i = 0; i < s->places.n; i++)
		if (!s->looked[s->places.at[i].host].is_done)
			break;
	return (i);
}

/* Why this host cannot be tried; NULL: nothing is wrong with it. */
static const char *
error_of(const struct search_host *h)
{
	if (!h->is_done)
		return (OUT_OF_TIME);
	return (h->error[0] != '\0' ? h->error : NULL);
}

static enum result
put_no(struct buf *out, enum route_verdict verdict, const char *status,
    const char *words)
{
	route_put_no(out, verdict, status, bytes_of(words));
	return (status[0] == '5' ? RES_PERM : RES_TEMP);
}

/* Words about the target. */
static const char *
say(struct buf *b, const char *before, const struct search *s,
    const char *after)
{
	const char *text;

	(void)buf_puts(b, before);
	(void)buf_puts(b, s->target.name);
	(void)buf_puts(b, after);
	text = buf_cstr(b);
	return (text == NULL ? after : text);
}

/* There is not one address that may be tried. */
static enum result
put_none(const struct search *s, struct buf *out)
{
	const char *error = s->is_over ? NULL : OUT_OF_TIME;
	char store[ROUTE_WORDS_MAX];
	struct buf words;
	size_t i;

	buf_init(&words, store, sizeof(store));
	for (i = 0; i < s->n && (error == NULL || error == OUT_OF_TIME); i++)
		if (error_of(&s->looked[i]) != NULL)
			error = error_of(&s->looked[i]);
	if (error != NULL)
		return (put_no(
		    out, ROUTE_AGAIN, s->is_self ? "4.4.4" : "4.4.3", error));
	if (s->is_self)
		return (put_no(out, ROUTE_SELF, "5.4.6",
		    say(&words, "", s, " leads back to this host")));
	/* A relay's failures never are for good. */
	if (s->target.kind == TARGET_ADDRESS)
		return (put_no(out, ROUTE_AGAIN, "4.4.4",
		    say(&words, "", s, " is of a family that is not used")));
	if (s->target.kind == TARGET_RELAY)
		return (put_no(out, ROUTE_AGAIN, "4.4.4",
		    say(&words, "the relay ", s, " has no address")));
	return (put_no(out, ROUTE_NOMX, "5.4.4",
	    say(&words, "no host of ", s, " has an address")));
}

static void
put_error(const struct search_host *h, struct buf *out)
{
	struct route_hop hop = { .preference = h->host->preference,
		.host = bytes_of(h->host->name),
		.is_error = true,
		.words = bytes_of(error_of(h)) };

	/* No name that we were told is printed as it is. */
	if (!h->host->is_odd)
		route_put_hop(out, &hop);
}

static void
put_place(const struct search *s, const struct place *place, struct buf *out)
{
	const struct search_host *h = &s->looked[place->host];
	char address[INET6_ADDRSTRLEN] = "";
	char literal[INET6_ADDRSTRLEN + 2];
	struct buf brackets;
	struct route_hop hop = { .preference = place->preference,
		.host = bytes_of(h->host->name),
		.port = s->target.port,
		.is_secure = h->is_secure,
		.tlsa_base = bytes_of(h->base),
		.tlsa = { s->tlsa + h->tlsa, h->tlsa_n } };

	/* There is room for any. */
	(void)inet_ntop(place->is_v6 ? AF_INET6 : AF_INET, place->ip, address,
	    sizeof(address));
	hop.address = bytes_of(address);
	if (s->target.kind == TARGET_ADDRESS) {
		buf_init(&brackets, literal, sizeof(literal));
		(void)buf_putc(&brackets, '[');
		(void)buf_puts(&brackets, address);
		(void)buf_putc(&brackets, ']');
		hop.host = buf_view(&brackets);
	}
	route_put_hop(out, &hop);
}

/* The errors of hosts from *at on, up to and with that one. */
static void
put_errors(const struct search *s, size_t *at, size_t last, size_t *room,
    struct buf *out)
{
	for (; *at < s->n && *at <= last; ++*at)
		if (*room > 0 && error_of(&s->looked[*at]) != NULL) {
			put_error(&s->looked[*at], out);
			--*room;
		}
}

static void
put_verdict(const struct search *s, struct buf *out)
{
	char literal[DNS_NAME_SIZE + 2];
	struct buf name;

	buf_init(&name, literal, sizeof(literal));
	if (s->target.kind == TARGET_ADDRESS)
		(void)buf_putc(&name, '[');
	(void)buf_puts(&name, s->name);
	if (s->target.kind == TARGET_ADDRESS)
		(void)buf_putc(&name, ']');
	route_put_ok(out,
	    s->target.kind == TARGET_RELAY ? s->looked[0].is_secure
					   : s->is_secure,
	    buf_view(&name));
}

enum result
print_route(const struct search *s, struct buf *out)
{
	size_t picked[PLACES_MAX];
	size_t n;
	size_t room;
	size_t at = 0;
	size_t i;

	buf_reset(out);
	if (s->verdict != ROUTE_OK)
		return (put_no(out, s->verdict, s->status, s->words));
	n = places_pick(&s->places, usable(s), s->most, picked);
	if (n == 0)
		return (put_none(s, out));
	put_verdict(s, out);
	room = ROUTE_MAX - n;
	for (i = 0; i < n; i++) {
		const struct place *place = &s->places.at[picked[i]];
		size_t whole;

		put_errors(s, &at, place->host, &room, out);
		whole = buf_view(out).n;
		put_place(s, place, out);
		/* The best have room: one host's records are bounded. */
		if (buf_overflowed(out)) {
			buf_cut(out, whole);
			return (RES_OK);
		}
	}
	put_errors(s, &at, s->n, &room, out);
	return (RES_OK);
}
