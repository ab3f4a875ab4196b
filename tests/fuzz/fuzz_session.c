/* SPDX-License-Identifier: ISC */
/*
 * A whole session on a fake spool.
 *
 * Once byte by byte, with a witness that knows the framing of SMTP and, of
 * each line and message, just after which byte its one reply is due.  Then
 * cut otherwise: the replies and the calls of the ports must be the same.
 *
 * Options: eight of the world, two of the knife.
 */
#include <string.h>

#include "dotted.h"
#include "world.h"

enum {
	REPLIES_MAX = 16 * FUZZ_TEXT_MAX,
	HOPS_MAX = 100
};

/* Where the witness is in the stream. */
enum place {
	IN_LINE,
	IN_DROPPED_LINE,
	IN_TEXT,
	IN_ANSWER /* to 334 */
};

struct witness {
	enum place place;
	size_t start; /* of the line or text */
	size_t text_end;
	bool has_mail;
	bool is_broken; /* the disk, at the last reply */
	size_t nrcpt;
	struct bytes mail; /* the line that was accepted */
	struct bytes rcpt[WORLD_RCPTS_MAX];
	size_t begins;
	size_t commits;
};

struct run {
	struct session session;
	struct world world;
	struct smtpreply replies;
	struct buf said;
	enum session_next next;
	size_t shown;
	size_t used;
	char out_store[SMTPREPLY_ROOM];
	char text_store[16384];
	char envelope_store[WORLD_ENVELOPE_MAX];
	char said_store[REPLIES_MAX];
};

static struct run first;
static struct run other;
static struct dotted text;

static void
start(struct run *r)
{
	struct buf envelope;
	struct buf text_buf;

	world_restart(&r->world);
	fuzz_must(envelope_store_size(r->world.limits.max_rcpt) <=
		sizeof(r->envelope_store),
	    "the envelope has room");
	buf_init(&envelope, r->envelope_store,
	    envelope_store_size(r->world.limits.max_rcpt));
	buf_init(&text_buf, r->text_store, r->world.text_size);
	buf_init(&r->said, r->said_store, sizeof(r->said_store));
	smtpreply_init(&r->replies, r->out_store, sizeof(r->out_store));
	session_init(&r->session, WORLD_HOST, &r->world.limits, &WORLD_PORTS,
	    &r->world, envelope, text_buf);
	if (r->world.offers_tls)
		session_offer_tls(&r->session);
	r->shown = 0;
	r->used = 0;
	r->next = SESSION_READ;
	session_greet(&r->session, &r->replies);
}

/* Send what is pending: how many replies, and the code of the last. */
static size_t
flush(struct run *r, unsigned int *code)
{
	struct bytes pending = smtpreply_pending(&r->replies);
	size_t n = world_count_replies(pending, code);

	fuzz_must(!buf_overflowed(&r->replies.out), "a reply fits");
	fuzz_must(buf_put(&r->said, pending), "replies are bounded");
	smtpreply_sent(&r->replies);
	return (n);
}

/* All that the session does with what is shown, and its replies. */
static size_t
feed(struct run *r, struct bytes in, unsigned int *code)
{
	size_t replies = 0;
	bool idle = false;

	do {
		struct bytes rest = bytes_cut(in, r->used, r->shown - r->used);
		size_t used = SIZE_MAX;

		r->next = session_feed(&r->session, rest, &used, &r->replies);
		fuzz_must(used <= rest.n, "used is of what is shown");
		fuzz_must(used > 0 || !idle || r->next != SESSION_FLUSH,
		    "progress after a flush");
		fuzz_must(used > 0 || r->next != SESSION_READ ||
			rest.n < SMTPLINE_MAX,
		    "progress when it is full");
		idle = used == 0;
		r->used += used;
		replies += flush(r, code);
		/* What is thrown away then, the program throws away. */
		if (r->next == SESSION_START_TLS) {
			session_secure(&r->session, "TLSv1.3", "TLS_X");
			r->next = SESSION_FLUSH;
		}
	} while (r->next == SESSION_FLUSH && r->used < r->shown);
	return (replies);
}

static void
finish(struct run *r)
{
	unsigned int code = 0;

	if (r->next != SESSION_HANG_UP && r->world.stop_at_end) {
		session_stop(&r->session, &SMTPREPLY_SHUTDOWN, &r->replies);
		fuzz_must(flush(r, &code) == 1 && code == 421, "421 at a stop");
	}
	/* Safe at any time, and twice. */
	session_drop(&r->session);
	fuzz_must(flush(r, &code) == 0, "nothing is said to nobody");
	world_check_end(&r->world);
}

static bool
is_verb(struct bytes line, const char *verb)
{
	return (bytes_starts_nocase(line, bytes_of(verb)));
}

/* Does the line end in <mailbox>, or have it before its parameters? */
static bool
line_names(struct bytes line, struct bytes mailbox)
{
	char want[SMTPPATH_MAX + 2];
	size_t n = mailbox.n + 1;

	fuzz_must(n <= SMTPPATH_MAX, "a mailbox is bounded");
	memcpy(want, mailbox.p, mailbox.n);
	want[mailbox.n] = '>';
	return (memmem(line.p, line.n, want, n) != NULL);
}

/* The envelope is what was accepted, line by line. */
static void
check_envelope(const struct witness *w, const struct run *r)
{
	struct bytes rest = buf_view(&r->world.envelope);
	size_t i;

	for (i = 0; rest.n > 0; i++) {
		const char *tag = i == 0 ? "From: " : "To: ";
		struct bytes line = rest;
		size_t lf = 0;

		fuzz_must(bytes_find(rest, '\n', &lf), "whole lines");
		line.n = lf;
		rest = bytes_cut(rest, lf + 1, rest.n);
		fuzz_must(!bytes_has_control(line), "no control byte");
		if (i > w->nrcpt) {
			fuzz_must(
			    bytes_same(line, bytes_of("Body: 8BITMIME")) ||
				bytes_same(line, bytes_of("Smtputf8: yes")),
			    "a fact that was stated");
			continue;
		}
		fuzz_must(bytes_starts_nocase(line, bytes_of(tag)) &&
			line_names(i == 0 ? w->mail : w->rcpt[i - 1],
			    bytes_cut(line, strlen(tag), line.n)),
		    "who was accepted, in order");
	}
	fuzz_must(i > w->nrcpt, "everyone who was accepted");
}

/* A command and the reply to it. */
static void
see_command(
    struct witness *w, struct run *r, struct bytes line, unsigned int code)
{
	fuzz_must(code == 421 || !w->is_broken, "421 after a disk fault");
	fuzz_must((code != 334 && code != 235) || is_verb(line, "AUTH"),
	    "334 and 235 are for AUTH");
	fuzz_must(code != 354 || is_verb(line, "DATA"), "354 is for DATA");
	fuzz_must(w->commits == r->world.commits, "no commit by a command");
	fuzz_must(w->begins + (code == 354) == r->world.begins,
	    "begin is for 354 alone");
	w->begins = r->world.begins;
	if (is_verb(line, "DATA") && code >= 450 && code < 500)
		w->has_mail = false;
	if (code == 354) {
		fuzz_must(
		    w->has_mail && w->nrcpt > 0, "354 after MAIL and RCPT");
		check_envelope(w, r);
	} else if (code == 250 && is_verb(line, "MAIL")) {
		fuzz_must(!w->has_mail, "one MAIL a transaction");
		w->has_mail = true;
		w->nrcpt = 0;
		w->mail = line;
	} else if (code == 250 && is_verb(line, "RCPT")) {
		fuzz_must(w->has_mail, "RCPT after MAIL");
		fuzz_must(w->nrcpt < r->world.limits.max_rcpt,
		    "no more recipients than the limit");
		w->rcpt[w->nrcpt++] = line;
	} else if (code == 220) {
		fuzz_must(is_verb(line, "STARTTLS") &&
			r->session.tls.is_active &&
			r->session.state == SESSION_START,
		    "220 is for STARTTLS, which ends what was");
		w->has_mail = false;
	} else if (code == 250 && !is_verb(line, "NOOP")) {
		fuzz_must(is_verb(line, "RSET") || is_verb(line, "EHLO") ||
			is_verb(line, "HELO"),
		    "250 for a reason");
		w->has_mail = false;
	}
}

/* Received: fields in the header. */
static size_t
count_hops(struct bytes rest)
{
	size_t hops = 0;

	while (rest.n > 0) {
		struct bytes line = rest;
		size_t lf = 0;

		fuzz_must(bytes_find(rest, '\n', &lf), "whole lines");
		line.n = lf > 0 && rest.p[lf - 1] == '\r' ? lf - 1 : lf;
		if (line.n == 0)
			break;
		hops += bytes_starts_nocase(line, bytes_of("Received:"));
		rest = bytes_cut(rest, lf + 1, rest.n);
	}
	return (hops);
}

/* The end of a message and the reply to it. */
static void
see_message(struct witness *w, struct run *r, unsigned int code)
{
	struct bytes got = buf_view(&r->world.body);
	bool accepted = code == 250;

	fuzz_must(accepted || code >= 400, "250 or no");
	fuzz_must(count_hops((struct bytes){ text.p, text.n }) <= HOPS_MAX
		? code != 554
		: !accepted,
	    "no message that is looping");
	fuzz_must(w->commits + accepted == r->world.commits,
	    "one commit for each 250, no other");
	w->commits = r->world.commits;
	w->has_mail = false;
	if (!accepted)
		return;
	got = bytes_cut(got, r->world.trace_size, got.n);
	fuzz_must(bytes_same(got, (struct bytes){ text.p, text.n }),
	    "the text is the message's");
	fuzz_must(r->world.size == text.size, "and its size is, too");
	fuzz_must(r->world.limits.max_size == 0 ||
		text.size <= r->world.limits.max_size,
	    "no more than the limit");
	fuzz_must(!text.irregular || !r->world.limits.reject_bareeol,
	    "nothing irregular if that is refused");
}

static bool
ends_in_crlf(const struct witness *w, struct bytes in, size_t i)
{
	return (in.p[i] == '\n' && i > w->start && in.p[i - 1] == '\r');
}

/* Is a reply due, now that the byte at i was seen? */
static bool
is_due(const struct witness *w, struct bytes in, size_t i)
{
	switch (w->place) {
	case IN_LINE:
		return (in.p[i] == '\n' || i + 1 - w->start == SMTPLINE_MAX);
	case IN_TEXT:
		return (i + 1 == w->text_end);
	case IN_ANSWER:
		return (ends_in_crlf(w, in, i));
	case IN_DROPPED_LINE:
		break;
	}
	return (false);
}

/* The byte at i was seen, and its reply if one was due. */
static void
see(struct witness *w, struct run *r, struct bytes in, size_t i,
    unsigned int code)
{
	if (w->place == IN_TEXT) {
		if (i + 1 != w->text_end)
			return;
		see_message(w, r, code);
	} else if (!ends_in_crlf(w, in, i)) {
		if (is_due(w, in, i)) {
			fuzz_must(
			    code == 500 || code == 421, "500 for no line");
			w->place = IN_DROPPED_LINE;
		}
		return;
	} else if (w->place == IN_ANSWER) {
		fuzz_must(code == 334 || code == 235 || code == 535 ||
			code == 501 || code == 500 || code == 421,
		    "a reply to an answer");
	} else if (w->place == IN_LINE) {
		see_command(
		    w, r, bytes_cut(in, w->start, i - 1 - w->start), code);
	}
	w->place = IN_LINE;
	w->start = i + 1;
	w->is_broken = r->world.is_broken;
	if (code == 334)
		w->place = IN_ANSWER;
	if (code != 354)
		return;
	w->place = IN_TEXT;
	dotted_read(&text, bytes_cut(in, i + 1, in.n), r->world.limits.eol);
	w->text_end = text.ended ? i + 1 + text.used : SIZE_MAX;
}

static void
run_witnessed(struct run *r, struct bytes in)
{
	struct witness w = { .place = IN_LINE };
	unsigned int code = 0;
	size_t i;

	start(r);
	fuzz_must(flush(r, &code) == 1 && code == 220, "one greeting");
	for (i = 0; i < in.n && r->next != SESSION_HANG_UP; i++) {
		bool due = is_due(&w, in, i);

		code = 0;
		r->shown = i + 1;
		fuzz_must(feed(r, in, &code) == (due ? 1 : 0),
		    "one reply to each command, just when it is due");
		see(&w, r, in, i, code);
	}
	finish(r);
	fuzz_must(w.commits == r->world.commits && w.begins == r->world.begins,
	    "no commit at the end");
}

static void
run_cut(struct run *r, struct bytes in, size_t window, struct fuzz_knife k)
{
	unsigned int code = 0;

	start(r);
	(void)flush(r, &code);
	while (r->shown < in.n && r->next != SESSION_HANG_UP) {
		size_t room = window - (r->shown - r->used);
		size_t n = fuzz_knife_cut(&k, in.n - r->shown);

		fuzz_must(room > 0, "there is always room for more");
		r->shown += n < room ? n : room;
		(void)feed(r, in, &code);
	}
	finish(r);
	fuzz_must(bytes_same(buf_view(&r->said), buf_view(&first.said)),
	    "the same replies however it is cut");
	fuzz_must(
	    bytes_same(buf_view(&r->world.log), buf_view(&first.world.log)),
	    "the same calls however it is cut");
}

static void
copy_plan(struct world *to, const struct world *from)
{
	to->limits = from->limits;
	to->space = from->space;
	to->refuse_at = from->refuse_at;
	to->refuse_for = from->refuse_for;
	to->stop_at_end = from->stop_at_end;
	to->refuse_is_broken = from->refuse_is_broken;
	to->offers_tls = from->offers_tls;
	to->refuses_tls = from->refuses_tls;
	to->text_size = from->text_size;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	struct fuzz_knife knife;

	world_plan(&first.world, &in);
	copy_plan(&other.world, &first.world);
	fuzz_knife_init(&knife, &in);
	run_witnessed(&first, in);
	run_cut(&other, in, FUZZ_TEXT_MAX + 1, (struct fuzz_knife){ .way = 0 });
	run_cut(&other, in, SMTPLINE_MAX, knife);
	return (0);
}
