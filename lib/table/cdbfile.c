/* SPDX-License-Identifier: ISC */
#include "table/cdbfile.h"

#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * tinycdb reads through mmap(2), and a mapped file that somebody cuts short
 * kills its reader.  So the hash and the numbers are tinycdb's, the reading is
 * ours.
 */

enum {
	SLOT = 8,        /* of a hash table: hash, position */
	RECORD_HEAD = 8, /* of a record: length of the key, of the value */
	SLOTS_READ = 64  /* at once */
};

static enum table_answer
fail(struct cdbfile *f, const char *op, int err)
{
	(void)fault_set(&f->why, op, f->name, err);
	return (TABLE_FAILED);
}

static bool
same_time(const struct timespec *a, const struct timespec *b)
{
	return (a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec);
}

/* Is the open file still what it was when it was opened? */
static bool
is_unchanged(const struct cdbfile *f)
{
	struct stat st;

	return (fstat(f->fd, &st) == 0 && st.st_size == (off_t)f->size &&
	    same_time(&st.st_mtim, &f->changed));
}

enum table_answer
cdbfile_confirm(struct cdbfile *f, enum table_answer answer)
{
	if (is_unchanged(f))
		return (answer);
	return (fail(f,
	    "read table, which was written to in place (rename another "
	    "over it, as cdb -c does),",
	    0));
}

/* All n bytes at a place, or TABLE_FAILED. */
static enum table_answer
read_at(struct cdbfile *f, uint32_t at, void *into, size_t n)
{
	char *p = into;

	while (n > 0) {
		ssize_t got = pread(f->fd, p, n, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return (fail(f, "read table", errno));
		if (got == 0)
			return (fail(f, "read beyond the end of table", 0));
		p += got;
		at += (uint32_t)got;
		n -= (size_t)got;
	}
	return (TABLE_HIT);
}

static enum table_answer
damaged(struct cdbfile *f)
{
	return (fail(f, "make sense of table, which is damaged,", 0));
}

/*
 * Does it begin as the text does that tables are made of?  The numbers of a
 * table have bytes that no text has.
 */
static bool
is_text(struct cdbfile *f, off_t size)
{
	uint32_t n = size < CDBFILE_HEAD ? (uint32_t)size : CDBFILE_HEAD;
	uint32_t i;

	if (n == 0 || read_at(f, 0, f->head, n) == TABLE_FAILED)
		return (false);
	for (i = 0; i < n; i++)
		if ((f->head[i] < ' ' &&
			strchr("\t\n\r", f->head[i]) == NULL) ||
		    f->head[i] == 0x7f || f->head[i] == '\0')
			return (false);
	return (true);
}

/*
 * The file begins with 256 pairs of numbers, where each hash table is and how
 * many slots it has.  The tables fill the file from the end of the records to
 * its own end, so that one which was cut, or is still growing, is noticed.
 */
static enum table_answer
check_head(struct cdbfile *f)
{
	uint64_t slots = 0;
	size_t i;

	f->data_end = f->size;
	for (i = 0; i < CDBFILE_HEAD; i += SLOT) {
		uint32_t at = cdb_unpack(f->head + i);
		uint64_t n = cdb_unpack(f->head + i + 4);

		if (at < CDBFILE_HEAD || at + n * SLOT > f->size)
			return (damaged(f));
		slots += n;
		if (n > 0 && at < f->data_end)
			f->data_end = at;
	}
	if (f->data_end + slots * SLOT != f->size ||
	    (slots == 0 && f->size != CDBFILE_HEAD))
		return (damaged(f));
	return (TABLE_HIT);
}

static enum table_answer
read_head(struct cdbfile *f, const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return (fail(f, "use as table what is no file:", 0));
	if (is_text(f, st->st_size))
		return (fail(f,
		    "use as table its text, of which smtpserv-conf table makes "
		    "one:",
		    0));
	if (st->st_size < CDBFILE_HEAD || st->st_size > (off_t)UINT32_MAX)
		return (damaged(f));
	f->size = (uint32_t)st->st_size;
	f->changed = st->st_mtim;
	if (read_at(f, 0, f->head, sizeof(f->head)) == TABLE_FAILED)
		return (TABLE_FAILED);
	return (cdbfile_confirm(f, check_head(f)));
}

void
cdbfile_init(struct cdbfile *f)
{
	f->fd = -1;
}

enum result
cdbfile_open(struct cdbfile *f, const char *path, struct fault *why)
{
	enum result r = RES_OK;
	struct stat st;
	size_t n = strlen(path);

	cdbfile_init(f);
	if (n >= sizeof(f->name))
		n = sizeof(f->name) - 1;
	memcpy(f->name, path, n);
	f->name[n] = '\0';
	/* Whatever it is, opening it does not wait. */
	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (f->fd < 0)
		return (fault_set(why, "open table", path, errno));
	if (fstat(f->fd, &st) != 0)
		(void)fail(f, "look at table", errno);
	else if (read_head(f, &st) == TABLE_HIT)
		return (RES_OK);
	*why = f->why;
	r = fault_class(why);
	cdbfile_close(f);
	return (r);
}

void
cdbfile_close(struct cdbfile *f)
{
	/* Nothing was written. */
	if (f->fd >= 0)
		(void)close(f->fd);
	f->fd = -1;
}

bool
cdbfile_is_stale(const struct cdbfile *f, const char *path)
{
	struct stat by_name;
	struct stat by_fd;

	return (stat(path, &by_name) != 0 || fstat(f->fd, &by_fd) != 0 ||
	    by_name.st_dev != by_fd.st_dev || by_name.st_ino != by_fd.st_ino ||
	    !is_unchanged(f));
}

/* Could a record begin there? */
static bool
is_place(const struct cdbfile *f, uint32_t at)
{
	return (at >= CDBFILE_HEAD && at <= f->data_end &&
	    f->data_end - at >= RECORD_HEAD);
}

/* The head of a record, whose key and value must be among the records. */
static enum table_answer
read_record(struct cdbfile *f, uint32_t at, uint32_t *key_n, uint32_t *value_n)
{
	unsigned char head[RECORD_HEAD];

	if (!is_place(f, at))
		return (damaged(f));
	if (read_at(f, at, head, sizeof(head)) == TABLE_FAILED)
		return (TABLE_FAILED);
	*key_n = cdb_unpack(head);
	*value_n = cdb_unpack(head + 4);
	if ((uint64_t)*key_n + *value_n > f->data_end - at - RECORD_HEAD)
		return (damaged(f));
	return (TABLE_HIT);
}

/* Is this a record of the key? */
static enum table_answer
look_at(struct cdbfile *f, struct cdbfile_find *found, uint32_t at)
{
	char key[CDBFILE_KEY_MAX];
	uint32_t key_n;
	uint32_t value_n;

	if (read_record(f, at, &key_n, &value_n) == TABLE_FAILED)
		return (TABLE_FAILED);
	if (key_n != found->key.n || key_n > sizeof(key))
		return (TABLE_MISS);
	if (read_at(f, at + RECORD_HEAD, key, key_n) == TABLE_FAILED)
		return (TABLE_FAILED);
	if (memcmp(key, found->key.p, key_n) != 0)
		return (TABLE_MISS);
	found->at = at;
	found->value_at = at + RECORD_HEAD + key_n;
	found->value_n = value_n;
	return (TABLE_HIT);
}

enum table_answer
cdbfile_next(struct cdbfile *f, struct cdbfile_find *found)
{
	enum table_answer answer = TABLE_MISS;
	unsigned char slot[SLOT];

	while (answer == TABLE_MISS && found->left > 0) {
		uint32_t hash;
		uint32_t at;

		if (read_at(f, found->slots + found->slot * SLOT, slot,
			sizeof(slot)) == TABLE_FAILED)
			return (TABLE_FAILED);
		at = cdb_unpack(slot + 4);
		hash = cdb_unpack(slot);
		if (at == 0)
			break;
		/* The others here have the last eight bits in common. */
		if (!is_place(f, at) || ((hash ^ found->hash) & 0xff) != 0)
			return (damaged(f));
		if (hash == found->hash)
			answer = look_at(f, found, at);
		found->slot =
		    found->slot + 1 == found->nslots ? 0 : found->slot + 1;
		found->left--;
	}
	return (answer);
}

/*
 * An empty slot says that there is no such key.  But if the whole hash table is
 * empty, that is a hole in the file: a key's hash table exists only where there
 * are records.  Half of its slots are in use, so one read is mostly enough.
 */
static enum table_answer
believe_miss(struct cdbfile *f, struct cdbfile_find *found)
{
	unsigned char slots[SLOTS_READ * SLOT];
	uint32_t slot = found->slot;
	uint32_t seen = 0;

	while (seen < found->nslots) {
		uint32_t n = found->nslots - slot;
		uint32_t i;

		if (n > SLOTS_READ)
			n = SLOTS_READ;
		if (read_at(f, found->slots + slot * SLOT, slots,
			(size_t)n * SLOT) == TABLE_FAILED)
			return (TABLE_FAILED);
		for (i = 0; i < n; i++)
			if (cdb_unpack(slots + (size_t)i * SLOT + 4) != 0)
				return (TABLE_MISS);
		seen += n;
		slot = slot + n == found->nslots ? 0 : slot + n;
	}
	return (found->nslots == 0 ? TABLE_MISS : damaged(f));
}

enum table_answer
cdbfile_find(struct cdbfile *f, struct bytes key, struct cdbfile_find *found)
{
	const unsigned char *pair;
	enum table_answer answer;

	found->key = key;
	found->hash = cdb_hash(key.p, (unsigned int)key.n);
	pair = f->head + (size_t)(found->hash & 0xff) * SLOT;
	found->slots = cdb_unpack(pair);
	found->nslots = cdb_unpack(pair + 4);
	found->left = found->nslots;
	found->slot =
	    found->nslots == 0 ? 0 : (found->hash >> 8) % found->nslots;
	answer = cdbfile_next(f, found);
	if (answer == TABLE_MISS)
		answer = believe_miss(f, found);
	return (answer);
}

enum table_answer
cdbfile_value(struct cdbfile *f, const struct cdbfile_find *found, char *into)
{
	return (read_at(f, found->value_at, into, found->value_n));
}

void
cdbfile_walk_init(struct cdbfile_walk *w, struct cdbfile *f)
{
	w->file = f;
	w->key = (struct bytes){ w->store, 0 };
	w->value = w->key;
	w->at = 0;
	w->next = CDBFILE_HEAD;
	w->from = CDBFILE_HEAD;
	w->n = 0;
}

/* Have n bytes of the file from w->next on in the store, as far as they fit. */
static enum table_answer
fill(struct cdbfile_walk *w, uint64_t n)
{
	uint32_t left = w->file->data_end - w->next;

	if (n > sizeof(w->store))
		n = sizeof(w->store);
	if (n > left)
		return (damaged(w->file));
	if (w->next >= w->from && w->next + n <= w->from + w->n)
		return (TABLE_HIT);
	w->from = w->next;
	w->n = left < sizeof(w->store) ? left : (uint32_t)sizeof(w->store);
	return (read_at(w->file, w->from, w->store, w->n));
}

enum table_answer
cdbfile_walk(struct cdbfile_walk *w)
{
	const unsigned char *head;
	struct bytes text;
	uint64_t n = RECORD_HEAD;
	uint32_t key_n;

	if (w->next == w->file->data_end)
		return (cdbfile_confirm(w->file, TABLE_MISS));
	if (fill(w, n) == TABLE_FAILED)
		return (cdbfile_confirm(w->file, TABLE_FAILED));
	head = (const unsigned char *)w->store + (w->next - w->from);
	key_n = cdb_unpack(head);
	n += (uint64_t)key_n + cdb_unpack(head + 4);
	if (n > w->file->data_end - w->next)
		return (cdbfile_confirm(w->file, damaged(w->file)));
	if (fill(w, n) == TABLE_FAILED)
		return (cdbfile_confirm(w->file, TABLE_FAILED));
	text = (struct bytes){ w->store + (w->next - w->from),
		n < sizeof(w->store) ? n : sizeof(w->store) };
	w->key = bytes_cut(text, RECORD_HEAD, key_n);
	w->value = bytes_cut(text, RECORD_HEAD + (size_t)key_n, n);
	w->at = w->next;
	w->next += (uint32_t)n;
	return (TABLE_HIT);
}
