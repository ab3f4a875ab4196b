/* SPDX-License-Identifier: ISC */
#include "intake.h"

#include <string.h>
#include <time.h>

#include "envelope/envelope.h"
#include "sys/sysclock.h"
#include "trace/trace.h"

enum {
	/* Seconds for the process that speaks TLS to load its key. */
	TLS_WAIT = 20
};

/* Memory that a session without a table does not touch. */
static struct table table;
static struct table_match match;
static char aliases[TABLE_ALIASES_MAX];

static void
open_table(struct intake *i, const char *deliver)
{
	const struct settings *settings = i->settings;
	struct fault why;

	if (deliver[0] == '\0')
		return;
	i->table = &table;
	if (i->peer->has_relay_value)
		log_why(i->log, "note", "the value of RELAYCLIENT is not used");
	if (table_open(i->table, deliver, &why) != RES_OK) {
		i->table_is_bad = true;
		log_fault(i->log, &why);
	}
	table_set_postmaster(i->table, i->host, settings->who.postmaster);
	if (!i->table_is_bad && settings->who.aliases[0] != '\0' &&
	    table_load_aliases(
		i->table, settings->who.aliases, aliases, &why) != RES_OK) {
		i->table_is_bad = true;
		log_fault(i->log, &why);
	}
}

void
intake_open(struct intake *i, const struct settings *settings,
    const char *deliver, const struct peer *peer, const struct log *log,
    const char *host)
{
	*i = (struct intake){
		.settings = settings, .peer = peer, .log = log, .host = host
	};
	i->spool.dirfd = -1;
	open_table(i, deliver);
}

/*
 * The table says which mailboxes are here.  Its route for all others, the key
 * `@`, is looked at only for a client that may relay, and a mailbox cannot
 * name that key, so no form of address makes a relay of us.
 */
const struct smtp_reply *
intake_recipient(void *ctx, const struct session *s, struct bytes mailbox)
{
	struct intake *i = ctx;
	enum table_answer answer = TABLE_FAILED;

	if (i->table == NULL)
		return (NULL);
	/* A table that has failed is not believed again. */
	if (!i->table_is_bad)
		answer = table_find(i->table, mailbox, &match);
	if (answer == TABLE_MISS &&
	    (i->peer->may_relay || s->client.authenticated))
		answer = table_route(i->table, mailbox, &match);
	if (answer == TABLE_HIT)
		return (NULL);
	if (answer == TABLE_MISS)
		return (&SMTPREPLY_NOBODY);
	if (!i->table_is_bad)
		log_fault(i->log, &i->table->file.why);
	i->table_is_bad = true;
	return (&SMTPREPLY_NO_TABLE);
}

/* Only a standard name may stand in the trace (RFC 8314 4.3). */
static const char *
cipher_of(const struct session *s)
{
	return (strncmp(s->tls.cipher, "TLS_", 4) == 0 ? s->tls.cipher : "");
}

void
intake_trace(
    const struct intake *i, const struct session *s, struct trace_facts *facts)
{
	*facts = (struct trace_facts){ .helo = smtppath_greeting_name(
					   bytes_of(s->client.helo)),
		.peername = bytes_of(i->peer->name),
		.peer = bytes_of(i->peer->ip),
		.host = bytes_of(i->host),
		.protocol = state_protocol(s),
		.cipher = cipher_of(s),
		.ident = bytes_of(i->peer->ident),
		.now = time(NULL) };
}

static bool
add_fact(struct envelope *e, const char *name, const char *value)
{
	return (
	    value[0] == '\0' || envelope_add_fact(e, name, bytes_of(value)));
}

static bool
add_tls(struct session *s)
{
	char store[160];
	struct buf text;

	if (!s->tls.is_active)
		return (true);
	buf_init(&text, store, sizeof(store));
	(void)buf_puts(
	    &text, s->tls.protocol[0] == '\0' ? "unknown" : s->tls.protocol);
	if (s->tls.cipher[0] != '\0')
		(void)buf_putc(&text, ' ');
	(void)buf_puts(&text, s->tls.cipher);
	return (envelope_add_fact(&s->tx.envelope, "Tls", buf_view(&text)));
}

bool
intake_add_facts(const struct intake *i, struct session *s, time_t now)
{
	char store[32];
	struct buf when;

	if (i->settings->spool.envelope != SETTINGS_FULL)
		return (true);
	buf_init(&when, store, sizeof(store));
	return (add_fact(&s->tx.envelope, "Client", i->peer->ip) &&
	    add_fact(&s->tx.envelope, "Client-Port", i->peer->port) &&
	    add_fact(&s->tx.envelope, "Client-Name", i->peer->name) &&
	    add_fact(&s->tx.envelope, "Helo", s->client.helo) &&
	    add_fact(&s->tx.envelope, "Proto", state_protocol(s)) &&
	    add_tls(s) && add_fact(&s->tx.envelope, "Auth", s->client.user) &&
	    trace_timestamp(&when, now) &&
	    envelope_add_fact(&s->tx.envelope, "Received-At", buf_view(&when)));
}

void
intake_put_last_facts(
    const struct intake *i, const struct session *s, struct buf *out)
{
	if (i->settings->spool.envelope == SETTINGS_FULL)
		(void)buf_printf(
		    out, "Size: %llu\n", (unsigned long long)s->text.data.size);
}

void
intake_supply_date(const struct session *s, struct buf *text)
{
	(void)buf_puts(text, "Date: ");
	(void)trace_date(text, time(NULL));
	(void)buf_puts(text, state_eol(s));
}

void
intake_note_message(struct intake *i, const struct session *s)
{
	struct log_line *line = &i->outcome;

	log_text(line, "from", envelope_sender(&s->tx.envelope));
	log_number(line, "rcpts", s->tx.envelope.nrcpt);
	log_number(line, "size", s->text.data.size);
	log_text(line, "helo", bytes_of(s->client.helo));
	log_text(line, "proto", bytes_of(state_protocol(s)));
	if (messageid_view(&s->text.id).n > 0)
		log_text(line, "msgid", messageid_view(&s->text.id));
}

void
intake_log_outcome(struct intake *i)
{
	if (i->has_outcome)
		log_end(&i->outcome);
	i->has_outcome = false;
}

const struct smtp_reply *
intake_helper_fault(
    const struct intake *i, const char *key, const struct smtp_reply *no)
{
	struct fault why;

	(void)fault_set(&why, "reach the helper for", key, 0);
	/* A helper that we have given up because we stop is not at fault. */
	if (!handover_is_stopped(i->handover))
		log_fault(i->log, &why);
	return (no);
}

void
intake_log_exit(
    struct log_line *line, const char *key, const struct broker_answer *a)
{
	static const char *const words[] = { "crashed", "took too long",
		"did not read it all", "given up", "could not be started" };

	if (a->code < BROKER_CRASHED)
		log_number(line, key, a->code);
	else
		log_text(line, key, bytes_of(words[a->code - BROKER_CRASHED]));
}

const struct smtp_reply *
intake_authenticate(void *ctx, struct bytes user, struct bytes password)
{
	struct intake *i = ctx;
	struct broker_answer a;
	struct log_line line;

	if (!handover_login(i->handover, user, password, &a))
		return (
		    intake_helper_fault(i, "smtp.auth", &SMTPREPLY_AUTH_LATER));
	log_begin(&line, i->log, "login");
	log_text(&line, "user", user);
	intake_log_exit(&line, "exit", &a);
	log_end(&line);
	if (a.code == 0)
		return (NULL);
	/*
	 * 2 says that it was called wrongly, 111 that it failed for now; CVM
	 * says 100 where checkpassword's interface has 1.
	 */
	return (a.code == 1 || a.code == XC_PERM ? &SMTPREPLY_AUTH_WRONG
						 : &SMTPREPLY_AUTH_LATER);
}

const struct smtp_reply *
intake_starttls(void *ctx)
{
	const struct intake *i = ctx;

	if (i->tls == NULL ||
	    !starttls_ask(
		i->tls, sysclock_after(sysclock_ms(), TLS_WAIT), i->waiting))
		return (&SMTPREPLY_NO_TLS_NOW);
	return (NULL);
}

void
intake_dropped(void *ctx, struct bytes parameter)
{
	const struct intake *i = ctx;
	struct log_line line;

	log_begin(&line, i->log, "dropped");
	log_text(&line, "parameter", parameter);
	log_end(&line);
}

void
intake_refused(void *ctx, const struct smtp_reply *reply, struct bytes command)
{
	struct intake *i = ctx;
	struct log_line line;

	i->refused++;
	log_begin(&line, i->log, "refused");
	log_number(&line, "code", reply->code);
	log_text(&line, "status", bytes_of(reply->enhanced));
	log_text(&line, "why", bytes_of(reply->text));
	if (command.n > 0)
		log_text(&line, "command", command);
	log_end(&line);
}
