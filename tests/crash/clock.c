/* SPDX-License-Identifier: ISC */
/*
 * The programs under test are linked with this clock (see Makefile), so that
 * equal runs write equal texts, and so give equal marks.
 */
#include <time.h>

time_t __wrap_time(time_t *now);

/* Mon, 23 Nov 2026 00:00:00 +0000; by the linker's --wrap=time. */
time_t
__wrap_time(time_t *now)
{
	if (now != NULL)
		*now = 1795392000;
	return (1795392000);
}
