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

/* The text into fd.  0 or an errno. */
static int
write_text(const struct message *m, int fd, struct bytes text, bool is_attempt)
{
	if (sysio_write_file(fd, text) != SYSIO_OK)
		return (errno);
	return (stamp(m, fd, is_attempt));
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

/* Write the whole plan into a new file, which is to replace the old one. */
static enum result
begin_replacing(struct message *m, enum record_how how, struct fault *why)
{
	struct record *r = &m->record;
	char cmd[SCAN_NAME_MAX];
	int err;

	scan_name(cmd, m->claim.number, SCAN_CMD);
	*r = (struct record){ .fd = successor_create(&m->claim) };
	if (r->fd < 0)
		return (fault_set(why, "create", cmd, errno));
	err = write_plan(m, r->fd, how, &r->size);
	if (err != 0) {
		/* If it stays, it is a left-over that the next try removes. */
		(void)sysfile_remove(m->claim.dirfd, cmd);
		(void)close(r->fd);
		return (fault_set(why, "write", cmd, err));
	}
	r->is_journal = how == RECORD_GOES_ON && r->size >= RECORD_JOURNAL_MIN;
	r->want = RECORD_DATA;
	/* What is settled from now on is behind what was written. */
	plan_renumber(&m->plan);
	m->nnews = 0;
	m->has_more_news = false;
	return (RES_OK);
}

/* From now on N.WRK is the new file, which is locked. */
static void
go_on_with(struct message *m)
{
	/* The old file goes, and its lock. */
	claim_release(&m->claim);
	m->claim.wrk_fd = m->record.fd;
	m->size = m->record.size;
	m->appended = 0;
}

/* The new file is durable: it takes the old one's name. */
static enum result
replace(struct message *m, int err, struct fault *why)
{
	int fd = m->record.fd;
	char cmd[SCAN_NAME_MAX];
	char wrk[SCAN_NAME_MAX];

	scan_name(cmd, m->claim.number, SCAN_CMD);
	scan_name(wrk, m->claim.number, SCAN_WRK);
	if (err == 0)
		err = sysfile_rename_over(m->claim.dirfd, cmd, wrk, fd);
	if (err != 0 && !sysfile_is(m->claim.dirfd, wrk, fd)) {
		/* As in begin_replacing(). */
		(void)sysfile_remove(m->claim.dirfd, cmd);
		(void)close(fd);
		return (fault_set(why, "write", cmd, err));
	}
	go_on_with(m);
	if (err != 0)
		return (fault_set(why, "rename to", wrk, err));
	m->record.want = RECORD_NAMES;
	return (RES_OK);
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
begin_appending(struct message *m)
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
	if (err != 0)
		return (err);
	m->nnews = 0;
	m->record =
	    (struct record){ .want = RECORD_DATA, .fd = fd, .is_append = true };
	return (0);
}

enum result
record_go_on(struct message *m, int err, struct fault *why)
{
	struct record r = m->record;
	bool is_data = r.want == RECORD_DATA;
	char wrk[SCAN_NAME_MAX];

	m->record.want = RECORD_NOTHING;
	if (is_data && !r.is_append)
		return (replace(m, err, why));
	/* Nothing is appended behind what may be torn. */
	m->is_journal = err == 0 && (r.is_append || r.is_journal);
	if (err == 0)
		return (RES_OK);
	scan_name(wrk, m->claim.number, SCAN_WRK);
	return (
	    fault_set(why, is_data ? "sync" : "sync directory of", wrk, err));
}

enum result
record_begin(struct message *m, enum record_how how, struct fault *why)
{
	bool is_append =
	    how == RECORD_GOES_ON && m->is_journal && !m->has_more_news;
	enum result r = RES_OK;

	/* Until it is over; also, the last append may be torn. */
	m->is_journal = false;
	if (!is_append || begin_appending(m) != 0)
		r = begin_replacing(m, how, why);
	while (r == RES_OK && !m->sync && m->record.want != RECORD_NOTHING)
		r = record_go_on(m, 0, why);
	return (r);
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

	m->has_reasons = true;
	scan_name(wrk, m->claim.number, SCAN_WRK);
	return (err == 0 ? r : fault_set(why, "set the time of", wrk, err));
}
