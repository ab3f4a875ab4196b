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
#include "deliver/maildir.h"
#include "deliver/pegasus.h"
#include "deliver/text.h"
#include "mail/mailbox.h"
#include "spool/scan.h"
#include "spool/spool.h"
#include "sys/sysclock.h"
#include "table/table.h"

/* Stop reading at the end of the header. */
enum {
	ENOUGH = ECANCELED
};

struct delivering {
	struct delivery d;
	struct mailbox mailbox;
	struct table table;
	struct table_match match;
	char path[CONF_VALUE_MAX + SCAN_NAME_MAX];
	char aliases[TABLE_ALIASES_MAX];
	struct bytes done; /* by an earlier try */
	deliver_done_fn *tell;
	void *ctx;
	/* "user@our host", where the recipient has no domain. */
	char qualified[MAILBOX_LOCAL_MAX];
};

static int
feed_hops(void *ctx, struct bytes piece)
{
	struct hops *h = ctx;

	hops_feed(h, piece);
	return (h->is_over ? ENOUGH : 0);
}

/* False, and out says so: it has come around. */
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
run_shell(const struct delivery *d, struct bytes command, struct outcome *out)
{
	char sh[] = "/bin/sh";
	char flag[] = "-c";
	char store[INSTRUCTION_MAX + 1];
	char *argv[4] = { sh, flag, store, NULL };
	struct buf text;

	buf_init(&text, store, sizeof(store));
	(void)buf_put(&text, command);
	if (buf_cstr(&text) == NULL)
		outcome_set(
		    out, OUTCOME_TRY_AGAIN, "4.3.5", "the command is too long");
	else
		command_deliver(d, argv, out);
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
	d->until_ms = sysclock_after(sysclock_ms(), d->settings->commandtime);
	switch (in.kind) {
	case INSTRUCTION_COMMAND:
		run_shell(d, in.target, out);
		break;
	case INSTRUCTION_MAILDIR:
		maildir_deliver(d, in.target, out);
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
	}
}

static void
table_fault(const struct fault *why, struct outcome *out)
{
	outcome_set(out, OUTCOME_TRY_AGAIN, "4.3.0", "unable to %s %s%s%s",
	    why->op, why->name, why->err == 0 ? "" : ": ",
	    why->err == 0 ? "" : strerror(why->err));
}

/*
 * Pass over the instructions that an earlier try has carried out, if they are
 * still those of the table.  False: they are not, and none was.
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

/* What a recipient with several instructions has come to. */
static enum outcome_action
action_of(const struct delivering *c, const struct outcome *out, bool is_more)
{
	if (c->match.by == TABLE_BY_ROUTE && out->action == OUTCOME_FINAL)
		return (OUTCOME_RELAYED);
	return (is_more && out->action == OUTCOME_RELAYED ? OUTCOME_EXPANDED
							  : out->action);
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
			c->tell(c->ctx, done);
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
		table_fault(&c->table.file.why, out);
}

/* Whose is it?  False, and out says why nobody's. */
static bool
look_up(struct delivering *c, struct outcome *out)
{
	struct bytes mailbox = c->d.recipient;
	enum table_answer answer = table_find(&c->table, mailbox, &c->match);

	/* NOS leaves out the domain where it is its own. */
	if (answer == TABLE_MISS && c->mailbox.host.n == 0) {
		struct buf b;

		buf_init(&b, c->qualified, sizeof(c->qualified));
		(void)buf_put(&b, mailbox);
		(void)buf_putc(&b, '@');
		(void)buf_puts(&b, c->d.host);
		mailbox = buf_view(&b);
		answer = table_find(&c->table, mailbox, &c->match);
	}
	/* Who has accepted it knew that its sender may relay. */
	if (answer == TABLE_MISS)
		answer = table_route(&c->table, mailbox, &c->match);
	if (answer == TABLE_HIT)
		return (true);
	if (answer == TABLE_FAILED)
		table_fault(&c->table.file.why, out);
	else
		outcome_set(out, OUTCOME_FAILED, "5.1.1",
		    "there is nobody here by that name, and no route (@) to "
		    "elsewhere");
	return (false);
}

/* The recipient's instructions, by the key that was found. */
static void
follow_all(struct delivering *c, struct outcome *out)
{
	struct done done;

	/* A table that has changed: a copy too many is no loss. */
	if (!skip_done(c, &done) && !look_up(c, out))
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
	const struct settings *s = c->d.settings;
	struct fault why;

	if (table_open(&c->table, s->deliver, &why) != RES_OK) {
		table_fault(&why, out);
		return;
	}
	table_set_postmaster(&c->table, c->d.host, s->postmaster);
	if (s->aliases[0] != '\0' &&
	    table_load_aliases(&c->table, s->aliases, c->aliases, &why) !=
		RES_OK) {
		table_fault(&why, out);
		return;
	}
	if (!look_up(c, out))
		return;
	c->d.deflt = c->match.deflt;
	follow_all(c, out);
}

static void
set_facts(struct delivering *c, const struct deliver_site *site,
    const struct message *m, size_t i)
{
	const struct plan *p = &m->plan;

	c->d = (struct delivery){ .settings = site->settings,
		.spool = site->spool,
		.host = site->host,
		.number = m->claim.number,
		.txt_path = c->path,
		.txt_fd = -1,
		.envelope = p->text,
		.sender = p->sender,
		.recipient = p->rcpt[i].mailbox,
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
	(void)buf_printf(&path, "%s/%s", c->d.settings->subdir, name);
	if (buf_cstr(&path) != NULL)
		return (true);
	outcome_fault(out, "4.3.5", "name", name, ENAMETOOLONG);
	return (false);
}

void
deliver_run(const struct deliver_site *site, const struct message *m, size_t i,
    deliver_done_fn *tell, void *ctx, struct outcome *out)
{
	/* One an agent, and too large for some stacks. */
	static struct delivering c;
	struct fault why;

	set_facts(&c, site, m, i);
	c.done = m->plan.rcpt[i].done;
	c.tell = tell;
	c.ctx = ctx;
	table_init(&c.table);
	if (!prepare(&c, out))
		return;
	c.d.txt_fd = message_open_text(m, &why);
	if (c.d.txt_fd < 0) {
		outcome_fault(out, "4.3.0", why.op, why.name, why.err);
		return;
	}
	if (!check_hops(&c.d, out))
		return;
	if (site->command == NULL) {
		by_table(&c, out);
		return;
	}
	c.d.until_ms =
	    sysclock_after(sysclock_ms(), site->settings->commandtime);
	command_deliver(&c.d, site->command, out);
}
