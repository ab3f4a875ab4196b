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
#include <stdlib.h>
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
	IN_CHUNK,
	IN_ANSWER /* to 334 */
};

struct witness {
	enum place place;
	size_t start;    /* of the line or text */
	size_t text_end; /* or the chunk's */
	bool is_greeted; /* before the byte that is being seen */
	bool has_mail;
	bool has_chunks; /* since the last command that forgets them */
	bool is_refused; /* one of them was, so all are */
	bool is_last;
	size_t payload; /* octets of the chunks so far */
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
static char payload[FUZZ_TEXT_MAX];

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
	r->session.client.authenticated = r->world.is_known;
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
	/* A full buffer, and a line that is refused before it is dropped. */
	unsigned int idle = 0;

	do {
		struct bytes rest = bytes_cut(in, r->used, r->shown - r->used);
		size_t used = SIZE_MAX;

		r->next = session_feed(&r->session, rest, &used, &r->replies);
		fuzz_must(used <= rest.n, "used is of what is shown");
		fuzz_must(used > 0 || idle < 2 || r->next != SESSION_FLUSH,
		    "progress after a flush");
		fuzz_must(r->next != SESSION_AGAIN ||
			smtpreply_pending(&r->replies).n > 0,
		    "again for a reply");
		fuzz_must(used > 0 || r->next != SESSION_READ ||
			rest.n < SMTPLINE_MAX,
		    "progress when it is full");
		if (used > 0)
			idle = 0;
		else if (r->next != SESSION_AGAIN)
			idle++;
		r->used += used;
		replies += flush(r, code);
		/* What is thrown away then, the program throws away. */
		if (r->next == SESSION_START_TLS) {
			session_secure(&r->session, "TLSv1.3", "TLS_X");
			r->next = SESSION_FLUSH;
		}
	} while ((r->next == SESSION_FLUSH && r->used < r->shown) ||
	    r->next == SESSION_AGAIN);
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

/*
 * Does the line end in the mailbox, or have it before its parameters?  In
 * brackets or without, and perhaps with a dot behind it.
 */
static bool
line_names(struct bytes line, struct bytes mailbox)
{
	size_t i;

	fuzz_must(mailbox.n + 1 <= SMTPPATH_MAX, "a mailbox is bounded");
	for (i = 0; i + mailbox.n <= line.n; i++) {
		size_t end = i + mailbox.n;

		if (bytes_same(bytes_cut(line, i, mailbox.n), mailbox) &&
		    (end == line.n || strchr("> \t.", line.p[end]) != NULL))
			return (true);
	}
	return (false);
}

/* Did the client say `KEYWORD=value`, in its words? */
static bool
line_says(struct bytes line, const char *keyword, struct bytes value)
{
	size_t n = strlen(keyword) + value.n;
	size_t i;

	for (i = 0; i + n <= line.n; i++)
		if (bytes_starts_nocase(
			bytes_cut(line, i, n), bytes_of(keyword)) &&
		    bytes_same_nocase(
			bytes_cut(line, i + strlen(keyword), value.n), value))
			return (true);
	return (false);
}

/* A line that follows the recipients, or one of them. */
static void
check_fact(struct bytes said, struct bytes name, struct bytes value)
{
	static const struct {
		const char *name;
		const char *keyword;
	} rows[] = { { "Notify", " NOTIFY=" }, { "Orcpt", " ORCPT=" },
		{ "Body", " BODY=" }, { "Envid", " ENVID=" },
		{ "Ret", " RET=" } };
	size_t i = 0;

	if (bytes_same(value, bytes_of("yes"))) {
		fuzz_must(line_says(said, " ", name), "a fact that was stated");
		return;
	}
	/* An address in Unicode is escaped; how, fuzz_smtpcmd.c looks at. */
	if (bytes_same(name, bytes_of("Orcpt")) &&
	    bytes_starts_nocase(value, bytes_of("utf-8;")) &&
	    (line_says(said, " ORCPT=", bytes_of("rfc822;")) ||
		line_says(said, " ORCPT=", bytes_of("utf-8;"))))
		return;
	while (i < 5 && !bytes_same(name, bytes_of(rows[i].name)))
		i++;
	fuzz_must(i < 5 && line_says(said, rows[i].keyword, value),
	    "a fact that was stated");
}

/* Does an earlier command name whom command i names? */
static bool
was_named(const struct witness *w, size_t i, struct bytes envelope)
{
	struct bytes name;
	struct bytes value;

	while (envelope_next(&envelope, &name, &value) == ENVELOPE_LINE)
		if (bytes_same(name, bytes_of("To")) &&
		    line_names(w->rcpt[i], value))
			return (true);
	return (false);
}

/* The envelope is what was accepted, line by line, and each line once. */
static void
check_envelope(const struct witness *w, const struct run *r)
{
	struct bytes rest = buf_view(&r->world.envelope);
	struct bytes name;
	struct bytes value;
	struct bytes said = w->mail;
	size_t nrcpt = 0;

	fuzz_must(memchr(rest.p, '\r', rest.n) == NULL, "LF line ends");
	fuzz_must(envelope_next(&rest, &name, &value) == ENVELOPE_LINE &&
		bytes_same(name, bytes_of("From")) &&
		line_names(w->mail, value),
	    "who was accepted");
	while (envelope_next(&rest, &name, &value) == ENVELOPE_LINE) {
		if (bytes_same(name, bytes_of("To"))) {
			while (nrcpt < w->nrcpt &&
			    !line_names(w->rcpt[nrcpt], value) &&
			    was_named(w, nrcpt, buf_view(&r->world.envelope)))
				nrcpt++;
			fuzz_must(nrcpt < w->nrcpt &&
				line_names(w->rcpt[nrcpt], value),
			    "who was accepted, in order");
			said = w->rcpt[nrcpt++];
			continue;
		}
		if (!bytes_same(name, bytes_of("Notify")) &&
		    !bytes_same(name, bytes_of("Orcpt")))
			said = w->mail;
		check_fact(said, name, value);
	}
	while (nrcpt < w->nrcpt &&
	    was_named(w, nrcpt, buf_view(&r->world.envelope)))
		nrcpt++;
	fuzz_must(
	    rest.n == 0 && nrcpt == w->nrcpt, "everyone who was accepted");
}

static void
forget(struct witness *w)
{
	w->has_mail = false;
	w->has_chunks = false;
	w->nrcpt = 0;
}

/* A command and the reply to it. */
static void
see_command(
    struct witness *w, struct run *r, struct bytes line, unsigned int code)
{
	fuzz_must(code == 421 || !w->is_broken, "421 after a disk fault");
	fuzz_must(code != 354 || is_verb(line, "DATA"), "354 is for DATA");
	fuzz_must((code != 334 && code != 235) || is_verb(line, "AUTH"),
	    "334 and 235 are for AUTH");
	fuzz_must(w->commits == r->world.commits, "no commit by a command");
	fuzz_must(w->begins + (code == 354) == r->world.begins,
	    "begin is for 354 alone");
	w->begins = r->world.begins;
	if (is_verb(line, "DATA") && code >= 450 && code < 500)
		forget(w);
	if (code == 354) {
		fuzz_must(w->has_mail && w->nrcpt > 0 && !w->has_chunks,
		    "354 after MAIL and RCPT");
		check_envelope(w, r);
	} else if (code == 250 && is_verb(line, "MAIL")) {
		fuzz_must(
		    !w->has_mail && !w->has_chunks, "one MAIL a transaction");
		fuzz_must(!r->world.limits.submission ||
			r->session.client.authenticated,
		    "who submits is known");
		w->has_mail = true;
		w->nrcpt = 0;
		w->mail = line;
	} else if (code == 250 && is_verb(line, "RCPT")) {
		fuzz_must(w->has_mail && !w->has_chunks, "RCPT after MAIL");
		fuzz_must(w->nrcpt < r->world.limits.max_rcpt,
		    "no more recipients than the limit");
		w->rcpt[w->nrcpt++] = line;
	} else if (code == 220) {
		fuzz_must(is_verb(line, "STARTTLS") &&
			r->session.tls.is_active &&
			r->session.state == SESSION_START,
		    "220 is for STARTTLS, which ends what was");
		forget(w);
	} else if (code == 250 && !is_verb(line, "NOOP")) {
		fuzz_must(is_verb(line, "RSET") ||
			is_verb(line, r->world.limits.lmtp ? "LHLO" : "EHLO") ||
			(is_verb(line, "HELO") && !r->world.limits.lmtp),
		    "250 for a reason");
		forget(w);
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

		/* Binary texts need not end in one. */
		if (!bytes_find(rest, '\n', &lf))
			lf = rest.n - 1;
		line.n = lf;
		while (line.n > 0 && rest.p[line.n - 1] == '\r')
			line.n--;
		if (line.n == 0)
			break;
		hops += bytes_starts_nocase(line, bytes_of("Received:"));
		rest = bytes_cut(rest, lf + 1, rest.n);
	}
	return (hops);
}

/* Is the line a field, or goes it on with one? */
static bool
is_field(struct bytes line)
{
	size_t colon;
	size_t i;

	if (line.p[0] == ' ' || line.p[0] == '\t')
		return (true);
	if (!bytes_find(line, ':', &colon))
		return (false);
	line = bytes_trim_end(bytes_cut(line, 0, colon));
	for (i = 0; i < line.n; i++)
		if (line.p[i] <= ' ' || line.p[i] > '~')
			return (false);
	return (line.n > 0);
}

static bool
names(struct bytes line, const char *name)
{
	size_t colon = 0;

	(void)bytes_find(line, ':', &colon);
	return (bytes_same_nocase(
	    bytes_trim_end(bytes_cut(line, 0, colon)), bytes_of(name)));
}

/* How much of the text must be seen to know that it begins with a field, or
 * like a mailbox; 0 if it does not. */
static size_t
field_length(struct bytes line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] > ' ' && line.p[n] < 127 &&
	    line.p[n] != ':')
		n++;
	if (n == 0)
		return (0);
	while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
		n++;
	return (n < line.n && line.p[n] == ':' ? n + 1 : 0);
}

static size_t
mailbox_length(struct bytes line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] == '>')
		n++;
	line = bytes_cut(line, n, 5);
	return (line.n == 5 && memcmp(line.p, "From ", 5) == 0 ? n + 5 : 0);
}

/* All that port_supply() can. */
#define SUPPLIED "Date: \nMessage-ID: \n"

static bool
begins(struct bytes b, const char *with)
{
	return (bytes_same(bytes_cut(b, 0, strlen(with)), bytes_of(with)));
}

/*
 * What must stand between the trace and the text, so that this goes on with
 * nothing.  A name too long for the session's buffer is none, whatever it
 * looks like: then it may be any of the three, and the stored text says which.
 */
static bool
join(const struct run *r)
{
	static const char name[] = "X-Mailbox-Line: ";
	static char rest[sizeof(text.p)];
	struct bytes got = bytes_cut(
	    buf_view(&r->world.body), r->world.trace_size, r->world.body.n);
	struct bytes in = { text.p, text.n };
	const char *eol = r->world.limits.eol == SMTPDATA_LF ? "\n" : "\r\n";
	size_t field = field_length(in);
	size_t mailbox = mailbox_length(in);
	bool is_sure = (field > mailbox ? field : mailbox) + 4 <=
	    r->world.text_size - r->world.trace_size;
	const char *between = text.n == 0 || begins(in, eol) || field > 0 ? ""
	    : mailbox > 0                                                 ? name
									  : eol;

	/* Fields that are supplied stand above an empty line. */
	if (!is_sure && begins(got, SUPPLIED))
		got = bytes_cut(got, strlen(SUPPLIED), got.n);
	if (!is_sure)
		between = begins(got, name) ? name
		    : begins(got, eol)      ? eol
					    : "";
	memcpy(rest, text.p, text.n);
	fuzz_must(text.n + strlen(between) <= sizeof(text.p),
	    "the reference has room");
	memcpy(text.p, between, strlen(between));
	memcpy(text.p + strlen(between), rest, text.n);
	text.n += strlen(between);
	return (is_sure);
}

/*
 * RFC 6409 8, with the whole text in view: what is missing goes where the
 * header ends, if that is a header.
 */
static void
supply(struct dotted *d)
{
	static char rest[sizeof(d->p)];
	struct bytes all = { d->p, d->n };
	bool date = true;
	bool message_id = true;
	size_t at = 0;
	size_t lf = 0;
	struct buf out;

	while (bytes_find(bytes_cut(all, at, all.n), '\n', &lf)) {
		struct bytes line = bytes_cut(all, at, lf);

		if (line.n == 0 || line.p[0] == '\r')
			break;
		/* Our own trace is above it. */
		if (!is_field(line))
			return;
		date = date && !names(line, "Date");
		message_id = message_id && !names(line, "Message-ID");
		at += lf + 1;
	}
	/* Bytes that end in no line. */
	if (at < d->n && !(d->p[at] == '\n' || d->p[at] == '\r'))
		return;
	buf_init(&out, d->p, sizeof(d->p));
	memcpy(rest, d->p + at, d->n - at);
	out.n = at;
	(void)buf_puts(&out, date ? "Date: \n" : "");
	(void)buf_puts(&out, message_id ? "Message-ID: \n" : "");
	(void)buf_put(&out, (struct bytes){ rest, d->n - at });
	fuzz_must(!buf_overflowed(&out), "the reference has room");
	d->n = out.n;
}

/* A message was accepted: it is what was sent, and may be. */
static void
check_accepted(const struct run *r)
{
	struct bytes got = buf_view(&r->world.body);

	got = bytes_cut(got, r->world.trace_size, got.n);
	if (r->world.limits.submission)
		supply(&text);
	fuzz_must(bytes_same(got, (struct bytes){ text.p, text.n }),
	    "the text is the message's");
	fuzz_must(r->world.size == text.size, "and its size is, too");
	fuzz_must(r->world.limits.max_size == 0 ||
		text.size <= r->world.limits.max_size,
	    "no more than the limit");
	fuzz_must(!text.irregular || !r->world.limits.reject_bareeol,
	    "nothing irregular if that is refused");
}

/* The end of a message and the reply to it. */
static void
see_message(struct witness *w, struct run *r, unsigned int code)
{
	bool accepted = code == 250;
	bool is_sure = join(r);

	fuzz_must(accepted || code >= 400, "250 or no");
	fuzz_must(!is_sure ||
		(count_hops((struct bytes){ text.p, text.n }) <= HOPS_MAX
			? code != 554
			: !accepted),
	    "no message that is looping");
	fuzz_must(w->commits + accepted == r->world.commits,
	    "one commit for each 250, no other");
	w->commits = r->world.commits;
	forget(w);
	if (accepted)
		check_accepted(r);
}

/*
 * BDAT as RFC 3030 has it, in a line that is not too long: false if nobody
 * can tell how many octets follow.
 */
static bool
read_bdat(struct bytes line, uint64_t *octets, bool *is_last)
{
	char copy[512];
	char *rest = copy + 4;
	char *end;
	size_t digits;

	line = bytes_trim_end(line);
	if (line.n > 510 || !bytes_starts_nocase(line, bytes_of("BDAT ")) ||
	    bytes_has_control(line))
		return (false);
	memcpy(copy, line.p, line.n);
	copy[line.n] = '\0';
	rest += strspn(rest, " ");
	digits = strspn(rest, "0123456789");
	if (digits == 0 || digits > 20)
		return (false);
	/* Over the limit it is the greatest number that there is. */
	*octets = strtoull(rest, &end, 10);
	end += strspn(end, " ");
	*is_last = bytes_same_nocase(bytes_of(end), bytes_of("LAST"));
	return (*end == '\0' || (*is_last && rest[digits] == ' '));
}

/* RFC 2033 4.2: replies at the end of a message. */
static size_t
per_message(const struct witness *w, const struct run *r)
{
	return (r->world.limits.lmtp && w->nrcpt > 0 ? w->nrcpt : 1);
}

/* A BDAT line was seen, and no reply, unless it is for no octets. */
static void
see_bdat(struct witness *w, struct run *r, struct bytes in, size_t i,
    uint64_t octets)
{
	bool may_begin = w->has_mail && w->nrcpt > 0 && !w->has_chunks;

	w->place = IN_CHUNK;
	w->start = i + 1;
	w->text_end =
	    octets > in.n - w->start ? SIZE_MAX : w->start + (size_t)octets;
	if (!w->has_chunks) {
		w->is_refused = r->world.begins == w->begins;
		w->payload = 0;
	}
	fuzz_must(r->world.begins == w->begins ||
		(may_begin && r->world.begins == w->begins + 1),
	    "begin is for the first chunk");
	w->begins = r->world.begins;
	w->has_chunks = true;
	if (may_begin && !w->is_refused)
		check_envelope(w, r);
}

/* A chunk has come, and the reply to it. */
static void
see_chunk(struct witness *w, struct run *r, struct bytes in, unsigned int code)
{
	struct bytes chunk = bytes_cut(in, w->start, w->text_end - w->start);
	struct bytes envelope = buf_view(&r->world.envelope);
	bool is_exact = memmem(envelope.p, envelope.n, "\nBody: BINARYMIME\n",
			    strlen("\nBody: BINARYMIME\n")) != NULL;
	struct bytes all;

	fuzz_must(code == 250 || code >= 400, "250 or no");
	fuzz_must(code != 250 || !w->is_refused,
	    "what was refused once is refused to the end");
	memcpy(payload + w->payload, chunk.p, chunk.n);
	w->payload += chunk.n;
	if (!w->is_last) {
		w->is_refused = code != 250;
		fuzz_must(w->commits == r->world.commits,
		    "no commit before the last");
		return;
	}
	all = (struct bytes){ payload, w->payload };
	dotted_read_chunks(&text, all, r->world.limits.eol);
	if (is_exact) {
		fuzz_must(r->world.limits.eol == SMTPDATA_CRLF,
		    "bytes are kept where line ends are");
		memcpy(text.p, all.p, all.n);
		text.n = all.n;
		text.size = all.n;
		text.irregular = false;
	}
	(void)join(r);
	fuzz_must(w->commits + (code == 250) == r->world.commits,
	    "one commit for each 250, no other");
	w->commits = r->world.commits;
	if (code == 250) {
		fuzz_must(
		    count_hops((struct bytes){ text.p, text.n }) <= HOPS_MAX,
		    "no message that is looping");
		check_accepted(r);
	}
	forget(w);
}

static bool
ends_in_crlf(const struct witness *w, struct bytes in, size_t i)
{
	return (in.p[i] == '\n' && i > w->start && in.p[i - 1] == '\r');
}

/* TLS has begun, where a line should. */
static bool
is_hello(const struct witness *w, struct bytes in, size_t i)
{
	return (w->place == IN_LINE && i == w->start + 1 &&
	    in.p[i - 1] == 0x16 && in.p[i] == 0x03);
}

/* What must not be heard on, and where: some of it, said otherwise. */
static bool
is_alien(const struct witness *w, struct bytes line)
{
	struct bytes word = line;

	(void)bytes_find(word, ' ', &word.n);
	return (!w->is_greeted &&
	    (field_length(word) > 0 || is_verb(line, "POST ") ||
		is_verb(line, "GET ") || is_verb(line, "PRI ") ||
		is_verb(line, "SSH-") ||
		memmem(line.p, line.n, " HTTP/1.1", 9) != NULL));
}

/* How many replies are due, now that the byte at i was seen? */
static size_t
due(const struct witness *w, const struct run *r, struct bytes in, size_t i)
{
	uint64_t octets;
	bool is_last;

	switch (w->place) {
	case IN_LINE:
		if (is_hello(w, in, i))
			return (1);
		if (!ends_in_crlf(w, in, i) || w->is_broken ||
		    !read_bdat(bytes_cut(in, w->start, i - 1 - w->start),
			&octets, &is_last))
			return (in.p[i] == '\n' ||
			    i + 1 - w->start == SMTPLINE_MAX);
		if (octets > 0)
			return (0);
		return (is_last ? per_message(w, r) : 1);
	case IN_TEXT:
		return (i + 1 == w->text_end ? per_message(w, r) : 0);
	case IN_CHUNK:
		if (i + 1 != w->text_end)
			return (0);
		return (w->is_last ? per_message(w, r) : 1);
	case IN_ANSWER:
		return (ends_in_crlf(w, in, i));
	case IN_DROPPED_LINE:
		break;
	}
	return (0);
}

/* A whole line was seen; is what comes next no line? */
static bool
see_line(struct witness *w, struct run *r, struct bytes in, size_t i,
    unsigned int code)
{
	struct bytes line = bytes_cut(in, w->start, i - 1 - w->start);
	uint64_t octets;

	if (read_bdat(line, &octets, &w->is_last) && !w->is_broken &&
	    code != 421) {
		see_bdat(w, r, in, i, octets);
		if (octets > 0)
			return (true);
		see_chunk(w, r, in, code);
		return (false);
	}
	fuzz_must(!is_verb(line, "BDAT") || r->next == SESSION_HANG_UP,
	    "who has lost count hangs up");
	fuzz_must(
	    !is_alien(w, line) || (code == 421 && r->next == SESSION_HANG_UP),
	    "another protocol is not obeyed");
	see_command(w, r, line, code);
	return (false);
}

/* The byte at i was seen, and its reply if one was due. */
static void
see(struct witness *w, struct run *r, struct bytes in, size_t i,
    unsigned int code)
{
	if (w->place == IN_TEXT || w->place == IN_CHUNK) {
		if (i + 1 != w->text_end)
			return;
		if (w->place == IN_TEXT)
			see_message(w, r, code);
		else
			see_chunk(w, r, in, code);
	} else if (is_hello(w, in, i)) {
		fuzz_must(code == 421 && r->next == SESSION_HANG_UP,
		    "another protocol is not obeyed");
		return;
	} else if (!ends_in_crlf(w, in, i)) {
		if (due(w, r, in, i) == 0)
			return;
		fuzz_must(code == 500 || code == 421, "500 for no line");
		fuzz_must(r->next == SESSION_HANG_UP ||
			!is_verb(bytes_cut(in, w->start, 4), "BDAT"),
		    "who has lost count hangs up");
		w->place = IN_DROPPED_LINE;
		return;
	} else if (w->place == IN_ANSWER) {
		fuzz_must(code == 334 || code == 235 || code == 535 ||
			code == 501 || code == 500 || code == 421,
		    "a reply to an answer");
	} else if (w->place == IN_LINE && see_line(w, r, in, i, code)) {
		return;
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
		size_t want = due(&w, r, in, i);

		code = 0;
		r->shown = i + 1;
		w.is_greeted = r->session.client.helo[0] != '\0';
		fuzz_must(feed(r, in, &code) == want,
		    "the replies to each command, just when they are due");
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
	to->is_known = from->is_known;
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
