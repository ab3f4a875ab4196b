/* SPDX-License-Identifier: ISC */
#include "report/reportmail.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "envelope/envelope.h"
#include "envelope/plan.h"

enum {
	PIECE = 16384,
	BOUNDARY = 20,
	DRAWS_MAX = 16,
	/* A mailbox by hand may have any length; the session's have 254. */
	ENVELOPE_MAX = 2048
};

/* A report on its way into the spool. */
struct writing {
	const struct reportmail *mail;
	struct report_facts facts;
	struct original original;
	bool is_full;
	struct spool_msg msg;
	struct buf out;
	struct fault *why;
	char boundary[BOUNDARY];
	char store[PIECE];
};

static enum result
flush(struct writing *w)
{
	enum result r = spool_append(&w->msg, buf_view(&w->out), w->why);

	buf_reset(&w->out);
	return (r);
}

static bool
put(void *ctx, struct bytes text)
{
	struct writing *w = ctx;

	while (text.n > 0) {
		struct bytes now = bytes_cut(text, 0, buf_room(&w->out));

		if (now.n == 0 && flush(w) != RES_OK)
			return (false);
		(void)buf_put(&w->out, now);
		text = bytes_cut(text, now.n, text.n);
	}
	return (true);
}

static enum result
read_original(struct writing *w, char piece[PIECE], uint64_t at, size_t *n)
{
	ssize_t got;

	do
		got = pread(w->mail->txt_fd, piece, PIECE, (off_t)at);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return (
		    fault_set(w->why, "read", "the original's text", errno));
	*n = (size_t)got;
	return (RES_OK);
}

/* 32 letters and digits, none of which looks like another. */
static enum result
draw_boundary(struct writing *w)
{
	static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
	size_t i;

	if (getrandom(w->boundary, BOUNDARY, 0) != BOUNDARY)
		return (fault_set(w->why, "draw random numbers", "", errno));
	for (i = 0; i < BOUNDARY; i++)
		w->boundary[i] = letters[(unsigned char)w->boundary[i] % 32];
	return (RES_OK);
}

/* Learn of the original what the report needs: all of it, or its header. */
static enum result
look_through(struct writing *w)
{
	struct original *o = &w->original;
	char piece[PIECE];
	size_t n = 1;

	original_init(o, (struct bytes){ w->boundary, BOUNDARY });
	while (n > 0 &&
	    (w->is_full ||
		(!o->header_ended && o->size <= ORIGINAL_HEADER_MAX))) {
		enum result r = read_original(w, piece, o->size, &n);

		if (r != RES_OK)
			return (r);
		original_feed(o, (struct bytes){ piece, n });
	}
	return (RES_OK);
}

/* A boundary that does not occur, and the rest that is to be known. */
static enum result
prepare(struct writing *w)
{
	struct stat st;
	unsigned int draws = 0;

	if (fstat(w->mail->txt_fd, &st) != 0)
		return (
		    fault_set(w->why, "look at", "the original's text", errno));
	w->facts.size = (uint64_t)st.st_size;
	w->is_full =
	    report_is_full(w->facts.envelope, w->facts.kind, w->facts.size);
	do {
		enum result r = draw_boundary(w);

		if (r == RES_OK)
			r = look_through(w);
		if (r != RES_OK)
			return (r);
	} while (w->original.holds_boundary && ++draws < DRAWS_MAX);
	w->facts.boundary = (struct bytes){ w->boundary, BOUNDARY };
	return (RES_OK);
}

static enum result
begin(const struct spool *spool, struct writing *w, int64_t until_ms)
{
	bool is_utf8 = report_is_utf8(w->mail->envelope);
	char store[ENVELOPE_MAX];
	struct bytes sender;
	struct envelope e;
	struct plan m;
	bool good;

	plan_read(&m, w->mail->envelope);
	/* Nobody need hear of a delay that nobody could be told of. */
	sender = m.sender.n > 0 ? m.sender : bytes_of("postmaster");
	envelope_init(&e, store, sizeof(store));
	good = envelope_set_sender(&e, bytes_of("")) &&
	    envelope_add_rcpt_dsn(&e, sender,
		bytes_of(w->mail->kind == REPORT_DELAY ? "NEVER" : ""),
		bytes_of(""));
	if (is_utf8 ||
	    (w->is_full ? w->original.is_8bit : w->original.header_is_8bit))
		good =
		    good && envelope_add_fact(&e, "Body", bytes_of("8BITMIME"));
	if (is_utf8)
		good =
		    good && envelope_add_fact(&e, "Smtputf8", bytes_of("yes"));
	if (!good)
		return (fault_set(w->why, "address a report",
		    "to so long a mailbox", EMSGSIZE));
	return (
	    spool_begin(spool, &w->msg, envelope_text(&e), until_ms, w->why));
}

static enum result
copy_original(struct writing *w)
{
	uint64_t left = w->is_full ? w->facts.size : w->original.header;
	uint64_t at = 0;
	struct original_copy copy;
	char piece[PIECE];
	size_t n = 1;

	original_copy_init(&copy, w->facts.eol);
	while (at < left && n > 0) {
		enum result r = read_original(w, piece, at, &n);
		struct bytes in = { piece, n };

		if (r != RES_OK)
			return (r);
		if (n > left - at)
			in.n = (size_t)(left - at);
		at += in.n;
		while (in.n > 0) {
			size_t used = original_copy_feed(&copy, in, &w->out);

			in = bytes_cut(in, used, in.n);
			if (in.n > 0 && (r = flush(w)) != RES_OK)
				return (r);
		}
	}
	return (RES_OK);
}

static enum result
write_text(struct writing *w)
{
	struct report_port port = { put, w };
	enum result r = RES_TEMP;

	w->facts.number = w->msg.number;
	if (report_head(&w->facts, &w->original, &port))
		r = copy_original(w);
	if (r == RES_OK && !report_tail(&w->facts, &port))
		r = RES_TEMP;
	if (r == RES_OK)
		r = flush(w);
	return (r == RES_OK ? r : fault_class(w->why));
}

enum result
report_commit(const struct spool *spool, const struct reportmail *mail,
    int64_t until_ms, uint32_t *number, struct fault *why)
{
	struct writing w = { .mail = mail, .why = why };
	enum result r;

	w.facts = (struct report_facts){
		.envelope = mail->envelope,
		.kind = mail->kind,
		.host = mail->host,
		.eol = mail->eol,
		.now = mail->now,
		.arrived = mail->arrived,
		.attempted = mail->attempted,
		.expires = mail->expires,
	};
	spool_msg_init(&w.msg);
	buf_init(&w.out, w.store, sizeof(w.store));
	r = prepare(&w);
	if (r == RES_OK)
		r = begin(spool, &w, until_ms);
	if (r == RES_OK)
		r = write_text(&w);
	if (r == RES_OK)
		r = spool_commit(&w.msg, why);
	if (r == RES_OK)
		*number = w.msg.number;
	else
		spool_abort(&w.msg);
	return (r);
}
