/* SPDX-License-Identifier: ISC */
#include "conf/settings.h"

#include "bytes/num.h"
#include "smtp/smtppath.h"

bool
settings_host(
    const struct settings *settings, const char *machine, struct buf *out)
{
	struct bytes host = bytes_of(
	    settings->hostname[0] != '\0' ? settings->hostname : machine);
	struct bytes domain = bytes_of(settings->domain);
	struct bytes tail =
	    bytes_cut(host, host.n > domain.n ? host.n - domain.n : 0, host.n);

	(void)buf_put(out, host);
	/* A machine's name may contain the domain already. */
	if (domain.n > 0 &&
	    !(bytes_same_nocase(tail, domain) &&
		(tail.n == host.n || tail.p[-1] == '.'))) {
		(void)buf_putc(out, '.');
		(void)buf_put(out, domain);
	}
	return (!buf_overflowed(out) && smtppath_is_domain(buf_view(out)));
}

bool
settings_next_listen(struct bytes *rest, struct bytes *address, uint32_t *port)
{
	struct bytes item = *rest;
	uint64_t n;
	size_t at;

	if (bytes_find(*rest, ',', &at))
		item.n = at;
	*rest = bytes_cut(*rest, item.n + 1, rest->n);
	if (item.n > 0 && item.p[0] == '[') {
		if (!bytes_find(item, ']', &at))
			return (false);
		*address = bytes_cut(item, 1, at - 1);
		item = bytes_cut(item, at + 1, item.n);
		if (!smtppath_is_ipv6(*address))
			return (false);
	} else {
		if (!bytes_find(item, ':', &at))
			return (false);
		*address = bytes_cut(item, 0, at);
		item = bytes_cut(item, at, item.n);
		if (!smtppath_is_ipv4(*address))
			return (false);
	}
	if (item.n == 0 || item.p[0] != ':' ||
	    !num_parse(bytes_cut(item, 1, item.n), 65535, &n) || n == 0)
		return (false);
	*port = (uint32_t)n;
	return (true);
}
