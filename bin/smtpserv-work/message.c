/* SPDX-License-Identifier: ISC */
#include "message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/owner.h"
#include "spool/scan.h"
#include "spool/schedule.h"
#include "sys/sysfile.h"
#include "sys/sysio.h"

/* Texts that the plan has views of, dropped with the message. */
struct note {
	struct note *next;
	char text[];
};

static void
drop_memory(struct message *m)
{
	while (m->notes != NULL) {
		struct note *next = m->notes->next;

		free(m->notes);
		m->notes = next;
	}
	free(m->store);
	free(m->text);
	m->store = NULL;
	m->text = NULL;
}

void
message_release(struct message *m)
{
	/*
	 * Not by the close alone: an agent of another message that was forked
	 * meanwhile may have the descriptor, too.
	 */
	struct flock none = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	if (m->claim.wrk_fd >= 0) {
		/* It cannot fail on a lock that we have. */
		(void)fcntl(m->claim.wrk_fd, F_OFD_SETLK, &none);
		claim_release(&m->claim);
	}
	drop_memory(m);
}

bool
message_is_claimed(const struct message *m)
{
	return (m->claim.wrk_fd >= 0);
}

/* The whole envelope, by the descriptor that holds the lock. */
static enum message_status
read_envelope(struct message *m, struct bytes *text, struct fault *why)
{
	char name[SCAN_NAME_MAX];
	struct stat st;
	size_t cap;

	scan_name(name, m->claim.number, SCAN_WRK);
	if (fstat(m->claim.wrk_fd, &st) != 0) {
		(void)fault_set(why, "look at", name, errno);
		return (MESSAGE_FAILED);
	}
	if (st.st_size > PLAN_TEXT_MAX) {
		(void)fault_set(why, "too large", name, 0);
		return (MESSAGE_DAMAGED);
	}
	m->tried = st.st_mtime;
	cap = (size_t)st.st_size + 1;
	m->text = malloc(cap);
	if (m->text == NULL ||
	    sysio_read_file(m->claim.wrk_fd, m->text, cap, &text->n) !=
		SYSIO_OK) {
		(void)fault_set(why, "read", name, errno);
		return (MESSAGE_FAILED);
	}
	text->p = m->text;
	return (MESSAGE_OK);
}

static enum message_status
make_plan(struct message *m, struct bytes text, struct fault *why)
{
	char name[SCAN_NAME_MAX];
	size_t n = plan_count(text);
	const char *wrong;

	scan_name(name, m->claim.number, SCAN_WRK);
	m->store = calloc(n + 1, sizeof(*m->store));
	if (m->store == NULL) {
		(void)fault_set(why, "read", name, errno);
		return (MESSAGE_FAILED);
	}
	wrong = plan_parse(&m->plan, text, m->store);
	if (wrong == NULL)
		return (MESSAGE_OK);
	(void)fault_set(why, wrong, name, 0);
	return (MESSAGE_DAMAGED);
}

/* The text must be there, a file, and not empty, as no text is. */
static enum message_status
look_at_text(struct message *m, struct fault *why)
{
	char name[SCAN_NAME_MAX];
	struct stat st;
	const char *wrong = NULL;

	scan_name(name, m->claim.number, SCAN_TXT);
	if (fstatat(m->claim.dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (!S_ISREG(st.st_mode))
			wrong = "its text is not a file";
		else if (st.st_size == 0)
			wrong = "its text is empty";
		m->born = st.st_mtime;
	} else if (errno == ENOENT) {
		wrong = "there is no text beside it";
	} else {
		(void)fault_set(why, "look at", name, errno);
		return (MESSAGE_FAILED);
	}
	if (wrong == NULL)
		return (MESSAGE_OK);
	(void)fault_set(why, wrong, name, 0);
	return (MESSAGE_DAMAGED);
}

/*
 * A claim failed.  For good, if the name is no file: then no claim is needed
 * to set it aside.
 */
static enum message_status
look_at_failure(int dirfd, uint32_t number, struct fault *why)
{
	char name[SCAN_NAME_MAX];
	struct stat st;

	scan_name(name, number, SCAN_WRK);
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return (errno == ENOENT ? MESSAGE_GONE : MESSAGE_FAILED);
	if (S_ISREG(st.st_mode))
		return (MESSAGE_FAILED);
	(void)fault_set(why,
	    S_ISLNK(st.st_mode) ? "a symbolic link" : "not a file", name, 0);
	return (MESSAGE_DAMAGED);
}

/*
 * Does somebody hold it?  By a descriptor that is not for writing: closing
 * one of those would wake whoever waits for the end of a claim, us included.
 */
static bool
is_busy(int dirfd, uint32_t number)
{
	char name[SCAN_NAME_MAX];
	bool busy;
	int fd;

	scan_name(name, number, SCAN_WRK);
	fd =
	    openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return (false);
	busy = sysfile_is_locked(fd);
	(void)close(fd);
	return (busy);
}

enum message_status
message_take(
    int dirfd, uint32_t number, bool sync, struct message *m, struct fault *why)
{
	enum message_status status;
	struct bytes text;

	*m = (struct message){ .sync = sync,
		.claim = { .wrk_fd = -1, .dirfd = dirfd, .number = number } };
	if (is_busy(dirfd, number))
		return (MESSAGE_BUSY);
	switch (claim_take(dirfd, number, &m->claim, why)) {
	case CLAIM_OK:
		break;
	case CLAIM_BUSY:
		return (MESSAGE_BUSY);
	case CLAIM_GONE:
		return (MESSAGE_GONE);
	case CLAIM_FAILED:
		return (look_at_failure(dirfd, number, why));
	}
	status = look_at_text(m, why);
	if (status == MESSAGE_OK)
		status = read_envelope(m, &text, why);
	if (status == MESSAGE_OK)
		status = make_plan(m, text, why);
	if (status != MESSAGE_OK && status != MESSAGE_DAMAGED)
		message_release(m);
	return (status);
}

int
message_open_text(const struct message *m, struct fault *why)
{
	return (claim_open_text(&m->claim, why));
}

/* A copy that lives as long as the message; without memory, the fallback. */
static struct bytes
keep(struct message *m, const char *text, const char *fallback)
{
	size_t n = strlen(text) + 1;
	struct note *note = malloc(sizeof(*note) + n);

	if (note == NULL)
		return (bytes_of(fallback));
	note->next = m->notes;
	m->notes = note;
	memcpy(note->text, text, n);
	return (bytes_of(note->text));
}

bool
message_settle(struct message *m, size_t i, const struct outcome *out)
{
	static const char *const actions[] = {
		[OUTCOME_FINAL] = "",
		[OUTCOME_RELAYED] = "relayed",
		[OUTCOME_EXPANDED] = "expanded",
	};
	static const enum plan_state states[] = {
		[OUTCOME_DELIVERED] = PLAN_DELIVERED,
		[OUTCOME_TRY_AGAIN] = PLAN_TRIED,
		[OUTCOME_FAILED] = PLAN_FAILED,
	};

	plan_settle(&m->plan, i, states[out->kind],
	    keep(m, out->status, "5.0.0"), keep(m, out->text, "unknown"),
	    bytes_of(actions[out->action]));
	if (out->done[0] == '\0' ||
	    bytes_same(m->plan.rcpt[i].done, bytes_of(out->done)))
		return (out->kind != OUTCOME_TRY_AGAIN);
	/* Without memory they are what they were: done once more. */
	m->plan.rcpt[i].done = keep(m, out->done, "");
	return (true);
}

/* A CMD that a crash has left beside the WRK we hold.  0 or an errno. */
static int
remove_dead(const struct message *m, const char *cmd)
{
	int err;
	int fd;

	/* A power cut may have brought back both names of our own file. */
	if (sysfile_is(m->claim.dirfd, cmd, m->claim.wrk_fd))
		return (sysfile_remove(m->claim.dirfd, cmd));
	fd = openat(
	    m->claim.dirfd, cmd, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return (errno == ENOENT ? 0 : errno);
	err = sysfile_lock(fd);
	if (err == 0 && sysfile_is(m->claim.dirfd, cmd, fd))
		err = sysfile_remove(m->claim.dirfd, cmd);
	(void)close(fd);
	return (err);
}

/* A new CMD, whose it is as the WRK that it will replace is: -1 and errno. */
static int
create(const struct message *m, const char *cmd)
{
	struct owner owner;
	struct fault why;
	struct stat st;

	if (fstat(m->claim.wrk_fd, &st) != 0)
		return (-1);
	if (owner_find(m->claim.dirfd, &st, &owner, &why) != RES_OK) {
		errno = why.err;
		return (-1);
	}
	return (owner_create(m->claim.dirfd, cmd, &owner));
}

/* The same with our lock on it. */
static int
create_locked(const struct message *m, const char *cmd)
{
	int err = remove_dead(m, cmd);
	int fd;

	if (err != 0) {
		errno = err;
		return (-1);
	}
	fd = create(m, cmd);
	if (fd < 0)
		return (-1);
	err = sysfile_lock(fd);
	/* A cleaner may have been faster than our lock. */
	if (err == 0 && !sysfile_is(m->claim.dirfd, cmd, fd))
		err = EAGAIN;
	if (err == 0)
		return (fd);
	if (err != EAGAIN)
		(void)sysfile_remove(m->claim.dirfd, cmd);
	(void)close(fd);
	errno = err;
	return (-1);
}

/*
 * The modification time says when the last attempt was.  At an attempt it
 * must come out clearly after the text's, where that of no attempt is before.
 */
static int
stamp(const struct message *m, int fd, bool is_attempt)
{
	struct timespec times[2] = { { 0, UTIME_OMIT }, { m->tried, 0 } };

	if (is_attempt)
		times[1].tv_sec = schedule_stamp(m->born, time(NULL));
	return (futimens(fd, times) == 0 ? 0 : errno);
}

/* The plan's text into fd, durable.  0 or an errno. */
static int
write_plan(const struct message *m, int fd, bool is_attempt)
{
	size_t cap = plan_size(&m->plan);
	char *store = malloc(cap);
	struct buf text;
	int err = 0;

	if (store == NULL)
		return (ENOMEM);
	buf_init(&text, store, cap);
	plan_print(&m->plan, &text);
	if (buf_overflowed(&text))
		err = EOVERFLOW;
	else if (sysio_write_file(fd, buf_view(&text)) != SYSIO_OK)
		err = errno;
	if (err == 0)
		err = stamp(m, fd, is_attempt);
	if (err == 0 && m->sync)
		err = sysfile_sync_data(fd);
	free(store);
	return (err);
}

enum result
message_record(struct message *m, bool is_attempt, struct fault *why)
{
	char cmd[SCAN_NAME_MAX];
	char wrk[SCAN_NAME_MAX];
	int fd;
	int err;

	scan_name(cmd, m->claim.number, SCAN_CMD);
	scan_name(wrk, m->claim.number, SCAN_WRK);
	fd = create_locked(m, cmd);
	if (fd < 0)
		return (fault_set(why, "create", cmd, errno));
	err = write_plan(m, fd, is_attempt);
	if (err == 0)
		err = sysfile_rename_over(m->claim.dirfd, cmd, wrk, fd);
	if (err != 0 && !sysfile_is(m->claim.dirfd, wrk, fd)) {
		/* What stays is a left-over, which the next try removes. */
		(void)sysfile_remove(m->claim.dirfd, cmd);
		(void)close(fd);
		return (fault_set(why, "write", cmd, err));
	}
	/* The old file goes, and its lock; the new one is locked already. */
	claim_release(&m->claim);
	m->claim.wrk_fd = fd;
	err = m->sync ? sysfile_sync_names(m->claim.dirfd) : 0;
	return (
	    err == 0 ? RES_OK : fault_set(why, "sync directory of", wrk, err));
}

enum result
message_touch(struct message *m, struct fault *why)
{
	char wrk[SCAN_NAME_MAX];
	int err = stamp(m, m->claim.wrk_fd, true);

	scan_name(wrk, m->claim.number, SCAN_WRK);
	return (
	    err == 0 ? RES_OK : fault_set(why, "set the time of", wrk, err));
}

enum result
message_finish(const struct message *m, struct fault *why)
{
	char wrk[SCAN_NAME_MAX];
	int err;

	scan_name(wrk, m->claim.number, SCAN_WRK);
	err = sysfile_remove(m->claim.dirfd, wrk);
	/* Without this everything would be done once more. */
	return (err == 0 ? RES_OK : fault_set(why, "remove", wrk, err));
}

enum result
message_end(struct message *m, int err, struct fault *why)
{
	char txt[SCAN_NAME_MAX];
	const char *op = "sync the end of";

	scan_name(txt, m->claim.number, SCAN_TXT);
	if (err == 0) {
		op = "remove";
		err = sysfile_remove(m->claim.dirfd, txt);
	}
	message_release(m);
	return (err == 0 ? RES_OK : fault_set(why, op, txt, err));
}

enum result
message_set_aside(struct message *m, struct fault *why)
{
	char wrk[SCAN_NAME_MAX];
	char bad[SCAN_NAME_MAX];
	int err;

	scan_name(wrk, m->claim.number, SCAN_WRK);
	scan_name(bad, m->claim.number, SCAN_BAD);
	err = sysfile_rename_new(m->claim.dirfd, wrk, bad, m->claim.wrk_fd);
	if (err == 0 && m->sync)
		err = sysfile_sync_names(m->claim.dirfd);
	message_release(m);
	return (err == 0 ? RES_OK : fault_set(why, "set aside", wrk, err));
}
