/* SPDX-License-Identifier: ISC */
#include "keeper.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "sys/sysclock.h"
#include "sys/sysio.h"
#include "sys/syspass.h"

static int
fail(struct refusal *no, int code, const char *op, const char *name)
{
	struct fault why;

	(void)fault_set(&why, op, name, errno);
	code = refusal_fault(no, &why, code);
	no->status = "4.1";
	return (code);
}

int
keeper_open(
    struct keeper *k, const char *path, uint32_t seconds, struct refusal *no)
{
	struct timeval longest = { .tv_sec = (time_t)seconds };

	k->path = path;
	k->seconds = seconds;
	if (strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return (refusal_set(no, QQEXIT_CONFIG, "3.5",
		    "smtp.amqp.socket is too long for a socket's path"));
	k->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* A keeper that is busy lets nobody in, and that is no error. */
	if (k->fd < 0 ||
	    setsockopt(
		k->fd, SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof(longest)) != 0)
		return (fail(no, QQEXIT_UNREACHABLE, "make", "a socket"));
	return (QQEXIT_ACCEPTED);
}

/* Nothing was said yet, so nothing is in doubt. */
static int
reach(const struct keeper *k, const struct handover_request *r,
    const int fds[HANDOVER_FDS], struct refusal *no)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char store[HANDOVER_REQUEST_MAX];
	struct buf out;

	memcpy(to.sun_path, k->path, strlen(k->path));
	if (connect(k->fd, (const struct sockaddr *)&to, sizeof(to)) != 0)
		return (fail(no, QQEXIT_UNREACHABLE, "reach", k->path));
	buf_init(&out, store, sizeof(store));
	if (!handover_put_request(&out, r))
		return (refusal_set(no, QQEXIT_BUG, "3.0", "no such request"));
	if (!syspass_send_all(k->fd, buf_view(&out), fds, HANDOVER_FDS))
		return (fail(no, QQEXIT_UNREACHABLE, "ask", k->path));
	return (QQEXIT_ACCEPTED);
}

int
keeper_ask(struct keeper *k, const struct handover_request *r,
    const int fds[HANDOVER_FDS], struct refusal *no, struct bytes *said)
{
	int64_t ends_at = sysclock_after(sysclock_ms(), k->seconds);
	struct handover_request whole = { r->id, r->message, r->envelope,
		(uint64_t)ends_at };
	enum sysio_status status = SYSIO_OK;
	size_t n = 0;
	int code = reach(k, &whole, fds, no);

	*said = (struct bytes){ NULL, 0 };
	if (code != QQEXIT_ACCEPTED)
		return (code);
	/* No signal ends this: what was handed over may be stored. */
	while (status == SYSIO_OK && n < sizeof(k->in)) {
		size_t got = 0;

		status = sysio_read(
		    k->fd, k->in + n, sizeof(k->in) - n, &got, ends_at, NULL);
		n += got;
	}
	if (status == SYSIO_TIMEOUT)
		return (refusal_set(no, QQEXIT_TIMED_OUT, "4.1",
		    "no word from the keeper in time; it may have been "
		    "stored"));
	if (status == SYSIO_FAILED || n == 0)
		return (refusal_set(no, QQEXIT_LOST, "4.2",
		    "the keeper ended without a word; it may have been "
		    "stored"));
	if (status != SYSIO_EOF ||
	    !handover_parse_answer(
		(struct bytes){ k->in, n }, r->id, &k->answer))
		return (refusal_set(no, QQEXIT_LOST, "4.2",
		    "the keeper's word is none; it may have been stored"));
	*said = k->answer.text;
	return (k->answer.code);
}
