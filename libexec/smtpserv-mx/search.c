/* SPDX-License-Identifier: ISC */
#include "search.h"

#include <string.h>

#include "bytes/buf.h"
#include "lookup.h"

/* It ends here, without a route; what people are told names the target. */
static void
end(struct search *s, enum route_verdict verdict, const char *status,
    const char *before, const char *after)
{
	struct buf words;

	buf_init(&words, s->words, sizeof(s->words));
	(void)buf_puts(&words, before);
	(void)buf_puts(&words, s->target.name);
	(void)buf_puts(&words, after);
	if (buf_cstr(&words) == NULL)
		s->words[0] = '\0';
	s->verdict = verdict;
	s->status = status;
	s->is_over = true;
}

void
search_refuse(struct search *s)
{
	/* A relay's failures never are for good. */
	if (s->target.kind == TARGET_DOMAIN)
		end(s, ROUTE_NOHOST, "5.1.2", "not a domain", "");
	else
		end(s, ROUTE_AGAIN, "4.4.4", "not the name of a relay", "");
}

/* Add the MX records; how many, and of these to the root, are counted. */
static void
take_mx(struct search *s, struct dns_answer *a, size_t *n, size_t *roots)
{
	struct dns_record r;
	struct host host;

	while (dns_next(a, &r)) {
		++*n;
		if (r.name[0] == '\0') {
			++*roots;
			continue;
		}
		host = (struct host){ r.preference,
			s->ports->chance(s->ports->ctx), r.is_odd, "" };
		memcpy(host.name, r.name, sizeof(host.name));
		hosts_add(&s->hosts, &host);
	}
}

/* Its addresses are asked for, and nothing else is. */
static void
add_itself(struct search *s)
{
	struct host host = { .preference = 0 };

	memcpy(host.name, s->target.name, sizeof(host.name));
	hosts_add(&s->hosts, &host);
}

static void
find_hosts(struct search *s)
{
	struct dns_answer a;
	char text[64];
	struct buf why;
	size_t roots = 0;
	size_t n = 0;

	buf_init(&why, text, sizeof(text));
	lookup_ask(s, s->target.name, DNS_MX, &a);
	memcpy(s->name, a.name, sizeof(s->name));
	s->is_secure = a.is_secure;
	switch (a.status) {
	case DNS_FAILED:
		/* Its own addresses would be wrong if there are MX records. */
		(void)buf_printf(&why, ": %s", a.why);
		end(s, ROUTE_AGAIN, "4.4.3", "MX records of ",
		    buf_cstr(&why) == NULL ? "" : text);
		break;
	case DNS_NXDOMAIN:
		end(s, ROUTE_NOHOST, "5.1.2", "there is no domain ", "");
		break;
	case DNS_NODATA:
		add_itself(s);
		break;
	case DNS_FOUND:
		take_mx(s, &a, &n, &roots);
		if (n == roots)
			end(s, ROUTE_NULLMX, "5.1.10", "",
			    " takes no mail (null MX)");
		break;
	}
}

/*
 * All hosts of the best preference that is left, from `from` on; returns where
 * the next begins.  If one of them is this host, then mail has come as near as
 * it can: neither these nor worse ones are for us (RFC 5321 5.1).
 */
static size_t
look_up_group(struct search *s, size_t from)
{
	size_t places = s->places.n;
	size_t n = s->n;
	size_t i = from;

	while (i < s->hosts.n && s->n < SEARCH_LOOKED_MAX && !s->is_self &&
	    s->hosts.at[i].preference == s->hosts.at[from].preference)
		lookup_host(s, &s->hosts.at[i++]);
	if (!s->is_self)
		return (i);
	s->places.n = places;
	s->n = n;
	return (s->hosts.n);
}

static void
look_up_hosts(struct search *s)
{
	size_t i = 0;

	while (
	    i < s->hosts.n && s->n < SEARCH_LOOKED_MAX && s->places.n < s->most)
		i = look_up_group(s, i);
}

static void
add_address(struct search *s)
{
	struct place place = { .is_v6 = s->target.is_v6, .is_routed = true };

	if (s->target.is_v6 ? s->no_v6 : s->no_v4)
		return;
	memcpy(place.ip, s->target.ip, sizeof(place.ip));
	add_itself(s);
	s->looked[s->n++] =
	    (struct search_host){ .host = &s->hosts.at[0], .is_done = true };
	places_add(&s->places, &place);
}

void
search_run(struct search *s)
{
	memcpy(s->name, s->target.name, sizeof(s->name));
	switch (s->target.kind) {
	case TARGET_ADDRESS:
		add_address(s);
		break;
	case TARGET_RELAY:
		s->is_secure = true;
		add_itself(s);
		look_up_hosts(s);
		break;
	case TARGET_DOMAIN:
		find_hosts(s);
		if (!s->is_over)
			look_up_hosts(s);
		break;
	}
	s->is_over = true;
}
