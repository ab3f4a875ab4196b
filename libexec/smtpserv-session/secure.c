/* SPDX-License-Identifier: ISC */
#include "secure.h"

#include <string.h>

#include "auth.h"
#include "message.h"

void
session_offer_tls(struct session *s)
{
	s->tls.is_offered = true;
}

static void
copy_word(char *into, size_t cap, const char *word)
{
	size_t n = strlen(word);

	if (n >= cap)
		n = 0;
	memcpy(into, word, n);
	into[n] = '\0';
}

void
session_secure(struct session *s, const char *protocol, const char *cipher)
{
	s->tls = (struct session_tls){ .is_active = true };
	copy_word(s->tls.protocol, sizeof(s->tls.protocol), protocol);
	copy_word(s->tls.cipher, sizeof(s->tls.cipher), cipher);
	message_forget(s);
	auth_forget(s);
	s->helo[0] = '\0';
	s->is_esmtp = false;
	message_enter(s, SESSION_START);
}

const struct smtp_reply *
secure_starttls(struct session *s)
{
	const struct smtp_reply *no;

	if (s->tls.is_active)
		return (&SMTPREPLY_BAD_SEQUENCE);
	if (s->tls.has_failed)
		return (&SMTPREPLY_NO_TLS_NOW);
	if (!s->tls.is_offered)
		return (&SMTPREPLY_ABSENT);
	no = s->ports->starttls(s->ctx);
	s->tls.is_offered = false;
	s->tls.has_failed = no != NULL;
	s->tls.begins = no == NULL;
	return (no != NULL ? no : &SMTPREPLY_START_TLS);
}

bool
secure_begins(struct session *s)
{
	bool begins = s->tls.begins;

	s->tls.begins = false;
	return (begins);
}
