/* SPDX-License-Identifier: ISC */
/*
 * Conversations with servers: a model of one stores what a server would, and
 * may refuse, end, say something twice or not at all.  However that is cut and
 * delayed, no message counts as delivered that was not stored, none is stored
 * in part, in another's envelope or twice, and each has one outcome.
 *
 * The input is the choices that are made, one byte each, '0' the plainest; when
 * it is over, all goes well.  Or (the first choice) the server's bytes are the
 * input, and all that counts is that it comes to an end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "fuzz.h"
#include "talk.h"
#include "text.h"

enum {
	MAILS = 10,
	RCPTS = 4,
	TEXT_MAX = 1024,
	STEPS_MAX = 200000
};

enum server_mode {
	COMMANDS,
	TEXT,
	CHUNK,
	GONE
};

/* A server, and what it thinks of one connection. */
struct server {
	enum server_mode mode;
	bool closes; /* when its replies are read */
	bool is_silent;
	bool offers_pipelining;
	char line[4096];
	size_t n;
	/* The transaction. */
	size_t mail; /* MAILS: none */
	unsigned int rcpts;
	bool is_refused; /* the text, before its end */
	char text[2 * TEXT_MAX + 8];
	size_t ntext;
	size_t chunk;
	bool is_last;
	/* What the client has not read. */
	char out[16384];
	size_t from;
	size_t to;
};

static struct world {
	struct talk talk;
	struct talk_settings settings;
	char out[TALK_OUTPUT_MIN];
	struct bytes in;
	struct server server;
	bool is_raw;
	bool is_odd;  /* the server's replies may be too many or too few */
	bool was_odd; /* they were, on this connection */
	bool any_odd; /* or on another */
	bool is_orphan;
	size_t connections;
	size_t credits;
	size_t given; /* messages */
	size_t over;
	size_t total;
	struct talkmail mail[MAILS];
	struct talkmail_rcpt rcpt[MAILS][RCPTS];
	char names[MAILS][RCPTS + 1][32];
	char file[MAILS][TEXT_MAX];
	size_t nfile[MAILS];
	char wire[MAILS][2 * TEXT_MAX + 8];
	size_t nwire[MAILS];
	bool has_changed[MAILS];
	bool is_told[MAILS]; /* that it is in doubt */
	bool is_over[MAILS];
	unsigned int stored[MAILS]; /* recipients */
} w;

static unsigned int
choose(unsigned int n)
{
	return (fuzz_option(&w.in, n));
}

/* Rarely: one in n, if the input says so. */
static bool
happens(unsigned int n)
{
	return (choose(n) == n - 1);
}

/* The text as a server must get it, byte by byte. */
static size_t
make_wire(const char *p, size_t n, char *to)
{
	bool in_line = false;
	size_t made = 0;
	size_t i;
	size_t j;

	for (i = 0; i < n; i++) {
		for (j = i; j < n && p[j] == '\r';)
			j++;
		if (p[i] == '\r' && (j == n || p[j] == '\n')) {
			in_line = in_line || j == n;
			continue;
		}
		if (p[i] == '\n')
			to[made++] = '\r';
		to[made++] = p[i] == '\r' || p[i] == '\0' ? ' ' : p[i];
		in_line = p[i] != '\n';
	}
	if (in_line) {
		to[made++] = '\r';
		to[made++] = '\n';
	}
	return (made);
}

static void
make_text(size_t m)
{
	static const char *const odd[] = { "Subject: x\n\nhi\n", "", ".", "\n",
		".\n.\n", "a\r\n.\r\nb", "\r", "x\r\r\n..\n", "\r\n.\n" };
	size_t which = choose(ARRAY_LEN(odd) + 2);
	size_t n = 0;
	size_t i;

	if (which < ARRAY_LEN(odd)) {
		n = strlen(odd[which]);
		memcpy(w.file[m], odd[which], n);
	} else {
		n = 1 + choose(255) * (which == ARRAY_LEN(odd) ? 1 : 4);
		for (i = 0; i < n; i++)
			w.file[m][i] = ".\nab\r cd"[(i * 7 + i / 5) % 8];
	}
	w.nfile[m] = n;
	w.nwire[m] = make_wire(w.file[m], n, w.wire[m]);
}

static struct bytes
name(size_t m, size_t which, char domain)
{
	char *to = w.names[m][which];

	(void)snprintf(
	    to, sizeof(w.names[m][which]), "m%zu.%zu@%c", m, which, domain);
	return (bytes_of(to));
}

static void
make_mail(size_t m)
{
	struct talkmail *mail = &w.mail[m];
	struct text text;
	size_t i;

	make_text(m);
	text_init(&text);
	text_feed(&text, (struct bytes){ w.file[m], w.nfile[m] });
	fuzz_must(text_size(&text) == w.nwire[m], "the size on the wire");
	*mail = (struct talkmail){ .tag = (uint32_t)m, .rcpt = w.rcpt[m] };
	mail->sender = name(m, RCPTS, 's');
	mail->nrcpt = 1 + choose(RCPTS);
	for (i = 0; i < mail->nrcpt; i++)
		w.rcpt[m][i] =
		    (struct talkmail_rcpt){ .mailbox = name(m, i, 'r') };
	mail->has_size = !happens(8);
	mail->size = w.nwire[m];
	w.has_changed[m] = mail->has_size && happens(16);
	if (w.has_changed[m])
		mail->size += choose(2) == 0 || mail->size == 0 ? 1U : -1ULL;
}

static void
give(void)
{
	fuzz_must(w.given < MAILS, "no more than there are");
	if (w.credits > 0)
		w.credits--;
	talk_mail(&w.talk, &w.mail[w.given++]);
}

/* --- The server. */

static void
say(const char *line)
{
	struct server *s = &w.server;
	size_t n = strlen(line);

	fuzz_must(s->to + n <= sizeof(s->out), "replies that fit");
	memcpy(s->out + s->to, line, n);
	s->to += n;
}

/* It goes away: at once, or when what it has said was read. */
static void
hang_up(void)
{
	struct server *s = &w.server;

	s->closes = true;
	s->mode = GONE;
	if (choose(2) == 1)
		s->from = s->to = 0;
}

/* A reply, and perhaps more or less than that. */
static void
reply(unsigned int code)
{
	char line[64];

	(void)snprintf(line, sizeof(line), "%u-x\r\n%u x\r\n", code, code);
	if (w.is_odd && !w.was_odd && happens(16)) {
		w.was_odd = w.any_odd = true;
		if (choose(2) == 0)
			return;
		say(line);
	}
	if (choose(4) == 0)
		say(line);
	else
		say(line + 7);
	/* What it has said wrongly it does not make up for by going. */
	if (w.was_odd)
		return;
	if (happens(40))
		hang_up();
	else if (happens(60))
		w.server.is_silent = true;
}

static void
close_with_421(void)
{
	say("421 4.3.2 enough\r\n");
	w.server.closes = true;
	w.server.mode = GONE;
}

static void
end_transaction(void)
{
	w.server.mail = MAILS;
	w.server.rcpts = 0;
	w.server.is_refused = false;
	w.server.ntext = 0;
}

/* The text is whole: what is said of it? */
static void
take_text(void)
{
	struct server *s = &w.server;
	size_t m = s->mail;
	unsigned int code = (unsigned int[]){ 250, 250, 250, 250, 250, 450, 550,
		552 }[choose(8)];

	fuzz_must(w.is_told[m], "in doubt before its end is sent");
	if (code == 250) {
		fuzz_must(!w.has_changed[m], "a text as long as it was");
		fuzz_must(s->ntext == w.nwire[m] &&
			memcmp(s->text, w.wire[m], s->ntext) == 0,
		    "the text, and all of it");
		fuzz_must((w.stored[m] & s->rcpts) == 0, "once");
		w.stored[m] |= s->rcpts;
	}
	end_transaction();
	reply(code);
}

/* A line of DATA's text, without its end. */
static void
take_text_line(struct bytes line)
{
	struct server *s = &w.server;

	if (line.n == 1 && line.p[0] == '.') {
		s->mode = COMMANDS;
		if (s->is_refused) {
			/* It has said so. */
			end_transaction();
		} else if (s->rcpts == 0) {
			fuzz_must(s->ntext == 0, "no text for nobody");
			end_transaction();
			reply(choose(2) == 0 ? 554 : 250);
		} else {
			take_text();
		}
		return;
	}
	if (line.n > 0 && line.p[0] == '.')
		line = bytes_cut(line, 1, line.n);
	fuzz_must(s->ntext + line.n + 2 <= sizeof(s->text), "no longer text");
	memcpy(s->text + s->ntext, line.p, line.n);
	memcpy(s->text + s->ntext + line.n, "\r\n", 2);
	s->ntext += line.n + 2;
	if (!s->is_refused && !w.was_odd && happens(64)) {
		s->is_refused = true;
		say("552 5.3.4 no more\r\n");
	}
}

static void
end_chunk(void)
{
	struct server *s = &w.server;

	s->mode = COMMANDS;
	if (s->rcpts == 0 || s->is_refused) {
		s->is_refused = true;
		reply(503);
	} else if (s->is_last) {
		take_text();
	} else if (happens(8)) {
		s->is_refused = true;
		reply(452);
	} else {
		reply(250);
	}
}

static void
take_octets(struct bytes *in)
{
	struct server *s = &w.server;
	size_t n = in->n < s->chunk ? in->n : s->chunk;

	fuzz_must(s->ntext + n <= sizeof(s->text), "no longer text");
	memcpy(s->text + s->ntext, in->p, n);
	s->ntext += n;
	s->chunk -= n;
	*in = bytes_cut(*in, n, in->n);
	if (s->chunk == 0)
		end_chunk();
}

static void
take_ehlo(void)
{
	struct server *s = &w.server;
	unsigned int offers = choose(8);

	if (happens(16)) {
		reply(choose(2) == 0 ? 500 : 421);
		return;
	}
	say("250-mx\r\n");
	s->offers_pipelining = offers != 1;
	if (s->offers_pipelining)
		say("250-PIPELINING\r\n");
	if (offers != 1 && offers != 2)
		say("250-CHUNKING\r\n");
	if (happens(8))
		say("250-LIMITS RCPTMAX=2\r\n");
	if (happens(8))
		say("250-LIMITS MAILMAX=3\r\n");
	if (happens(8))
		say("250-STARTTLS\r\n");
	say(happens(8) ? "250 SIZE 2000\r\n" : "250 SIZE\r\n");
}

/* "m1.2@s": both numbers. */
static bool
take_name(struct bytes line, const char *before, size_t *m, size_t *which)
{
	char text[128];
	size_t n = strlen(before);
	char end;

	if (!bytes_starts_nocase(line, bytes_of(before)))
		return (false);
	line = bytes_cut(line, n, sizeof(text) - 1);
	memcpy(text, line.p, line.n);
	text[line.n] = '\0';
	fuzz_must(sscanf(text, "<m%zu.%zu@%c", m, which, &end) == 3 &&
		*m < MAILS && *which <= RCPTS,
	    "an address of ours");
	return (true);
}

static unsigned int
mood(unsigned int bad)
{
	return ((unsigned int[]){
	    250, 250, 250, 250, 250, 450, 550, bad }[choose(8)]);
}

static void
take_mail(size_t m)
{
	struct server *s = &w.server;
	unsigned int code = s->mail < MAILS ? 503 : mood(451);

	if (code == 250)
		s->mail = m;
	reply(code);
}

static void
take_rcpt(size_t m, size_t which)
{
	struct server *s = &w.server;
	unsigned int code = s->mail >= MAILS || s->is_refused ? 503 : mood(452);

	fuzz_must(s->mail >= MAILS || s->mail == m, "one's own envelope");
	if (code == 250)
		s->rcpts |= 1U << which;
	reply(code);
}

static void
take_data(void)
{
	struct server *s = &w.server;
	bool is_for_nobody = s->mail >= MAILS || s->rcpts == 0;

	if ((is_for_nobody && choose(2) == 0) || s->mail >= MAILS) {
		reply(503);
		return;
	}
	if (happens(10)) {
		reply(choose(2) == 0 ? 451 : 550);
		return;
	}
	s->mode = TEXT;
	reply(354);
}

static void
take_bdat(struct bytes line)
{
	struct server *s = &w.server;
	char text[64];
	char last[8] = "";

	line = bytes_cut(line, 0, sizeof(text) - 1);
	memcpy(text, line.p, line.n);
	text[line.n] = '\0';
	fuzz_must(sscanf(text, "BDAT %zu %5s", &s->chunk, last) >= 1, "a BDAT");
	s->is_last = strcmp(last, "LAST") == 0;
	s->mode = CHUNK;
	if (s->chunk == 0)
		end_chunk();
}

static void
take_command(struct bytes line)
{
	size_t m;
	size_t which;

	fuzz_must(!bytes_has_control(line) && line.n < 600, "a line");
	if (!w.was_odd && happens(60)) {
		close_with_421();
	} else if (take_name(line, "MAIL FROM:", &m, &which)) {
		take_mail(m);
	} else if (take_name(line, "RCPT TO:", &m, &which)) {
		take_rcpt(m, which);
	} else if (bytes_starts_nocase(line, bytes_of("DATA"))) {
		take_data();
	} else if (bytes_starts_nocase(line, bytes_of("BDAT "))) {
		take_bdat(line);
	} else if (bytes_starts_nocase(line, bytes_of("RSET"))) {
		end_transaction();
		reply(250);
	} else if (bytes_starts_nocase(line, bytes_of("EHLO "))) {
		take_ehlo();
	} else if (bytes_starts_nocase(line, bytes_of("HELO "))) {
		reply(250);
	} else if (bytes_starts_nocase(line, bytes_of("STARTTLS"))) {
		reply(choose(4) == 0 ? 454 : 220);
	} else {
		fuzz_must(bytes_starts_nocase(line, bytes_of("QUIT")),
		    "a command that is known");
		reply(221);
		w.server.closes = true;
		w.server.mode = GONE;
	}
}

static void
take_bytes(struct bytes in)
{
	struct server *s = &w.server;

	while (in.n > 0 && s->mode != GONE && !s->is_silent) {
		if (s->mode == CHUNK) {
			take_octets(&in);
			continue;
		}
		fuzz_must(s->n < sizeof(s->line), "a line that ends");
		s->line[s->n++] = in.p[0];
		in = bytes_cut(in, 1, in.n);
		if (s->line[s->n - 1] != '\n')
			continue;
		fuzz_must(s->n > 1 && s->line[s->n - 2] == '\r', "CR LF");
		s->n -= 2;
		if (s->mode == TEXT)
			take_text_line((struct bytes){ s->line, s->n });
		else
			take_command((struct bytes){ s->line, s->n });
		s->n = 0;
	}
}

static void
greet(void)
{
	memset(&w.server, 0, sizeof(w.server));
	w.was_odd = false;
	end_transaction();
	if (happens(16))
		hang_up();
	else
		reply(happens(16) ? 554 : 220);
}

/* --- What becomes of the messages. */

static bool
is_doubtful(const struct talkmail_outcome *o)
{
	return (strstr(o->words, "it may be a duplicate") != NULL);
}

static void
check_rcpt(const struct talkmail *m, size_t i)
{
	const struct talkmail_outcome *o = &m->rcpt[i].outcome;
	bool is_stored = (w.stored[m->tag] & 1U << i) != 0;
	bool is_shared = o->letter == 'r' || o->letter == '\0';

	if (is_shared)
		o = &m->outcome;
	fuzz_must(is_shared || o->letter == 'h' || o->letter == 's',
	    "a recipient's letter");
	if (o->letter == 'K')
		fuzz_must(is_stored, "no K but for what was stored");
	else if (!is_doubtful(o))
		fuzz_must(!is_stored, "nothing stored without K");
}

static void
check_outcome(const struct talkmail *m)
{
	char letter = m->outcome.letter;
	size_t i;

	fuzz_must(!w.is_over[m->tag], "one outcome");
	w.is_over[m->tag] = true;
	w.over++;
	if (w.is_raw)
		return;
	fuzz_must(
	    letter == 'K' || letter == 'Z' || letter == 'D' || letter == 'N',
	    "a message's letter");
	for (i = 0; i < m->nrcpt; i++)
		check_rcpt(m, i);
	fuzz_must(letter != 'D' || m->outcome.status[0] == '5', "a status");
}

/* --- The loop around it. */

static void
connect_or_not(void)
{
	struct talk_address a = { .host = bytes_of("mx"),
		.address = bytes_of("192.0.2.1") };
	struct talkmail_outcome why = { .letter = '\0' };

	if (w.connections++ == 5 || happens(8)) {
		talkoutcome_say(&why, 'Z', "4.4.1", "none");
		talk_no_address(&w.talk, &why, choose(2) == 1);
		return;
	}
	a.is_last = w.connections == 5 || happens(4);
	a.tls = (enum talk_tls)choose(2);
	greet();
	talk_connected(&w.talk, &a);
}

static void
give_text(const struct talk_order *order)
{
	size_t m = order->mail->tag;
	struct bytes text = { w.file[m], w.nfile[m] };
	size_t used;

	fuzz_must(order->at <= text.n, "an offset in the file");
	text = bytes_cut(text, (size_t)order->at, text.n);
	if (text.n == 0) {
		talk_text_end(&w.talk);
		return;
	}
	if (happens(3))
		text.n = 1 + choose(255) % text.n;
	used = talk_text(&w.talk, text);
	fuzz_must(used <= text.n, "what there is");
}

static void
hear(void)
{
	struct server *s = &w.server;
	size_t n = s->to - s->from;

	if (happens(3))
		n = 1 + choose(255) % n;
	talk_input(&w.talk, (struct bytes){ s->out + s->from, n });
	s->from += n;
	if (s->from == s->to)
		s->from = s->to = 0;
}

static void
write_some(void)
{
	struct bytes out = talk_output(&w.talk);
	size_t n = out.n;
	char copy[TALK_OUTPUT_MIN];

	if (happens(3))
		n = 1 + choose(255) % n;
	memcpy(copy, out.p, n);
	/* What was sent is sent, whether or not it is read. */
	talk_sent(&w.talk, n);
	if (!w.is_raw)
		take_bytes((struct bytes){ copy, n });
}

/* Nothing moves: time passes. */
static void
pass_time(void)
{
	struct talk_waits t = talk_wait(&w.talk);

	if (w.server.closes) {
		talk_lost(&w.talk, "connection closed");
	} else if (t.reply == TALK_TIMER_IDLE && w.given < w.total &&
	    w.credits > 0) {
		give();
	} else if (t.reply == TALK_TIMER_IDLE) {
		talk_finish(&w.talk);
	} else {
		fuzz_must(t.reply != TALK_TIMER_NONE, "something to wait for");
		talk_expired(&w.talk, t.reply);
	}
}

/* Not the server but the client's side. */
static void
do_something_else(void)
{
	switch (choose(8)) {
	case 1:
		if (w.given < w.total && w.credits > 0)
			give();
		break;
	case 2:
		talk_finish(&w.talk);
		break;
	case 3:
		w.is_orphan = true;
		talk_orphan(&w.talk);
		break;
	default:
		break;
	}
}

static void
act(void)
{
	struct server *s = &w.server;
	bool can_write = talk_output(&w.talk).n > 0;
	bool can_read = s->to > s->from;
	unsigned int what = choose(16);

	if (w.given < w.total && w.credits > 0 && what < 4)
		give();
	else if (what == 15)
		do_something_else();
	else if (can_write && (!can_read || what % 2 == 0))
		write_some();
	else if (can_read)
		hear();
	else
		pass_time();
}

/* The input is what the server says. */
static void
act_raw(void)
{
	size_t n = w.in.n < 64 ? w.in.n : 64;

	if (talk_output(&w.talk).n > 0)
		write_some();
	else if (n > 0) {
		struct bytes in = bytes_cut(w.in, 0, n);

		w.in = bytes_cut(w.in, n, w.in.n);
		talk_input(&w.talk, in);
	} else {
		talk_lost(&w.talk, "connection closed");
	}
}

static void
connect_raw(void)
{
	struct talk_address a = { .host = bytes_of("mx"),
		.address = bytes_of("192.0.2.1"),
		.tls = TALK_TLS_MAY };
	struct talkmail_outcome why = { .letter = 'Z' };

	if (w.connections++ < 4)
		talk_connected(&w.talk, &a);
	else
		talk_no_address(&w.talk, &why, false);
}

/* False: it is over. */
static bool
obey(enum talk_do what, const struct talk_order *order)
{
	switch (what) {
	case TALK_WAIT:
		if (w.is_raw)
			act_raw();
		else
			act();
		break;
	case TALK_CONNECT:
	case TALK_CONNECT_CLEAR:
		if (w.is_raw)
			connect_raw();
		else
			connect_or_not();
		break;
	case TALK_START_TLS:
		if (!w.is_raw && happens(4))
			talk_lost(&w.talk, "no TLS");
		else
			talk_secured(&w.talk, TALK_ENCRYPTED);
		break;
	case TALK_CREDIT:
		w.credits += order->n;
		fuzz_must(w.credits + w.given - w.over <= TALK_WINDOW_MAX,
		    "no more than it can hold");
		break;
	case TALK_TEXT:
		give_text(order);
		break;
	case TALK_IN_DOUBT:
		fuzz_must(!w.is_orphan, "no end for an orphan");
		w.is_told[order->mail->tag] = true;
		break;
	case TALK_OUTCOME:
		check_outcome(order->mail);
		break;
	case TALK_HOP_FAILED:
		fuzz_must(order->outcome->letter == 'Z' ||
			order->outcome->letter == 'D',
		    "a hop's letter");
		break;
	case TALK_OVER:
		return (false);
	}
	return (true);
}

static void
set_up(void)
{
	size_t i;

	w.is_raw = choose(4) == 3;
	w.is_odd = choose(3) == 1;
	w.settings = (struct talk_settings){
		.helo = bytes_of("me"),
		.window = (size_t[]){ 16, 4, 2, 1 }[choose(4)],
		.chunking = choose(8) != 7,
		.chunk = choose(2) == 0 ? 0 : 1 + choose(60),
		.messages = choose(8) == 7 ? 4 : 0,
	};
	w.total = 1 + choose(MAILS);
	for (i = 0; i < w.total; i++)
		make_mail(i);
	talk_init(&w.talk, &w.settings, w.out, sizeof(w.out));
	for (i = choose(w.total > 4 ? 4 : (unsigned int)w.total); i > 0; i--)
		give();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct talk_order order;
	enum talk_do what;
	size_t steps = 0;

	memset(&w, 0, sizeof(w));
	w.in = fuzz_input(data, n);
	set_up();
	do {
		fuzz_must(steps++ < STEPS_MAX, "it comes to an end");
		what = talk_next(&w.talk, &order);
	} while (obey(what, &order));
	fuzz_must(w.is_orphan || w.over == w.given, "all are given back");
	return (0);
}
