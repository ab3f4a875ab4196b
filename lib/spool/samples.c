/* SPDX-License-Identifier: ISC */
#include "spool/samples.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/num.h"
#include "spool/owner.h"
#include "sys/sysio.h"

/* The widths of the numbers in a line, a blank between. */
static const size_t WIDTHS[] = { 10, 10, 20, 10, 10 };

static uint32_t
place_of(time_t at)
{
	return ((uint32_t)((uint64_t)at / SAMPLES_STEP % SAMPLES_MAX));
}

void
samples_print(const struct sample *s, char line[SAMPLES_LINE])
{
	char text[SAMPLES_LINE + 1];
	size_t i;

	(void)snprintf(text, sizeof(text),
	    "%010llu %010lu %020llu %010lu "
	    "%010lu\n",
	    (unsigned long long)s->at % 10000000000ULL,
	    (unsigned long)s->messages, (unsigned long long)s->bytes,
	    (unsigned long)s->oldest, (unsigned long)s->next);
	for (i = 0; i < SAMPLES_LINE; i++)
		line[i] = text[i];
}

bool
samples_parse(struct bytes line, struct sample *s)
{
	uint64_t n[ARRAY_LEN(WIDTHS)];
	size_t at = 0;
	size_t i;

	if (line.n != SAMPLES_LINE)
		return (false);
	for (i = 0; i < ARRAY_LEN(WIDTHS); i++) {
		char end = i + 1 < ARRAY_LEN(WIDTHS) ? ' ' : '\n';
		uint64_t max = i == 0 ? 9999999999ULL
		    : i == 2          ? UINT64_MAX
				      : UINT32_MAX;

		if (!num_parse(bytes_cut(line, at, WIDTHS[i]), max, &n[i]) ||
		    line.p[at + WIDTHS[i]] != end)
			return (false);
		at += WIDTHS[i] + 1;
	}
	*s = (struct sample){ (time_t)n[0], (uint32_t)n[1], n[2],
		(uint32_t)n[3], (uint32_t)n[4] };
	return (true);
}

static int
open_ring(int dirfd, struct fault *why)
{
	struct owner owner;
	int fd = openat(dirfd, SAMPLES_FILE,
	    O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && errno == ENOENT &&
	    owner_of_spool(dirfd, &owner, why) != RES_OK)
		return (-1);
	if (fd < 0 && errno == ENOENT)
		fd = owner_create(dirfd, SAMPLES_FILE, &owner);
	if (fd < 0)
		(void)fault_set(why, "open", SAMPLES_FILE, errno);
	return (fd);
}

enum result
samples_put(int dirfd, const struct sample *s, struct fault *why)
{
	char line[SAMPLES_LINE];
	int fd = open_ring(dirfd, why);
	off_t at = (off_t)place_of(s->at) * SAMPLES_LINE;
	enum result r = RES_OK;
	struct stat st;

	if (fd < 0)
		return (fault_class(why));
	samples_print(s, line);
	errno = EINVAL;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    pwrite(fd, line, sizeof(line), at) != (ssize_t)sizeof(line))
		r = fault_set(why, "write", SAMPLES_FILE, errno);
	(void)close(fd);
	return (r);
}

/* Those that stand in their place and are of the day before `now`. */
static void
gather(struct bytes text, time_t now, struct samples *all)
{
	uint32_t first = place_of(now) + 1;
	uint32_t i;

	all->n = 0;
	for (i = 0; i < SAMPLES_MAX; i++) {
		uint32_t place = (first + i) % SAMPLES_MAX;
		struct sample s;

		if (samples_parse(bytes_cut(text, (size_t)place * SAMPLES_LINE,
				      SAMPLES_LINE),
			&s) &&
		    place_of(s.at) == place && s.at <= now &&
		    now / SAMPLES_STEP - s.at / SAMPLES_STEP < SAMPLES_MAX)
			all->list[all->n++] = s;
	}
}

enum result
samples_read(int dirfd, time_t now, struct samples *all, struct fault *why)
{
	char store[SAMPLES_MAX * SAMPLES_LINE + 1];
	size_t n = 0;
	struct stat st;
	int fd = openat(dirfd, SAMPLES_FILE,
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	enum result r = RES_OK;

	all->n = 0;
	if (fd < 0)
		return (fault_set(why, "open", SAMPLES_FILE, errno));
	errno = EINVAL;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    sysio_read_file(fd, store, sizeof(store), &n) != SYSIO_OK)
		r = fault_set(why, "read", SAMPLES_FILE, errno);
	else
		gather((struct bytes){ store, n }, now, all);
	(void)close(fd);
	return (r);
}
