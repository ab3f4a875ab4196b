/* SPDX-License-Identifier: ISC */
#include "fed.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/sysclock.h"
#include "sys/syspass.h"

/* Nobody writes down any more what is done. */
static void
lose_worker(struct talker *t)
{
	t->input = -1;
	t->is_left = true;
	talk_orphan(&t->talk);
}

static void
tell(struct talker *t, const struct feed_record *r)
{
	char store[FEED_RECORD_MAX];
	struct pollfd room = { STDIN_FILENO, POLLOUT, 0 };
	struct bytes text;
	struct buf out;

	buf_init(&out, store, sizeof(store));
	if (!feed_put(&out, r)) {
		/* Nothing that we print is too long. */
		lose_worker(t);
		return;
	}
	text = buf_view(&out);
	while (send(STDIN_FILENO, text.p, text.n, MSG_NOSIGNAL) < 0)
		if (errno != EINTR &&
		    (errno != EAGAIN || poll(&room, 1, -1) < 0)) {
			lose_worker(t);
			return;
		}
}

static struct fed_slot *
slot_of(struct letter *l)
{
	char *at = (char *)l - offsetof(struct fed_slot, letter);

	/* Each letter that the engine has is part of one. */
	return ((struct fed_slot *)(void *)at);
}

/* A word of the record, kept; *ok is false if there is no room. */
static struct bytes
keep(struct fed_slot *s, struct bytes word)
{
	size_t at = buf_view(&s->strings).n;

	/* An overflow is asked for when all is in. */
	(void)buf_put(&s->strings, word);
	return (bytes_cut(
	    (struct bytes){ s->store, sizeof(s->store) }, at, word.n));
}

static struct fed_slot *
find(struct fed *f, enum fed_state state, uint32_t tag)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(f->slots); i++)
		if (f->slots[i].state == state &&
		    (state == FED_FREE || f->slots[i].letter.mail.tag == tag))
			return (&f->slots[i]);
	return (NULL);
}

static void
free_slot(struct fed_slot *s)
{
	if (s->letter.fd >= 0)
		(void)close(s->letter.fd);
	s->letter.fd = -1;
	s->state = FED_FREE;
}

/* A final word that needs no engine. */
static void
end_slot(struct talker *t, struct fed_slot *s, enum feed_kind kind,
    const char *status, const char *text)
{
	struct fed *f = t->ctx;
	struct feed_record r = { .kind = kind,
		.tag = s->letter.mail.tag,
		.result = {
		    .status = bytes_of(status), .text = bytes_of(text) } };

	free_slot(s);
	f->promised++;
	tell(t, &r);
}

static enum smtp_body
body_of(struct bytes word)
{
	if (bytes_same_nocase(word, bytes_of("8BITMIME")))
		return (SMTP_BODY_8BITMIME);
	if (bytes_same_nocase(word, bytes_of("BINARYMIME")))
		return (SMTP_BODY_BINARYMIME);
	return (SMTP_BODY_UNSAID);
}

static enum smtp_ret
ret_of(struct bytes word)
{
	if (bytes_same_nocase(word, bytes_of("FULL")))
		return (SMTP_RET_FULL);
	if (bytes_same_nocase(word, bytes_of("HDRS")))
		return (SMTP_RET_HDRS);
	return (SMTP_RET_UNSAID);
}

/* False: the worker must not send that. */
static bool
begin_message(struct fed *f, const struct feed_record *r, int fd)
{
	const struct feed_message *m = &r->message;
	struct fed_slot *s = find(f, FED_FREE, 0);

	if (s == NULL || f->promised == 0 ||
	    find(f, FED_FILLING, r->tag) != NULL ||
	    find(f, FED_READY, r->tag) != NULL ||
	    find(f, FED_HELD, r->tag) != NULL)
		return (false);
	f->promised--;
	buf_init(&s->strings, s->store, sizeof(s->store));
	s->state = FED_FILLING;
	s->letter = (struct letter){ .fd = fd, .since_ms = sysclock_ms() };
	s->letter.mail = (struct talkmail){
		.tag = r->tag,
		.rcpt = s->rcpts,
		.body = body_of(m->body),
		.requiretls = m->requiretls,
		.ret = ret_of(m->ret),
	};
	s->letter.mail.sender = keep(s, m->sender);
	s->letter.mail.envid = keep(s, m->envid);
	return (true);
}

static bool
add_rcpt(struct fed *f, const struct feed_record *r)
{
	struct fed_slot *s = find(f, FED_FILLING, r->tag);
	struct talkmail_rcpt *rcpt;

	if (s == NULL || s->letter.mail.nrcpt == ARRAY_LEN(s->rcpts))
		return (false);
	rcpt = &s->rcpts[s->letter.mail.nrcpt++];
	memset(rcpt, 0, sizeof(*rcpt));
	rcpt->mailbox = keep(s, r->rcpt.mailbox);
	rcpt->notify = keep(s, r->rcpt.notify);
	rcpt->orcpt = keep(s, r->rcpt.orcpt);
	return (true);
}

/* The oldest that waits for the engine, or NULL. */
static struct fed_slot *
next_ready(struct fed *f)
{
	struct fed_slot *next = NULL;
	size_t i;

	for (i = 0; i < ARRAY_LEN(f->slots); i++)
		if (f->slots[i].state == FED_READY &&
		    (next == NULL || f->slots[i].turn < next->turn))
			next = &f->slots[i];
	return (next);
}

static void
give_ready(struct talker *t)
{
	struct fed *f = t->ctx;
	struct fed_slot *s;

	while (f->allowed > 0 && (s = next_ready(f)) != NULL) {
		f->allowed--;
		s->state = FED_HELD;
		talk_mail(&t->talk, &s->letter.mail);
	}
}

static bool
end_message(struct talker *t, uint32_t tag)
{
	struct fed *f = t->ctx;
	struct fed_slot *s = find(f, FED_FILLING, tag);

	if (s == NULL || s->letter.mail.nrcpt == 0)
		return (false);
	if (s->letter.fd < 0 || !letter_weigh(&s->letter)) {
		end_slot(t, s, FEED_LATER, "4.3.0", "unable to read the text");
		return (true);
	}
	if (buf_overflowed(&s->strings)) {
		/* The next host would have no room for it, either. */
		end_slot(t, s, FEED_FAILED, "5.3.4", "too large an envelope");
		return (true);
	}
	s->state = FED_READY;
	s->turn = f->came++;
	give_ready(t);
	return (true);
}

static bool
give_up(struct talker *t, uint32_t tag)
{
	struct fed *f = t->ctx;
	struct fed_slot *s = find(f, FED_FILLING, tag);

	if (s == NULL)
		s = find(f, FED_READY, tag);
	if (s == NULL) {
		s = find(f, FED_HELD, tag);
		/* If it has begun, or is over, its result is on its way. */
		if (s == NULL || !talk_withdraw(&t->talk, &s->letter.mail))
			return (true);
	}
	end_slot(t, s, FEED_UNTRIED, "", "given up");
	return (true);
}

/* False: it is not a record that the worker may send now. */
static bool
obey(struct talker *t, const struct feed_record *r, int fd)
{
	struct fed *f = t->ctx;

	if (r->kind == FEED_MESSAGE)
		return (begin_message(f, r, fd));
	/* Only a text is a descriptor that somebody wants. */
	if (fd >= 0)
		(void)close(fd);
	if (r->kind == FEED_RCPT)
		return (add_rcpt(f, r));
	if (r->kind == FEED_END)
		return (end_message(t, r->tag));
	if (r->kind == FEED_GIVE_UP)
		return (give_up(t, r->tag));
	if (r->kind != FEED_QUIT)
		return (false);
	f->has_quit = true;
	talk_finish(&t->talk);
	return (true);
}

static size_t
count_filling(const struct fed *f)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < ARRAY_LEN(f->slots); i++)
		if (f->slots[i].state == FED_FILLING)
			n++;
	return (n);
}

static bool
is_held(const struct fed *f)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(f->slots); i++)
		if (f->slots[i].state != FED_FREE)
			return (true);
	return (false);
}

/* The feed is over, in order or not. */
static void
end_feed(struct talker *t)
{
	const struct fed *f = t->ctx;

	t->input = -1;
	if (!f->has_quit || is_held(f))
		lose_worker(t);
}

/* All that has come. */
static void
take_records(struct talker *t)
{
	char store[FEED_RECORD_MAX];
	struct feed_record r;
	ssize_t n;
	int fd;

	while (t->input >= 0) {
		n = syspass_receive(t->input, store, sizeof(store), &fd);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n > 0 &&
		    feed_parse((struct bytes){ store, (size_t)n }, &r) &&
		    obey(t, &r, fd))
			continue;
		end_feed(t);
	}
}

/*
 * The engine takes n more.  The worker knows already of those that a final
 * record has given back; it is told of what is new, and of each connection.
 */
static void
give_credit(struct talker *t, size_t n)
{
	struct fed *f = t->ctx;
	struct feed_record r = { .kind = FEED_CREDIT,
		.credit = { .host = bytes_of(t->host),
		    .address = bytes_of(t->address),
		    .port = t->port,
		    .tls = bytes_cut(bytes_of(t->tls), 0, FEED_TEXT_MAX),
		    .offers_dsn = t->talk.ehlo.dsn } };
	size_t waiting;

	f->allowed += n;
	give_ready(t);
	waiting = f->promised + count_filling(f);
	if (f->allowed > waiting)
		r.credit.n = (uint32_t)(f->allowed - waiting);
	f->promised += r.credit.n;
	if (r.credit.n > 0 || t->is_new)
		tell(t, &r);
	t->is_new = false;
}

/* From here on it is in doubt: the worker must know before the server does. */
static void
tell_doubt(struct talker *t, struct letter *l)
{
	struct feed_record r = { .kind = FEED_DOUBT, .tag = l->mail.tag };

	tell(t, &r);
}

/* The words of an outcome: the server's with its name, or ours. */
static struct bytes
put_text(struct talker *t, const struct talkmail_outcome *o, struct buf *out)
{
	if (o->is_said)
		feed_put_reply(out, bytes_of(o->words),
		    bytes_of(talk_host(&t->talk, o)),
		    bytes_of(talk_numeric(&t->talk, o)));
	else
		(void)buf_put_text(out, bytes_of(o->words));
	return (buf_view(out));
}

static void
tell_result(struct talker *t, enum feed_kind kind, const struct letter *l,
    size_t index, const struct talkmail_outcome *o)
{
	char store[FEED_TEXT_MAX];
	struct buf text;
	struct feed_record r = { .kind = kind, .tag = l->mail.tag };

	buf_init(&text, store, sizeof(store));
	r.result.index = (uint32_t)index;
	r.result.scope = FEED_HOP;
	r.result.status = bytes_of(o->status);
	r.result.text = put_text(t, o, &text);
	tell(t, &r);
}

static void
tell_outcome(struct talker *t, struct letter *l)
{
	struct fed *f = t->ctx;
	const struct talkmail *m = &l->mail;
	size_t i;

	for (i = 0; i < m->nrcpt; i++) {
		const struct talkmail_outcome *o = &m->rcpt[i].outcome;

		if (o->letter == 'h' || o->letter == 's')
			tell_result(t, (enum feed_kind)o->letter, l, i, o);
	}
	f->promised++;
	tell_result(t, (enum feed_kind)m->outcome.letter, l, 0, &m->outcome);
	free_slot(slot_of(l));
}

static void
tell_failure(struct talker *t, const struct talkmail_outcome *o)
{
	struct letter none = { .fd = -1 };

	tell_result(t, FEED_BROKEN, &none, 0, o);
}

/*
 * Nothing more is taken, and nothing is left unread, for that would make the
 * worker's next read an error.
 */
static void
close_feed(struct talker *t)
{
	char store[FEED_RECORD_MAX];
	int fd;

	/* It is a socket, or the worker is gone. */
	(void)shutdown(STDIN_FILENO, SHUT_RD);
	take_records(t);
	while (syspass_receive(STDIN_FILENO, store, sizeof(store), &fd) > 0)
		if (fd >= 0)
			(void)close(fd);
}

void
fed_run(struct fed *f, struct talker *t)
{
	static const struct talker_ends ends = {
		.has_log = true,
		.credit = give_credit,
		.doubt = tell_doubt,
		.outcome = tell_outcome,
		.failed = tell_failure,
		.read = take_records,
	};
	size_t i;

	talker_init(t, &ends, f);
	talker_run(t);
	close_feed(t);
	/* What the engine never had. */
	for (i = 0; i < ARRAY_LEN(f->slots); i++)
		if (f->slots[i].state != FED_FREE)
			end_slot(t, &f->slots[i], FEED_UNTRIED, "",
			    "the connection is over");
}
