/* SPDX-License-Identifier: ISC */
#include "table/table.h"

#include <string.h>
#include <sys/stat.h>

#include "mail/aliases.h"
#include "mail/idn.h"
#include "table/aliasfile.h"

void
table_init(struct table *t)
{
	cdbfile_init(&t->file);
	t->host = (struct bytes){ NULL, 0 };
	t->postmaster = t->host;
	t->aliases = t->host;
	domains_init(&t->domains);
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
table_is_roots(const struct table *t)
{
	struct stat st;

	return (fstat(t->file.fd, &st) == 0 && st.st_uid == 0 &&
	    (st.st_mode & (S_IWGRP | S_IWOTH)) == 0);
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

enum result
table_load_aliases(
    struct table *t, const char *path, char *store, struct fault *why)
{
	return (
	    aliasfile_load(path, store, TABLE_ALIASES_MAX, &t->aliases, why));
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

/* Has the table any key for the domain? */
static enum table_answer
find_domain(struct table_match *m)
{
	struct bytes host = m->mailbox.host;
	enum table_answer answer = find_mailbox(m, bytes_cut(host, 0, 0), host);

	return (answer != TABLE_MISS
		? answer
		: domains_find(&m->table->domains, &m->table->file, host));
}

static bool
is_named(const struct table_match *m, const char *local)
{
	return (bytes_same_nocase(m->mailbox.local, bytes_of(local)));
}

static bool
is_ours(const struct table_match *m)
{
	struct bytes host = m->mailbox.host;

	return (host.n == 0 || idn_is_same(host, m->table->host));
}

/*
 * RFC 5321 4.5.1: there is a postmaster wherever we take mail for; and answers
 * to our own reports, which come from MAILER-DAEMON, are theirs.
 */
static enum table_answer
find_postmaster(struct table_match *m)
{
	struct bytes postmaster = bytes_of("postmaster");
	const struct table *t = m->table;
	enum table_answer answer = TABLE_MISS;

	if (is_named(m, "mailer-daemon") && is_ours(m))
		answer = find_mailbox(m, postmaster, t->host);
	else if (!is_named(m, "postmaster"))
		return (TABLE_MISS);
	if (answer != TABLE_MISS || t->postmaster.n == 0)
		return (answer);
	answer = is_ours(m) ? TABLE_HIT : find_domain(m);
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

/* Only names at our host have aliases. */
static bool
find_alias(struct table_match *m)
{
	const struct mailbox *who = &m->mailbox;
	const struct table *t = m->table;
	struct bytes items;

	if (t->aliases.n == 0 || !is_ours(m))
		return (false);
	m->key = who->local;
	if (!aliases_find(t->aliases, who->local, &items)) {
		m->key = who->plain;
		m->deflt = who->ext;
		if (!aliases_find(t->aliases, who->plain, &items))
			return (false);
	}
	m->by = TABLE_BY_ALIAS;
	/* Behind all records, and in the order of the file. */
	m->at =
	    UINT32_MAX - TABLE_ALIASES_MAX + (uint32_t)(items.p - t->aliases.p);
	m->ngiven = 0;
	m->is_own = false;
	aliasitems_init(&m->items, items);
	return (true);
}

static enum table_answer
find(struct table_match *m)
{
	const struct mailbox *who = &m->mailbox;
	enum table_answer answer = TABLE_MISS;

	if (!is_named(m, "postmaster") && find_alias(m))
		return (TABLE_HIT);
	m->deflt = bytes_cut(who->local, 0, 0);
	m->by = TABLE_BY_MAILBOX;
	/* Postmaster alone is ours. */
	if (who->host.n == 0 && is_named(m, "postmaster"))
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

/* The next record's instruction, or smtp.postmaster's. */
static enum table_answer
next_record(struct table_match *m, struct bytes *instruction)
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
	return (answer);
}

/* An item that is not an instruction is found out when it is carried out. */
static void
put_item(struct table_match *m, const char *begin, struct bytes text,
    const char *end, struct bytes *instruction)
{
	struct buf out;

	buf_init(&out, m->text, sizeof(m->text));
	(void)buf_puts(&out, begin);
	(void)buf_put(&out, text);
	(void)buf_puts(&out, end);
	*instruction = buf_view(&out);
	m->ngiven++;
}

/* Does an alias name its own mailbox?  Then the table's key is meant. */
static bool
is_own_name(const struct table_match *m, struct bytes name, struct bytes host)
{
	return (bytes_same_nocase(name, m->key) &&
	    (host.n == 0 || idn_is_same(host, m->table->host)));
}

static enum table_answer
put_address(struct table_match *m, struct bytes text, struct bytes *instruction)
{
	char store[MAILBOX_LOCAL_MAX];
	struct buf host;
	struct mailbox to;

	if (!mailbox_split(&to, text)) {
		put_item(
		    m, "? too long: ", bytes_cut(text, 0, 64), "", instruction);
		return (TABLE_HIT);
	}
	if (is_own_name(m, to.local, to.host) && !m->items.is_include) {
		struct bytes name = m->key;
		uint32_t at = m->at;
		enum table_answer answer =
		    find_mailbox(m, to.local, m->table->host);

		m->key = name;
		m->at = at;
		if (answer == TABLE_FAILED)
			return (answer);
		m->is_own = answer == TABLE_HIT;
		if (m->is_own) {
			m->ngiven++;
			return (next_record(m, instruction));
		}
	}
	buf_init(&host, store, sizeof(store));
	if (to.host.n == 0) {
		(void)buf_putc(&host, '@');
		(void)buf_put(&host, m->table->host);
	}
	put_item(
	    m, "&", text, buf_cstr(&host) == NULL ? "" : store, instruction);
	return (TABLE_HIT);
}

/* A file that is included may be anybody's: it has addresses only. */
static enum table_answer
put_other(struct table_match *m, enum aliases_kind kind, struct bytes text,
    struct bytes *instruction)
{
	if (m->items.is_include && kind != ALIASES_BAD)
		put_item(m, "? not in an included file: ",
		    bytes_cut(text, 0, sizeof(m->text) / 2), "", instruction);
	else if (kind == ALIASES_COMMAND)
		put_item(m, "|", text, "", instruction);
	else if (bytes_same(text, bytes_of("/dev/null")))
		put_item(m, "|exit 0", bytes_cut(text, 0, 0), "", instruction);
	else if (kind == ALIASES_FILE)
		put_item(m, "", text, "", instruction);
	else
		put_item(m, "? ", bytes_cut(text, 0, sizeof(m->text) / 2), "",
		    instruction);
	return (TABLE_HIT);
}

static enum table_answer
next_item(struct table_match *m, struct bytes *instruction)
{
	char store[INSTRUCTION_MAX / 2];
	enum aliases_kind kind;
	struct bytes text;
	struct buf room;

	buf_init(&room, store, sizeof(store));
	switch (aliasitems_next(
	    &m->items, &room, &kind, &text, &m->table->file.why)) {
	case RES_OK:
		return (kind == ALIASES_ADDRESS
			? put_address(m, text, instruction)
			: put_other(m, kind, text, instruction));
	case RES_TEMP:
		return (TABLE_FAILED);
	case RES_PERM:
		break;
	}
	if (m->ngiven > 0)
		return (TABLE_MISS);
	put_item(m, "? an alias of nobody: ", m->key, "", instruction);
	return (TABLE_HIT);
}

enum table_answer
table_next(struct table_match *m, struct bytes *instruction)
{
	enum table_answer answer = TABLE_MISS;

	*instruction = (struct bytes){ m->text, 0 };
	if (m->by != TABLE_BY_ALIAS || m->is_own)
		answer = next_record(m, instruction);
	if (m->by == TABLE_BY_ALIAS && answer == TABLE_MISS) {
		m->is_own = false;
		answer = next_item(m, instruction);
	}
	return (cdbfile_confirm(&m->table->file, answer));
}
