/* SPDX-License-Identifier: ISC */
#include "sys/sysfd.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/syscall.h>
#include <unistd.h>

/* It fails only for an empty range. */
static void
close_range_of(unsigned int first, unsigned int last)
{
	if (first <= last)
		(void)syscall(SYS_close_range, first, last, 0U);
}

void
sysfd_close_others(const int *keep, size_t n)
{
	unsigned int from = 3;
	size_t done;

	/* Look for the lowest that is left, each time anew: there are few. */
	for (done = 0; done < n; done++) {
		unsigned int next = UINT_MAX;
		size_t i;

		for (i = 0; i < n; i++)
			if ((unsigned int)keep[i] >= from &&
			    (unsigned int)keep[i] < next)
				next = (unsigned int)keep[i];
		if (next == UINT_MAX)
			break;
		close_range_of(from, next - 1);
		from = next + 1;
	}
	close_range_of(from, UINT_MAX);
}

bool
sysfd_set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return (flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0);
}
