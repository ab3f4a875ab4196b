/* SPDX-License-Identifier: ISC */
#include "auth.h"

#include <string.h>

bool
auth_is_offered(const struct session *s)
{
	switch (s->limits->auth) {
	case SESSION_AUTH_NEVER:
		break;
	case SESSION_AUTH_IN_TLS:
		return (s->tls.is_active && !s->client.authenticated);
	case SESSION_AUTH_ALWAYS:
		return (!s->client.authenticated);
	}
	return (false);
}

/* Not accepted, for whatever reason. */
static const struct smtp_reply *
fail(struct session *s, const struct smtp_reply *no)
{
	return (++s->patience.auth_failures >= AUTH_TRIES_MAX
		? &SMTPREPLY_AUTH_TRIES
		: no);
}

static const struct smtp_reply *
ask(struct session *s)
{
	struct bytes user = smtpauth_user(&s->auth);
	const struct smtp_reply *no =
	    s->ports->authenticate(s->ctx, user, smtpauth_password(&s->auth));

	if (no != NULL)
		return (fail(s, no));
	/* smtpauth holds it to the size of s->client.user. */
	memcpy(s->client.user, user.p, user.n);
	s->client.user[user.n] = '\0';
	s->client.authenticated = true;
	return (&SMTPREPLY_AUTH_OK);
}

/* The reply to what smtpauth has found, if it ends the exchange. */
static const struct smtp_reply *
reply_of(struct session *s, enum smtpauth_status status)
{
	switch (status) {
	case SMTPAUTH_DONE:
		return (ask(s));
	case SMTPAUTH_WRONG:
		return (fail(s, &SMTPREPLY_AUTH_WRONG));
	case SMTPAUTH_CANCELLED:
		return (&SMTPREPLY_AUTH_CANCELLED);
	case SMTPAUTH_UNKNOWN:
		return (&SMTPREPLY_AUTH_UNKNOWN);
	case SMTPAUTH_BAD_TEXT:
		return (&SMTPREPLY_AUTH_BAD_TEXT);
	case SMTPAUTH_TOO_LONG:
		return (&SMTPREPLY_AUTH_TOO_LONG);
	case SMTPAUTH_MORE:
	case SMTPAUTH_PROMPT:
		break;
	}
	return (NULL);
}

static const struct smtp_reply *
settle(struct session *s, enum smtpauth_status status, struct smtpreply *out)
{
	const struct smtp_reply *reply = reply_of(s, status);

	if (reply != NULL) {
		smtpauth_wipe(&s->auth);
		state_enter(s, SESSION_GREETED);
	} else if (status == SMTPAUTH_PROMPT) {
		smtpreply_line(
		    out, 334, NULL, bytes_of(smtpauth_prompt(&s->auth)));
		state_enter(s, SESSION_AUTH);
	}
	return (reply);
}

const struct smtp_reply *
auth_begin(struct session *s, struct bytes argument, struct smtpreply *out)
{
	if (s->limits->auth == SESSION_AUTH_NEVER)
		return (&SMTPREPLY_ABSENT);
	if (s->client.authenticated || !s->client.is_esmtp ||
	    s->state != SESSION_GREETED)
		return (&SMTPREPLY_BAD_SEQUENCE);
	if (!auth_is_offered(s))
		return (&SMTPREPLY_AUTH_NEEDS_TLS);
	return (settle(s, smtpauth_begin(&s->auth, argument), out));
}

const struct smtp_reply *
auth_feed(
    struct session *s, struct bytes in, size_t *used, struct smtpreply *out)
{
	s->has_secret = true;
	return (settle(s, smtpauth_feed(&s->auth, in, used), out));
}
