/* SPDX-License-Identifier: ISC */
#include "talkhello.h"

#include <string.h>

#include "smtp/smtplogin.h"
#include "talkend.h"
#include "talkout.h"

static struct talk_peer *
peer_of(struct talk *t)
{
	return (&t->peers[t->npeers - 1]);
}

static void
keep(char *store, size_t cap, struct bytes text)
{
	struct buf b;

	buf_init(&b, store, cap - 1);
	store[buf_put_text(&b, text)] = '\0';
}

void
talkhello_begin(struct talk *t, const struct talk_address *a)
{
	bool is_clear = t->asks_clear;
	struct talk_peer *p;

	if (!is_clear && t->npeers < TALK_ADDRESSES_MAX)
		t->npeers++;
	p = peer_of(t);
	*p = (struct talk_peer){
		.tls = is_clear ? TALK_TLS_NEVER : a->tls,
		.safety = a->safety,
		.is_named_safely = a->is_named_safely,
		.is_best = a->is_best,
		.is_last = a->is_last || t->npeers == TALK_ADDRESSES_MAX,
	};
	keep(p->host, sizeof(p->host), a->host);
	keep(p->address, sizeof(p->address), a->address);
	t->missed = t->missed || a->has_missed;
	t->finals = 0;
	t->transactions = 0;
	t->was_secured = false;
	t->was_let_in = false;
	t->asks_clear = false;
	talkout_reset(t);
	smtpanswer_init(&t->answer);
	smtpehlo_init(&t->ehlo);
	buf_reset(&t->reply);
	t->phase = TALKSTATE_GREETING;
	talkout_expect(t, TALKSTATE_HELLO, NULL, NULL);
}

static void
say_hello(struct talk *t, const char *verb, enum talkstate_what what)
{
	smtpehlo_init(&t->ehlo);
	(void)buf_puts(&t->out, verb);
	(void)buf_put(&t->out, t->settings->helo);
	talkout_say(t, "\r\n", what, NULL);
}

/* A failure that another address may not have. */
static void
refuse(struct talk *t, const char *status, const char *why)
{
	struct talkmail_outcome o = { .letter = '\0' };

	talkoutcome_say(&o, 'Z', status, "%s", why);
	talkend_lose(t, &o, TALKEND_LOST);
}

/* TLS must be, and cannot be had here. */
static void
refuse_tls(struct talk *t, struct talkmail_outcome *o)
{
	if (t->settings->is_requiretls) {
		o->letter = 'D';
		memcpy(o->status, "5.7.10", sizeof("5.7.10"));
	}
	talkend_lose(t, o, TALKEND_LOST);
}

/* What a reply means for this address, unless it lets us go on. */
static void
fall_back(struct talk *t, unsigned int code)
{
	struct talkmail_outcome o;

	if (code < 400) {
		talkend_junk(t);
		return;
	}
	talkend_hear(t, &o, 'Z', code);
	talkend_lose(t, &o, TALKEND_LOST);
}

/* Does the host call itself what we call ourselves? */
static bool
is_ourselves(struct talk *t)
{
	struct bytes name = buf_view(&t->reply);

	(void)bytes_find(name, ' ', &name.n);
	return (t->settings->fears_loops && !t->settings->is_relay &&
	    bytes_same_nocase(name, t->settings->helo));
}

/* who is ours alone has no better host. */
static void
stop_loop(struct talk *t)
{
	struct talkmail_outcome o = { .letter = '\0' };

	if (peer_of(t)->is_best)
		talkoutcome_say(
		    &o, 'D', "5.4.6", "mail loops back to this host");
	else
		talkoutcome_say(&o, 'Z', "4.4.6",
		    "no host that is better than this one can be had");
	talkend_fail(t, &o);
}

/* 521 is a host that takes no mail at all (RFC 7504). */
static void
answer_greeting(struct talk *t, unsigned int code)
{
	struct talkmail_outcome o;

	if (code == 220) {
		if (is_ourselves(t))
			stop_loop(t);
		else
			say_hello(t, "EHLO ", TALKSTATE_EHLO);
	} else if (code == 521) {
		talkend_hear(t, &o, 'D', code);
		memcpy(o.status, "5.3.2", sizeof("5.3.2"));
		if (t->settings->is_relay)
			talkoutcome_soften(&o);
		talkend_lose(t, &o, TALKEND_LOST);
	} else {
		fall_back(t, code);
	}
}

/* All is as it must be, and messages may go. */
static void
be_ready(struct talk *t)
{
	t->phase = TALKSTATE_READY;
	t->was_ready = true;
	t->says_credit = true;
	t->failure.letter = '\0';
	t->turn++;
}

static void
say_plain(struct talk *t)
{
	(void)buf_puts(&t->out, "AUTH PLAIN ");
	smtplogin_put_plain(&t->out, t->settings->user, t->settings->password);
	talkout_say(t, "\r\n", TALKSTATE_AUTH, NULL);
}

static void
log_in(struct talk *t)
{
	const struct talk_settings *s = t->settings;

	if (peer_of(t)->safety != TALK_VERIFIED && !s->may_login_in_clear)
		refuse(t, "4.7.0",
		    "AUTH: it is not known who would hear the password");
	else if (s->user.n + s->password.n > TALK_OUTPUT_MIN / 2)
		refuse(t, "4.7.0", "AUTH: user and password are too long");
	else if ((t->ehlo.auth & SMTPEHLO_PLAIN) != 0)
		say_plain(t);
	else if ((t->ehlo.auth & SMTPEHLO_LOGIN) != 0)
		talkout_say(t, "AUTH LOGIN\r\n", TALKSTATE_USER, NULL);
	else
		refuse(t, "4.7.0", "AUTH: neither PLAIN nor LOGIN is offered");
}

static void
lack_tls(struct talk *t)
{
	struct talkmail_outcome o = { .letter = '\0' };

	talkoutcome_say(&o, 'Z', "4.7.4", "TLS is not offered");
	refuse_tls(t, &o);
}

/* The next step behind EHLO or HELO. */
static void
go_on(struct talk *t)
{
	const struct talk_peer *p = peer_of(t);
	bool is_clear = p->safety == TALK_CLEAR;

	if (is_clear && p->tls != TALK_TLS_NEVER && t->ehlo.starttls)
		talkout_say(t, "STARTTLS\r\n", TALKSTATE_STARTTLS, NULL);
	else if (is_clear && p->tls == TALK_TLS_MUST)
		lack_tls(t);
	else if (t->settings->has_account && !t->was_let_in)
		log_in(t);
	else
		be_ready(t);
}

static void
answer_ehlo(struct talk *t, unsigned int code)
{
	const struct talk_peer *p = peer_of(t);
	bool must = (p->tls == TALK_TLS_MUST && p->safety == TALK_CLEAR) ||
	    t->settings->has_account;

	if (code == 250 && is_ourselves(t))
		stop_loop(t);
	else if (code == 250)
		go_on(t);
	else if (code >= 500 && !must)
		say_hello(t, "HELO ", TALKSTATE_HELO);
	else
		fall_back(t, code);
}

static void
answer_starttls(struct talk *t, unsigned int code, bool has_more)
{
	struct talkmail_outcome o;

	if (code == 220 && !has_more) {
		t->phase = TALKSTATE_SECURE;
	} else if (code == 220) {
		/* Somebody in between wants it to be read as if by TLS. */
		refuse(t, "4.7.5", "text was injected behind STARTTLS");
	} else if (code < 400) {
		talkend_junk(t);
	} else if (code == 421) {
		talkend_hear(t, &o, 'Z', code);
		talkend_retreat(t, &o);
	} else if (peer_of(t)->tls == TALK_TLS_MUST) {
		talkend_hear(t, &o, 'Z', code);
		memcpy(o.status, "4.7.5", sizeof("4.7.5"));
		if (code >= 500)
			refuse_tls(t, &o);
		else
			talkend_lose(t, &o, TALKEND_LOST);
	} else {
		peer_of(t)->tls = TALK_TLS_NEVER;
		go_on(t);
	}
}

/* No password is tried twice: it would be a storm of logins. */
static void
answer_auth(struct talk *t, unsigned int code)
{
	struct talkmail_outcome o;

	/* All was sent: nobody replies to half a line. */
	talkout_wipe(t);
	if (code / 100 == 2 && code != 220 && code != 221) {
		t->was_let_in = true;
		be_ready(t);
	} else if (code < 400) {
		talkend_junk(t);
	} else {
		talkend_hear(t, &o, 'Z', code);
		if (code >= 500)
			memcpy(o.status, "4.7.8", sizeof("4.7.8"));
		talkend_fail(t, &o);
	}
}

/* AUTH LOGIN: first it asks for one, then for the other. */
static void
answer_prompt(struct talk *t, enum talkstate_what what, unsigned int code)
{
	const struct talk_settings *s = t->settings;
	bool is_user = what == TALKSTATE_USER;

	if (code != 334) {
		if (code < 400)
			talkend_junk(t);
		else
			answer_auth(t, code);
		return;
	}
	smtplogin_put(&t->out, is_user ? s->user : s->password);
	talkout_say(
	    t, "\r\n", is_user ? TALKSTATE_PASSWORD : TALKSTATE_AUTH, NULL);
}

void
talkhello_line(struct talk *t, struct bytes text)
{
	const struct talk_pending *p = talkout_first(t);

	if (p != NULL && p->what == TALKSTATE_EHLO)
		smtpehlo_line(&t->ehlo, text);
}

void
talkhello_answered(struct talk *t, const struct talk_pending *p,
    unsigned int code, bool has_more)
{
	switch (p->what) {
	case TALKSTATE_HELLO:
		answer_greeting(t, code);
		break;
	case TALKSTATE_EHLO:
		answer_ehlo(t, code);
		break;
	case TALKSTATE_HELO:
		smtpehlo_init(&t->ehlo);
		if (code == 250)
			go_on(t);
		else
			fall_back(t, code);
		break;
	case TALKSTATE_STARTTLS:
		answer_starttls(t, code, has_more);
		break;
	case TALKSTATE_AUTH:
		answer_auth(t, code);
		break;
	default:
		answer_prompt(t, p->what, code);
		break;
	}
}

void
talkhello_secured(struct talk *t, enum talk_safety safety)
{
	peer_of(t)->safety = safety;
	t->was_secured = true;
	t->phase = TALKSTATE_GREETING;
	smtpanswer_init(&t->answer);
	say_hello(t, "EHLO ", TALKSTATE_EHLO);
}

/* Is TLS to blame, perhaps? */
static bool
is_about_tls(const struct talk *t)
{
	const struct talk_pending *p = talkout_first(t);

	if (t->phase == TALKSTATE_SECURE || t->phase == TALKSTATE_SECURING ||
	    t->was_secured)
		return (true);
	return (p != NULL && p->what == TALKSTATE_STARTTLS);
}

void
talkhello_lost(struct talk *t, const char *why)
{
	struct talkmail_outcome o = { .from = (uint8_t)(t->npeers - 1) };
	bool is_tls = is_about_tls(t);

	talkoutcome_say(&o, 'Z', is_tls ? "4.7.5" : "4.4.2", "%s at %s", why,
	    talkend_where(t));
	/* A handshake that fails may be the network's. */
	if (is_tls)
		talkend_retreat(t, &o);
	else
		talkend_lose(t, &o, TALKEND_LOST);
}
