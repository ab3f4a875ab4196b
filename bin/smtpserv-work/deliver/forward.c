/* SPDX-License-Identifier: ISC */
#include "deliver/forward.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "bytes/utf8.h"
#include "deliver/text.h"
#include "envelope/envelope.h"
#include "envelope/plan.h"
#include "smtp/smtpnotify.h"
#include "spool/spool.h"
#include "sys/sysclock.h"
#include "trace/trace.h"

enum {
	/* From:, To:, and facts; an envelope of ours is not larger. */
	ENVELOPE_STORE = 16384
};

struct forwarding {
	struct spool_msg msg;
	struct fault why;
};

/* The facts of the message go with it, as far as they are still true. */
static bool
add_facts(struct envelope *e, const struct delivery *d)
{
	struct bytes rest = d->envelope;
	struct bytes name;
	struct bytes value;
	bool fits = true;

	while (fits && envelope_next(&rest, &name, &value) == ENVELOPE_LINE) {
		char store[64];
		struct buf text;
		const char *cstr;

		if (!plan_is_fact(name))
			continue;
		buf_init(&text, store, sizeof(store));
		(void)buf_put(&text, name);
		cstr = buf_cstr(&text);
		if (cstr != NULL)
			fits = envelope_add_fact(e, cstr, value);
	}
	return (fits);
}

/*
 * The next host reports failures, if the sender wants to hear of them.  Success
 * is reported here, for this delivery (RFC 3461 5.2.7).
 */
static bool
make_envelope(
    struct envelope *e, const struct delivery *d, struct bytes mailbox)
{
	struct bytes notify = bytes_of(smtpnotify_without_success(d->notify));

	return (envelope_set_sender(e, d->sender) &&
	    envelope_add_rcpt_dsn(e, mailbox, notify, d->orcpt) &&
	    add_facts(e, d) &&
	    (d->smtputf8 || !utf8_is_needed(mailbox) ||
		envelope_add_fact(e, "Smtputf8", bytes_of("yes"))));
}

static int
append(void *ctx, struct bytes piece)
{
	struct forwarding *f = ctx;

	if (spool_append(&f->msg, piece, &f->why) == RES_OK)
		return (0);
	return (f->why.err != 0 ? f->why.err : EIO);
}

/* Our trace, as any message in the spool has it, then the mark.  0 or errno. */
static int
put_top(const struct delivery *d, uint32_t number, struct buf *out)
{
	struct text_top top;
	int err = text_look(d->txt_fd, TEXT_AS_IS, &top);
	struct trace_facts facts = { .helo = bytes_of(d->host),
		.host = bytes_of(d->host),
		.protocol = "LOCAL",
		.number = number,
		.now = time(NULL) };

	if (err != 0)
		return (err);
	(void)trace_received(out, &facts, top.eol);
	(void)buf_puts(out, "Delivered-To: ");
	(void)buf_put(out, d->recipient);
	(void)buf_puts(out, top.eol);
	return (buf_put(out, top.joint) ? 0 : EMSGSIZE);
}

/* From the first byte to the commit.  False, and f->why says why. */
static bool
commit(struct forwarding *f, const struct delivery *d, struct bytes envelope)
{
	char store[TEXT_TOP_MAX];
	struct buf top;
	const char *op;
	int err;

	if (spool_begin(d->spool, &f->msg, envelope,
		sysclock_after(sysclock_ms(), SPOOL_LOCK_WAIT),
		&f->why) != RES_OK)
		return (false);
	buf_init(&top, store, sizeof(store));
	err = put_top(d, f->msg.number, &top);
	if (err != 0) {
		(void)fault_set(&f->why, "mark", d->txt_path, err);
		return (false);
	}
	if (append(f, buf_view(&top)) != 0)
		return (false);
	err = text_each(d->txt_fd, TEXT_AS_IS, append, f, &op);
	if (err != 0 && strcmp(op, "read") == 0)
		(void)fault_set(&f->why, op, d->txt_path, err);
	return (err == 0 && spool_commit(&f->msg, &f->why) == RES_OK);
}

void
forward_deliver(
    const struct delivery *d, struct bytes mailbox, struct outcome *out)
{
	struct forwarding f = { .why = { .op = "", .err = 0 } };
	char store[ENVELOPE_STORE];
	struct envelope e;

	spool_msg_init(&f.msg);
	envelope_init(&e, store, sizeof(store));
	if (!make_envelope(&e, d, mailbox)) {
		outcome_set(out, OUTCOME_TRY_AGAIN, "4.3.0",
		    "forward: the envelope is too long");
		return;
	}
	if (commit(&f, d, envelope_text(&e))) {
		outcome_set(out, OUTCOME_DELIVERED, "2.0.0",
		    "forwarded to %.*s as %lu", (int)mailbox.n, mailbox.p,
		    (unsigned long)f.msg.number);
		out->action = OUTCOME_RELAYED;
		return;
	}
	spool_abort(&f.msg);
	outcome_fault(
	    out, text_status(f.why.err), f.why.op, f.why.name, f.why.err);
}
