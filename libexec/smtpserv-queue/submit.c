/* SPDX-License-Identifier: ISC */
#include "submit.h"

#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "envelope/envelope.h"
#include "envelope/plan.h"
#include "guard.h"
#include "mail/joint.h"
#include "mail/messageid.h"
#include "qmail/qqenv.h"
#include "qmail/qqtext.h"
#include "smtp/smtphops.h"
#include "spool/spool.h"
#include "sys/sysclock.h"
#include "sys/sysio.h"
#include "trace/trace.h"

enum {
	/* Seconds for all of it, as qmail-queue has it. */
	LIFE = 86400,
	/*
	 * For a stranger: the longest wait for it in one go, and the limit for
	 * the work after it, which is less than others wait.
	 */
	LOCK_TURN = 1,
	LOCK_HELD = 5,
	IN_SIZE = 16384,
	TEXT_SIZE = 16384,
	/* Of the envelope's text, before it is written. */
	LINES_SIZE = 4096
};

/* A message under way.  A code of QQEXIT_ACCEPTED means: go on. */
struct work {
	const struct submit *submit;
	const struct settings *settings;
	int64_t ends_at;
	time_t now;
	struct spool spool;
	struct spool_msg msg;
	struct qqtext text;
	struct smtphops hops;
	struct messageid id; /* for the log */
	struct qqenv reader;
	struct envelope lines; /* those that are not in CMD yet */
	size_t nlines;         /* octets of those that are */
	struct buf out;        /* text that is not in TMP yet */
	size_t top;            /* octets of it that are our fields */
	size_t nrcpt;
	char sender[QQENV_MAILBOX_MAX];
	size_t nsender;
	char in[IN_SIZE];
	char text_store[TEXT_SIZE];
	char lines_store[LINES_SIZE];
};

static void
log_refused(const struct work *w, const char *why)
{
	struct log_line line;

	log_begin(&line, w->submit->log, "refused");
	log_text(&line, "why", bytes_of(why));
	log_end(&line);
}

void
submit_say(int said, int code, const char *status, const char *text)
{
	bool is_final = code >= QQEXIT_TOO_LONG && code <= 40;
	char store[QQEXIT_TEXT_MAX];
	struct buf out;

	if (said < 0)
		return;
	buf_init(&out, store, sizeof(store));
	(void)buf_printf(
	    &out, "%s.%s %s", is_final ? "D5" : "Z4", status, text);
	/* A caller that does not listen has the exit code. */
	if (!buf_overflowed(&out))
		(void)sysio_write_file(said, buf_view(&out));
}

static int
refuse(const struct work *w, int code, const char *status, const char *why)
{
	log_refused(w, why);
	submit_say(w->submit->said, code, status, why);
	return (code);
}

/* A caller without permission is told what makes it possible. */
static void
say_fault(const struct work *w, const struct fault *why)
{
	bool is_denied = (why->err == EACCES || why->err == EPERM) &&
	    getauxval(AT_SECURE) == 0;
	char store[QQEXIT_TEXT_MAX];
	struct buf out;

	buf_init(&out, store, sizeof(store) - sizeof("Z4.3.0 "));
	(void)buf_printf(&out, "unable to %s %s%s%s%s", why->op, why->name,
	    why->err == 0 ? "" : ": ", why->err == 0 ? "" : strerror(why->err),
	    is_denied
		? " (smtpserv-queue is not set-user-ID to the spool's user)"
		: "");
	if (buf_cstr(&out) != NULL)
		submit_say(w->submit->said, QQEXIT_SPOOL, "3.0", store);
}

/* The code for a fault of the spool; `otherwise` if the errno says little. */
static int
fault_code(const struct work *w, const struct fault *why, int otherwise)
{
	log_fault(w->submit->log, why);
	say_fault(w, why);
	switch (why->err) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return (QQEXIT_WRITE);
	case ENOMEM:
		return (QQEXIT_MEMORY);
	default:
		return (otherwise);
	}
}

/* More of a descriptor.  *got is 0 at its end. */
static int
fill(struct work *w, int fd, size_t *got)
{
	struct fault why;

	*got = 0;
	switch (sysio_read(
	    fd, w->in, sizeof(w->in), got, w->ends_at, w->submit->waiting)) {
	case SYSIO_OK:
	case SYSIO_EOF:
		return (QQEXIT_ACCEPTED);
	case SYSIO_TIMEOUT:
		return (refuse(
		    w, QQEXIT_TIMEOUT, "3.0", "it took more than a day"));
	case SYSIO_SIGNAL:
		return (
		    refuse(w, QQEXIT_NOT_NOW, "3.2", "a signal asked to stop"));
	case SYSIO_FAILED:
		break;
	}
	(void)fault_set(&why, "read",
	    fd == w->submit->message ? "the message" : "the envelope", errno);
	return (fault_code(w, &why, QQEXIT_READ));
}

static const char *
eol_of(const struct work *w)
{
	return (w->settings->spool.eol == SETTINGS_CRLF ? "\r\n" : "\n");
}

/* As spool_begin(), and a stranger holds the counter's lock for a moment. */
static enum result
begin_message(struct work *w, struct fault *why)
{
	int64_t ends_at = sysclock_after(sysclock_ms(), SPOOL_LOCK_WAIT);
	struct bytes none = { NULL, 0 };
	struct guard guard;
	enum result r;

	if (!w->submit->is_strangers)
		return (spool_begin(&w->spool, &w->msg, none, ends_at, why));
	do {
		r = guard_begin(&guard, LOCK_HELD, why);
		if (r != RES_OK)
			return (r);
		r = spool_begin(&w->spool, &w->msg, none,
		    sysclock_after(sysclock_ms(), LOCK_TURN), why);
		guard_end(&guard);
	} while (r != RES_OK && why->err == EAGAIN && sysclock_ms() < ends_at);
	return (r);
}

/* A number, the two files, and the trace header. */
static int
begin(struct work *w)
{
	struct fault why;
	struct trace_facts facts = { .host = bytes_of(w->submit->host),
		.now = w->now };

	if (begin_message(w, &why) != RES_OK)
		return (fault_code(w, &why, QQEXIT_SPOOL));
	facts.number = w->msg.number;
	if (!trace_local(&w->out, &facts, w->submit->comment, eol_of(w)))
		return (refuse(
		    w, QQEXIT_BUG, "3.0", "the trace header is too long"));
	w->top = buf_view(&w->out).n;
	return (QQEXIT_ACCEPTED);
}

static int
append(struct work *w, struct bytes text)
{
	struct fault why;

	smtphops_feed(&w->hops, text);
	/* When it is found, the rest goes by. */
	(void)messageid_feed(&w->id, text);
	if (w->hops.count > SMTPHOPS_MAX)
		return (refuse(w, QQEXIT_REFUSED, "4.6",
		    "too many hops, this message is looping"));
	if (spool_append(&w->msg, text, &why) != RES_OK)
		return (fault_code(w, &why, QQEXIT_WRITE));
	return (QQEXIT_ACCEPTED);
}

/* The bytes in `out` go to TMP, unless the message was refused. */
static int
pass_text_on(struct work *w)
{
	int code = QQEXIT_ACCEPTED;
	struct bytes part[3];
	size_t n;
	size_t i;

	if (w->settings->session.maxsize > 0 &&
	    w->text.size > w->settings->session.maxsize)
		return (refuse(w, QQEXIT_REFUSED, "3.4", "message too big"));
	if (w->text.irregular &&
	    w->settings->session.bareeol == SETTINGS_REJECT)
		return (refuse(
		    w, QQEXIT_REFUSED, "6.0", "bare CR or NUL in message"));
	n = joint_split(buf_view(&w->out), w->top, eol_of(w), part);
	w->top = 0;
	for (i = 0; i < n && code == QQEXIT_ACCEPTED; i++)
		code = append(w, part[i]);
	buf_reset(&w->out);
	return (code);
}

static int
take_text(struct work *w, struct bytes in)
{
	int code = QQEXIT_ACCEPTED;

	while (in.n > 0 && code == QQEXIT_ACCEPTED) {
		size_t used;

		qqtext_feed(&w->text, in, &used, &w->out);
		in = bytes_cut(in, used, in.n);
		if (in.n > 0)
			code = pass_text_on(w);
	}
	return (code);
}

static int
read_message(struct work *w)
{
	size_t got;
	int code = fill(w, w->submit->message, &got);

	/* A caller that never gets so far does not use up a number. */
	if (code == QQEXIT_ACCEPTED)
		code = begin(w);
	while (code == QQEXIT_ACCEPTED && got > 0) {
		code = take_text(w, (struct bytes){ w->in, got });
		if (code == QQEXIT_ACCEPTED)
			code = fill(w, w->submit->message, &got);
	}
	if (code != QQEXIT_ACCEPTED)
		return (code);
	/* Room for the end of the last line. */
	code = pass_text_on(w);
	if (code == QQEXIT_ACCEPTED && !qqtext_end(&w->text, &w->out))
		return (refuse(w, QQEXIT_BUG, "3.0", "no room for a line end"));
	return (code == QQEXIT_ACCEPTED ? pass_text_on(w) : code);
}

/* The lines so far go to CMD. */
static int
pass_lines_on(struct work *w)
{
	struct fault why;

	w->nlines += envelope_text(&w->lines).n;
	/* An envelope that its readers would not take. */
	if (w->nlines > PLAN_TEXT_MAX)
		return (
		    refuse(w, QQEXIT_REFUSED, "5.3", "too many recipients"));
	if (spool_append_envelope(&w->msg, envelope_text(&w->lines), &why) !=
	    RES_OK)
		return (fault_code(w, &why, QQEXIT_WRITE));
	envelope_init(&w->lines, w->lines_store, sizeof(w->lines_store));
	return (QQEXIT_ACCEPTED);
}

static bool
put_rcpt(struct work *w, struct bytes mailbox)
{
	struct bytes none = { NULL, 0 };

	return (
	    envelope_add_rcpt_dsn(&w->lines, mailbox, w->submit->notify, none));
}

static int
add_rcpt(struct work *w, struct bytes mailbox)
{
	int code = QQEXIT_ACCEPTED;

	w->nrcpt++;
	if (put_rcpt(w, mailbox))
		return (code);
	code = pass_lines_on(w);
	if (code == QQEXIT_ACCEPTED && !put_rcpt(w, mailbox))
		return (
		    refuse(w, QQEXIT_BUG, "3.0", "no room for a recipient"));
	return (code);
}

static int
set_sender(struct work *w, struct bytes mailbox)
{
	memcpy(w->sender, mailbox.p, mailbox.n);
	w->nsender = mailbox.n;
	if (!envelope_set_sender(&w->lines, mailbox))
		return (refuse(w, QQEXIT_BUG, "3.0", "no room for the sender"));
	return (QQEXIT_ACCEPTED);
}

/* What the reader has found.  *is_whole: the last NUL has come. */
static int
take_item(struct work *w, enum qqenv_status status, struct bytes mailbox,
    bool *is_whole)
{
	switch (status) {
	case QQENV_SENDER:
		return (set_sender(w, mailbox));
	case QQENV_RCPT:
		return (add_rcpt(w, mailbox));
	case QQENV_BAD:
		return (refuse(w, QQEXIT_ENVELOPE, "5.4", "bad envelope"));
	case QQENV_TOO_LONG:
		return (refuse(w, QQEXIT_TOO_LONG, "1.3", "mailbox too long"));
	case QQENV_BAD_BYTE:
		return (
		    refuse(w, QQEXIT_REFUSED, "1.3", "bad byte in a mailbox"));
	case QQENV_END:
		*is_whole = true;
		break;
	case QQENV_MORE:
		break;
	}
	return (QQEXIT_ACCEPTED);
}

static int
read_envelope(struct work *w)
{
	bool is_whole = false;
	size_t got;
	int code;

	for (;;) {
		struct bytes in = { w->in, 0 };

		code = fill(w, w->submit->envelope, &got);
		if (code == QQEXIT_ACCEPTED && got == 0)
			return (refuse(w, QQEXIT_READ, "3.0",
			    "the envelope ended early: given up"));
		in.n = got;
		while (in.n > 0 && !is_whole && code == QQEXIT_ACCEPTED) {
			struct bytes mailbox = { NULL, 0 };
			size_t used;
			enum qqenv_status status =
			    qqenv_feed(&w->reader, in, &used, &mailbox);

			in = bytes_cut(in, used, in.n);
			code = take_item(w, status, mailbox, &is_whole);
		}
		if (is_whole || code != QQEXIT_ACCEPTED)
			return (code);
	}
}

static bool
add_facts(struct work *w)
{
	char store[32];
	struct buf value;
	bool good = true;

	if (w->reader.is_utf8)
		good =
		    envelope_add_fact(&w->lines, "Smtputf8", bytes_of("yes"));
	if (good && w->submit->envid.n > 0)
		good = envelope_add_fact(&w->lines, "Envid", w->submit->envid);
	if (good && w->submit->ret.n > 0)
		good = envelope_add_fact(&w->lines, "Ret", w->submit->ret);
	if (w->settings->spool.envelope != SETTINGS_FULL)
		return (good);
	buf_init(&value, store, sizeof(store));
	good = good && trace_timestamp(&value, w->now) &&
	    envelope_add_fact(&w->lines, "Received-At", buf_view(&value));
	buf_reset(&value);
	return (good && buf_put_number(&value, w->text.size) &&
	    envelope_add_fact(&w->lines, "Size", buf_view(&value)));
}

static void
log_accepted(const struct work *w)
{
	struct log_line line;

	log_begin(&line, w->submit->log, "accepted");
	log_number(&line, "number", w->msg.number);
	log_text(&line, "from", (struct bytes){ w->sender, w->nsender });
	log_number(&line, "rcpts", w->nrcpt);
	log_number(&line, "size", w->text.size);
	if (messageid_view(&w->id).n > 0)
		log_text(&line, "msgid", messageid_view(&w->id));
	log_end(&line);
}

static int
commit(struct work *w)
{
	struct fault why;
	int code = pass_lines_on(w);

	if (code != QQEXIT_ACCEPTED)
		return (code);
	if (!add_facts(w))
		return (refuse(w, QQEXIT_BUG, "3.0", "no room for a fact"));
	code = pass_lines_on(w);
	if (code != QQEXIT_ACCEPTED)
		return (code);
	if (spool_commit(&w->msg, &why) != RES_OK)
		return (fault_code(w, &why, QQEXIT_WRITE));
	log_accepted(w);
	return (QQEXIT_ACCEPTED);
}

/*
 * Files of a stranger's group could be read by that group, and not by the
 * spool's.
 */
static enum result
check_group(const struct work *w, struct fault *why)
{
	const char *dir = w->settings->spool.dir;
	struct owner owner;
	struct stat st;
	enum result r = owner_find(w->spool.dirfd, NULL, &owner, why);

	if (r != RES_OK || owner.is_other)
		return (r);
	if (fstat(w->spool.dirfd, &st) != 0)
		return (fault_set(why, "look at", dir, errno));
	if ((st.st_mode & S_ISGID) != 0 || st.st_gid == getegid())
		return (RES_OK);
	return (fault_set(why,
	    "give files (not being set-group-ID, too) the group of", dir,
	    EPERM));
}

int
submit_message(const struct submit *s)
{
	/* Not on the stack: it is large. */
	static struct work work;
	struct work *w = &work;
	struct fault why;
	int code;

	w->submit = s;
	w->settings = s->settings;
	w->ends_at = sysclock_after(sysclock_ms(), LIFE);
	w->now = time(NULL);
	spool_msg_init(&w->msg);
	qqtext_init(&w->text,
	    s->settings->spool.eol == SETTINGS_CRLF ? SMTPDATA_CRLF
						    : SMTPDATA_LF);
	smtphops_init(&w->hops);
	messageid_init(&w->id);
	qqenv_init(&w->reader);
	buf_init(&w->out, w->text_store, sizeof(w->text_store));
	envelope_init(&w->lines, w->lines_store, sizeof(w->lines_store));
	if (spool_open(&w->spool, s->settings->spool.dir,
		s->settings->spool.sync != 0, &why) != RES_OK ||
	    (s->is_strangers && check_group(w, &why) != RES_OK))
		return (fault_code(w, &why, QQEXIT_SPOOL));
	code = read_message(w);
	if (code == QQEXIT_ACCEPTED)
		code = read_envelope(w);
	if (code == QQEXIT_ACCEPTED)
		code = commit(w);
	if (code != QQEXIT_ACCEPTED)
		spool_abort(&w->msg);
	return (code);
}
