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

/* What stands before the next comma; *rest moves behind it. */
static struct bytes
next_item(struct bytes *rest)
{
	struct bytes item = *rest;
	size_t at;

	if (bytes_find(*rest, ',', &at))
		item.n = at;
	*rest = bytes_cut(*rest, item.n + 1, rest->n);
	return (item);
}

/* ADDRESS or [IPV6], and a port; *is_ipv6 says which. */
static bool
parse_place(
    struct bytes item, struct bytes *host, bool *is_ipv6, uint32_t *port)
{
	uint64_t n;
	size_t at;

	*is_ipv6 = item.n > 0 && item.p[0] == '[';
	if (*is_ipv6) {
		if (!bytes_find(item, ']', &at))
			return (false);
		*host = bytes_cut(item, 1, at - 1);
		item = bytes_cut(item, at + 1, item.n);
	} else {
		if (!bytes_find(item, ':', &at))
			return (false);
		*host = bytes_cut(item, 0, at);
		item = bytes_cut(item, at, item.n);
	}
	if (item.n == 0 || item.p[0] != ':' ||
	    !num_parse(bytes_cut(item, 1, item.n), 65535, &n) || n == 0)
		return (false);
	*port = (uint32_t)n;
	return (true);
}

bool
settings_next_listen(struct bytes *rest, struct bytes *address, uint32_t *port)
{
	bool is_ipv6;

	return (parse_place(next_item(rest), address, &is_ipv6, port) &&
	    (is_ipv6 ? smtppath_is_ipv6(*address)
		     : smtppath_is_ipv4(*address)));
}

bool
settings_next_node(struct bytes *rest, struct bytes *host, uint32_t *port)
{
	bool is_ipv6;

	return (parse_place(next_item(rest), host, &is_ipv6, port) &&
	    (is_ipv6 ? smtppath_is_ipv6(*host)
		     : smtppath_is_ipv4(*host) || smtppath_is_domain(*host)));
}

bool
settings_is_loopback(struct bytes host)
{
	return (bytes_same_nocase(host, bytes_of("localhost")) ||
	    bytes_same(host, bytes_of("::1")) ||
	    (bytes_starts_nocase(host, bytes_of("127.")) &&
		smtppath_is_ipv4(host)));
}

/* HOST or [ADDRESS], a port, a name. */
/* No names but one: names are for the resolver, which is another program's. */
static bool
parse_inet(struct bytes rest, struct settings_policy *policy)
{
	struct bytes port;
	uint64_t n;
	size_t end;

	policy->is_inet = true;
	if (rest.n > 0 && rest.p[0] == '[' && bytes_find(rest, ']', &end)) {
		policy->place = bytes_cut(rest, 1, end - 1);
		rest = bytes_cut(rest, end + 1, rest.n);
		if (rest.n == 0 || rest.p[0] != ':' ||
		    !smtppath_is_ipv6(policy->place))
			return (false);
		rest = bytes_cut(rest, 1, rest.n);
	} else if (!bytes_take(&rest, ':', &policy->place) ||
	    !(smtppath_is_ipv4(policy->place) ||
		bytes_same_nocase(policy->place, bytes_of("localhost")))) {
		return (false);
	}
	if (!bytes_take(&rest, ':', &port) || !num_parse(port, 65535, &n) ||
	    n == 0)
		return (false);
	policy->port = (uint32_t)n;
	policy->name = rest;
	return (rest.n > 0);
}

static bool
parse_unix(struct bytes rest, struct settings_policy *policy)
{
	if (!bytes_take(&rest, ':', &policy->place))
		return (false);
	policy->name = rest;
	return (rest.n > 0 && policy->place.n > 0 && policy->place.p[0] == '/');
}

bool
settings_policy(struct bytes text, struct settings_policy *policy)
{
	struct bytes inet = bytes_of("socketmap:inet:");
	struct bytes unix_socket = bytes_of("socketmap:unix:");

	*policy = (struct settings_policy){ .place = text };
	if (text.n > 0 && text.p[0] == '/')
		return (true);
	policy->is_map = true;
	if (bytes_starts_nocase(text, inet))
		return (parse_inet(bytes_cut(text, inet.n, text.n), policy));
	if (bytes_starts_nocase(text, unix_socket))
		return (
		    parse_unix(bytes_cut(text, unix_socket.n, text.n), policy));
	return (false);
}

bool
settings_is_helo(struct bytes text)
{
	struct bytes tag = bytes_of("[IPv6:");

	if (smtppath_is_domain(text))
		return (true);
	if (text.n < 2 || text.p[0] != '[' || text.p[text.n - 1] != ']')
		return (false);
	if (bytes_starts_nocase(text, tag))
		return (smtppath_is_ipv6(
		    bytes_cut(text, tag.n, text.n - tag.n - 1)));
	return (smtppath_is_ipv4(bytes_cut(text, 1, text.n - 2)));
}
