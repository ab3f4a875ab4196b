/* SPDX-License-Identifier: ISC */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reasons.h"
#include "spool/scan.h"
#include "spool/schedule.h"
#include "spool/successor.h"
#include "sys/sysfile.h"
#include "sys/sysio.h"

enum {
	/* Octets of what is appended about a recipient, and at once. */
	RESULT_MAX = 640,
	PIECE = 64 * RESULT_MAX
};

/*
 * The modification time says when the last attempt was, as schedule.h has it;
 * else it stays what it was.
 */
static int
stamp(const struct message *m, int fd, bool is_attempt)
{
	struct timespec times[2] = { { 0, UTIME_OMIT }, m->written };

	if (is_attempt)
		times[1] =
		    (struct timespec){ schedule_stamp(m->born, time(NULL)), 0 };
	return (futimens(fd, times) == 0 ? 0 : errno);
}

/* The text into fd, durable.  0 or an errno. */
static int
write_text(const struct message *m, int fd, struct bytes text, bool is_attempt)
{
	int err = 0;

	if (sysio_write_file(fd, text) != SYSIO_OK)
		err = errno;
	if (err == 0)
		err = stamp(m, fd, is_attempt);
	if (err == 0 && m->sync)
		err = sysfile_sync_data(fd);
	return (err);
}

/* The plan's text into fd; its size.  0 or an errno. */
static int
write_plan(const struct message *m, int fd, enum record_how how, uint64_t *size)
{
	size_t cap = plan_size(&m->plan);
	char *store = malloc(cap);
	struct buf text;
	int err;

	if (store == NULL)
		return (ENOMEM);
	buf_init(&text, store, cap);
	plan_print(&m->plan, &text);
	*size = buf_view(&text).n;
	if (how == RECORD_GOES_ON && *size >= RECORD_JOURNAL_MIN)
		plan_print_journal(&text);
	err = buf_overflowed(&text)
	    ? EOVERFLOW
	    : write_text(m, fd, buf_view(&text), how == RECORD_WAS_TRIED);
	free(store);
	return (err);
}

/* From now on N.WRK is fd, which is locked. */
static void
go_on_with(struct message *m, int fd, uint64_t size, bool is_journal)
{
	/* The old file goes, and its lock. */
	claim_release(&m->claim);
	m->claim.wrk_fd = fd;
	plan_renumber(&m->plan);
	m->nnews = 0;
	m->has_more_news = false;
	m->is_journal = is_journal;
	m->size = size;
	m->appended = 0;
}

/* Write the whole plan into a new file, which replaces the old one. */
static enum result
replace(struct message *m, enum record_how how, struct fault *why)
{
	char cmd[SCAN_NAME_MAX];
	char wrk[SCAN_NAME_MAX];
	uint64_t size = 0;
	int fd;
	int err;

	scan_name(cmd, m->claim.number, SCAN_CMD);
	scan_name(wrk, m->claim.number, SCAN_WRK);
	fd = successor_create(&m->claim);
	if (fd < 0)
		return (fault_set(why, "create", cmd, errno));
	err = write_plan(m, fd, how, &size);
	if (err == 0)
		err = sysfile_rename_over(m->claim.dirfd, cmd, wrk, fd);
	if (err != 0 && !sysfile_is(m->claim.dirfd, wrk, fd)) {
		/* If it stays, it is a left-over that the next try removes. */
		(void)sysfile_remove(m->claim.dirfd, cmd);
		(void)close(fd);
		return (fault_set(why, "write", cmd, err));
	}
	go_on_with(m, fd, size,
	    err == 0 && how == RECORD_GOES_ON && size >= RECORD_JOURNAL_MIN);
	if (err == 0 && m->sync)
		err = sysfile_sync_names(m->claim.dirfd);
	if (err == 0)
		return (RES_OK);
	m->is_journal = false;
	return (fault_set(why, "sync directory of", wrk, err));
}

/*
 * The next results for the journal, *i of them so far: a piece of them.  False:
 * it would outgrow the envelope before it, or the reasons are too long.
 */
static bool
print_news(const struct message *m, size_t *i, struct buf *text)
{
	buf_reset(text);
	while (*i < m->nnews && buf_room(text) >= RESULT_MAX)
		plan_print_result(&m->plan, m->news[(*i)++], text);
	return (
	    !buf_overflowed(text) && m->appended + buf_view(text).n <= m->size);
}

/* Append the news to the journal.  An errno: the file is to be replaced. */
static int
append(struct message *m)
{
	static char store[PIECE];
	int fd = m->claim.wrk_fd;
	struct buf text;
	size_t i = 0;
	int err = 0;

	buf_init(&text, store, sizeof(store));
	if (lseek(fd, 0, SEEK_END) < 0)
		return (errno);
	do {
		if (!print_news(m, &i, &text))
			return (EFBIG);
		if (i < m->nnews &&
		    sysio_write_file(fd, buf_view(&text)) != SYSIO_OK)
			return (errno);
		m->appended += buf_view(&text).n;
	} while (i < m->nnews);
	err = write_text(m, fd, buf_view(&text), false);
	if (err == 0)
		m->nnews = 0;
	return (err);
}

enum result
record_plan(struct message *m, enum record_how how, struct fault *why)
{
	if (how == RECORD_GOES_ON && m->is_journal && !m->has_more_news &&
	    append(m) == 0)
		return (RES_OK);
	/* The last append may be torn: nothing is appended behind it. */
	m->is_journal = false;
	return (replace(m, how, why));
}

bool
record_has_journal(const struct message *m)
{
	return (m->appended > 0);
}

enum result
record_touch(struct message *m, struct fault *why)
{
	char wrk[SCAN_NAME_MAX];
	enum result r = reasons_write(&m->claim, &m->plan, why);
	int err = stamp(m, m->claim.wrk_fd, true);

	scan_name(wrk, m->claim.number, SCAN_WRK);
	return (err == 0 ? r : fault_set(why, "set the time of", wrk, err));
}
