/* SPDX-License-Identifier: ISC */
#include "secure.h"

#include <sys/socket.h>
#include <unistd.h>

#include "journal.h"
#include "lookout.h"
#include "sys/sysclock.h"
#include "tlspolicy/tlsverdict.h"

enum {
	/* For a handshake; smtpserv-tlsc has less. */
	TLS_SECONDS = 60
};

/*
 * The verdict's line, which comes before all else.  It is taken out of the
 * stream without a byte of what is behind it.
 */
static bool
read_verdict(struct talker *t, int fd, char *line, size_t cap, size_t *n)
{
	int64_t until = sysclock_after(sysclock_ms(), TLS_SECONDS);
	size_t end = 0;

	for (*n = 0; *n < cap; *n += end) {
		ssize_t got;

		if (!lookout_await(t, fd, until))
			return (false);
		got = recv(fd, line + *n, cap - *n, MSG_PEEK);
		if (got <= 0)
			return (false);
		end = (size_t)got;
		if (bytes_find((struct bytes){ line + *n, end }, '\n', &end))
			return (recv(fd, line + *n, end + 1, 0) ==
				(ssize_t)end + 1 &&
			    (*n += end) < cap);
		if (recv(fd, line + *n, end, 0) != got)
			return (false);
	}
	return (false);
}

/* The clear side of TLS is the socket from here on; false: why not. */
static bool
take_verdict(struct talker *t, int fd, enum talk_safety *safety, char *why)
{
	struct tlsverdict v;
	char line[TLSVERDICT_MAX];
	size_t n;

	if (!read_verdict(t, fd, line, sizeof(line), &n) ||
	    !tlsverdict_parse((struct bytes){ line, n }, &v))
		return (false);
	journal_tls(t, (struct bytes){ line, n });
	if (!v.is_good) {
		lookout_keep(why, TLSVERDICT_MAX, v.text);
		return (false);
	}
	/* smtpserv-tlsc keeps it open. */
	(void)close(t->sock);
	t->sock = fd;
	t->is_tcp = false;
	t->has_tls = true;
	lookout_keep(t->tls, sizeof(t->tls), (struct bytes){ line + 2, n - 2 });
	*safety =
	    v.reached == TLSVERDICT_ANONYMOUS ? TALK_ENCRYPTED : TALK_VERIFIED;
	return (true);
}

/* TLS on the socket at hand.  False: why not. */
bool
secure_start(
    struct talker *t, enum talk_safety *safety, char why[TLSVERDICT_MAX])
{
	char record[HAND_RECORD_MAX];
	struct hand h;
	int fd;

	lookout_keep(why, TLSVERDICT_MAX, bytes_of("TLS could not be started"));
	if (lookout_ask(t, HAND_TLS, record, &h, &fd) && h.kind == HAND_TLS &&
	    fd >= 0 && take_verdict(t, fd, safety, why))
		return (true);
	if (fd >= 0)
		(void)close(fd);
	return (false);
}
