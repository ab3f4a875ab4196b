/* SPDX-License-Identifier: ISC */
#include "pulled.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "bytes/num.h"
#include "spool/complete.h"
#include "spool/owner.h"
#include "sys/sysclock.h"
#include "sys/sysfile.h"
#include "sys/sysio.h"
#include "waiting.h"

enum {
	CHUNK = 65536,
	/* LF, hyphen, length, blank, id, LF. */
	LINE = 1 + 1 + 3 + 1 + PUBLISHED_ID_MAX + 1,
	/* How often a file may be renamed while it is written to. */
	TRIES = 4,
	/* Beyond all bytes that stand for an id. */
	ROTATION = 1 << 30
};

/* Open for appending; it is made if it is missing.  -1: *why says why. */
static int
open_file(const struct pulled *p, const char *name, struct fault *why)
{
	int fd = owner_create(p->spool->dirfd, name, &p->spool->owner);

	if (fd >= 0)
		(void)close(fd);
	else if (errno != EEXIST)
		(void)fault_set(why, "create", name, errno);
	if (fd < 0 && errno != EEXIST)
		return (-1);
	fd = openat(p->spool->dirfd, name,
	    O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		(void)fault_set(why, "open", name, errno);
	return (fd);
}

/* A line without its LF; one that is not whole says nothing. */
static void
take_line(struct idset *set, struct bytes line)
{
	enum idset_known known = IDSET_TAKEN;
	struct bytes length;
	uint64_t n;

	if (line.n > 0 && line.p[0] == '-') {
		known = IDSET_DOUBTED;
		line = bytes_cut(line, 1, line.n);
	}
	if (!bytes_take(&line, ' ', &length) ||
	    !num_parse(length, PUBLISHED_ID_MAX, &n) || n != line.n ||
	    !published_is_id(line))
		return;
	/* With more than there is room for, the last are not known. */
	(void)idset_put(set, line, known);
}

/* The lines of one of the files from *at on, which moves on. */
static enum result
read_lines(int fd, const char *name, struct idset *set, uint64_t *at,
    size_t *lines, struct fault *why)
{
	static char chunk[CHUNK];
	struct bytes rest;
	struct bytes line;
	ssize_t n;

	while ((n = pread(fd, chunk, sizeof(chunk), (off_t)*at)) > 0) {
		rest = (struct bytes){ chunk, (size_t)n };
		while (bytes_take(&rest, '\n', &line)) {
			take_line(set, line);
			*lines += 1;
		}
		if (rest.n == sizeof(chunk))
			rest.n = 0;
		*at += (uint64_t)n - rest.n;
		if (rest.n == (size_t)n)
			break;
	}
	return (n < 0 ? fault_set(why, "read", name, errno) : RES_OK);
}

/* pulled.b, if there is one. */
static enum result
read_old(struct pulled *p, struct fault *why)
{
	uint64_t at = 0;
	size_t lines = 0;
	enum result r;
	int fd = openat(p->spool->dirfd, PULLED_OLD,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return (RES_OK);
	if (fd < 0)
		return (fault_set(why, "open", PULLED_OLD, errno));
	r = read_lines(fd, PULLED_OLD, &p->before, &at, &lines, why);
	/* It was only read. */
	(void)close(fd);
	return (r);
}

/* All that the files say, from the beginning. */
static enum result
load(struct pulled *p, struct fault *why)
{
	struct stat st;
	enum result r;

	if (p->fd >= 0)
		(void)close(p->fd); /* nothing was kept back */
	p->at = 0;
	p->lines = 0;
	idset_clear(&p->now);
	idset_clear(&p->before);
	p->fd = open_file(p, PULLED_FILE, why);
	if (p->fd < 0)
		return (fault_class(why));
	if (fstat(p->fd, &st) != 0)
		return (fault_set(why, "look at", PULLED_FILE, errno));
	p->dev = st.st_dev;
	p->ino = st.st_ino;
	p->size = (uint64_t)st.st_size;
	r = read_old(p, why);
	return (r != RES_OK ? r
			    : read_lines(p->fd, PULLED_FILE, &p->now, &p->at,
				  &p->lines, why));
}

/* The file is full: it becomes the old one, unless another was faster. */
static enum result
rotate(struct pulled *p, struct fault *why)
{
	int err = sysfile_lock_byte(
	    p->lock, ROTATION, sysclock_after(sysclock_ms(), SPOOL_LOCK_WAIT));

	if (err != 0)
		return (fault_set(why, "lock", PULLED_LOCK, err));
	if (sysfile_is(p->spool->dirfd, PULLED_FILE, p->fd))
		err = sysfile_rename_over(
		    p->spool->dirfd, PULLED_FILE, PULLED_OLD, p->fd);
	sysfile_unlock_byte(p->lock, ROTATION);
	return (err == 0 ? load(p, why)
			 : fault_set(why, "rename", PULLED_FILE, err));
}

/* Learn what others have noted since. */
static enum result
refresh(struct pulled *p, struct fault *why)
{
	struct stat st;
	enum result r = RES_OK;

	if (p->fd < 0 ||
	    fstatat(p->spool->dirfd, PULLED_FILE, &st, AT_SYMLINK_NOFOLLOW) !=
		0 ||
	    st.st_ino != p->ino || st.st_dev != p->dev)
		r = load(p, why);
	else
		p->size = (uint64_t)st.st_size;
	if (r == RES_OK && p->size != p->at)
		r = read_lines(
		    p->fd, PULLED_FILE, &p->now, &p->at, &p->lines, why);
	if (r == RES_OK && p->lines >= PULLED_LINES)
		r = rotate(p, why);
	return (r);
}

/* What a full disk or a power cut has torn must not swallow this line, too. */
static enum result
append(struct pulled *p, struct bytes id, enum idset_known known,
    struct fault *why)
{
	char store[LINE];
	struct buf line;

	buf_init(&line, store, sizeof(store));
	(void)buf_printf(&line, "%s%s%zu ", p->at < p->size ? "\n" : "",
	    known == IDSET_DOUBTED ? "-" : "", id.n);
	(void)buf_put(&line, id);
	(void)buf_putc(&line, '\n');
	if (sysio_write_file(p->fd, buf_view(&line)) == SYSIO_OK)
		return (RES_OK);
	return (fault_set(why, "write", PULLED_FILE, errno));
}

/*
 * If another has renamed the file meanwhile, it may have read it before our
 * line was there; and nobody reads it again.
 */
static enum result
put(struct pulled *p, struct bytes id, enum idset_known known,
    struct fault *why)
{
	enum result r;
	int i;

	for (i = 0; i < TRIES; i++) {
		r = refresh(p, why);
		/* Without room it may come twice. */
		(void)idset_put(&p->now, id, known);
		if (r == RES_OK)
			r = append(p, id, known, why);
		if (r != RES_OK ||
		    sysfile_is(p->spool->dirfd, PULLED_FILE, p->fd))
			return (r);
	}
	return (fault_set(why, "keep up with", PULLED_FILE, EAGAIN));
}

static enum idset_known
find(const struct pulled *p, struct bytes id)
{
	enum idset_known known = idset_find(&p->now, id);

	return (known != IDSET_ABSENT ? known : idset_find(&p->before, id));
}

/* What to learn from the envelopes in the spool. */
struct learning {
	struct pulled *p;
	struct bytes wanted; /* empty: all that are not known */
	bool found;
};

/* The message has its name in the spool. */
static void
learn(void *ctx, struct bytes id)
{
	struct learning *l = ctx;

	if (l->wanted.n > 0)
		l->found = l->found || bytes_same(id, l->wanted);
	else if (published_is_id(id) && find(l->p, id) == IDSET_ABSENT)
		/* If there is no room, it may come twice. */
		l->found = idset_put(&l->p->seen, id, IDSET_TAKEN) || l->found;
}

/*
 * What a process that was killed did not come to: its last sync.  If it fails,
 * a second one may succeed without having written.
 */
static enum result
make_names_durable(const struct pulled *p, struct fault *why)
{
	int err = p->sync ? sysfile_sync_names(p->spool->dirfd) : 0;
	enum result r = RES_OK;

	if (err != 0) {
		r = fault_set(why, "sync directory with", PULLED_FILE, err);
		why->broken = true;
	}
	return (r);
}

/* Write down what was seen: it is durable now, or it is not known to be. */
static enum result
note_seen(struct pulled *p, enum idset_known known, struct fault *why)
{
	enum result r = RES_OK;
	struct bytes id;
	enum idset_known seen;
	size_t at = 0;

	while (r == RES_OK && idset_next(&p->seen, &at, &id, &seen))
		r = put(p, id, known, why);
	idset_clear(&p->seen);
	return (r);
}

static enum result
learn_all(struct pulled *p, struct fault *why)
{
	struct learning l = { .p = p };
	enum result r = waiting_each_id(p->spool->dirfd, learn, &l, why);
	struct fault ignored;

	if (r != RES_OK || !l.found)
		return (r);
	r = make_names_durable(p, why);
	if (r == RES_OK)
		return (note_seen(p, IDSET_TAKEN, why));
	/* The first fault is what is told. */
	(void)note_seen(p, IDSET_DOUBTED, &ignored);
	return (r);
}

enum result
pulled_open(
    struct pulled *p, const struct spool *spool, bool sync, struct fault *why)
{
	enum result r;

	p->spool = spool;
	p->sync = sync;
	p->fd = -1;
	p->lock = open_file(p, PULLED_LOCK, why);
	if (p->lock < 0)
		return (fault_class(why));
	r = load(p, why);
	return (r == RES_OK ? learn_all(p, why) : r);
}

void
pulled_close(struct pulled *p)
{
	/* All is written. */
	if (p->fd >= 0)
		(void)close(p->fd);
	if (p->lock >= 0)
		(void)close(p->lock);
	p->fd = -1;
	p->lock = -1;
}

static uint32_t
byte_of(struct bytes id)
{
	return (idset_hash(id) % ROTATION);
}

enum result
pulled_lock(const struct pulled *p, struct bytes id, int64_t until_ms,
    struct fault *why)
{
	int err = sysfile_lock_byte(p->lock, byte_of(id), until_ms);

	return (err == 0 ? RES_OK : fault_set(why, "lock", PULLED_LOCK, err));
}

void
pulled_unlock(const struct pulled *p, struct bytes id)
{
	sysfile_unlock_byte(p->lock, byte_of(id));
}

enum result
pulled_note(struct pulled *p, struct bytes id, struct fault *why)
{
	return (put(p, id, IDSET_TAKEN, why));
}

void
pulled_doubt(struct pulled *p, struct bytes id)
{
	struct fault ignored;

	/* The fault that led here is what is told. */
	(void)put(p, id, IDSET_DOUBTED, &ignored);
}

/*
 * A process that was killed in its commit in one stage may have left a mark,
 * which is a message: it gets its last name now, or later from another.
 */
static enum result
complete_others(const struct pulled *p, struct fault *why)
{
	struct complete done;

	return (p->spool->stages.is_one
		? complete_all(p->spool->dirfd, 0, SYSCLOCK_NEVER, &done, why)
		: RES_OK);
}

enum result
pulled_look(struct pulled *p, struct bytes id, bool search, bool *is_known,
    struct fault *why)
{
	struct learning l = { .p = p, .wanted = id };
	enum result r = refresh(p, why);
	enum idset_known known;

	if (r != RES_OK)
		return (r);
	known = find(p, id);
	*is_known = known == IDSET_TAKEN;
	if (known == IDSET_TAKEN || known == IDSET_DOUBTED || !search)
		return (RES_OK);
	r = complete_others(p, why);
	if (r == RES_OK)
		r = waiting_each_id(p->spool->dirfd, learn, &l, why);
	if (r != RES_OK || !l.found)
		return (r);
	r = make_names_durable(p, why);
	*is_known = r == RES_OK;
	if (r == RES_OK)
		return (put(p, id, IDSET_TAKEN, why));
	pulled_doubt(p, id);
	return (r);
}
