/* SPDX-License-Identifier: ISC */
#include "state.h"

void
state_enter(struct session *s, enum session_state state)
{
	s->state = state;
}

bool
state_refuse(struct session *s, const struct smtp_reply *no, struct bytes line,
    struct smtpreply *out)
{
	bool is_last = no == &SMTPREPLY_AUTH_TRIES;

	if (no->code >= 500 && ++s->patience.errors > s->limits->max_errors) {
		no = &SMTPREPLY_ERRORS;
		is_last = true;
	}
	/* A client with ten thousand recipients is worth one line. */
	if (no->code >= 500 || no != s->patience.last_refusal)
		s->ports->refused(s->ctx, no, line);
	s->patience.last_refusal = no;
	smtpreply_put(out, no);
	return (is_last);
}

const char *
state_eol(const struct session *s)
{
	return (
	    s->limits->eol == SMTPDATA_LF && s->tx.body != SMTP_BODY_BINARYMIME
		? "\n"
		: "\r\n");
}

/* RFC 3848 and RFC 6531 4.3; after HELO there is no other name for TLS. */
const char *
state_protocol(const struct session *s)
{
	/* The index: 1 for TLS, and 2 more if the client has authenticated. */
	static const char *const smtp[] = { "ESMTP", "ESMTPS", "ESMTPA",
		"ESMTPSA" };
	static const char *const lmtp[] = { "LMTP", "LMTPS", "LMTPA",
		"LMTPSA" };
	static const char *const utf8smtp[] = { "UTF8SMTP", "UTF8SMTPS",
		"UTF8SMTPA", "UTF8SMTPSA" };
	static const char *const utf8lmtp[] = { "UTF8LMTP", "UTF8LMTPS",
		"UTF8LMTPA", "UTF8LMTPSA" };
	size_t i =
	    (s->tls.is_active ? 1U : 0) + (s->client.authenticated ? 2U : 0);

	if (s->limits->lmtp)
		return (s->tx.smtputf8 ? utf8lmtp[i] : lmtp[i]);
	if (s->tx.smtputf8)
		return (utf8smtp[i]);
	return (s->client.is_esmtp ? smtp[i] : "SMTP");
}
