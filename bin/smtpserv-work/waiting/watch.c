/* SPDX-License-Identifier: ISC */
#include "waiting/watch.h"

#include <stdalign.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "spool/scan.h"

int
watch_open(const char *dir)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	/*
	 * A commit is a rename; the close that comes after it, or that ends a
	 * claim, is of a file that was open for writing, as a lock needs.
	 */
	if (fd >= 0 &&
	    inotify_add_watch(
		fd, dir, IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB) < 0) {
		(void)close(fd);
		return (-1);
	}
	return (fd);
}

bool
watch_read(int fd, watch_fn *heard, void *ctx)
{
	alignas(struct inotify_event) char store[16384];
	bool is_whole = true;
	ssize_t n;

	while ((n = read(fd, store, sizeof(store))) > 0) {
		const char *at = store;

		while (at < store + n) {
			const struct inotify_event *e =
			    (const struct inotify_event *)(const void *)at;
			uint32_t number;
			enum scan_kind kind;

			if ((e->mask & IN_Q_OVERFLOW) != 0)
				is_whole = false;
			else if (e->len > 0 &&
			    scan_parse_name(e->name, &number, &kind) &&
			    kind == SCAN_WRK)
				heard(ctx, number,
				    (e->mask & IN_CLOSE_WRITE) == 0);
			at += sizeof(*e) + e->len;
		}
	}
	return (is_whole);
}
