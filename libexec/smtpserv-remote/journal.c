/* SPDX-License-Identifier: ISC */
#include "journal.h"

#include <string.h>

#include "sys/sysclock.h"

/* Where it is: the hop, and the address that was reached. */
static void
put_place(struct log_line *line, const struct talker *t, const char *host,
    const char *address)
{
	log_text(line, "hop", bytes_of(t->hop));
	if (host[0] == '\0')
		return;
	log_text(line, "host", bytes_of(host));
	log_text(line, "address", bytes_of(address));
	log_number(line, "port", t->port);
}

static void
put_outcome(struct log_line *line, const struct talkmail_outcome *o)
{
	log_text(line, "result", (struct bytes){ &o->letter, 1 });
	log_text(line, "status", bytes_of(o->status));
	log_text(line, "why", bytes_of(o->words));
}

/* How many recipients share that fate. */
static uint64_t
count(const struct talkmail *m, char of_rcpt, char of_mail)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < m->nrcpt; i++) {
		char c = m->rcpt[i].outcome.letter;
		bool is_shared = c == '\0' || c == 'r';

		if (is_shared ? m->outcome.letter == of_mail : c == of_rcpt)
			n++;
	}
	return (n);
}

void
journal_letter(const struct talker *t, const struct letter *l)
{
	const struct talkmail *m = &l->mail;
	const struct talkmail_outcome *o = &m->outcome;
	struct log_line line;

	log_begin(&line, t->log, "sent");
	if (m->tag != 0)
		log_number(&line, "tag", m->tag);
	put_place(&line, t, talk_host(&t->talk, o), talk_numeric(&t->talk, o));
	log_text(&line, "tls", bytes_of(t->tls[0] == '\0' ? "no" : t->tls));
	log_number(&line, "rcpts", m->nrcpt);
	log_number(&line, "ok", count(m, 'r', 'K'));
	log_number(&line, "later", count(m, 's', 'Z'));
	log_number(&line, "failed", count(m, 'h', 'D'));
	log_number(&line, "size", m->size);
	log_number(&line, "ms", (uint64_t)(sysclock_ms() - l->since_ms));
	if (l->is_in_doubt && o->letter == 'Z' && !o->is_said)
		log_text(&line, "doubt", bytes_of("yes"));
	put_outcome(&line, o);
	log_end(&line);
}

void
journal_tls(const struct talker *t, struct bytes text)
{
	struct log_line line;

	log_begin(&line, t->log, "tls");
	put_place(&line, t, t->host, t->address);
	log_text(&line, "policy", bytes_of(t->by));
	log_text(&line, "verdict", text);
	log_end(&line);
}

void
journal_connection(const struct talker *t, const char *why)
{
	struct log_line line;

	log_begin(&line, t->log, "connection");
	put_place(&line, t, t->host, t->address);
	log_text(&line, "tls", bytes_of(t->tls[0] == '\0' ? "no" : t->tls));
	log_number(&line, "messages", t->talk.finals);
	log_number(&line, "octets", t->bytes);
	log_number(&line, "ms", (uint64_t)(sysclock_ms() - t->begun_ms));
	log_text(&line, "end", bytes_of(why == NULL ? "" : why));
	log_end(&line);
}

void
journal_failure(const struct talker *t, const struct talkmail_outcome *o)
{
	struct log_line line;

	log_begin(&line, t->log, "failed");
	put_place(&line, t, talk_host(&t->talk, o), talk_numeric(&t->talk, o));
	put_outcome(&line, o);
	log_end(&line);
}
