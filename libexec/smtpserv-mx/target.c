/* SPDX-License-Identifier: ISC */
#include "target.h"

#include <arpa/inet.h>
#include <string.h>

#include "bytes/num.h"
#include "mail/idn.h"

enum {
	PORT_MAX = 65535,
	LABEL_MAX = 63,
	NAME_MAX_LENGTH = 253 /* with its length octets, 255 on the wire */
};

static bool
is_plain(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	    c == '_');
}

static bool
is_askable(struct bytes name)
{
	size_t in_label = 0;
	size_t i;

	if (name.n > NAME_MAX_LENGTH)
		return (false);
	for (i = 0; i < name.n; i++) {
		if (name.p[i] == '.') {
			if (in_label == 0)
				return (false);
			in_label = 0;
		} else if (!is_plain(name.p[i]) || ++in_label > LABEL_MAX) {
			return (false);
		}
	}
	return (in_label > 0);
}

static enum target_status
set_name(struct target *target, struct bytes text)
{
	struct buf name;

	/* As `example.test.` it is absolute, as it is for us in any case. */
	if (text.n > 0 && text.p[text.n - 1] == '.')
		text.n--;
	buf_init(&name, target->name, sizeof(target->name));
	if (!idn_put_ascii(text, &name) || !is_askable(buf_view(&name)) ||
	    buf_cstr(&name) == NULL) {
		target->name[0] = '\0';
		return (TARGET_NO_DOMAIN);
	}
	return (TARGET_OK);
}

static bool
set_address(struct target *target, struct bytes text)
{
	static const struct bytes tag = { "IPv6:", 5 };
	struct buf name;
	size_t colon;

	if (bytes_starts_nocase(text, tag))
		text = bytes_cut(text, tag.n, text.n);
	buf_init(&name, target->name, sizeof(target->name));
	target->is_v6 = bytes_find(text, ':', &colon);
	return (!bytes_has_control(text) && buf_put(&name, text) &&
	    buf_cstr(&name) != NULL &&
	    inet_pton(target->is_v6 ? AF_INET6 : AF_INET, target->name,
		target->ip) == 1);
}

/* From behind the closing bracket. */
static bool
set_port(struct target *target, struct bytes text)
{
	uint64_t port;

	if (text.n == 0)
		return (true);
	if (text.p[0] != ':' ||
	    !num_parse(bytes_cut(text, 1, text.n), PORT_MAX, &port) ||
	    port == 0)
		return (false);
	target->port = (uint32_t)port;
	return (true);
}

enum target_status
target_parse(struct bytes text, uint32_t port, struct target *target)
{
	struct bytes inside;
	size_t end;

	*target = (struct target){ .port = port };
	if (text.n == 0)
		return (TARGET_MISUSED);
	if (text.p[0] != '[')
		return (set_name(target, text));
	if (!bytes_find(text, ']', &end) || end == 1 ||
	    !set_port(target, bytes_cut(text, end + 1, text.n)))
		return (TARGET_MISUSED);
	inside = bytes_cut(text, 1, end - 1);
	target->kind = TARGET_ADDRESS;
	if (set_address(target, inside))
		return (TARGET_OK);
	target->kind = TARGET_RELAY;
	return (set_name(target, inside));
}
