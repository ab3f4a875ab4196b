/* SPDX-License-Identifier: ISC */
#include "conf/keys.h"

#include <string.h>

#include "bytes/num.h"
#include "proxy/prefix.h"
#include "smtp/smtppath.h"
#include "table/instruction.h"

#define STACK(name)                                                            \
	{                                                                      \
		name, KEY_STACK, "", 0, 0, 0, 0, NULL,                         \
		    "the operating system's now"                               \
	}

enum {
	LABEL_MAX = 255 /* of a short string of AMQP */
};

const struct key KEYS[] = {
	{ "hostname", KEY_NAME, "", KEY_AT(hostname), 0, 0, NULL,
	    "who answers, first part; default: this machine's name" },
	{ "domain", KEY_NAME, "", KEY_AT(domain), 0, 0, NULL,
	    "who answers, second part: hostname.domain" },
	{ "inactive", KEY_NUMBER, "1200", KEY_AT(session.inactive), 0, 86400,
	    NULL, "seconds without a byte before 421; 0: no limit" },
	{ "mss", KEY_NUMBER, "0", KEY_AT(session.mss), 0, 65495, NULL,
	    "largest TCP segment, octets; 0: the system's" },
	{ "smtp.sessions", KEY_NUMBER, "8", KEY_AT(service.sessions), 1, 10000,
	    NULL, "sessions at once; the super-server holds it" },
	{ "smtp.persource", KEY_NUMBER, "0", KEY_AT(service.persource), 0,
	    10000, NULL,
	    "sessions at once from one address; 0: as smtp.sessions" },
	{ "smtp.listen", KEY_LISTEN, "0.0.0.0:25,[::]:25",
	    KEY_AT(service.listen), 0, 0, NULL,
	    "address:port, several separated by commas" },
	{ "smtp.submission", KEY_LISTEN, "0.0.0.0:587,[::]:587",
	    KEY_AT(service.submission), 0, 0, NULL,
	    "the same, for submission" },
	{ "smtp.submissions", KEY_LISTEN, "0.0.0.0:465,[::]:465",
	    KEY_AT(service.submissions), 0, 0, NULL,
	    "the same, for submission under TLS from the start" },
	{ "smtp.lmtp", KEY_PATH, "/run/smtpserv/lmtp", KEY_AT(service.lmtp), 0,
	    0, NULL, "the Unix socket for LMTP, a full path" },
	{ "smtp.proxy", KEY_PREFIXES, "", KEY_AT(service.proxy), 0, 0, NULL,
	    "addresses of balancers that send PROXY headers; unset: none" },
	{ "smtp.subdir", KEY_PATH, "", KEY_AT(spool.dir), 0, 0, NULL,
	    "the spool, a full path; required" },
	{ "smtp.sync", KEY_CHOICE, "yes", KEY_AT(spool.sync), 0, 0, "no yes",
	    "make mail durable before 250; no: for tests and sinks" },
	{ "smtp.eol", KEY_CHOICE, "lf", KEY_AT(spool.eol), 0, 0, "lf crlf",
	    "what ends a line in N.TXT: lf, or crlf for DOS readers" },
	{ "smtp.envelope", KEY_CHOICE, "plain", KEY_AT(spool.envelope), 0, 0,
	    "plain full", "full: the session's facts in N.WRK, too" },
	{ "smtp.bareeol", KEY_CHOICE, "normalize", KEY_AT(session.bareeol), 0,
	    0, "normalize reject", "a bare CR, bare LF or NUL in a message" },
	{ "smtp.maxsize", KEY_NUMBER, "33554432", KEY_AT(session.maxsize), 0,
	    UINT32_MAX, NULL, "octets of a message; 0: no limit" },
	{ "smtp.maxrcpts", KEY_NUMBER, "1000", KEY_AT(session.maxrcpts), 1,
	    10000, NULL,
	    "recipients of a message; RFC 5321 wants at least 100" },
	{ "smtp.maxerrors", KEY_NUMBER, "20", KEY_AT(session.maxerrors), 1,
	    10000, NULL, "bad commands of a session before 421" },
	{ "smtp.maxtime", KEY_NUMBER, "7200", KEY_AT(session.maxtime), 0,
	    604800, NULL, "seconds of a session before 421; 0: no limit" },
	{ "smtp.deliver", KEY_PATH, "", KEY_AT(who.deliver), 0, 0, NULL,
	    "who is here, a table made by cdb; unset: everybody" },
	{ "smtp.postmaster", KEY_POST, "", KEY_AT(who.postmaster), 0, 0, NULL,
	    "where postmaster's mail goes; required with smtp.deliver" },
	{ "smtp.aliases", KEY_PATH, "", KEY_AT(who.aliases), 0, 0, NULL,
	    "a file of aliases, such as /etc/aliases; unset: none" },
	{ "smtp.queuelife", KEY_NUMBER, "604800", KEY_AT(work.queuelife), 0,
	    31536000, NULL, "seconds before undeliverable mail is given up" },
	{ "smtp.workers", KEY_NUMBER, "8", KEY_AT(work.workers), 1, 1000, NULL,
	    "deliveries at once" },
	{ "smtp.commandtime", KEY_NUMBER, "3600", KEY_AT(work.commandtime), 1,
	    604800, NULL, "seconds a delivery may take" },
	{ "smtp.tls.cert", KEY_PATH, "", KEY_AT(tls.cert), 0, 0, NULL,
	    "the certificate, with its chain, a PEM file; unset: no TLS" },
	{ "smtp.tls.key", KEY_PATH, "", KEY_AT(tls.key), 0, 0, NULL,
	    "its key, a PEM file; unset: it is in smtp.tls.cert, too" },
	{ "smtp.queue", KEY_COMMAND, "", KEY_AT(session.queue), 0, 0, NULL,
	    "a qmail-queue program to hand mail to; unset: the spool" },
	{ "smtp.queue.envelope", KEY_CHOICE, "plain",
	    KEY_AT(session.queue_envelope), 0, 0, "plain full",
	    "full: it gets the text of N.WRK, too, on descriptor 5" },
	{ "smtp.auth", KEY_COMMAND, "", KEY_AT(session.auth), 0, 0, NULL,
	    "a checkpassword program; unset: AUTH is not offered" },
	{ "smtp.auth.plaintext", KEY_CHOICE, "no",
	    KEY_AT(session.auth_plaintext), 0, 0, "no yes",
	    "AUTH without TLS, for all on the way to read" },
	{ "smtp.programtime", KEY_NUMBER, "300", KEY_AT(session.programtime), 1,
	    3600, NULL, "seconds these two programs may take" },
	STACK("my_ip"), STACK("ip"), STACK("netmask"), STACK("gateway"),
	STACK("nameserver"), STACK("cookie"), STACK("sockdelay"),
	STACK("datatimeout"), STACK("ethip"), STACK("bootp"), STACK("bootpto"),
	STACK("domainto"), STACK("multihomes"), STACK("txbufsize"),
	STACK("rxbufsize"), STACK("udpbufsize"), STACK("debug"), STACK("eaddr"),
	STACK("mtu")
};

const size_t KEYS_COUNT = ARRAY_LEN(KEYS);

_Static_assert(ARRAY_LEN(KEYS) <= KEYS_MAX, "more keys than they may be");

const struct key *
key_named(const char *name)
{
	struct bytes text = bytes_of(name);
	size_t i;

	if (bytes_same_nocase(text, bytes_of("domainslist")) ||
	    bytes_same_nocase(text, bytes_of("domain.suffix")))
		text = bytes_of("domain");
	for (i = 0; i < KEYS_COUNT; i++)
		if (bytes_same_nocase(text, bytes_of(KEYS[i].name)))
			return (&KEYS[i]);
	return (NULL);
}

const struct key *
key_named_in(const struct keyset *more, const char *name)
{
	struct bytes text = bytes_of(name);
	size_t i;

	for (; more != NULL; more = more->next) {
		if (!bytes_starts_nocase(text, bytes_of(more->prefix)))
			continue;
		for (i = 0; i < more->count; i++)
			if (bytes_same_nocase(
				text, bytes_of(more->rows[i].name)))
				return (&more->rows[i]);
	}
	return (key_named(name));
}

/* Only here are the settings addressed by the table's offsets. */
static char *
member(struct settings *settings, const struct key *key)
{
	return ((char *)settings + key->offset);
}

static const char *
const_member(const struct settings *settings, const struct key *key)
{
	return ((const char *)settings + key->offset);
}

static bool
is_text(const struct key *key)
{
	return (key->type != KEY_NUMBER && key->type != KEY_CHOICE &&
	    key->type != KEY_STACK);
}

static void
point_at(const struct key *key, struct settings *settings, const char *text)
{
	memcpy(member(settings, key), &text, sizeof(text));
}

static const char *
set_text(const struct key *key, struct settings *settings, const char *value)
{
	size_t n = strlen(value) + 1;

	if (n > CONF_VALUE_MAX || n > sizeof(settings->store) - settings->used)
		return ("too long");
	memcpy(settings->store + settings->used, value, n);
	point_at(key, settings, settings->store + settings->used);
	settings->used += n;
	return (NULL);
}

static void
set_number(const struct key *key, struct settings *settings, uint32_t n)
{
	memcpy(member(settings, key), &n, sizeof(n));
}

static const char *
set_choice(const struct key *key, struct settings *settings, const char *value)
{
	struct bytes rest = bytes_of(key->choices);
	uint32_t index;

	for (index = 0; rest.n > 0; index++) {
		size_t end = rest.n;

		(void)bytes_find(rest, ' ', &end);
		if (bytes_same_nocase(
			bytes_cut(rest, 0, end), bytes_of(value))) {
			set_number(key, settings, index);
			return (NULL);
		}
		rest = bytes_cut(rest, end + 1, rest.n);
	}
	return ("not one of the words it can be");
}

static bool
is_prefixes(const char *value)
{
	struct bytes rest = bytes_of(value);
	struct prefix prefix;

	while (rest.n > 0)
		if (!prefix_next(&rest, &prefix))
			return (false);
	return (true);
}

static bool
is_listen(const char *value)
{
	struct bytes rest = bytes_of(value);
	struct bytes address;
	uint32_t port;

	do {
		if (!settings_next_listen(&rest, &address, &port))
			return (false);
	} while (rest.n > 0);
	return (value[strlen(value) - 1] != ',');
}

/* /a/path, or the original's n:\spool\rqueue, which at least loads. */
static bool
is_full_path(const char *value)
{
	return (value[0] == '/' ||
	    (value[0] != '\0' && value[1] == ':' &&
		(value[2] == '\\' || value[2] == '/')));
}

/* user@host, or an instruction, as it could stand behind a table's key. */
static const char *
check_post(const char *value)
{
	struct bytes text = bytes_of(value);
	struct instruction in;
	char store[CONF_VALUE_MAX + 1];
	struct buf forward;
	const char *wrong;

	/* A mailbox stands for an instruction to forward to it. */
	buf_init(&forward, store, sizeof(store));
	(void)buf_putc(&forward, '&');
	(void)buf_put(&forward, text);
	if (instruction_parse(buf_view(&forward), &in) == NULL)
		return (NULL);
	if (text.n > 0 && smtppath_is_domain(text))
		return ("want user@host, or an instruction");
	wrong = instruction_parse(text, &in);
	/* By MX, the name of this host leads here again. */
	if (wrong == NULL && in.kind == INSTRUCTION_SMTP_MX)
		wrong = "name a host: smtp:[host]:port";
	return (wrong);
}

/* A program is started without a shell that could find it: a full path. */
static const char *
set_command(const struct key *key, struct settings *settings, const char *value)
{
	if (value[0] != '/')
		return ("want a full path, and arguments, in quotes");
	return (set_text(key, settings, value));
}

/* The types of the keys of mail that leaves. */
static const char *
set_remote(const struct key *key, struct settings *settings, const char *value)
{
	struct settings_policy ignored;
	struct bytes text = bytes_of(value);

	if (key->type == KEY_IPV4 && !smtppath_is_ipv4(text))
		return ("not an IPv4 address");
	if (key->type == KEY_IPV6 && !smtppath_is_ipv6(text))
		return ("not an IPv6 address, without brackets");
	if (key->type == KEY_HELO && !settings_is_helo(text))
		return ("want a domain name, [ADDRESS] or [IPv6:ADDRESS]");
	if (key->type == KEY_POLICY && !settings_policy(text, &ignored))
		return ("want a full path, socketmap:inet:HOST:PORT:NAME or "
			"socketmap:unix:/PATH:NAME");
	return (set_text(key, settings, value));
}

static bool
is_nodes(const char *value)
{
	struct bytes rest = bytes_of(value);
	struct bytes host;
	uint32_t port;
	size_t n = 0;

	do {
		if (!settings_next_node(&rest, &host, &port))
			return (false);
	} while (++n < SETTINGS_NODES_MAX && rest.n > 0);
	return (rest.n == 0 && value[strlen(value) - 1] != ',');
}

/* Those of a message broker. */
static const char *
set_broker(const struct key *key, struct settings *settings, const char *value)
{
	struct bytes text = bytes_of(value);

	if (key->type == KEY_NODES && !is_nodes(value))
		return ("want HOST:PORT or [IPV6]:PORT, up to 8, separated by "
			"commas");
	if (key->type == KEY_LABEL &&
	    (text.n > LABEL_MAX || bytes_has_control(text)))
		return ("want at most 255 octets");
	return (set_text(key, settings, value));
}

const char *
key_set(const struct key *key, struct settings *settings, const char *value)
{
	const char *wrong;
	uint64_t n;

	if (value[0] == '\0')
		return ("empty value");
	switch (key->type) {
	case KEY_NAME:
		if (!smtppath_is_domain(bytes_of(value)))
			return ("not a domain name");
		return (set_text(key, settings, value));
	case KEY_PATH:
		if (!is_full_path(value))
			return ("not a full path");
		return (set_text(key, settings, value));
	case KEY_COMMAND:
		return (set_command(key, settings, value));
	case KEY_PREFIXES:
		if (!is_prefixes(value))
			return ("want ADDRESS or ADDRESS/BITS, separated by "
				"commas");
		return (set_text(key, settings, value));
	case KEY_LISTEN:
		if (!is_listen(value))
			return ("want ADDRESS:PORT or [IPV6]:PORT, "
				"separated by commas");
		return (set_text(key, settings, value));
	case KEY_POST:
		wrong = check_post(value);
		return (wrong != NULL ? wrong : set_text(key, settings, value));
	case KEY_CHOICE:
		return (set_choice(key, settings, value));
	case KEY_NUMBER:
		if (!num_parse(bytes_of(value), key->max, &n) || n < key->min)
			return ("not a number in its range, in digits alone");
		set_number(key, settings, (uint32_t)n);
		return (NULL);
	case KEY_NODES:
	case KEY_LABEL:
		return (set_broker(key, settings, value));
	case KEY_IPV4:
	case KEY_IPV6:
	case KEY_HELO:
	case KEY_POLICY:
		return (set_remote(key, settings, value));
	case KEY_STACK:
		break;
	}
	return (NULL);
}

void
key_put_range(const struct key *key, struct buf *out)
{
	const char *p;

	if (key->type == KEY_NUMBER)
		(void)buf_printf(out, ": %lu to %lu", (unsigned long)key->min,
		    (unsigned long)key->max);
	if (key->type != KEY_CHOICE)
		return;
	(void)buf_puts(out, ": ");
	for (p = key->choices; *p != '\0'; p++) {
		if (*p == ' ')
			(void)buf_putc(out, ',');
		(void)buf_putc(out, *p);
	}
}

static void
set_preset(const struct key *key, struct settings *settings)
{
	if (is_text(key))
		point_at(key, settings, key->preset);
	else
		/* Presets are values that their keys take. */
		(void)key_set(key, settings, key->preset);
}

void
keys_init_more(struct settings *settings, const struct keyset *more)
{
	size_t i;

	settings->used = 0;
	for (i = 0; i < KEYS_COUNT; i++)
		set_preset(&KEYS[i], settings);
	for (; more != NULL; more = more->next)
		for (i = 0; i < more->count; i++)
			set_preset(&more->rows[i], settings);
}

void
keys_init(struct settings *settings)
{
	keys_init_more(settings, NULL);
}

void
key_get(const struct key *key, const struct settings *settings, struct buf *out)
{
	const char *at = const_member(settings, key);
	struct bytes rest = { NULL, 0 };
	const char *text;
	uint32_t n;

	if (is_text(key)) {
		memcpy(&text, at, sizeof(text));
		(void)buf_puts(out, text);
		return;
	}
	memcpy(&n, at, sizeof(n));
	if (key->type == KEY_NUMBER) {
		(void)buf_put_number(out, n);
		return;
	}
	rest = bytes_of(key->choices);
	for (;; n--) {
		size_t end = rest.n;

		(void)bytes_find(rest, ' ', &end);
		if (n == 0) {
			(void)buf_put(out, bytes_cut(rest, 0, end));
			return;
		}
		rest = bytes_cut(rest, end + 1, rest.n);
	}
}
