/* SPDX-License-Identifier: ISC */
#include "deliver/pegasus.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "conf/keys.h"
#include "deliver/behalf.h"
#include "deliver/text.h"
#include "sys/sysfile.h"

enum {
	TRIES_MAX = 100,
	DIGITS = 7,
	BASE = 36
};

struct target {
	int fd;         /* the directory */
	bool is_listed; /* we may read it, and so sync it */
	uint64_t seed;
	char tmp[PEGASUS_NAME_MAX];
	char cnm[PEGASUS_NAME_MAX];
};

void
pegasus_name(char name[PEGASUS_NAME_MAX], uint64_t seed, const char *extension)
{
	static const char ALPHABET[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	char digits[DIGITS + 1];
	size_t i;

	for (i = DIGITS; i > 0; i--) {
		digits[i - 1] = ALPHABET[seed % BASE];
		seed /= BASE;
	}
	digits[DIGITS] = '\0';
	(void)snprintf(name, PEGASUS_NAME_MAX, "Y%s.%s", digits, extension);
}

/*
 * The file under its first name, or -1 and errno.  A name is a guess; exclusive
 * creation, and a rename that replaces nothing, prove that it is free.
 */
static int
create(struct target *t)
{
	int tries;
	int fd = -1;

	for (tries = 0; fd < 0 && tries < TRIES_MAX; tries++) {
		t->seed++;
		pegasus_name(t->tmp, t->seed, "TMP");
		pegasus_name(t->cnm, t->seed, "CNM");
		fd = openat(t->fd, t->tmp,
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0660);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	return (fd);
}

/* To its last name, or the next one that is free.  0 or an errno. */
static int
publish(struct target *t, int fd)
{
	int tries;
	int err = EEXIST;

	for (tries = 0; err == EEXIST && tries < TRIES_MAX; tries++) {
		err = sysfile_rename_new(t->fd, t->tmp, t->cnm, fd);
		if (err == EEXIST)
			pegasus_name(t->cnm, ++t->seed, "CNM");
	}
	return (err);
}

static void
deliver_into(const struct delivery *d, struct target *t, struct outcome *out)
{
	bool sync = d->settings->spool.sync != 0;
	int fd = create(t);
	int err = 0;

	if (fd < 0) {
		outcome_fault(out, text_status(errno), "create", t->tmp, errno);
		return;
	}
	if (!text_write(d, TEXT_CRLF, fd, t->tmp, out)) {
		/* Nobody reads it; if it cannot be removed, no harm is done. */
		(void)sysfile_remove(t->fd, t->tmp);
		(void)close(fd);
		return;
	}
	if (sync)
		err = sysfile_sync_data(fd);
	if (err == 0)
		err = publish(t, fd);
	/* As above. */
	if (err != 0)
		(void)sysfile_remove(t->fd, t->tmp);
	/* If we may not read the directory, sync by the file instead. */
	else if (sync)
		err = sysfile_sync_names(t->is_listed ? t->fd : fd);
	(void)close(fd);
	if (err != 0)
		outcome_fault(
		    out, text_status(err), "make durable", t->cnm, err);
	else
		outcome_set(
		    out, OUTCOME_DELIVERED, "2.0.0", "pegasus: %s", t->cnm);
}

/* With the rights of the directory's owner. */
static void
deliver_to(const struct delivery *d, struct target *t, const struct behalf *b,
    struct outcome *out)
{
	/* We may have the right to create files in it, and no other. */
	t->fd = openat(
	    b->fd, b->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | b->no_link);
	t->is_listed = t->fd >= 0;
	if (t->fd < 0 && errno == EACCES)
		t->fd = openat(b->fd, b->path,
		    O_PATH | O_DIRECTORY | O_CLOEXEC | b->no_link);
	if (t->fd < 0) {
		outcome_fault(out, "4.3.0", "open", b->path, errno);
		return;
	}
	deliver_into(d, t, out);
	(void)close(t->fd);
}

void
pegasus_deliver(const struct delivery *d, struct bytes dir, struct outcome *out)
{
	struct target t = { .fd = -1 };
	struct timespec now;
	char store[4096];
	struct buf path;
	struct behalf behalf;
	const char *name;
	int err;

	buf_init(&path, store, sizeof(store));
	(void)buf_put(&path, dir);
	name = buf_cstr(&path);
	if (name == NULL || clock_gettime(CLOCK_REALTIME, &now) != 0) {
		outcome_set(
		    out, OUTCOME_TRY_AGAIN, "4.3.5", "pegasus: no file name");
		return;
	}
	/* In seven such digits milliseconds go around in 2.5 years. */
	t.seed = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 +
	    (uint64_t)getpid() * 7919;
	err = behalf_begin(&behalf, name);
	if (err == 0)
		deliver_to(d, &t, &behalf, out);
	else
		outcome_fault(out, "4.3.0", "look at the way to", name, err);
	behalf_end(&behalf);
}
