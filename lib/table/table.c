/* SPDX-License-Identifier: ISC */
#include "table/table.h"

#include <string.h>

void
table_init(struct table *t)
{
	cdbfile_init(&t->file);
	t->host = (struct bytes){ NULL, 0 };
	t->postmaster = t->host;
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

/* False: too long for anybody's. */
static bool
take_apart(struct table_match *m, struct bytes mailbox)
{
	if (mailbox.n >= TABLE_KEY_MAX || !mailbox_split(&m->mailbox, mailbox))
		return (false);
	m->deflt = bytes_cut(m->mailbox.local, 0, 0);
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
	struct bytes host = m->mailbox.host;
	enum table_answer answer = find_mailbox(m, bytes_cut(host, 0, 0), host);
	struct cdbfile_walk w;

	if (answer != TABLE_MISS)
		return (answer);
	cdbfile_walk_init(&w, &m->table->file);
	do {
		answer = cdbfile_walk(&w);
	} while (answer == TABLE_HIT && !is_at(w.key, host));
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
	if (who->host.n > 0 && !bytes_same_nocase(who->host, t->host))
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
