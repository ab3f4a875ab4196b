/* SPDX-License-Identifier: ISC */
#include "table/table.h"

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
fail(struct table *t, const char *op, int err)
{
	(void)fault_set(&t->why, op, t->name, err);
	return (TABLE_FAILED);
}

static bool
same_time(const struct timespec *a, const struct timespec *b)
{
	return (a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec);
}

/* Is the open file still what it was when it was opened? */
static bool
is_unchanged(const struct table *t)
{
	struct stat st;

	return (fstat(t->fd, &st) == 0 && st.st_size == (off_t)t->size &&
	    same_time(&st.st_mtim, &t->changed));
}

/* What was found stands only if nobody has written to it meanwhile. */
static enum table_answer
confirm(struct table *t, enum table_answer answer)
{
	if (is_unchanged(t))
		return (answer);
	return (fail(t,
	    "read table, which was written to in place (rename another "
	    "over it, as cdb -c does),",
	    0));
}

/* All n bytes at a place, or TABLE_FAILED. */
static enum table_answer
read_at(struct table *t, uint32_t at, void *into, size_t n)
{
	char *p = into;

	while (n > 0) {
		ssize_t got = pread(t->fd, p, n, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return (fail(t, "read table", errno));
		if (got == 0)
			return (fail(t, "read beyond the end of table", 0));
		p += got;
		at += (uint32_t)got;
		n -= (size_t)got;
	}
	return (TABLE_HIT);
}

static enum table_answer
damaged(struct table *t)
{
	return (fail(t, "make sense of table, which is damaged,", 0));
}

/*
 * The file begins with 256 pairs of numbers, where each hash table is and how
 * many slots it has.  The tables fill the file from the end of the records to
 * its own end, so that one which was cut, or is still growing, is told.
 */
static enum table_answer
check_head(struct table *t)
{
	uint64_t slots = 0;
	size_t i;

	t->data_end = t->size;
	for (i = 0; i < TABLE_HEAD; i += SLOT) {
		uint32_t at = cdb_unpack(t->head + i);
		uint64_t n = cdb_unpack(t->head + i + 4);

		if (at < TABLE_HEAD || at + n * SLOT > t->size)
			return (damaged(t));
		slots += n;
		if (n > 0 && at < t->data_end)
			t->data_end = at;
	}
	if (t->data_end + slots * SLOT != t->size ||
	    (slots == 0 && t->size != TABLE_HEAD))
		return (damaged(t));
	return (TABLE_HIT);
}

static enum table_answer
read_head(struct table *t, const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return (fail(t, "use as table what is no file:", 0));
	if (st->st_size < TABLE_HEAD || st->st_size > (off_t)UINT32_MAX)
		return (damaged(t));
	t->size = (uint32_t)st->st_size;
	t->changed = st->st_mtim;
	if (read_at(t, 0, t->head, sizeof(t->head)) == TABLE_FAILED)
		return (TABLE_FAILED);
	return (confirm(t, check_head(t)));
}

void
table_init(struct table *t)
{
	t->fd = -1;
	t->host = (struct bytes){ NULL, 0 };
	t->postmaster = t->host;
}

enum result
table_open(struct table *t, const char *path, struct fault *why)
{
	enum result r = RES_OK;
	struct stat st;
	size_t n = strlen(path);

	table_init(t);
	if (n >= sizeof(t->name))
		n = sizeof(t->name) - 1;
	memcpy(t->name, path, n);
	t->name[n] = '\0';
	/* Whatever it is, opening it does not wait. */
	t->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (t->fd < 0)
		return (fault_set(why, "open table", path, errno));
	if (fstat(t->fd, &st) != 0)
		(void)fail(t, "look at table", errno);
	else if (read_head(t, &st) == TABLE_HIT)
		return (RES_OK);
	*why = t->why;
	r = fault_class(why);
	table_close(t);
	return (r);
}

void
table_close(struct table *t)
{
	/* Nothing was written. */
	if (t->fd >= 0)
		(void)close(t->fd);
	t->fd = -1;
}

void
table_set_postmaster(struct table *t, const char *host, const char *postmaster)
{
	t->host = bytes_of(host);
	t->postmaster = bytes_of(postmaster);
}

bool
table_is_stale(const struct table *t, const char *path)
{
	struct stat by_name;
	struct stat by_fd;

	return (stat(path, &by_name) != 0 || fstat(t->fd, &by_fd) != 0 ||
	    by_name.st_dev != by_fd.st_dev || by_name.st_ino != by_fd.st_ino ||
	    !is_unchanged(t));
}

/* Could a record begin there? */
static bool
is_place(const struct table *t, uint32_t at)
{
	return (at >= TABLE_HEAD && at <= t->data_end &&
	    t->data_end - at >= RECORD_HEAD);
}

/* The head of a record, whose key and value must be among the records. */
static enum table_answer
read_record(struct table *t, uint32_t at, uint32_t *key_n, uint32_t *text_n)
{
	unsigned char head[RECORD_HEAD];

	if (!is_place(t, at))
		return (damaged(t));
	if (read_at(t, at, head, sizeof(head)) == TABLE_FAILED)
		return (TABLE_FAILED);
	*key_n = cdb_unpack(head);
	*text_n = cdb_unpack(head + 4);
	if ((uint64_t)*key_n + *text_n > t->data_end - at - RECORD_HEAD)
		return (damaged(t));
	return (TABLE_HIT);
}

/* Is this record of m's key?  Then its instruction is the next. */
static enum table_answer
look_at(struct table_match *m, uint32_t at)
{
	char key[TABLE_KEY_MAX];
	uint32_t key_n;
	uint32_t text_n;

	if (read_record(m->table, at, &key_n, &text_n) == TABLE_FAILED)
		return (TABLE_FAILED);
	if (key_n != m->key.n)
		return (TABLE_MISS);
	at += RECORD_HEAD;
	if (read_at(m->table, at, key, key_n) == TABLE_FAILED)
		return (TABLE_FAILED);
	if (memcmp(key, m->key.p, key_n) != 0)
		return (TABLE_MISS);
	m->text_at = at + key_n;
	m->text_n = text_n;
	return (TABLE_HIT);
}

/* The next record of m's key, from m->slot on. */
static enum table_answer
next_record(struct table_match *m)
{
	enum table_answer answer = TABLE_MISS;
	unsigned char slot[SLOT];

	while (answer == TABLE_MISS && m->left > 0) {
		uint32_t hash;
		uint32_t at;

		if (read_at(m->table, m->slots + m->slot * SLOT, slot,
			sizeof(slot)) == TABLE_FAILED)
			return (TABLE_FAILED);
		at = cdb_unpack(slot + 4);
		hash = cdb_unpack(slot);
		if (at == 0)
			break;
		/* The others here have the last eight bits in common. */
		if (!is_place(m->table, at) || ((hash ^ m->hash) & 0xff) != 0)
			return (damaged(m->table));
		if (hash == m->hash)
			answer = look_at(m, at);
		m->slot = m->slot + 1 == m->nslots ? 0 : m->slot + 1;
		m->left--;
	}
	return (answer);
}

/*
 * Nobody, says an empty slot.  If all of the hash table is empty, it is a hole
 * in the file that says so: there is a table only where there are records.
 * Half of its slots are in use, so this seldom takes more than one read.
 */
static enum table_answer
believe_miss(struct table_match *m)
{
	unsigned char slots[SLOTS_READ * SLOT];
	uint32_t slot = m->slot;
	uint32_t seen = 0;

	while (seen < m->nslots) {
		uint32_t n = m->nslots - slot;
		uint32_t i;

		if (n > SLOTS_READ)
			n = SLOTS_READ;
		if (read_at(m->table, m->slots + slot * SLOT, slots,
			(size_t)n * SLOT) == TABLE_FAILED)
			return (TABLE_FAILED);
		for (i = 0; i < n; i++)
			if (cdb_unpack(slots + (size_t)i * SLOT + 4) != 0)
				return (TABLE_MISS);
		seen += n;
		slot = slot + n == m->nslots ? 0 : slot + n;
	}
	return (m->nslots == 0 ? TABLE_MISS : damaged(m->table));
}

/* The first record of the key that stands in m->key_store. */
static enum table_answer
find_key(struct table_match *m, size_t n)
{
	const struct table *t = m->table;
	const unsigned char *pair;
	enum table_answer answer;

	m->key = (struct bytes){ m->key_store, n };
	m->hash = cdb_hash(m->key.p, (unsigned int)n);
	pair = t->head + (size_t)(m->hash & 0xff) * SLOT;
	m->slots = cdb_unpack(pair);
	m->nslots = cdb_unpack(pair + 4);
	m->left = m->nslots;
	m->slot = m->nslots == 0 ? 0 : (m->hash >> 8) % m->nslots;
	m->text_at = 0;
	answer = next_record(m);
	if (answer == TABLE_MISS)
		answer = believe_miss(m);
	m->at = m->text_at - (uint32_t)n - RECORD_HEAD;
	return (answer);
}

/* The key `local@host`, in lower case. */
static enum table_answer
find_mailbox(struct table_match *m, struct bytes local, struct bytes host)
{
	size_t n = 0;
	size_t i;

	/* By construction nobody's mailbox is the key `@`. */
	if (host.n == 0 || local.n + host.n >= sizeof(m->key_store))
		return (TABLE_MISS);
	for (i = 0; i < local.n; i++)
		m->key_store[n++] = bytes_lower(local.p[i]);
	m->key_store[n++] = '@';
	for (i = 0; i < host.n; i++)
		m->key_store[n++] = bytes_lower(host.p[i]);
	return (find_key(m, n));
}

/* Without its quotes a quoted string means the same (RFC 5321 4.1.2). */
static size_t
unquote(struct bytes local, char *into)
{
	bool is_quoted =
	    local.n >= 2 && local.p[0] == '"' && local.p[local.n - 1] == '"';
	size_t n = 0;
	size_t i;

	if (is_quoted)
		local = bytes_cut(local, 1, local.n - 2);
	for (i = 0; i < local.n; i++) {
		if (is_quoted && local.p[i] == '\\' && i + 1 < local.n)
			i++;
		into[n++] = local.p[i];
	}
	return (n);
}

/* False: too long for anybody's. */
static bool
take_apart(struct table_match *m, struct bytes mailbox)
{
	size_t end = mailbox.n;
	size_t plus;

	if (mailbox.n >= sizeof(m->mailbox_store))
		return (false);
	while (end > 0 && mailbox.p[end - 1] != '@')
		end--;
	m->host = (struct bytes){ NULL, 0 };
	if (end > 0)
		m->host = bytes_cut(mailbox, end, mailbox.n);
	end = end > 0 ? end - 1 : mailbox.n;
	m->local.p = m->mailbox_store;
	m->local.n = unquote(bytes_cut(mailbox, 0, end), m->mailbox_store);
	if (m->host.n > 0)
		memcpy(m->mailbox_store + m->local.n, m->host.p, m->host.n);
	m->host.p = m->mailbox_store + m->local.n;
	m->ext = bytes_cut(m->local, m->local.n, 0);
	m->plain_n = 0;
	if (bytes_find(m->local, '+', &plus) && plus > 0) {
		m->ext = bytes_cut(m->local, plus + 1, m->local.n);
		m->plain_n = plus;
	}
	m->deflt = bytes_cut(m->local, m->local.n, 0);
	return (true);
}

/* A key is at the domain if it ends with @ and that. */
static bool
is_at(struct bytes key, struct bytes domain)
{
	return (key.n > domain.n && key.p[key.n - domain.n - 1] == '@' &&
	    bytes_same_nocase(
		bytes_cut(key, key.n - domain.n, domain.n), domain));
}

/* Has the table any key for the domain? */
static enum table_answer
find_domain(struct table_match *m)
{
	struct table_walk w;
	enum table_answer answer =
	    find_mailbox(m, bytes_cut(m->local, 0, 0), m->host);

	if (answer != TABLE_MISS)
		return (answer);
	table_walk_init(&w, m->table);
	do {
		answer = table_walk(&w);
	} while (answer == TABLE_HIT && !is_at(w.key, m->host));
	return (answer);
}

/* RFC 5321 4.5.1: there is a postmaster wherever we take mail for. */
static enum table_answer
find_postmaster(struct table_match *m)
{
	const struct table *t = m->table;
	enum table_answer answer = TABLE_HIT;

	if (t->postmaster.n == 0 ||
	    !bytes_same_nocase(m->local, bytes_of("postmaster")))
		return (TABLE_MISS);
	if (m->host.n > 0 && !bytes_same_nocase(m->host, t->host))
		answer = find_domain(m);
	if (answer != TABLE_HIT)
		return (answer);
	m->by = TABLE_BY_POSTMASTER;
	m->key = bytes_cut(m->key, 0, 0);
	m->at = 0;
	/* Something to say, and no record after it. */
	m->text_at = 1;
	m->left = 0;
	return (TABLE_HIT);
}

static enum table_answer
find(struct table_match *m)
{
	enum table_answer answer = TABLE_MISS;
	struct bytes none = bytes_cut(m->local, 0, 0);

	m->by = TABLE_BY_MAILBOX;
	/* Postmaster alone is ours. */
	if (m->host.n == 0 &&
	    bytes_same_nocase(m->local, bytes_of("postmaster")))
		answer = find_mailbox(m, m->local, m->table->host);
	else if (m->local.n > 0)
		answer = find_mailbox(m, m->local, m->host);
	if (answer == TABLE_MISS)
		answer = find_postmaster(m);
	if (answer == TABLE_MISS && m->plain_n > 0) {
		m->by = TABLE_BY_LOCAL;
		m->deflt = m->ext;
		answer = find_mailbox(
		    m, bytes_cut(m->local, 0, m->plain_n), m->host);
	}
	if (answer == TABLE_MISS) {
		m->by = TABLE_BY_DOMAIN;
		m->deflt = m->local;
		answer = find_mailbox(m, none, m->host);
	}
	return (answer);
}

enum table_answer
table_find(struct table *t, struct bytes mailbox, struct table_match *m)
{
	m->table = t;
	if (!take_apart(m, mailbox))
		return (confirm(t, TABLE_MISS));
	return (confirm(t, find(m)));
}

enum table_answer
table_route(struct table *t, struct bytes mailbox, struct table_match *m)
{
	m->table = t;
	if (!take_apart(m, mailbox))
		return (confirm(t, TABLE_MISS));
	m->by = TABLE_BY_ROUTE;
	m->deflt = m->local;
	m->key_store[0] = '@';
	return (confirm(t, find_key(m, 1)));
}

/* What smtp.postmaster says: a mailbox means that it is forwarded there. */
static void
put_postmaster(struct table_match *m, struct bytes *instruction)
{
	struct bytes text = m->table->postmaster;
	struct instruction in;
	size_t n = 0;

	if (instruction_parse(text, &in) != NULL)
		m->text[n++] = '&';
	text = bytes_cut(text, 0, sizeof(m->text) - n);
	memcpy(m->text + n, text.p, text.n);
	*instruction = (struct bytes){ m->text, n + text.n };
}

enum table_answer
table_next(struct table_match *m, struct bytes *instruction)
{
	struct table *t = m->table;
	enum table_answer answer = TABLE_HIT;

	*instruction = (struct bytes){ m->text, 0 };
	if (m->text_at == 0)
		answer = next_record(m);
	if (answer != TABLE_HIT)
		return (confirm(t, answer));
	if (m->by == TABLE_BY_POSTMASTER) {
		put_postmaster(m, instruction);
	} else if (m->text_n > sizeof(m->text)) {
		answer =
		    fail(t, "use an instruction, which is too long, of", 0);
	} else {
		answer = read_at(t, m->text_at, m->text, m->text_n);
		instruction->n = m->text_n;
	}
	m->text_at = 0;
	return (confirm(t, answer));
}

void
table_walk_init(struct table_walk *w, struct table *t)
{
	w->table = t;
	w->key = (struct bytes){ w->store, 0 };
	w->instruction = w->key;
	w->at = 0;
	w->next = TABLE_HEAD;
	w->from = TABLE_HEAD;
	w->n = 0;
}

/* Have n bytes of the file from w->next on in the store, as far as they fit. */
static enum table_answer
fill(struct table_walk *w, uint64_t n)
{
	uint32_t left = w->table->data_end - w->next;

	if (n > sizeof(w->store))
		n = sizeof(w->store);
	if (n > left)
		return (damaged(w->table));
	if (w->next >= w->from && w->next + n <= w->from + w->n)
		return (TABLE_HIT);
	w->from = w->next;
	w->n = left < sizeof(w->store) ? left : (uint32_t)sizeof(w->store);
	return (read_at(w->table, w->from, w->store, w->n));
}

enum table_answer
table_walk(struct table_walk *w)
{
	const unsigned char *head;
	struct bytes text;
	uint64_t n = RECORD_HEAD;
	uint32_t key_n;

	if (w->next == w->table->data_end)
		return (confirm(w->table, TABLE_MISS));
	if (fill(w, n) == TABLE_FAILED)
		return (confirm(w->table, TABLE_FAILED));
	head = (const unsigned char *)w->store + (w->next - w->from);
	key_n = cdb_unpack(head);
	n += (uint64_t)key_n + cdb_unpack(head + 4);
	if (n > w->table->data_end - w->next)
		return (confirm(w->table, damaged(w->table)));
	if (fill(w, n) == TABLE_FAILED)
		return (confirm(w->table, TABLE_FAILED));
	text = (struct bytes){ w->store + (w->next - w->from),
		n < sizeof(w->store) ? n : sizeof(w->store) };
	w->key = bytes_cut(text, RECORD_HEAD, key_n);
	w->instruction = bytes_cut(text, RECORD_HEAD + (size_t)key_n, n);
	w->at = w->next;
	w->next += (uint32_t)n;
	return (TABLE_HIT);
}
