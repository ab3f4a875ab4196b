/* SPDX-License-Identifier: ISC */
#include "intake.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "envelope/envelope.h"
#include "queued.h"
#include "sys/sysclock.h"
#include "trace/trace.h"

enum {
	/* Seconds for whoever speaks TLS to load its key. */
	TLS_WAIT = 20
};

/* Memory that a session without a table does not touch. */
static struct table table;
static struct table_match match;
static char aliases[TABLE_ALIASES_MAX];

static void
open_table(struct intake *i)
{
	const struct settings *settings = i->settings;
	struct fault why;

	if (settings->deliver[0] == '\0')
		return;
	i->table = &table;
	if (i->peer->has_relay_value) {
		struct log_line line;

		log_begin(&line, i->log, "note");
		log_text(&line, "why",
		    bytes_of("the value of RELAYCLIENT is not used"));
		log_end(&line);
	}
	if (table_open(i->table, settings->deliver, &why) != RES_OK) {
		i->table_is_bad = true;
		log_fault(i->log, &why);
	}
	table_set_postmaster(i->table, i->host, settings->postmaster);
	if (!i->table_is_bad && settings->aliases[0] != '\0' &&
	    table_load_aliases(i->table, settings->aliases, aliases, &why) !=
		RES_OK) {
		i->table_is_bad = true;
		log_fault(i->log, &why);
	}
}

void
intake_open(struct intake *i, const struct settings *settings,
    const struct peer *peer, const struct log *log, const char *host)
{
	*i = (struct intake){
		.settings = settings, .peer = peer, .log = log, .host = host
	};
	spool_msg_init(&i->msg);
	i->spool.dirfd = -1;
	/* What a queue's program takes is none of ours to store. */
	if (settings->queue[0] == '\0' &&
	    spool_open(&i->spool, settings->subdir, settings->sync != 0,
		&i->no_spool) != RES_OK)
		log_fault(log, &i->no_spool);
	open_table(i);
}

/*
 * A local fault is never the client's: whatever its class for us, the answer
 * is one of the temporary ones.
 */
static const struct smtp_reply *
fault_reply(const struct intake *i, const struct fault *why)
{
	log_fault(i->log, why);
	if (why->broken)
		return (&SMTPREPLY_DISK_FAULT);
	switch (why->err) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return (&SMTPREPLY_NO_SPACE);
	default:
		return (&SMTPREPLY_LOCAL_FAULT);
	}
}

static bool
is_queued(const struct intake *i)
{
	return (i->settings->queue[0] != '\0');
}

/* A queue's lines end in LF, whatever the spool's do. */
static const char *
eol_of(const struct intake *i)
{
	return (
	    i->settings->eol == SETTINGS_CRLF && !is_queued(i) ? "\r\n" : "\n");
}

static uint64_t
port_space(void *ctx)
{
	const struct intake *i = ctx;

	/* Without a spool DATA will say so, with the reason in the log. */
	return (i->spool.dirfd < 0 ? UINT64_MAX : spool_space(&i->spool));
}

/*
 * Who is here is the table's to say.  Its route for all others, the key `@`,
 * is looked at only for a client that may relay, and nothing in the mailbox
 * can name that key, so no form of address makes a relay of us.
 */
static const struct smtp_reply *
port_recipient(void *ctx, const struct session *s, struct bytes mailbox)
{
	struct intake *i = ctx;
	enum table_answer answer = TABLE_FAILED;

	if (i->table == NULL)
		return (NULL);
	/* One that has failed is not believed again. */
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

static bool
add_fact(struct envelope *e, const char *name, const char *value)
{
	return (
	    value[0] == '\0' || envelope_add_fact(e, name, bytes_of(value)));
}

/* Only a standard name may stand in the trace (RFC 8314 4.3). */
static const char *
cipher_of(const struct session *s)
{
	return (strncmp(s->tls.cipher, "TLS_", 4) == 0 ? s->tls.cipher : "");
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

/* smtp.envelope=full: what a script would else parse from the trace. */
static bool
add_facts(const struct intake *i, struct session *s, time_t now)
{
	char store[32];
	struct buf when;

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

static const struct smtp_reply *
port_begin(void *ctx, struct session *s, struct buf *text)
{
	struct intake *i = ctx;
	time_t now = time(NULL);
	struct fault why;
	struct trace_facts facts = { .helo = smtppath_greeting_name(
					 bytes_of(s->client.helo)),
		.peername = bytes_of(i->peer->name),
		.peer = bytes_of(i->peer->ip),
		.host = bytes_of(i->host),
		.protocol = state_protocol(s),
		.cipher = cipher_of(s),
		.ident = bytes_of(i->peer->ident),
		.now = now };

	if (is_queued(i))
		return (queued_begin(i, &facts, text));
	if (i->spool.dirfd < 0)
		return (fault_reply(i, &i->no_spool));
	if (i->settings->envelope == SETTINGS_FULL && !add_facts(i, s, now))
		return (&SMTPREPLY_LOCAL_FAULT);
	if (spool_begin(&i->spool, &i->msg, envelope_text(&s->tx.envelope),
		sysclock_after(sysclock_ms(), SPOOL_LOCK_WAIT), &why) != RES_OK)
		return (fault_reply(i, &why));
	facts.number = i->msg.number;
	if (!trace_received(text, &facts, eol_of(i))) {
		spool_abort(&i->msg);
		return (&SMTPREPLY_LOCAL_FAULT);
	}
	return (NULL);
}

static const struct smtp_reply *
port_append(void *ctx, struct bytes text)
{
	struct intake *i = ctx;
	struct fault why;

	if (is_queued(i))
		return (queued_append(i, text));
	if (spool_append(&i->msg, text, &why) != RES_OK)
		return (fault_reply(i, &why));
	return (NULL);
}

/* The number may come again one day, but not at the same time. */
static void
port_supply(void *ctx, bool date, bool message_id, struct buf *text)
{
	const struct intake *i = ctx;
	const char *eol = eol_of(i);
	time_t now = time(NULL);

	if (date) {
		(void)buf_puts(text, "Date: ");
		(void)trace_date(text, now);
		(void)buf_puts(text, eol);
	}
	if (message_id && is_queued(i))
		(void)buf_printf(text, "Message-ID: <P%lu.%llu.%llx@%s>%s",
		    (unsigned long)i->helper, (unsigned long long)i->accepted,
		    (unsigned long long)now, i->host, eol);
	else if (message_id)
		(void)buf_printf(text, "Message-ID: <A%lu.%llx@%s>%s",
		    (unsigned long)i->msg.number, (unsigned long long)now,
		    i->host, eol);
}

/* A message that is accepted, in words that are true now only. */
static void
note_accepted(struct intake *i, const struct session *s)
{
	struct log_line *line = &i->outcome;

	log_begin(line, i->log, "accepted");
	log_number(line, "number", i->msg.number);
	log_text(line, "from", envelope_sender(&s->tx.envelope));
	log_number(line, "rcpts", s->tx.envelope.nrcpt);
	log_number(line, "size", s->text.data.size);
	log_text(line, "helo", bytes_of(s->client.helo));
	log_text(line, "proto", bytes_of(state_protocol(s)));
	i->has_outcome = true;
}

void
intake_log_outcome(struct intake *i)
{
	if (i->has_outcome)
		log_end(&i->outcome);
	i->has_outcome = false;
}

static const struct smtp_reply *
port_commit(void *ctx, const struct session *s, uint32_t *number)
{
	struct intake *i = ctx;
	struct fault why;
	enum result r = RES_OK;
	char store[32];
	struct buf size;

	if (is_queued(i))
		return (queued_commit(i, s, number));
	buf_init(&size, store, sizeof(store));
	(void)buf_printf(
	    &size, "Size: %llu\n", (unsigned long long)s->text.data.size);
	if (i->settings->envelope == SETTINGS_FULL)
		r = spool_append_envelope(&i->msg, buf_view(&size), &why);
	if (r == RES_OK)
		r = spool_commit(&i->msg, &why);
	if (r != RES_OK)
		return (fault_reply(i, &why));
	*number = i->msg.number;
	i->accepted++;
	note_accepted(i, s);
	return (NULL);
}

static void
port_abort(void *ctx)
{
	struct intake *i = ctx;

	if (is_queued(i))
		queued_abort(i);
	else
		spool_abort(&i->msg);
}

static const struct smtp_reply *
port_authenticate(void *ctx, struct bytes user, struct bytes password)
{
	return (queued_login(ctx, user, password));
}

static const struct smtp_reply *
port_starttls(void *ctx)
{
	const struct intake *i = ctx;

	if (i->tls == NULL ||
	    !starttls_ask(
		i->tls, sysclock_after(sysclock_ms(), TLS_WAIT), i->waiting))
		return (&SMTPREPLY_NO_TLS_NOW);
	return (NULL);
}

static void
port_dropped(void *ctx, struct bytes parameter)
{
	const struct intake *i = ctx;
	struct log_line line;

	log_begin(&line, i->log, "dropped");
	log_text(&line, "parameter", parameter);
	log_end(&line);
}

static void
port_refused(void *ctx, const struct smtp_reply *reply, struct bytes command)
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

const struct session_ports INTAKE_PORTS = {
	.space = port_space,
	.recipient = port_recipient,
	.begin = port_begin,
	.append = port_append,
	.supply = port_supply,
	.commit = port_commit,
	.abort = port_abort,
	.authenticate = port_authenticate,
	.starttls = port_starttls,
	.dropped = port_dropped,
	.refused = port_refused,
};
