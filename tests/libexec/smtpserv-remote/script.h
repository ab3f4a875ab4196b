/* SPDX-License-Identifier: ISC */
/*
 * script: a conversation with the engine, as a text that can be read.
 *
 * A line that begins with `<` is what happens; the others are what the engine
 * says and orders, each in its place:
 *
 *     < 250 ok            a line of the server; those in a row come at once
 *     <connect mx1 192.0.2.1 may last best
 *     <none Z 4.4.1 words <mail 1 a@b c@d,e@f size=77 8bit
 *     <text 1 hi\nyou     what message 1 says (else "hi 1\n")
 *     <drop 1  <close  <expired  <secured verified  <finish  <orphan  <pause
 *     > EHLO me           a line that is sent
 *     ? next              an order: next, clear, tls
 *     + 2                 credit
 *     ! 1                 message 1 is in doubt
 *     = 1 K 2.0.0 250 ok  its outcome; `+dsn` if the host offers it
 *     - 1 h 5.1.1 550 no  that of one of its recipients, before
 *     # Z 4.4.1 words     the hop has failed
 *     . why               over
 *     @ final             the timer that holds for the reply
 *
 * `<pause` says: from here on nothing is written, until `<go`.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <atf-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "talk.h"
#include "text.h"

enum {
	MAILS_MAX = 20,
	RCPTS_MAX = 300,
	TEXT_MAX = 16384,
	WORDS_MAX = 16
};

static const struct talk_settings SCRIPT_SETTINGS = {
	.helo = { "me", 2 },
	.window = 16,
	.chunking = true,
	.fears_loops = true,
};

struct play {
	struct talk talk;
	struct talkmail mails[MAILS_MAX];
	struct talkmail_rcpt rcpts[MAILS_MAX][RCPTS_MAX];
	char texts[MAILS_MAX][TEXT_MAX];
	char strings[65536];
	size_t nstrings;
	bool pauses;
	bool is_over;
	char out[8192];
	/* Lines that the engine has said, and are not compared yet. */
	struct buf said;
	char said_store[200000];
	/* A line that is not whole. */
	char half[TEXT_MAX];
	size_t nhalf;
};

static struct play play;
static const char *where;

static struct bytes
keep(const char *p, size_t n)
{
	char *to = play.strings + play.nstrings;

	ATF_REQUIRE(play.nstrings + n < sizeof(play.strings));
	memcpy(to, p, n);
	play.nstrings += n;
	return ((struct bytes){ to, n });
}

/* Words with a plus between them, for which a comma is meant. */
static struct bytes
keep_list(struct bytes list)
{
	struct bytes kept = keep(list.p, list.n);
	size_t plus;

	while (bytes_find(kept, '+', &plus))
		play.strings[(size_t)(kept.p - play.strings) + plus] = ',';
	return (kept);
}

static size_t
number_of(const struct talkmail *m)
{
	return ((size_t)(m - play.mails));
}

/* All that can be sent goes, and what it says is noted line by line. */
static void
send_all(void)
{
	struct bytes out = talk_output(&play.talk);
	size_t i;

	if (play.pauses)
		return;
	for (i = 0; i < out.n; i++) {
		ATF_REQUIRE(play.nhalf < sizeof(play.half));
		play.half[play.nhalf++] = out.p[i];
		if (out.p[i] != '\n')
			continue;
		ATF_CHECK(play.nhalf > 1 && play.half[play.nhalf - 2] == '\r');
		(void)buf_printf(
		    &play.said, "> %.*s\n", (int)play.nhalf - 2, play.half);
		play.nhalf = 0;
	}
	talk_sent(&play.talk, out.n);
}

static void
say_outcome(const char *sign, const struct talkmail *m,
    const struct talkmail_outcome *o)
{
	(void)buf_printf(&play.said, "%s %zu %c %s %s", sign, number_of(m),
	    o->letter, o->status, o->words);
	(void)buf_printf(
	    &play.said, "%s\n", o->letter == 'K' && m->took_dsn ? " +dsn" : "");
}

static void
say_result(const struct talkmail *m)
{
	size_t i;

	for (i = 0; i < m->nrcpt; i++)
		if (m->rcpt[i].outcome.letter == 'h' ||
		    m->rcpt[i].outcome.letter == 's')
			say_outcome("-", m, &m->rcpt[i].outcome);
	say_outcome("=", m, &m->outcome);
}

static void
give_text(const struct talk_order *order)
{
	struct bytes text = bytes_of(play.texts[number_of(order->mail)]);

	text = bytes_cut(text, (size_t)order->at, text.n);
	if (text.n == 0)
		talk_text_end(&play.talk);
	else
		(void)talk_text(&play.talk, text);
}

/* An order, noted.  False: it wants something that the script has to say. */
static bool
obey(enum talk_do what, const struct talk_order *order)
{
	switch (what) {
	case TALK_WAIT:
		return (false);
	case TALK_TEXT:
		give_text(order);
		return (true);
	case TALK_CONNECT:
		(void)buf_puts(&play.said, "? next\n");
		return (false);
	case TALK_CONNECT_CLEAR:
		(void)buf_puts(&play.said, "? clear\n");
		return (false);
	case TALK_START_TLS:
		(void)buf_puts(&play.said, "? tls\n");
		return (false);
	case TALK_CREDIT:
		(void)buf_printf(&play.said, "+ %zu\n", order->n);
		return (true);
	case TALK_IN_DOUBT:
		(void)buf_printf(&play.said, "! %zu\n", number_of(order->mail));
		return (true);
	case TALK_OUTCOME:
		say_result(order->mail);
		return (true);
	case TALK_HOP_FAILED:
		(void)buf_printf(&play.said, "# %c %s %s\n",
		    order->outcome->letter, order->outcome->status,
		    order->outcome->words);
		return (true);
	case TALK_OVER:
		if (!play.is_over)
			(void)buf_printf(&play.said, ". %s\n", order->why);
		play.is_over = true;
		return (false);
	}
	return (false);
}

static void
run(void)
{
	struct talk_order order;
	bool is_sent;

	do {
		while (obey(talk_next(&play.talk, &order), &order))
			;
		is_sent = !play.pauses && talk_output(&play.talk).n > 0;
		send_all();
	} while (is_sent);
}

static size_t
split(struct bytes line, struct bytes *words)
{
	size_t n = 0;

	while (line.n > 0 && n < WORDS_MAX) {
		struct bytes word = line;

		(void)bytes_find(line, ' ', &word.n);
		line = bytes_cut(line, word.n + 1, line.n);
		if (word.n > 0)
			words[n++] = word;
	}
	for (size_t i = n; i < WORDS_MAX; i++)
		words[i] = (struct bytes){ "", 0 };
	return (n);
}

static bool
is_word(struct bytes word, const char *what)
{
	return (bytes_same(word, bytes_of(what)));
}

static size_t
number(struct bytes word)
{
	return ((size_t)strtoul(word.p, NULL, 10));
}

/* -: the null sender. */
static struct bytes
address(struct bytes word)
{
	return (is_word(word, "-") ? bytes_of("") : keep(word.p, word.n));
}

static void
add_rcpts(struct talkmail *m, struct bytes list)
{
	while (list.n > 0) {
		struct bytes one = list;
		struct talkmail_rcpt *r = &m->rcpt[m->nrcpt++];
		size_t slash;

		ATF_REQUIRE(m->nrcpt <= RCPTS_MAX);
		(void)bytes_find(list, ',', &one.n);
		list = bytes_cut(list, one.n + 1, list.n);
		*r = (struct talkmail_rcpt){ .state = 0 };
		if (bytes_find(one, '/', &slash)) {
			r->notify = keep_list(bytes_cut(one, slash + 1, one.n));
			one.n = slash;
		}
		/* 100*x@y: x0@y to x99@y. */
		if (one.n > 4 && memcmp(one.p, "100*", 4) == 0) {
			char name[300];
			size_t i;

			m->nrcpt--;
			for (i = 0; i < 100; i++) {
				int n =
				    snprintf(name, sizeof(name), "%c%zu%.*s",
					one.p[4], i, (int)one.n - 5, one.p + 5);

				m->rcpt[m->nrcpt++] = (struct talkmail_rcpt){
					.mailbox = keep(name, (size_t)n)
				};
			}
			continue;
		}
		r->mailbox = keep(one.p, one.n);
	}
}

static void
set_option(struct talkmail *m, struct bytes word)
{
	if (is_word(word, "8bit"))
		m->is_8bit = true;
	else if (is_word(word, "utf8"))
		m->is_utf8 = true;
	else if (is_word(word, "binary"))
		m->body = SMTP_BODY_BINARYMIME;
	else if (is_word(word, "8bitmime"))
		m->body = SMTP_BODY_8BITMIME;
	else if (is_word(word, "requiretls"))
		m->requiretls = true;
	else if (is_word(word, "unknown"))
		m->has_size = false;
	else if (is_word(word, "ret=full"))
		m->ret = SMTP_RET_FULL;
	else if (bytes_starts_nocase(word, bytes_of("envid=")))
		m->envid = keep(word.p + 6, word.n - 6);
	else if (bytes_starts_nocase(word, bytes_of("size=")))
		m->size = number(bytes_cut(word, 5, word.n));
	else
		atf_tc_fail("option %.*s", (int)word.n, word.p);
}

static void
add_mail(const struct bytes *words, size_t n)
{
	size_t which = number(words[1]);
	struct talkmail *m = &play.mails[which];
	struct text text;
	size_t i;

	ATF_REQUIRE(which < MAILS_MAX);
	text_init(&text);
	text_feed(&text, bytes_of(play.texts[which]));
	*m = (struct talkmail){ .tag = (uint32_t)which,
		.sender = address(words[2]),
		.rcpt = play.rcpts[which],
		.has_size = true,
		.size = text_size(&text) };
	add_rcpts(m, words[3]);
	for (i = 4; i < n; i++)
		set_option(m, words[i]);
	talk_mail(&play.talk, m);
}

/* With \n and \r as two characters each, and \x for a kilobyte of x. */
static void
set_text(struct bytes line)
{
	size_t which = number(bytes_cut(line, 5, line.n));
	char *to = play.texts[which];
	size_t n = 0;
	size_t i;

	for (i = 7; i < line.n; i++) {
		if (line.p[i] != '\\' || i + 1 == line.n) {
			to[n++] = line.p[i];
			continue;
		}
		i++;
		to[n] = line.p[i] == 'n' ? '\n' : '\r';
		n += line.p[i] != 'x';
		if (line.p[i] == 'x') {
			memset(to + n, 'x', 1024);
			n += 1024;
		}
	}
	to[n] = '\0';
}

static void
connected(const struct bytes *words, size_t n)
{
	struct talk_address a = { .host = words[1], .address = words[2] };
	size_t i;

	for (i = 3; i < n; i++) {
		if (is_word(words[i], "may"))
			a.tls = TALK_TLS_MAY;
		else if (is_word(words[i], "must"))
			a.tls = TALK_TLS_MUST;
		else if (is_word(words[i], "last"))
			a.is_last = true;
		else if (is_word(words[i], "best"))
			a.is_best = true;
		else if (is_word(words[i], "named"))
			a.is_named_safely = true;
		else if (is_word(words[i], "missed"))
			a.has_missed = true;
		else if (is_word(words[i], "verified"))
			a.safety = TALK_VERIFIED;
		else
			atf_tc_fail("word in %s", where);
	}
	talk_connected(&play.talk, &a);
}

static void
no_address(struct bytes line, const struct bytes *words)
{
	struct talkmail_outcome why = { .letter = '\0' };
	char status[16] = "";

	memcpy(status, words[2].p, words[2].n < 9 ? words[2].n : 9);
	talkoutcome_say(&why, words[1].p[0], status, "%.*s",
	    (int)(line.n - (size_t)(words[3].p - line.p)), words[3].p);
	talk_no_address(&play.talk, &why, is_word(words[0], "missed"));
}

static void
happen(struct bytes line)
{
	struct bytes words[WORDS_MAX];
	size_t n = split(line, words);

	if (is_word(words[0], "connect"))
		connected(words, n);
	else if (is_word(words[0], "none") || is_word(words[0], "missed"))
		no_address(line, words);
	else if (is_word(words[0], "mail"))
		add_mail(words, n);
	else if (is_word(words[0], "text"))
		set_text(line);
	else if (is_word(words[0], "drop"))
		(void)buf_printf(&play.said, "%s\n",
		    talk_withdraw(&play.talk, &play.mails[number(words[1])])
			? "dropped"
			: "kept");
	else if (is_word(words[0], "close"))
		talk_lost(&play.talk, "connection closed");
	else if (is_word(words[0], "expired"))
		talk_expired(&play.talk, talk_wait(&play.talk).reply);
	else if (is_word(words[0], "stuck"))
		talk_expired(&play.talk, talk_wait(&play.talk).write);
	else if (is_word(words[0], "secured"))
		talk_secured(&play.talk,
		    is_word(words[1], "verified") ? TALK_VERIFIED
						  : TALK_ENCRYPTED);
	else if (is_word(words[0], "unreadable"))
		talk_text_failed(&play.talk, "Input/output error");
	else if (is_word(words[0], "finish"))
		talk_finish(&play.talk);
	else if (is_word(words[0], "orphan"))
		talk_orphan(&play.talk);
	else if (is_word(words[0], "pause"))
		play.pauses = true;
	else if (is_word(words[0], "go"))
		play.pauses = false;
	else
		atf_tc_fail("what happens in %s", where);
	run();
}

/* What the server says, in pieces. */
static void
hear(struct bytes in, size_t piece)
{
	if (piece == 0)
		piece = in.n;
	while (in.n > 0) {
		talk_input(&play.talk, bytes_cut(in, 0, piece));
		run();
		in = bytes_cut(in, piece, in.n);
	}
}

static const char *
timer_name(enum talk_timer timer)
{
	static const char *const names[] = { "none", "greeting", "ehlo", "mail",
		"rcpt", "data", "text", "final", "rset", "quit", "idle" };

	return (names[timer]);
}

/* The next line that the engine has said. */
static void
expect(struct bytes line)
{
	struct bytes said = buf_view(&play.said);
	struct bytes rest;
	char timer[32];
	int n;

	if (line.p[0] == '@') {
		n = snprintf(timer, sizeof(timer), "@ %s",
		    timer_name(talk_wait(&play.talk).reply));
		if (n != (int)line.n || memcmp(timer, line.p, line.n) != 0)
			atf_tc_fail_nonfatal("in:\n%s\nwant %.*s, got %s",
			    where, (int)line.n, line.p, timer);
		return;
	}
	(void)bytes_find(said, '\n', &said.n);
	if (!bytes_same(said, line))
		atf_tc_fail("in:\n%s\nwant: %.*s\ngot: %.*s", where,
		    (int)line.n, line.p, (int)buf_view(&play.said).n,
		    buf_view(&play.said).p);
	rest = bytes_cut(buf_view(&play.said), said.n + 1, SIZE_MAX);
	memmove(play.said_store, rest.p, rest.n);
	buf_cut(&play.said, rest.n);
}

static void
expect_silence(struct bytes line)
{
	if (buf_view(&play.said).n > 0)
		atf_tc_fail("in:\n%s\nbefore: %.*s\ngot: %.*s", where,
		    (int)line.n, line.p, (int)buf_view(&play.said).n,
		    buf_view(&play.said).p);
}

static void
begin(const char *text, const struct talk_settings *settings)
{
	size_t i;

	memset(&play, 0, sizeof(play));
	buf_init(&play.said, play.said_store, sizeof(play.said_store));
	for (i = 0; i < MAILS_MAX; i++)
		(void)snprintf(
		    play.texts[i], sizeof(play.texts[i]), "hi %zu\n", i);
	talk_init(&play.talk, settings, play.out, sizeof(play.out));
	where = text;
}

/*
 * Play it, the server's bytes cut into pieces of that many octets (0: not at
 * all).
 */
static void
script_play(
    const char *text, const struct talk_settings *settings, size_t piece)
{
	char store[16384];
	struct bytes rest = bytes_of(text);
	struct buf server;
	bool has_begun = false;

	begin(text, settings);
	buf_init(&server, store, sizeof(store));
	while (rest.n > 0) {
		struct bytes line = rest;

		(void)bytes_find(rest, '\n', &line.n);
		rest = bytes_cut(rest, line.n + 1, rest.n);
		/* Before the first order messages are given. */
		if (!has_begun &&
		    !bytes_starts_nocase(line, bytes_of("<mail")) &&
		    !bytes_starts_nocase(line, bytes_of("<text")) &&
		    !bytes_starts_nocase(line, bytes_of("<finish"))) {
			has_begun = true;
			run();
		}
		if (line.n > 1 && line.p[0] == '<' && line.p[1] == ' ') {
			expect_silence(line);
			(void)buf_put(&server, bytes_cut(line, 2, line.n));
			(void)buf_puts(&server, "\r\n");
			if (bytes_starts_nocase(rest, bytes_of("< ")))
				continue;
			hear(buf_view(&server), piece);
			buf_reset(&server);
		} else if (line.n > 1 && line.p[0] == '<') {
			expect_silence(line);
			if (has_begun)
				happen(bytes_cut(line, 1, line.n));
			else if (bytes_starts_nocase(line, bytes_of("<mail"))) {
				struct bytes words[WORDS_MAX];
				size_t n =
				    split(bytes_cut(line, 1, line.n), words);

				add_mail(words, n);
			} else if (bytes_starts_nocase(
				       line, bytes_of("<text"))) {
				set_text(bytes_cut(line, 1, line.n));
			} else {
				talk_finish(&play.talk);
			}
		} else {
			expect(line);
		}
	}
	expect_silence(bytes_of("its end"));
}

#endif
