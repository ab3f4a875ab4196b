/* SPDX-License-Identifier: ISC */
#include "setup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes/num.h"
#include "program/configured.h"
#include "program/logged.h"
#include "queued.h"
#include "spooled.h"

/*
 * Rules such as tcprules(1)'s can give this client another limit than
 * smtp.maxsize, as with qmail-smtpd; 0 is none.
 */
static uint64_t
max_size(const struct settings *settings, const struct log *log)
{
	const char *value = getenv("DATABYTES");
	uint64_t n;

	if (value == NULL)
		return (settings->session.maxsize);
	if (num_parse(bytes_of(value), UINT64_MAX, &n))
		return (n > UINT32_MAX ? UINT32_MAX : n);
	log_why(log, "note", "the value of DATABYTES is not a number");
	return (settings->session.maxsize);
}

/*
 * By QMAILQUEUE rules give one client another program than the others.  It
 * counts only if there is a queue at all: a variable that happens to be set
 * must not lead mail elsewhere.
 */
static const char *
queue_of(const char *queue)
{
	const char *other = getenv("QMAILQUEUE");

	if (queue[0] == '\0' || other == NULL || other[0] == '\0')
		return (queue);
	/* Too long for a path: it cannot be run, nor is another. */
	if (strlen(other) >= CONF_VALUE_MAX)
		return ("/QMAILQUEUE-is-too-long");
	return (other);
}

/*
 * -q is for a local user's mail, and for a program that may write to the spool.
 * A user that may not read the table can send to everybody, as that program
 * lets them: the worker will know.
 */
static bool
choose_ports(struct setup *s, const char *queue)
{
	const struct settings *settings = &s->settings;

	s->deliver = settings->who.deliver;
	if (queue != NULL && s->deliver[0] != '\0' &&
	    access(s->deliver, R_OK) != 0 && errno == EACCES)
		s->deliver = "";
	s->queue = queue_of(queue != NULL ? queue : settings->session.queue);
	s->is_queued = s->queue[0] != '\0';
	s->gives_whole =
	    s->is_queued && settings->session.queue_envelope == SETTINGS_FULL;
	s->ports = s->is_queued ? &QUEUED_PORTS : &SPOOLED_PORTS;
	return (queue == NULL ||
	    (queue[0] == '/' && strlen(queue) < CONF_VALUE_MAX));
}

static enum session_auth
auth_of(const struct settings *settings)
{
	if (settings->session.auth[0] == '\0')
		return (SESSION_AUTH_NEVER);
	return (settings->session.auth_plaintext != 0 ? SESSION_AUTH_ALWAYS
						      : SESSION_AUTH_IN_TLS);
}

/* In a queue lines end in LF, whatever ends them in the spool. */
static struct session_limits
limits_of(
    const struct setup *s, enum setup_service service, const struct log *log)
{
	const struct settings *settings = &s->settings;

	return ((struct session_limits){ .max_size = max_size(settings, log),
	    .max_rcpt = settings->session.maxrcpts,
	    .max_errors = settings->session.maxerrors,
	    .reject_bareeol = settings->session.bareeol == SETTINGS_REJECT,
	    .eol = settings->spool.eol == SETTINGS_CRLF && !s->is_queued
		? SMTPDATA_CRLF
		: SMTPDATA_LF,
	    .auth = auth_of(settings),
	    .lmtp = service == SETUP_LMTP,
	    .submission = service == SETUP_SUBMISSION,
	    /* By itself qmail-queue's interface has no place for them. */
	    .keeps_facts = !s->is_queued || s->gives_whole,
	    .keeps_binary = settings->spool.eol == SETTINGS_CRLF &&
		(!s->is_queued || s->gives_whole) });
}

enum result
setup_load(
    struct setup *s, const struct setup_options *options, const struct log *log)
{
	struct configured conf = { options->file, logged_conf, log, "" };
	enum result r = configured_load(&conf, &s->settings);

	if (r != RES_OK)
		return (r);
	if (!choose_ports(s, options->queue))
		return (configured_wrong(&conf, "smtp.queue",
		    "-q wants a full path, and arguments"));
	s->limits = limits_of(s, options->service, log);
	r = configured_host(&conf, &s->settings, s->host, sizeof(s->host));
	if (r == RES_OK && s->limits.submission &&
	    s->limits.auth == SESSION_AUTH_NEVER)
		r = configured_wrong(&conf, "smtp.auth",
		    "not set, so nobody can authenticate as -s wants");
	return (r);
}
