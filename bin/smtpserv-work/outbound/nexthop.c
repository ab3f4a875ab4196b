/* SPDX-License-Identifier: ISC */
#include "outbound/nexthop.h"

void
nexthop_init(struct nexthop *h, struct bytes name)
{
	struct buf text;

	*h = (struct nexthop){ .links = 0 };
	buf_init(&text, h->name, sizeof(h->name));
	(void)buf_put(&text, name);
	/* A name that is too long is none. */
	if (buf_cstr(&text) == NULL)
		h->name[0] = '\0';
}

/* One more than there were for each minute without a failure. */
static uint32_t
limit(const struct nexthop *h, uint32_t perhost, uint32_t now)
{
	uint32_t n = h->allowed;

	if (n == 0)
		return (perhost);
	if (now >= h->grows_at)
		n += 1 + (now - h->grows_at) / NEXTHOP_AGAIN;
	return (n < perhost ? n : perhost);
}

bool
nexthop_wants(
    const struct nexthop *h, uint32_t perhost, bool has_room, uint32_t now)
{
	if (has_room || h->starting > 0)
		return (false);
	return (h->links == 0 ||
	    (h->is_proven && h->links < limit(h, perhost, now)));
}

void
nexthop_started(struct nexthop *h)
{
	h->links++;
	h->starting++;
	h->is_proven = false;
}

void
nexthop_connected(struct nexthop *h)
{
	h->starting--;
}

void
nexthop_carried(struct nexthop *h)
{
	/* If another is starting, that is the last. */
	if (h->starting == 0)
		h->is_proven = true;
}

bool
nexthop_ended(struct nexthop *h, bool was_connected, bool has_carried,
    bool has_failed, uint32_t now)
{
	h->links--;
	if (!was_connected)
		h->starting--;
	if (!has_failed)
		return (false);
	if (h->links == 0) {
		h->allowed = 1;
		h->grows_at = now + NEXTHOP_AGAIN;
		return (!has_carried);
	}
	h->allowed = h->links;
	h->grows_at = now + NEXTHOP_AGAIN;
	h->is_proven = true;
	return (false);
}
