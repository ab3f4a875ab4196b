/* SPDX-License-Identifier: ISC */
#include "spool/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "spool/sequence.h"
#include "sys/sysfile.h"
#include "sys/sysio.h"
#include "sys/syssync.h"

enum {
	/* Numbers in use that are skipped before giving up for now. */
	TRIES_MAX = 1000
};

/* Bytes of a large text after which the disk is set to work. */
#ifndef WRITE_BEHIND
#define WRITE_BEHIND (1U << 20)
#endif

/* One stage only if a later process can tell that a boot came between. */
static void
find_stages(struct spool *s)
{
	s->stages = (struct stages){ .why = "smtp.sync is no" };
	if (!s->sync)
		return;
	stages_find(s->dirfd, &s->stages);
	if (s->stages.is_one && s->boot[0] == ' ') {
		s->stages.is_one = false;
		s->stages.why = "the machine's boot id is not known";
	}
}

enum result
spool_open(struct spool *s, const char *dir, bool sync, struct fault *why)
{
	enum result r;

	s->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dirfd < 0)
		return (fault_set(why, "open spool", dir, errno));
	s->sync = sync;
	sequence_boot_id(s->boot);
	find_stages(s);
	r = owner_of_spool(s->dirfd, &s->owner, why);
	if (r != RES_OK)
		spool_close(s);
	return (r);
}

void
spool_close(struct spool *s)
{
	(void)close(s->dirfd);
	s->dirfd = -1;
}

uint64_t
spool_space(const struct spool *s)
{
	struct statvfs fs;

	if (fstatvfs(s->dirfd, &fs) != 0)
		return (UINT64_MAX);
	return ((uint64_t)fs.f_bavail * fs.f_frsize);
}

void
spool_msg_init(struct spool_msg *m)
{
	*m = (struct spool_msg){ .cmd_fd = -1, .tmp_fd = -1 };
	mark_sum_init(&m->text);
	mark_sum_init(&m->envelope);
}

static enum result
msg_fault(const struct spool_msg *m, const char *op, enum scan_kind kind,
    int err, struct fault *why)
{
	char name[SCAN_NAME_MAX];

	scan_name(name, m->number, kind);
	return (fault_set(why, op, name, err));
}

static bool
number_in_use(const struct spool_msg *m, enum scan_kind kind)
{
	char name[SCAN_NAME_MAX];

	scan_name(name, m->number, kind);
	return (sysfile_exists(m->spool->dirfd, name));
}

/* -1 and errno; never through a link, never over a file that exists. */
static int
create(const struct spool_msg *m, enum scan_kind kind)
{
	char name[SCAN_NAME_MAX];

	scan_name(name, m->number, kind);
	return (owner_create(m->spool->dirfd, name, &m->spool->owner));
}

/*
 * CMD and its lock, then TMP.  0, EEXIST if the number is in use or a cleaner
 * was faster than our lock, or another errno.
 */
static int
create_files(struct spool_msg *m)
{
	char name[SCAN_NAME_MAX];
	enum sysfile_name now;
	int err;

	m->cmd_fd = create(m, SCAN_CMD);
	if (m->cmd_fd < 0)
		return (errno);
	m->has_cmd = true;
	err = sysfile_lock(m->cmd_fd);
	if (err != 0 && err != EAGAIN)
		return (err);
	scan_name(name, m->number, SCAN_CMD);
	now = sysfile_look(m->spool->dirfd, name, m->cmd_fd);
	if (now == SYSFILE_UNKNOWN)
		return (EIO);
	if (err == EAGAIN || now != SYSFILE_SAME) {
		m->has_cmd = false;
		return (EEXIST);
	}
	if (number_in_use(m, SCAN_TXT) || number_in_use(m, SCAN_WRK) ||
	    number_in_use(m, SCAN_BAD) || number_in_use(m, SCAN_HELD) ||
	    number_in_use(m, SCAN_WHY))
		return (EEXIST);
	m->tmp_fd = create(m, SCAN_TMP);
	if (m->tmp_fd < 0)
		return (errno);
	m->has_tmp = true;
	return (0);
}

/* Take a number that is not in use in the directory; make its two files. */
static enum result
begin_somewhere(struct spool_msg *m, int64_t until_ms, struct fault *why)
{
	int tries;

	for (tries = 0; tries < TRIES_MAX; tries++) {
		enum result r = sequence_next(m->spool->dirfd, m->spool->boot,
		    m->spool->sync, until_ms, &m->number, why);
		int err;

		if (r != RES_OK)
			return (r);
		err = create_files(m);
		if (err == 0)
			return (RES_OK);
		spool_abort(m);
		if (err != EEXIST)
			return (msg_fault(m, "create", SCAN_CMD, err, why));
	}
	return (
	    msg_fault(m, "too many numbers in use at", SCAN_CMD, EAGAIN, why));
}

/*
 * The disk works while the client talks, and less is left for the sync.  The
 * kernel may report an error once only, so an error here is believed.
 */
static enum result
start_writing(struct spool_msg *m, int fd, enum scan_kind kind, uint64_t from,
    struct fault *why)
{
	int err = m->spool->sync ? sysfile_start_writing(fd, from) : 0;
	enum result r;

	if (err == 0)
		return (RES_OK);
	r = msg_fault(m, "write to disk", kind, err, why);
	/* A full disk is like a failed write; any other error a bad disk. */
	why->broken = err != ENOSPC && err != EDQUOT;
	return (r);
}

enum result
spool_begin(const struct spool *s, struct spool_msg *m, struct bytes envelope,
    int64_t until_ms, struct fault *why)
{
	enum result r;

	spool_msg_init(m);
	m->spool = s;
	r = begin_somewhere(m, until_ms, why);
	if (r == RES_OK)
		r = spool_append_envelope(m, envelope, why);
	if (r != RES_OK)
		spool_abort(m);
	return (r);
}

enum result
spool_append(struct spool_msg *m, struct bytes text, struct fault *why)
{
	uint64_t from;

	if (sysio_write_file(m->tmp_fd, text) != SYSIO_OK)
		return (msg_fault(m, "write", SCAN_TMP, errno, why));
	/* Two stages need no mark, and so no more than how much there is. */
	if (m->spool->stages.is_one)
		mark_sum_add(&m->text, text);
	else
		m->text.n += text.n;
	if (m->text.n - m->handed < WRITE_BEHIND)
		return (RES_OK);
	from = m->handed;
	m->handed = m->text.n;
	return (start_writing(m, m->tmp_fd, SCAN_TMP, from, why));
}

enum result
spool_append_envelope(struct spool_msg *m, struct bytes text, struct fault *why)
{
	if (sysio_write_file(m->cmd_fd, text) != SYSIO_OK)
		return (msg_fault(m, "write", SCAN_CMD, errno, why));
	mark_sum_add(&m->envelope, text);
	return (RES_OK);
}

/* Nothing more should be written: what the disk holds is not known. */
static enum result
sync_fault(const struct spool_msg *m, const char *op, enum scan_kind kind,
    int err, struct fault *why)
{
	enum result r = msg_fault(m, op, kind, err, why);

	why->broken = true;
	return (r);
}

static enum result
sync_names(struct spool_msg *m, enum scan_kind kind, struct fault *why)
{
	int err = m->spool->sync ? sysfile_sync_names(m->spool->dirfd) : 0;

	return (err == 0 ? RES_OK
			 : sync_fault(m, "sync directory after renaming to",
			       kind, err, why));
}

static enum result
rename_to(struct spool_msg *m, enum scan_kind from, enum scan_kind to, int fd,
    struct fault *why)
{
	char old[SCAN_NAME_MAX];
	char new[SCAN_NAME_MAX];
	int err;

	scan_name(old, m->number, from);
	scan_name(new, m->number, to);
	err = sysfile_rename_new(m->spool->dirfd, old, new, fd);
	return (err == 0 ? RES_OK : fault_set(why, "rename", old, err));
}

/* The envelope's name as long as it is ours. */
static void
envelope_name(const struct spool_msg *m, char name[MARK_NAME_MAX])
{
	if (m->mark[0] != '\0')
		memcpy(name, m->mark, sizeof(m->mark));
	else
		scan_name(name, m->number, SCAN_CMD);
}

/* The envelope takes a name by which text and envelope can be checked. */
static enum result
mark_envelope(struct spool_msg *m, struct fault *why)
{
	struct mark mark = mark_of(m->number, &m->text, &m->envelope);
	char cmd[SCAN_NAME_MAX];
	char name[MARK_NAME_MAX];
	int err;

	scan_name(cmd, m->number, SCAN_CMD);
	mark_name(name, &mark);
	err = sysfile_rename_new(m->spool->dirfd, cmd, name, m->cmd_fd);
	if (err == 0 || sysfile_is(m->spool->dirfd, name, m->cmd_fd))
		memcpy(m->mark, name, sizeof(name));
	return (err == 0 ? RES_OK : fault_set(why, "rename", cmd, err));
}

/*
 * The text takes its last name, and then the data of both files and the names
 * are made durable side by side.  A TXT without a WRK is not a message, whole
 * or torn, so its name may be durable before its data.
 */
static enum result
commit_text(struct spool_msg *m, struct fault *why)
{
	struct syssync stage[] = { { .fd = m->tmp_fd }, { .fd = m->cmd_fd },
		{ .fd = m->spool->dirfd, .names = true } };
	enum result r = rename_to(m, SCAN_TMP, SCAN_TXT, m->tmp_fd, why);

	if (r != RES_OK)
		return (r);
	m->has_tmp = false;
	m->has_txt = true;
	if (m->spool->stages.is_one)
		r = mark_envelope(m, why);
	if (r != RES_OK || !m->spool->sync ||
	    syssync_all(stage, ARRAY_LEN(stage)))
		return (r);
	if (stage[0].err != 0)
		return (sync_fault(m, "sync", SCAN_TXT, stage[0].err, why));
	if (stage[1].err != 0)
		return (sync_fault(m, "sync", SCAN_CMD, stage[1].err, why));
	return (sync_fault(m, "sync directory after renaming to", SCAN_TXT,
	    stage[2].err, why));
}

/*
 * The last step, after which others see the message.  If the rename reports an
 * error, we look at both names: unless both looks succeed and show otherwise,
 * the message counts as visible.
 */
static enum result
commit_envelope(struct spool_msg *m, struct fault *why)
{
	char name[MARK_NAME_MAX];
	char wrk[SCAN_NAME_MAX];
	enum sysfile_name now;
	enum result r;
	int err;

	envelope_name(m, name);
	scan_name(wrk, m->number, SCAN_WRK);
	err = sysfile_rename_new(m->spool->dirfd, name, wrk, m->cmd_fd);
	if (err != 0) {
		now = sysfile_look(m->spool->dirfd, wrk, m->cmd_fd);
		if (sysfile_is(m->spool->dirfd, name, m->cmd_fd) &&
		    (now == SYSFILE_ABSENT || now == SYSFILE_OTHER))
			return (fault_set(why, "rename", name, err));
	}
	m->has_cmd = false;
	m->has_txt = false;
	if (err != 0) {
		r = fault_set(why, "rename", name, err);
		why->broken = true;
		return (r);
	}
	return (
	    m->spool->stages.is_one ? RES_OK : sync_names(m, SCAN_WRK, why));
}

static void
close_files(struct spool_msg *m)
{
	/* Synced or abandoned: nothing that close could report matters. */
	if (m->tmp_fd >= 0)
		(void)close(m->tmp_fd);
	if (m->cmd_fd >= 0)
		(void)close(m->cmd_fd);
	m->tmp_fd = -1;
	m->cmd_fd = -1;
}

enum result
spool_commit(struct spool_msg *m, struct fault *why)
{
	enum result r = commit_text(m, why);

	if (r == RES_OK)
		r = commit_envelope(m, why);
	/* The lock ends here: from now on a consumer may claim the message. */
	if (r == RES_OK)
		close_files(m);
	return (r);
}

static void
remove_kind(const struct spool_msg *m, enum scan_kind kind)
{
	char name[SCAN_NAME_MAX];

	scan_name(name, m->number, kind);
	/* A file that stays is a left-over for smtpserv-spool clean. */
	(void)sysfile_remove(m->spool->dirfd, name);
}

void
spool_abort(struct spool_msg *m)
{
	char name[MARK_NAME_MAX];

	if (m->has_tmp)
		remove_kind(m, SCAN_TMP);
	if (m->has_txt)
		remove_kind(m, SCAN_TXT);
	if (m->has_cmd) {
		envelope_name(m, name);
		/* As above. */
		(void)sysfile_remove(m->spool->dirfd, name);
	}
	m->has_tmp = false;
	m->has_txt = false;
	m->has_cmd = false;
	close_files(m);
}
