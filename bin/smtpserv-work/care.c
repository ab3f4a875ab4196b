/* SPDX-License-Identifier: ISC */
#include "care.h"

#include <errno.h>
#include <unistd.h>

#include "mail/tlsrequired.h"

enum {
	/* Of a header; a field behind that is not seen. */
	HEADER_MAX = 16384
};

/* Without it TLS is only wished for, and there is nothing to set aside. */
static bool
is_demanded(const struct settings_remote *r)
{
	return (r->tls > SETTINGS_TLS_MAY || r->policy[0] != '\0');
}

static bool
says_no(const struct message *m)
{
	static char store[HEADER_MAX];
	struct fault why;
	ssize_t n;
	int fd = message_open_text(m, &why);

	if (fd < 0)
		return (false);
	do
		n = read(fd, store, sizeof(store));
	while (n < 0 && errno == EINTR);
	(void)close(fd);
	return (n > 0 && tlsrequired_is_no((struct bytes){ store, (size_t)n }));
}

enum hopname_care
care_of(const struct message *m, const struct settings_remote *r)
{
	/* A report must reach the sender (RFC 8689 5). */
	if (m->plan.requiretls && m->plan.sender.n > 0)
		return (HOPNAME_REQUIRETLS);
	/* The envelope overrules the header (RFC 8689 4.1). */
	if (m->plan.requiretls || !is_demanded(r) || !says_no(m))
		return (HOPNAME_USUAL);
	return (HOPNAME_TLSNO);
}
