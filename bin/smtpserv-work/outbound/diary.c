/* SPDX-License-Identifier: ISC */
#include "outbound/diary.h"

#include <time.h>

#include "outbound/outbound.h"
#include "sys/sysclock.h"

/* The next word of *rest, which moves on. */
static struct bytes
take_word(struct bytes *rest)
{
	struct bytes word = *rest;

	(void)bytes_find(*rest, ' ', &word.n);
	*rest = bytes_cut(*rest, word.n + 1, rest->n);
	return (word);
}

/* Where it went, and what the connection is worth: RFC 8460's facts, too. */
static void
put_host(struct log_line *line, const struct link *l)
{
	struct bytes tls = bytes_of(l->tls);

	log_text(line, "host", bytes_of(l->host));
	log_text(line, "address", bytes_of(l->address));
	log_number(line, "port", l->port);
	if (tls.n == 0)
		return;
	log_text(line, "tls", take_word(&tls));
	log_text(line, "cipher", take_word(&tls));
	/* How many bits, which the cipher says. */
	(void)take_word(&tls);
	log_text(line, "verified", take_word(&tls));
}

/* The code that a peer's answer begins with. */
static struct bytes
code_of(const struct outcome *out)
{
	struct bytes text = bytes_of(out->text);
	size_t n = 0;

	while (n < text.n && text.p[n] >= '0' && text.p[n] <= '9')
		n++;
	return (bytes_cut(text, 0, n == 3 ? 3 : 0));
}

/* Is there somebody of whom nobody knows whether they have it? */
static bool
is_doubtful(const struct flight *f)
{
	size_t i;

	for (i = 0; f->verdict.is_in_doubt && i < f->errand.n; i++)
		if (f->out[i].kind == OUTCOME_TRY_AGAIN &&
		    code_of(&f->out[i]).n == 0)
			return (true);
	return (false);
}

static uint64_t
count(const struct flight *f, enum outcome_kind kind)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < f->errand.n; i++)
		n += f->out[i].kind == kind;
	return (n);
}

void
diary_sent(const struct log *log, const char *hop, const struct flight *f)
{
	const struct message *m = &f->errand.part[0].job->message;
	struct bytes code = code_of(&f->out[f->errand.n - 1]);
	time_t now = time(NULL);
	struct log_line line;

	log_begin(&line, log, "sent");
	log_number(&line, "number", m->claim.number);
	log_text(&line, "hop", bytes_of(hop));
	put_host(&line, f->link);
	log_number(&line, "rcpts", f->errand.n);
	log_number(&line, "ok", count(f, OUTCOME_DELIVERED));
	log_number(&line, "later", count(f, OUTCOME_TRY_AGAIN));
	log_number(&line, "failed", count(f, OUTCOME_FAILED));
	if (code.n > 0)
		log_text(&line, "code", code);
	log_number(
	    &line, "delay", now > m->born ? (uint64_t)(now - m->born) : 0);
	log_number(&line, "ms", (uint64_t)(sysclock_ms() - f->sent_ms));
	if (is_doubtful(f))
		log_text(&line, "doubt", bytes_of("yes"));
	log_end(&line);
}

void
diary_link(const struct log *log, const char *hop, const struct link *l,
    const struct outcome *words)
{
	struct log_line line;

	log_begin(&line, log, "connection");
	log_text(&line, "hop", bytes_of(hop));
	if (l->is_connected)
		put_host(&line, l);
	log_number(&line, "messages", l->answered);
	log_number(&line, "octets", l->octets);
	log_number(&line, "ms", (uint64_t)(sysclock_ms() - l->started_ms));
	log_text(&line, "end", bytes_of(words->text));
	log_end(&line);
}

void
diary_down(const struct log *log, const char *hop, const struct outcome *words)
{
	struct log_line line;

	log_begin(&line, log, "down");
	log_text(&line, "hop", bytes_of(hop));
	log_text(&line, "result", bytes_of(outcome_word(words->kind)));
	log_text(&line, "status", bytes_of(words->status));
	log_text(&line, "text", bytes_of(words->text));
	log_end(&line);
}
