/* SPDX-License-Identifier: ISC */
#include "lookout.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/sysclock.h"
#include "sys/syspass.h"

static int
milliseconds_to(int64_t until_ms)
{
	int64_t left;

	if (until_ms == SYSCLOCK_NEVER)
		return (-1);
	left = until_ms - sysclock_ms();
	if (left < 0)
		return (0);
	return (left < INT32_MAX ? (int)left : INT32_MAX);
}

short
lookout_wait(struct talker *t, int fd, short events, int64_t until_ms)
{
	struct pollfd list[2] = { { fd, events, 0 }, { t->input, POLLIN, 0 } };
	int n = poll(list, 2, milliseconds_to(until_ms));

	if (n <= 0)
		return (0);
	if (list[1].revents != 0) {
		t->was_told = true;
		t->ends->read(t);
	}
	return (list[0].revents);
}

bool
lookout_await(struct talker *t, int fd, int64_t until_ms)
{
	while (!t->is_left && sysclock_ms() < until_ms)
		if (lookout_wait(t, fd, POLLIN, until_ms) != 0)
			return (true);
	return (false);
}

bool
lookout_ask(struct talker *t, enum hand_kind what, char *record, struct hand *h,
    int *fd)
{
	char byte = (char)what;
	ssize_t n = -1;

	*fd = -1;
	/* The first address comes unasked. */
	if (t->has_asked)
		/* Where nobody listens, the last answer may be there. */
		(void)send(t->hand, &byte, 1, MSG_NOSIGNAL);
	t->has_asked = true;
	if (lookout_await(t, t->hand, SYSCLOCK_NEVER))
		n = syspass_receive(t->hand, record, HAND_RECORD_MAX, fd);
	if (n > 0 && hand_parse((struct bytes){ record, (size_t)n }, h))
		return (true);
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	*h = (struct hand){ .kind = HAND_NO,
		.letter = 'Z',
		.status = bytes_of("4.3.0"),
		.text = bytes_of("the dialer is gone") };
	return (false);
}

void
lookout_keep(char *store, size_t cap, struct bytes name)
{
	struct buf b;

	buf_init(&b, store, cap - 1);
	store[buf_put_text(&b, name)] = '\0';
}
