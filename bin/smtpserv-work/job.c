/* SPDX-License-Identifier: ISC */
#include "job.h"

#include <time.h>

#include "conf/keys.h"
#include "deliver/maildir.h"
#include "deliver/notice.h"
#include "record.h"
#include "spool/schedule.h"
#include "sys/sysclock.h"

enum {
	/* Milliseconds until a failed record is tried again, then twice that */
	RECORD_AGAIN_MS = 50,
	RECORD_MAX_MS = 10000,
	/* and how often, if we are to end. */
	RECORD_TRIES = 6,
	/* So many octets are enough for one agent. */
	OCTETS_MAX = 1 << 20
};

void
job_begin(struct job *j)
{
	j->state = JOB_DELIVERING;
	j->running = 0;
	j->started = 0;
	j->unrecorded = 0;
	j->tries = 0;
	j->retry_ms = 0;
	j->round = 0;
	j->is_syncing = false;
	j->recording = 0;
	j->is_changed = false;
	j->is_recorded = false;
	j->is_leaving = false;
	j->is_delay = false;
	j->is_reported = false;
	j->is_hopeless = false;
	j->is_untried = false;
	j->is_unfed = false;
	j->is_given_up = false;
	j->is_held = false;
	j->is_put_off = false;
}

static bool
wants_report(const struct job *j)
{
	return (
	    j->state == JOB_REPORTING && j->running == 0 && !j->is_reported);
}

/* The first lot that has a recipient left, and may go. */
static struct lot *
next_lot(const struct job *j, job_may_fn *may, const void *ctx)
{
	size_t i;

	if (j->state != JOB_DELIVERING || j->is_held)
		return (NULL);
	for (i = 0; i < j->lots.n; i++)
		if (lots_has(&j->lots.list[i]) && may(ctx, &j->lots.list[i]))
			return (&j->lots.list[i]);
	return (NULL);
}

bool
job_can_start(const struct job *j, job_may_fn *may, const void *ctx)
{
	return (!j->is_given_up && !j->is_leaving &&
	    (wants_report(j) || next_lot(j, may, ctx) != NULL));
}

/* As many recipients of the lot as there is room for; at least the first. */
static void
take(struct job *j, struct lot *lot, struct job_errand *e)
{
	uint64_t each = j->message.octets + 1;
	size_t rcpts[LOTS_SHARED_MAX];
	size_t max = LOTS_SHARED_MAX;
	size_t n;
	size_t i;

	if (lot->maildir != 0) {
		size_t fit = e->octets < OCTETS_MAX
		    ? (size_t)((OCTETS_MAX - e->octets) / each)
		    : 0;

		max = MAILDIR_TOGETHER - e->n;
		if (max > fit)
			max = fit == 0 && e->n == 0 ? 1 : fit;
	}
	n = lots_take(&j->lots, lot, rcpts, max);
	for (i = 0; i < n; i++)
		e->part[e->n++] =
		    (struct job_part){ .job = j, .rcpt = rcpts[i] };
	e->octets += n * each;
}

bool
job_next(struct job *j, job_may_fn *may, const void *ctx, struct job_errand *e)
{
	struct lot *lot;

	if (j->is_given_up || j->is_leaving)
		return (false);
	e->task = JOB_REPORT;
	e->where = 0;
	e->maildir = 0;
	e->octets = 0;
	e->place = "";
	e->n = 1;
	e->part[0] = (struct job_part){ .job = j };
	if (wants_report(j))
		return (true);
	lot = next_lot(j, may, ctx);
	if (lot == NULL)
		return (false);
	e->task = JOB_DELIVER;
	e->where = lot->where;
	e->maildir = lot->maildir;
	e->n = 0;
	take(j, lot, e);
	return (true);
}

static bool
is_full(const struct job_errand *e)
{
	return (e->task != JOB_DELIVER || e->maildir == 0 ||
	    e->n >= MAILDIR_TOGETHER || e->octets >= OCTETS_MAX);
}

bool
job_join(struct job *j, struct job_errand *e)
{
	size_t i;

	if (j->state != JOB_DELIVERING || j->is_held || j->is_given_up ||
	    j->is_leaving)
		return (is_full(e));
	for (i = 0; i < j->lots.n && !is_full(e); i++) {
		struct lot *lot = &j->lots.list[i];

		if (lots_has(lot) && lot->maildir == e->maildir &&
		    lot->where == e->where)
			take(j, lot, e);
	}
	return (is_full(e));
}

void
job_started(struct job_errand *e)
{
	size_t i;

	for (i = 0; i < e->n; i++) {
		struct job *j = e->part[i].job;

		j->running++;
		j->started++;
		if (e->task == JOB_DELIVER)
			plan_set(
			    &j->message.plan, e->part[i].rcpt, PLAN_RUNNING);
		else
			j->is_reported = true;
	}
}

/* What is known of the message beside its number. */
static void
log_message(struct log_line *line, struct message *m, const char *place)
{
	time_t now = time(NULL);
	struct bytes id = message_id(m);

	log_number(
	    line, "delay", now > m->born ? (uint64_t)(now - m->born) : 0);
	if (place[0] != '\0')
		log_text(line, "place", bytes_of(place));
	log_text(line, "from", m->plan.sender);
	log_number(line, "size", m->octets);
	if (id.n > 0)
		log_text(line, "msgid", id);
}

static void
log_outcome(const struct log *log, const char *event, struct job *j,
    const struct bytes *to, const struct outcome *out, const char *place)
{
	struct log_line line;

	log_begin(&line, log, event);
	log_number(&line, "number", j->message.claim.number);
	if (to != NULL)
		log_text(&line, "to", *to);
	log_text(&line, "result", bytes_of(outcome_word(out->kind)));
	log_text(&line, "status", bytes_of(out->status));
	log_text(&line, "text", bytes_of(out->text));
	if (to != NULL)
		log_message(&line, &j->message, place);
	log_end(&line);
}

/* The report is made, or nobody wants it, or it has to wait. */
static void
settle_report(struct job *j, const struct outcome *out)
{
	if (out->kind == OUTCOME_FAILED)
		j->is_hopeless = true;
	if (out->kind != OUTCOME_DELIVERED)
		return;
	j->is_changed = true;
	if (j->is_delay)
		j->message.plan.delay_reported = true;
	message_settle_reported(&j->message);
}

static void
settle_rcpt(struct job *j, size_t rcpt, const struct outcome *out,
    const struct log *log, const char *place)
{
	log_outcome(log, "delivery", j, &j->message.plan.rcpt[rcpt].mailbox,
	    out, place);
	if (out->is_untried)
		j->is_untried = true;
	if (message_settle(&j->message, rcpt, out))
		j->is_changed = true;
}

void
job_settle(
    struct job_errand *e, const struct outcome *outs, const struct log *log)
{
	size_t i;

	for (i = 0; i < e->n; i++) {
		struct job *j = e->part[i].job;

		e->part[i].round = j->round;
		j->running--;
		j->unrecorded++;
		if (e->task == JOB_REPORT) {
			log_outcome(log, "report", j, NULL, &outs[i], "");
			settle_report(j, &outs[i]);
			continue;
		}
		if (outs[i].kind == OUTCOME_TRY_AGAIN && !outs[i].is_untried)
			message_try(&j->message, e->part[i].rcpt);
		settle_rcpt(j, e->part[i].rcpt, &outs[i], log, e->place);
	}
}

void
job_settle_lot(struct job *j, struct lot *lot, const struct outcome *out,
    bool is_try, const struct log *log)
{
	size_t rcpts[LOTS_SHARED_MAX];
	size_t n;
	size_t i;

	while ((n = lots_take(&j->lots, lot, rcpts, LOTS_SHARED_MAX)) > 0)
		for (i = 0; i < n; i++) {
			if (is_try)
				message_try(&j->message, rcpts[i]);
			settle_rcpt(j, rcpts[i], out, log, "");
		}
}

void
job_not_started(const struct job_errand *e)
{
	size_t i;

	for (i = 0; i < e->n; i++) {
		struct job *j = e->part[i].job;

		j->is_untried = true;
		if (e->task == JOB_DELIVER)
			plan_set(&j->message.plan, e->part[i].rcpt, PLAN_TRIED);
		else
			j->is_reported = true;
	}
}

void
job_unfed(const struct job_errand *e)
{
	size_t i;

	job_not_started(e);
	for (i = 0; i < e->n; i++) {
		e->part[i].job->running--;
		e->part[i].job->is_unfed = true;
	}
}

/* What was settled is written, or need not be: the next is another round. */
static void
begin_round(struct job *j)
{
	j->round++;
	j->recording = j->unrecorded;
	j->unrecorded = 0;
	j->is_changed = false;
}

/* If we died now, nothing that was settled before would be lost. */
static void
recorded(struct job *j)
{
	j->recording = 0;
	j->tries = 0;
	j->retry_ms = 0;
}

/* What the steps of job_advance() share. */
struct step {
	struct job *j;
	const struct deliver_site *site;
	const struct log *log;
	enum job_pace pace;
};

/*
 * It could not be recorded: try again later.  After too many tries the message
 * is left alone; only deliveries that were not recorded will be repeated.
 */
static void
try_later(struct job *j, const struct fault *why, const struct log *log)
{
	int64_t pause = RECORD_AGAIN_MS;
	unsigned int i;

	log_fault(log, why);
	for (i = 0; i < j->tries && pause < RECORD_MAX_MS; i++)
		pause *= 2;
	j->retry_ms = sysclock_ms() + pause;
	if (++j->tries >= RECORD_TRIES && j->pace != JOB_FOREVER)
		j->is_given_up = true;
}

/* True: it is durable by now, which is only so in a spool without syncs. */
static bool
record(const struct step *s, enum record_how how)
{
	struct job *j = s->j;
	struct fault why;

	if (record_begin(&j->message, how, &why) != RES_OK) {
		try_later(j, &why, s->log);
		return (false);
	}
	begin_round(j);
	j->is_leaving = how != RECORD_GOES_ON;
	if (job_wants(j) != RECORD_NOTHING)
		return (false);
	recorded(j);
	return (true);
}

enum record_want
job_wants(const struct job *j)
{
	if (j->state == JOB_ENDING)
		return (RECORD_NAMES);
	return (j->state == JOB_FREE ? RECORD_NOTHING : j->message.record.want);
}

/* That the envelope is gone is durable, or the sync has failed. */
static void
end(struct job *j, int err, const struct log *log)
{
	uint32_t number = j->message.claim.number;
	struct log_line line;
	struct fault why;

	j->state = JOB_DONE;
	/* A power cut may bring it back then: it is not done for sure. */
	if (message_end(&j->message, err, &why) != RES_OK) {
		log_fault(log, &why);
		return;
	}
	log_begin(&line, log, "done");
	log_number(&line, "number", number);
	log_end(&line);
}

void
job_synced(struct job *j, int err, const struct log *log)
{
	struct fault why;

	j->is_syncing = false;
	if (j->state == JOB_ENDING) {
		end(j, err, log);
		return;
	}
	if (record_go_on(&j->message, err, &why) != RES_OK) {
		j->unrecorded += j->recording;
		j->is_changed = true;
		j->is_leaving = false;
		try_later(j, &why, log);
	} else if (j->message.record.want == RECORD_NOTHING) {
		recorded(j);
		j->is_recorded = true;
	}
}

/* The pass is over, and nothing is left: remove the message. */
static bool
finish(const struct step *s)
{
	struct job *j = s->j;
	struct fault why;

	if (message_finish(&j->message, &why) != RES_OK) {
		try_later(j, &why, s->log);
		return (false);
	}
	begin_round(j);
	recorded(j);
	if (s->site->settings->spool.sync != 0)
		j->state = JOB_ENDING;
	else
		end(j, 0, s->log);
	return (true);
}

static bool
set_aside(const struct step *s, const char *reason)
{
	struct job *j = s->j;
	struct log_line line;
	struct fault why;

	log_begin(&line, s->log, "damaged");
	log_number(&line, "number", j->message.claim.number);
	log_text(&line, "why", bytes_of(reason));
	log_end(&line);
	/* If that cannot be, it is tried again, as seldom as its age says. */
	j->state = JOB_ASIDE;
	if (message_set_aside(&j->message, &why) != RES_OK) {
		log_fault(s->log, &why);
		j->state = JOB_RETURNED;
	}
	return (true);
}

static bool
release(struct job *j)
{
	lots_note_left(&j->lots, &j->message.plan);
	message_release(&j->message);
	j->state = JOB_RETURNED;
	return (true);
}

/* The pass is over, and something is left: back to the spool. */
static bool
give_back(const struct step *s, bool is_attempt)
{
	struct job *j = s->j;
	struct fault why;

	/* If something was not begun, it is neither an attempt nor the end. */
	is_attempt = is_attempt && !j->is_untried;
	if (j->is_changed || record_has_journal(&j->message)) {
		if (!record(s, is_attempt ? RECORD_WAS_TRIED : RECORD_STOPS))
			return (false);
	} else if (is_attempt && record_touch(&j->message, &why) != RES_OK) {
		log_fault(s->log, &why);
	}
	return (release(j));
}

/* A try after its time is the last: what is not delivered then has failed. */
static void
expire(const struct step *s)
{
	struct job *j = s->j;
	struct message *m = &j->message;
	size_t i;

	if (j->is_untried ||
	    !schedule_is_last(
		m->born, time(NULL), s->site->settings->work.queuelife))
		return;
	for (i = 0; i < m->plan.nrcpt; i++) {
		struct plan_rcpt *r = &m->plan.rcpt[i];
		struct outcome out;

		if (r->state != PLAN_TRIED)
			continue;
		outcome_set(&out, OUTCOME_FAILED, "4.4.7",
		    "given up after all this time; the last try: %.*s",
		    (int)r->diagnostic.n, r->diagnostic.p);
		if (message_settle(m, i, &out))
			j->is_changed = true;
	}
}

/* All recipients were tried: what now? */
static bool
end_pass(const struct step *s)
{
	struct job *j = s->j;
	struct message *m = &j->message;
	bool is_due;

	if (!j->is_reported)
		expire(s);
	is_due = notice_is_due(m);
	j->is_delay = !is_due && notice_is_delay_due(m, time(NULL));
	if (!j->is_reported && s->pace != JOB_STOP && (is_due || j->is_delay)) {
		if (j->is_changed && !record(s, RECORD_GOES_ON))
			return (false);
		begin_round(j);
		recorded(j);
		j->state = JOB_REPORTING;
		return (true);
	}
	if (plan_in(&m->plan, PLAN_GONE) == m->plan.nrcpt)
		return (finish(s));
	if (j->is_hopeless && plan_in(&m->plan, PLAN_TRIED) == 0 &&
	    plan_in(&m->plan, PLAN_WAITING) == 0)
		return (set_aside(s, "nobody is left to report it to"));
	/* A recipient that waits for a destination was not tried. */
	j->is_put_off = j->is_held && plan_in(&m->plan, PLAN_TRIED) == 0;
	return (give_back(s, !j->is_put_off));
}

/* A record is over.  True: the slots of what is in it are free. */
static bool
go_on(struct job *j)
{
	j->is_recorded = false;
	return (!j->is_leaving || release(j));
}

bool
job_advance(struct job *j, const struct deliver_site *site,
    const struct log *log, enum job_pace pace)
{
	bool stop = pace == JOB_STOP;
	struct step s = { j, site, log, pace };
	size_t waiting =
	    j->is_held ? 0 : plan_in(&j->message.plan, PLAN_WAITING);

	j->pace = pace;
	if (j->state >= JOB_ENDING)
		return (j->state == JOB_DONE);
	if (j->is_recorded)
		return (go_on(j));
	if (job_wants(j) != RECORD_NOTHING)
		return (false);
	if (j->is_given_up)
		return (j->running == 0 && release(j));
	if (j->retry_ms > sysclock_ms())
		return (false);
	if (j->running == 0 && waiting == 0 &&
	    (j->state == JOB_DELIVERING || j->is_reported || stop))
		return (end_pass(&s));
	if (j->running == 0 && waiting > 0 && stop)
		return (give_back(&s, false));
	if (j->unrecorded == 0)
		return (false);
	if (j->is_changed && !record(&s, RECORD_GOES_ON))
		return (false);
	begin_round(j);
	recorded(j);
	return (true);
}
