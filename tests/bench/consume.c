/* SPDX-License-Identifier: ISC */
/*
 * consume: take messages out of a spool as they come, until killed.
 *
 *     consume directory
 *
 * Claims each by its lock and removes WRK before TXT, as smtpserv-spool(5)
 * wants it; does nothing else with it, so that the disk is all it costs.
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static int
take(int dirfd, const char *wrk)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char txt[32];
	int fd = openat(dirfd, wrk, O_RDWR);
	int good = fd >= 0 && fcntl(fd, F_OFD_SETLK, &whole) == 0;

	if (good) {
		(void)snprintf(
		    txt, sizeof(txt), "%.*s.TXT", (int)strcspn(wrk, "."), wrk);
		good = unlinkat(dirfd, wrk, 0) == 0 &&
		    unlinkat(dirfd, txt, 0) == 0;
	}
	if (fd >= 0)
		(void)close(fd);
	return (good);
}

int
main(int argc, char **argv)
{
	static const struct timespec pause = { 0, 5000000 };
	DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;

	if (dir == NULL)
		err(100, "usage: consume directory");
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		const struct dirent *entry;
		int taken = 0;

		rewinddir(dir);
		while ((entry = readdir(dir)) != NULL)
			if (strstr(entry->d_name, ".WRK") != NULL)
				taken += take(dirfd(dir), entry->d_name);
		if (taken == 0)
			(void)nanosleep(&pause, NULL);
	}
}
