/* SPDX-License-Identifier: ISC */
#include "deliver/deliver.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "conf/keys.h"
#include "deliver/command.h"
#include "deliver/forward.h"
#include "deliver/hops.h"
#include "deliver/lmtp.h"
#include "deliver/lookup.h"
#include "deliver/maildir.h"
#include "deliver/pegasus.h"
#include "deliver/single.h"
#include "deliver/text.h"
#include "mail/mailbox.h"
#include "outbound/hopname.h"
#include "spool/scan.h"
#include "spool/spool.h"
#include "sys/sysclock.h"

/* Stop reading at the end of the header. */
enum {
	ENOUGH = ECANCELED
};

struct delivering {
	struct delivery d;
	struct mailbox mailbox;
	struct lookup *lookup;
	struct table_match match;
	char path[CONF_VALUE_MAX + SCAN_NAME_MAX];
	const struct message *message; /* whose text is open */
	int txt_fd;
	struct bytes done; /* by an earlier try */
	const struct deliver_site *site;
	const struct deliver_ear *ear;
	size_t which; /* of those we have been given */
	bool is_alone;
};

static int
feed_hops(void *ctx, struct bytes piece)
{
	struct hops *h = ctx;

	hops_feed(h, piece);
	return (h->is_over ? ENOUGH : 0);
}

/* False, and out says why: it loops, or cannot be read. */
static bool
check_hops(const struct delivery *d, struct outcome *out)
{
	struct hops h;
	const char *wrong;
	const char *op;
	int err;

	hops_init(&h, d->recipient);
	err = text_each(d->txt_fd, TEXT_AS_IS, feed_hops, &h, &op);
	if (err != 0 && err != ENOUGH) {
		outcome_fault(out, "4.3.0", op, d->txt_path, err);
		return (false);
	}
	wrong = hops_verdict(&h);
	if (wrong == NULL)
		return (true);
	outcome_set(
	    out, OUTCOME_FAILED, "5.4.6", "the message loops: %s", wrong);
	return (false);
}

static void
run_shell(
    const struct delivery *d, const struct instruction *in, struct outcome *out)
{
	char sh[] = "/bin/sh";
	char flag[] = "-c";
	char store[INSTRUCTION_MAX + 1];
	char *argv[4] = { sh, flag, store, NULL };
	struct buf text;

	buf_init(&text, store, sizeof(store));
	(void)buf_put(&text, in->target);
	if (buf_cstr(&text) == NULL)
		outcome_set(
		    out, OUTCOME_TRY_AGAIN, "4.3.5", "the command is too long");
	else
		command_deliver(d, in->user, argv, out);
}

static void
run_lmtp(
    const struct delivery *d, const struct instruction *in, struct outcome *out)
{
	struct lmtpdialog_rcpt rcpt = {
		.mailbox = d->recipient, .notify = d->notify, .orcpt = d->orcpt
	};

	lmtp_deliver(d, in, &rcpt, 1);
	*out = rcpt.outcome;
}

static void
run_maildir(
    const struct delivery *d, const struct instruction *in, struct outcome *out)
{
	/* As those of deliver_run(). */
	static struct maildir_order order;

	order.d = *d;
	maildir_deliver(&order, 1, in->target);
	*out = order.out;
}

static void
run_single(
    const struct delivery *d, const struct instruction *in, struct outcome *out)
{
	char store[HOPNAME_MAX];
	struct buf host;

	buf_init(&host, store, sizeof(store));
	if (in->kind == INSTRUCTION_SMTP_MX)
		(void)buf_put(&host, d->domain);
	else
		hopname_put_relay(&host, in->target, in->port);
	if (buf_cstr(&host) == NULL)
		outcome_set(
		    out, OUTCOME_FAILED, "5.1.2", "the domain is too long");
	else
		single_deliver(d, store, out);
}

/* One instruction, or the reason why not. */
static void
follow(struct delivery *d, struct bytes text, struct outcome *out)
{
	struct instruction in;
	const char *wrong = instruction_parse(text, &in);

	if (wrong != NULL) {
		outcome_set(out, OUTCOME_TRY_AGAIN, "4.3.5",
		    "bad instruction: %s", wrong);
		return;
	}
	d->until_ms =
	    sysclock_after(sysclock_ms(), d->settings->work.commandtime);
	switch (in.kind) {
	case INSTRUCTION_COMMAND:
		run_shell(d, &in, out);
		break;
	case INSTRUCTION_MAILDIR:
		run_maildir(d, &in, out);
		break;
	case INSTRUCTION_FORWARD:
		forward_deliver(d, in.target, out);
		break;
	case INSTRUCTION_LMTP_UNIX:
	case INSTRUCTION_LMTP_INET:
		run_lmtp(d, &in, out);
		break;
	case INSTRUCTION_PEGASUS:
		pegasus_deliver(d, in.target, out);
		break;
	case INSTRUCTION_SMTP_MX:
	case INSTRUCTION_SMTP_RELAY:
		run_single(d, &in, out);
		break;
	}
}

/*
 * Pass over the instructions that an earlier try has carried out, if they are
 * still those of the table.  False: they are not; begin with the first.
 */
static bool
skip_done(struct delivering *c, struct done *done)
{
	struct done was;
	struct bytes text;

	*done = (struct done){ .n = 0 };
	if (!done_parse(c->done, &was))
		return (true);
	while (done->n < was.n && table_next(&c->match, &text) == TABLE_HIT)
		done_add(done, text);
	if (done_is_same(done, &was))
		return (true);
	*done = (struct done){ .n = 0 };
	return (false);
}

/* The action for a recipient who may have several instructions. */
static enum outcome_action
action_of(const struct delivering *c, const struct outcome *out, bool is_more)
{
	if (c->match.by == TABLE_BY_ROUTE && out->action == OUTCOME_FINAL)
		return (OUTCOME_RELAYED);
	return (is_more && out->action == OUTCOME_RELAYED ? OUTCOME_EXPANDED
							  : out->action);
}

/* Is it the last?  For an alias we do not look, and say no. */
static bool
is_last(const struct table_match *m)
{
	struct table_match ahead = *m;
	struct bytes text;

	return (
	    m->by != TABLE_BY_ALIAS && table_next(&ahead, &text) == TABLE_MISS);
}

/* All instructions that are left; the first failure is the end. */
static void
follow_rest(struct delivering *c, struct done *done, struct outcome *out)
{
	enum outcome_action action = OUTCOME_FINAL;
	enum table_answer answer;
	struct bytes text;

	while ((answer = table_next(&c->match, &text)) == TABLE_HIT) {
		if (done->n > 0)
			c->ear->done(c->ear->ctx, c->which, done);
		if (c->is_alone && is_last(&c->match))
			c->d.syncing = c->ear->syncing;
		follow(&c->d, text, out);
		if (out->kind != OUTCOME_DELIVERED)
			return;
		done_add(done, text);
		if (out->action < action)
			out->action = action;
		out->action = action_of(c, out, done->n > 1);
		action = out->action;
		if (out->is_last)
			return;
	}
	if (answer == TABLE_FAILED)
		lookup_fault(&c->lookup->table.file.why, out);
}

/* The recipient's instructions, by the key that was found. */
static void
follow_all(struct delivering *c, struct outcome *out)
{
	struct done done;

	/* If the table has changed, begin anew: an extra copy is not a loss. */
	if (!skip_done(c, &done) &&
	    !lookup_find(c->lookup, c->d.recipient, &c->match, out))
		return;
	if (done.n == 0)
		outcome_set(out, OUTCOME_TRY_AGAIN, "4.3.0", "no instruction");
	else
		outcome_set(out, OUTCOME_DELIVERED, "2.0.0",
		    "all of it was done before");
	follow_rest(c, &done, out);
}

static void
by_table(struct delivering *c, struct outcome *out)
{
	if (!c->lookup->is_open && !lookup_open(c->lookup, out))
		return;
	if (!lookup_find(c->lookup, c->d.recipient, &c->match, out))
		return;
	c->d.deflt = c->match.deflt;
	c->d.may_name_users = table_is_roots(&c->lookup->table);
	follow_all(c, out);
}

static void
set_facts(struct delivering *c, const struct deliver_part *part)
{
	const struct deliver_site *site = c->site;
	const struct message *m = part->message;
	const struct plan *p = &m->plan;
	size_t i = part->rcpt;

	c->d = (struct delivery){ .settings = site->settings,
		.spool = site->spool,
		.host = site->host,
		.remote = site->remote,
		.conf = site->conf,
		.number = m->claim.number,
		.txt_path = c->path,
		.txt_fd = c->txt_fd,
		.envelope = p->text,
		.sender = p->sender,
		.recipient = p->rcpt[i].mailbox,
		.syncing_ctx = c->ear->ctx,
		.notify = p->rcpt[i].notify,
		.orcpt = p->rcpt[i].orcpt,
		.envid = p->envid,
		.ret = p->ret,
		.body = p->body,
		.smtputf8 = p->smtputf8,
		.requiretls = p->requiretls };
}

/* The recipient's parts and the text's path.  False, and out says why. */
static bool
prepare(struct delivering *c, struct outcome *out)
{
	char name[SCAN_NAME_MAX];
	struct buf path;

	if (!mailbox_split(&c->mailbox, c->d.recipient) ||
	    c->mailbox.local.n == 0) {
		outcome_set(out, OUTCOME_FAILED, "5.1.3", "this is no mailbox");
		return (false);
	}
	c->d.local = c->mailbox.local;
	c->d.domain = c->mailbox.host;
	c->d.ext = c->mailbox.ext;
	if (c->d.domain.n == 0)
		c->d.domain = bytes_of(c->d.host);
	scan_name(name, c->d.number, SCAN_TXT);
	buf_init(&path, c->path, sizeof(c->path));
	(void)buf_printf(&path, "%s/%s", c->d.settings->spool.dir, name);
	if (buf_cstr(&path) != NULL)
		return (true);
	outcome_fault(out, "4.3.5", "name", name, ENAMETOOLONG);
	return (false);
}

/* Those of a message before have their own descriptors. */
static bool
open_text(struct delivering *c, const struct message *m, struct outcome *out)
{
	struct fault why;

	if (c->message == m)
		return (true);
	c->message = NULL;
	c->txt_fd = message_open_text(m, &why);
	if (c->txt_fd < 0) {
		outcome_fault(out, "4.3.0", why.op, why.name, why.err);
		return (false);
	}
	c->message = m;
	return (true);
}

/* The recipient's facts, and has it been with them before? */
static bool
begin(
    struct delivering *c, const struct deliver_part *part, struct outcome *out)
{
	if (!open_text(c, part->message, out))
		return (false);
	set_facts(c, part);
	c->done = part->message->plan.rcpt[part->rcpt].done;
	return (prepare(c, out) && check_hops(&c->d, out));
}

static void
deliver_one(
    struct delivering *c, const struct deliver_part *part, struct outcome *out)
{
	if (!begin(c, part, out))
		return;
	if (c->site->command == NULL) {
		by_table(c, out);
		return;
	}
	c->d.until_ms =
	    sysclock_after(sysclock_ms(), c->site->settings->work.commandtime);
	command_deliver(&c->d, bytes_of(""), c->site->command, out);
}

/* Recipients who share a conversation, or a Maildir, and with whom. */
struct company {
	size_t n;
	struct delivery d; /* the first one's */
	const struct message *message;
	struct lmtpdialog_rcpt rcpt[LOTS_SHARED_MAX];
	struct maildir_order order[MAILDIR_TOGETHER];
	size_t which[LOTS_SHARED_MAX];
	bool is_route[LOTS_SHARED_MAX];
	struct instruction in;
	size_t text_n;
	char text[INSTRUCTION_MAX];
};

static bool
is_maildir(const struct company *all)
{
	return (all->in.kind == INSTRUCTION_MAILDIR);
}

/* The first recipient's instruction is the company's, if it can be shared. */
static bool
found(struct company *all, struct bytes text)
{
	memcpy(all->text, text.p, text.n);
	all->text_n = text.n;
	if (instruction_parse((struct bytes){ all->text, text.n }, &all->in) !=
	    NULL)
		return (false);
	return (all->in.kind == INSTRUCTION_LMTP_UNIX ||
	    all->in.kind == INSTRUCTION_LMTP_INET || is_maildir(all));
}

/* Is the company's instruction the only one? */
static bool
is_place_of(struct delivering *c, struct company *all)
{
	struct bytes text;

	if (table_next(&c->match, &text) != TABLE_HIT ||
	    text.n > sizeof(all->text))
		return (false);
	if (all->n == 0 && !found(all, text))
		return (false);
	/* One conversation is about one message. */
	if (is_maildir(all) ? all->n == MAILDIR_TOGETHER
			    : all->n > 0 && all->message != c->message)
		return (false);
	return (bytes_same(text, (struct bytes){ all->text, all->text_n }) &&
	    table_next(&c->match, &text) == TABLE_MISS);
}

/* Add the recipient; what the next one overwrites is left out. */
static void
add(struct delivering *c, struct company *all)
{
	if (all->n == 0) {
		all->d = c->d;
		all->message = c->message;
	}
	all->is_route[all->n] = c->match.by == TABLE_BY_ROUTE;
	all->which[all->n] = c->which;
	if (is_maildir(all)) {
		struct delivery *d = &all->order[all->n].d;

		*d = c->d;
		d->txt_path = NULL;
		d->local = d->domain = d->ext = d->deflt = bytes_of("");
	} else {
		all->rcpt[all->n] = (struct lmtpdialog_rcpt){
			.mailbox = c->d.recipient,
			.notify = c->d.notify,
			.orcpt = c->d.orcpt,
		};
	}
	all->n++;
}

/* False: this recipient goes alone. */
static bool
joins(
    struct delivering *c, const struct deliver_part *part, struct company *all)
{
	struct outcome out;

	if (c->site->command != NULL || !begin(c, part, &out) ||
	    c->done.n > 0 ||
	    (!c->lookup->is_open && !lookup_open(c->lookup, &out)) ||
	    !lookup_find(c->lookup, c->d.recipient, &c->match, &out) ||
	    !is_place_of(c, all))
		return (false);
	add(c, all);
	return (true);
}

static struct outcome *
outcome_in(struct company *all, size_t i)
{
	return (is_maildir(all) ? &all->order[i].out : &all->rcpt[i].outcome);
}

/* What the company has in common is all that is left to do. */
static void
go_together(struct delivering *c, struct company *all)
{
	size_t i;

	if (all->n == 0)
		return;
	all->d.until_ms =
	    sysclock_after(sysclock_ms(), c->site->settings->work.commandtime);
	if (is_maildir(all)) {
		all->order[0].d.syncing = c->ear->syncing;
		maildir_deliver(all->order, all->n, all->in.target);
	} else {
		lmtp_deliver(&all->d, &all->in, all->rcpt, all->n);
	}
	for (i = 0; i < all->n; i++) {
		struct outcome *out = outcome_in(all, i);

		if (out->kind == OUTCOME_DELIVERED && all->is_route[i])
			out->action = OUTCOME_RELAYED;
		c->ear->told(c->ear->ctx, all->which[i], out);
	}
}

void
deliver_run(const struct deliver_site *site, struct lookup *lookup,
    const struct deliver_part *part, size_t n, const struct deliver_ear *ear)
{
	/* One an agent, and too large for some stacks. */
	static struct delivering c;
	static struct company all;
	struct outcome out;

	c.site = site;
	c.ear = ear;
	c.is_alone = n == 1;
	c.lookup = lookup;
	for (c.which = 0; c.which < n; c.which++) {
		if (n > 1 && joins(&c, &part[c.which], &all))
			continue;
		outcome_set(
		    &out, OUTCOME_TRY_AGAIN, "4.3.0", "nothing was done");
		deliver_one(&c, &part[c.which], &out);
		ear->told(ear->ctx, c.which, &out);
	}
	go_together(&c, &all);
}
