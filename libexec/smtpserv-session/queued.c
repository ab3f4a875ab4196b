/* SPDX-License-Identifier: ISC */
#include "queued.h"

#include "envelope/envelope.h"

static const struct smtp_reply *
helper_fault(
    const struct intake *i, const char *key, const struct smtp_reply *no)
{
	struct fault why;

	(void)fault_set(&why, "reach the helper for", key, 0);
	/* One that we have turned from is not at fault. */
	if (!handover_is_stopped(i->handover))
		log_fault(i->log, &why);
	return (no);
}

const struct smtp_reply *
queued_begin(
    struct intake *i, const struct trace_facts *facts, struct buf *text)
{
	if (!trace_received(text, facts, "\n"))
		return (&SMTPREPLY_LOCAL_FAULT);
	if (!handover_begin(i->handover))
		return (helper_fault(i, "smtp.queue", &SMTPREPLY_LOCAL_FAULT));
	return (NULL);
}

const struct smtp_reply *
queued_append(struct intake *i, struct bytes text)
{
	if (!handover_text(i->handover, text))
		return (helper_fault(i, "smtp.queue", &SMTPREPLY_LOCAL_FAULT));
	return (NULL);
}

/* What became of a program, in words or by its exit code. */
static void
log_end_of(
    struct log_line *line, const char *key, const struct broker_answer *a)
{
	static const char *const words[] = { "crashed", "took too long",
		"did not read it all", "given up", "could not be started" };

	if (a->code < BROKER_CRASHED)
		log_number(line, key, a->code);
	else
		log_text(line, key, bytes_of(words[a->code - BROKER_CRASHED]));
}

/* To be logged once the client has heard of it; a refusal may come later. */
static void
note_queue(
    struct intake *i, const struct session *s, const struct broker_answer *a)
{
	struct log_line *line = &i->outcome;

	log_begin(line, i->log, a->code == 0 ? "queued" : "notqueued");
	log_number(line, "qp", a->pid);
	if (a->code != 0)
		log_end_of(line, "exit", a);
	if (a->said.n > 0)
		log_text(line, "said", a->said);
	log_text(line, "from", envelope_sender(&s->tx.envelope));
	log_number(line, "rcpts", s->tx.envelope.nrcpt);
	log_number(line, "size", s->text.data.size);
	log_text(line, "helo", bytes_of(s->client.helo));
	log_text(line, "proto", bytes_of(state_protocol(s)));
	i->has_outcome = a->code == 0;
	if (!i->has_outcome)
		log_end(line);
}

const struct smtp_reply *
queued_commit(struct intake *i, const struct session *s, uint32_t *number)
{
	struct broker_answer a;
	int code;

	if (!handover_commit(i->handover, envelope_text(&s->tx.envelope), &a))
		return (helper_fault(i, "smtp.queue", &SMTPREPLY_LOCAL_FAULT));
	note_queue(i, s, &a);
	if (a.code != QQEXIT_ACCEPTED) {
		code = a.code == BROKER_NO_PROCESS ? QQEXIT_NO_PROGRAM
		    : a.code == BROKER_HUNG        ? QQEXIT_TIMEOUT
		    : a.code >= BROKER_CRASHED     ? QQEXIT_CRASHED
						   : (int)a.code;
		qqexit_reply(&i->queue_reply, code, a.said);
		return (&i->queue_reply.reply);
	}
	*number = a.pid;
	i->accepted++;
	return (NULL);
}

void
queued_abort(struct intake *i)
{
	handover_abort(i->handover);
}

const struct smtp_reply *
queued_login(struct intake *i, struct bytes user, struct bytes password)
{
	struct broker_answer a;
	struct log_line line;

	if (!handover_login(i->handover, user, password, &a))
		return (helper_fault(i, "smtp.auth", &SMTPREPLY_AUTH_LATER));
	log_begin(&line, i->log, "login");
	log_text(&line, "user", user);
	log_end_of(&line, "exit", &a);
	log_end(&line);
	if (a.code == 0)
		return (NULL);
	/*
	 * 2 is a mistake in how it was called, 111 for now; CVM says 100 where
	 * checkpassword's interface has 1.
	 */
	return (a.code == 1 || a.code == XC_PERM ? &SMTPREPLY_AUTH_WRONG
						 : &SMTPREPLY_AUTH_LATER);
}
