/* SPDX-License-Identifier: ISC */
#include "intake.h"

#include <string.h>

#include "bytes/buf.h"
#include "envelope/plan.h"
#include "envelope/queueid.h"
#include "sys/sysclock.h"

enum {
	/* The lines that we add. */
	TAIL = 512
};

void
intake_init(struct intake *i, const struct spool *spool, struct pulled *pulled)
{
	*i = (struct intake){ .spool = spool, .pulled = pulled };
	spool_msg_init(&i->msg);
}

struct bytes
intake_id(const struct intake *i)
{
	return ((struct bytes){ i->id, i->nid });
}

static int64_t
lock_until(void)
{
	return (sysclock_after(sysclock_ms(), SPOOL_LOCK_WAIT));
}

/* One without a usable id cannot be known again. */
static enum result
look(struct intake *i, bool is_again, bool *is_known, struct fault *why)
{
	enum result r;

	*is_known = false;
	if (i->nid == 0)
		return (RES_OK);
	r = pulled_lock(i->pulled, intake_id(i), lock_until(), why);
	if (r != RES_OK)
		return (r);
	i->is_locked = true;
	return (pulled_look(i->pulled, intake_id(i), is_again, is_known, why));
}

enum result
intake_begin(struct intake *i, const struct intake_facts *facts, bool *is_known,
    struct fault *why)
{
	struct bytes none = { NULL, 0 };
	enum result r;

	intake_init(i, i->spool, i->pulled);
	published_split_init(&i->split);
	i->has_envelope_bytes = facts->has_envelope_bytes;
	i->envelope_bytes = facts->envelope_bytes;
	i->last = '\n';
	if (!published_is_type(facts->type))
		i->wrong = "its type is not " PUBLISHED_TYPE;
	if (published_is_id(facts->id)) {
		i->nid = facts->id.n;
		memcpy(i->id, facts->id.p, facts->id.n);
	} else if (i->wrong == NULL) {
		i->wrong = "it has no id, or a bad one";
	}
	r = look(i, facts->is_again, is_known, why);
	if (r == RES_OK && !*is_known) {
		r = spool_begin(i->spool, &i->msg, none, lock_until(), why);
		i->has_msg = r == RES_OK;
	}
	if (r != RES_OK || *is_known)
		intake_drop(i);
	return (r);
}

/* What its readers could not take is kept, too, but as text. */
static enum result
put_envelope(struct intake *i, struct bytes part, struct fault *why)
{
	size_t room = (size_t)(PLAN_TEXT_MAX - i->nenvelope);
	struct bytes over = bytes_cut(part, room, part.n);
	enum result r = RES_OK;

	part = bytes_cut(part, 0, room);
	if (part.n > 0) {
		i->last = part.p[part.n - 1];
		i->nenvelope += part.n;
		r = spool_append_envelope(&i->msg, part, why);
	}
	if (r == RES_OK && over.n > 0) {
		i->wrong = "its envelope is too long";
		r = spool_append(&i->msg, over, why);
	}
	return (r);
}

enum result
intake_piece(struct intake *i, struct bytes piece, struct fault *why)
{
	struct bytes envelope;
	struct bytes text;
	enum result r;

	published_split(&i->split, piece, &envelope, &text);
	r = put_envelope(i, envelope, why);
	if (r == RES_OK && text.n > 0)
		r = spool_append(&i->msg, text, why);
	return (r);
}

const char *
intake_wrong(const struct intake *i)
{
	if (i->wrong != NULL)
		return (i->wrong);
	if (!i->split.is_split)
		return ("it has no empty line");
	if (i->has_envelope_bytes && i->envelope_bytes != i->split.envelope)
		return ("its envelope is not as long as it says");
	return (NULL);
}

/*
 * A line without a colon is what makes the envelope a damaged one: all the rest
 * of it may be good.  The id comes last, because the last one holds.
 */
static enum result
end_envelope(struct intake *i, struct fault *why)
{
	const char *wrong = intake_wrong(i);
	char store[TAIL];
	struct buf tail;

	buf_init(&tail, store, sizeof(store));
	if (i->last != '\n')
		(void)buf_putc(&tail, '\n');
	if (wrong != NULL)
		(void)buf_printf(&tail,
		    "smtpserv-pull cannot read this message, as %s\n", wrong);
	(void)buf_puts(&tail, QUEUEID_NAME ": ");
	(void)buf_put(&tail, intake_id(i));
	(void)buf_putc(&tail, '\n');
	return (spool_append_envelope(&i->msg, buf_view(&tail), why));
}

/*
 * If the last sync has failed, the message is visible, but not known to be
 * durable.  The queue still has it, and it is to be taken from there once more.
 */
static void
doubt(struct intake *i, const struct fault *why)
{
	if (why->broken && i->nid > 0)
		pulled_doubt(i->pulled, intake_id(i));
}

enum result
intake_end(struct intake *i, struct fault *why)
{
	enum result r = end_envelope(i, why);

	if (r == RES_OK) {
		r = spool_commit(&i->msg, why);
		if (r != RES_OK)
			doubt(i, why);
	}
	if (r == RES_OK) {
		i->number = i->msg.number;
		i->has_msg = false;
		if (i->nid > 0)
			r = pulled_note(i->pulled, intake_id(i), why);
	}
	intake_drop(i);
	return (r);
}

void
intake_drop(struct intake *i)
{
	if (i->has_msg)
		spool_abort(&i->msg);
	i->has_msg = false;
	if (i->is_locked)
		pulled_unlock(i->pulled, intake_id(i));
	i->is_locked = false;
}
