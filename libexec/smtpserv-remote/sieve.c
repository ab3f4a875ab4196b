/* SPDX-License-Identifier: ISC */
#include "sieve.h"

#include <unistd.h>

#include "feed/feed.h"
#include "message.h"
#include "sys/syspass.h"

/* What the filter makes of the text; -1: nothing. */
static int
strain(int fd, const char *filter)
{
	struct fault why;
	off_t from;
	int text = -1;

	if (lseek(fd, 0, SEEK_SET) != 0 ||
	    message_take(fd, filter, &text, &from, &why) != RES_OK)
		text = -1;
	(void)close(fd);
	return (text);
}

void
sieve_run(int from, int to, const char *filter)
{
	char store[FEED_RECORD_MAX];
	bool good = true;
	int fd;

	while (good) {
		ssize_t n = syspass_receive(from, store, sizeof(store), &fd);

		if (n <= 0)
			break;
		if (fd >= 0)
			fd = strain(fd, filter);
		good = syspass_send(to, (struct bytes){ store, (size_t)n }, fd);
		if (fd >= 0)
			(void)close(fd);
	}
}
