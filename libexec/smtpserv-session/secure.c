/* SPDX-License-Identifier: ISC */
#include "secure.h"

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
