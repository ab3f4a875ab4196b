/* SPDX-License-Identifier: ISC */
#include "policy/policy.h"

#include <string.h>

#include "bytes/buf.h"
#include "mail/idn.h"
#include "policy/mapcall.h"
#include "sys/sysclock.h"

static enum result
fail(struct policy *p, struct buf *why)
{
	if (buf_cstr(why) == NULL)
		p->why[sizeof(p->why) - 1] = '\0';
	return (RES_TEMP);
}

static enum result
fail_table(struct policy *p, struct buf *why, const struct fault *fault)
{
	(void)buf_printf(why, "unable to %s %s: %s", fault->op, fault->name,
	    fault->err == 0 ? "it is damaged" : strerror(fault->err));
	return (fail(p, why));
}

static enum result
parse(struct policy *p, struct bytes words, enum tlspolicy_source source,
    struct bytes key, struct buf *why)
{
	const char *wrong = tlspolicy_parse(words, source, &p->words);

	if (wrong == NULL)
		return (RES_OK);
	(void)buf_puts(why, "the policy of ");
	(void)buf_put(why, key);
	(void)buf_printf(why, " is not one: %s", wrong);
	return (fail(p, why));
}

/* The row of one key; false: there is not any. */
static bool
find_row(struct policy *p, struct cdbfile *f, struct bytes key, struct buf *why,
    enum result *r)
{
	struct cdbfile_find found;
	enum table_answer answer =
	    cdbfile_confirm(f, cdbfile_find(f, key, &found));

	if (answer == TABLE_MISS)
		return (false);
	if (answer == TABLE_HIT && found.value_n > sizeof(p->text)) {
		*r = parse(p, bytes_of(""), TLSPOLICY_TABLE, key, why);
		return (true);
	}
	if (answer == TABLE_HIT)
		answer = cdbfile_confirm(f, cdbfile_value(f, &found, p->text));
	*r = answer == TABLE_HIT
	    ? parse(p, (struct bytes){ p->text, found.value_n },
		  TLSPOLICY_TABLE, key, why)
	    : fail_table(p, why, &f->why);
	return (true);
}

/* By the most specific key that there is. */
static enum result
find_in_table(
    struct policy *p, const char *path, struct bytes hop, struct buf *why)
{
	struct fault fault;
	struct bytes key;
	enum result r = RES_OK;

	cdbfile_init(&p->table);
	if (cdbfile_open(&p->table, path, &fault) != RES_OK)
		return (fail_table(p, why, &fault));
	while (tlspolicy_next_key(&hop, &key))
		if (find_row(p, &p->table, key, why, &r))
			break;
	cdbfile_close(&p->table);
	return (r);
}

static enum result
ask_map(struct policy *p, const struct settings_policy *where, struct bytes hop,
    int watch, struct buf *why)
{
	struct mapcall call = { .where = where,
		.watch = watch,
		.until_ms = sysclock_after(sysclock_ms(), POLICY_SECONDS),
		.store = p->text,
		.cap = sizeof(p->text),
		.why = why };
	struct bytes text;

	switch (mapcall_ask(&call, hop, &text)) {
	case SOCKETMAP_OK:
		return (parse(p, text, TLSPOLICY_SOCKETMAP, hop, why));
	case SOCKETMAP_NOTFOUND:
		return (RES_OK);
	case SOCKETMAP_FAILED:
		break;
	}
	return (fail(p, why));
}

enum result
policy_find(const struct settings_remote *remote, struct bytes hop, int watch,
    struct policy *p)
{
	struct settings_policy where;
	char store[POLICY_HOP_MAX];
	struct buf key;
	struct buf why;
	enum result r;

	p->words = (struct tlspolicy){ .source = TLSPOLICY_ABSENT };
	p->why[0] = '\0';
	buf_init(&key, store, sizeof(store));
	/* The key was checked when it was read. */
	if (remote->policy[0] == '\0' || !idn_put_ascii(hop, &key) ||
	    !settings_policy(bytes_of(remote->policy), &where))
		return (RES_OK);
	buf_init(&why, p->why, sizeof(p->why));
	if (!where.is_map)
		return (find_in_table(p, remote->policy, buf_view(&key), &why));
	r = ask_map(p, &where, buf_view(&key), watch, &why);
	return (remote->unknown == SETTINGS_LATER ? r : RES_OK);
}
