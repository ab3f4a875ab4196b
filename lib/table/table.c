/* SPDX-License-Identifier: ISC */
#include "table/table.h"

#include <string.h>

#include "mail/idn.h"

enum {
	/* Of a domain: ten thousand make one in 2,000 others look like one. */
	DOMAIN_HASHES = 4
};

void
table_init(struct table *t)
{
	cdbfile_init(&t->file);
	t->host = (struct bytes){ NULL, 0 };
	t->postmaster = t->host;
	t->knows_domains = false;
}

enum result
table_open(struct table *t, const char *path, struct fault *why)
{
	table_init(t);
	return (cdbfile_open(&t->file, path, why));
}

void
table_close(struct table *t)
{
	cdbfile_close(&t->file);
}

bool
table_is_stale(const struct table *t, const char *path)
{
	return (cdbfile_is_stale(&t->file, path));
}

void
table_set_postmaster(struct table *t, const char *host, const char *postmaster)
{
	t->host = bytes_of(host);
	t->postmaster = bytes_of(postmaster);
}

/* The key that stands in m->key_store. */
static enum table_answer
find_key(struct table_match *m, size_t n)
{
	enum table_answer answer;

	m->key = (struct bytes){ m->key_store, n };
	answer = cdbfile_find(&m->table->file, m->key, &m->found);
	m->at = m->found.at;
	m->has_next = answer == TABLE_HIT;
	return (answer);
}

/* The key `local@host`, in lower case. */
static enum table_answer
find_spelled(struct table_match *m, struct bytes local, struct bytes host)
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

/* The same, by whichever spelling of the host the table has. */
static enum table_answer
find_mailbox(struct table_match *m, struct bytes local, struct bytes host)
{
	enum table_answer answer = find_spelled(m, local, host);
	char store[TABLE_KEY_MAX];
	struct buf other;

	if (answer != TABLE_MISS || !idn_has_spellings(host))
		return (answer);
	buf_init(&other, store, sizeof(store));
	if (idn_put_ascii(host, &other))
		answer = find_spelled(m, local, buf_view(&other));
	buf_reset(&other);
	if (answer == TABLE_MISS && idn_put_unicode(host, &other))
		answer = find_spelled(m, local, buf_view(&other));
	return (answer);
}

/* False: too long for anybody's. */
static bool
take_apart(struct table_match *m, struct bytes mailbox)
{
	if (mailbox.n >= TABLE_KEY_MAX || !mailbox_split(&m->mailbox, mailbox))
		return (false);
	m->deflt = bytes_cut(m->mailbox.local, 0, 0);
	return (true);
}

/* Where the filter has the domain: a bit for each 18 of a hash's (FNV-1a). */
static uint64_t
hash_domain(struct bytes domain)
{
	uint64_t hash = 0xcbf29ce484222325U;
	char store[TABLE_KEY_MAX];
	struct buf ascii;
	size_t i;

	/* Whatever its spelling. */
	buf_init(&ascii, store, sizeof(store));
	if (idn_has_spellings(domain) && idn_put_ascii(domain, &ascii))
		domain = buf_view(&ascii);
	for (i = 0; i < domain.n; i++) {
		hash ^= (unsigned char)bytes_lower(domain.p[i]);
		hash *= 0x100000001b3U;
	}
	return (hash);
}

static void
note_domain(struct table *t, struct bytes domain)
{
	uint64_t hash = hash_domain(domain);
	size_t i;

	for (i = 0; i < DOMAIN_HASHES; i++, hash >>= 15) {
		size_t bit = hash % TABLE_DOMAIN_BITS;

		t->domains[bit / 64] |= (uint64_t)1 << bit % 64;
	}
}

static bool
has_domain(const struct table *t, struct bytes domain)
{
	uint64_t hash = hash_domain(domain);
	size_t i;

	for (i = 0; i < DOMAIN_HASHES; i++, hash >>= 15) {
		size_t bit = hash % TABLE_DOMAIN_BITS;

		if ((t->domains[bit / 64] >> bit % 64 & 1) == 0)
			return (false);
	}
	return (true);
}

/* Once: a stranger may ask for any number of postmasters. */
static enum table_answer
learn_domains(struct table *t)
{
	struct cdbfile_walk w;
	enum table_answer answer;

	if (t->knows_domains)
		return (TABLE_MISS);
	memset(t->domains, 0, sizeof(t->domains));
	cdbfile_walk_init(&w, &t->file);
	while ((answer = cdbfile_walk(&w)) == TABLE_HIT) {
		size_t at = w.key.n;

		while (at > 0 && w.key.p[at - 1] != '@')
			at--;
		if (at > 0)
			note_domain(t, bytes_cut(w.key, at, w.key.n));
	}
	t->knows_domains = answer == TABLE_MISS;
	return (answer);
}

/* Has the table any key for the domain? */
static enum table_answer
find_domain(struct table_match *m)
{
	struct bytes host = m->mailbox.host;
	enum table_answer answer = find_mailbox(m, bytes_cut(host, 0, 0), host);

	if (answer == TABLE_MISS)
		answer = learn_domains(m->table);
	if (answer == TABLE_MISS && has_domain(m->table, host))
		answer = TABLE_HIT;
	return (answer);
}

/* RFC 5321 4.5.1: there is a postmaster wherever we take mail for. */
static enum table_answer
find_postmaster(struct table_match *m)
{
	const struct mailbox *who = &m->mailbox;
	const struct table *t = m->table;
	enum table_answer answer = TABLE_HIT;

	if (t->postmaster.n == 0 ||
	    !bytes_same_nocase(who->local, bytes_of("postmaster")))
		return (TABLE_MISS);
	if (who->host.n > 0 && !idn_is_same(who->host, t->host))
		answer = find_domain(m);
	if (answer != TABLE_HIT)
		return (answer);
	m->by = TABLE_BY_POSTMASTER;
	m->key = (struct bytes){ m->key_store, 0 };
	m->at = 0;
	/* One instruction, which is not a record's, and no record after it. */
	m->found = (struct cdbfile_find){ .at = 0 };
	m->has_next = true;
	return (TABLE_HIT);
}

static enum table_answer
find(struct table_match *m)
{
	const struct mailbox *who = &m->mailbox;
	enum table_answer answer = TABLE_MISS;

	m->by = TABLE_BY_MAILBOX;
	/* Postmaster alone is ours. */
	if (who->host.n == 0 &&
	    bytes_same_nocase(who->local, bytes_of("postmaster")))
		answer = find_mailbox(m, who->local, m->table->host);
	else if (who->local.n > 0)
		answer = find_mailbox(m, who->local, who->host);
	if (answer == TABLE_MISS)
		answer = find_postmaster(m);
	if (answer == TABLE_MISS && who->plain.n < who->local.n) {
		m->by = TABLE_BY_LOCAL;
		m->deflt = who->ext;
		answer = find_mailbox(m, who->plain, who->host);
	}
	if (answer == TABLE_MISS) {
		m->by = TABLE_BY_DOMAIN;
		m->deflt = who->local;
		answer =
		    find_mailbox(m, bytes_cut(who->local, 0, 0), who->host);
	}
	return (answer);
}

enum table_answer
table_find(struct table *t, struct bytes mailbox, struct table_match *m)
{
	m->table = t;
	if (!take_apart(m, mailbox))
		return (cdbfile_confirm(&t->file, TABLE_MISS));
	return (cdbfile_confirm(&t->file, find(m)));
}

enum table_answer
table_route(struct table *t, struct bytes mailbox, struct table_match *m)
{
	m->table = t;
	if (!take_apart(m, mailbox))
		return (cdbfile_confirm(&t->file, TABLE_MISS));
	m->by = TABLE_BY_ROUTE;
	m->deflt = m->mailbox.local;
	m->key_store[0] = '@';
	return (cdbfile_confirm(&t->file, find_key(m, 1)));
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

/* The text of the record that was found. */
static enum table_answer
read_record(struct table_match *m, struct bytes *instruction)
{
	struct cdbfile *f = &m->table->file;

	if (m->found.value_n > sizeof(m->text)) {
		(void)fault_set(&f->why,
		    "use an instruction, which is too long, of", f->name, 0);
		return (TABLE_FAILED);
	}
	instruction->n = m->found.value_n;
	return (cdbfile_value(f, &m->found, m->text));
}

enum table_answer
table_next(struct table_match *m, struct bytes *instruction)
{
	struct cdbfile *f = &m->table->file;
	enum table_answer answer = TABLE_HIT;

	*instruction = (struct bytes){ m->text, 0 };
	if (!m->has_next)
		answer = cdbfile_next(f, &m->found);
	m->has_next = false;
	if (answer == TABLE_HIT && m->by == TABLE_BY_POSTMASTER)
		put_postmaster(m, instruction);
	else if (answer == TABLE_HIT)
		answer = read_record(m, instruction);
	return (cdbfile_confirm(f, answer));
}
