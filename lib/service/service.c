/* SPDX-License-Identifier: ISC */
#include "service/service.h"

#include <string.h>

enum {
	/* A client that waits in the backlog does not need a session yet. */
	BACKLOG_LEAST = 128,
	BACKLOG_PER_SESSION = 4,
	/* A browser asks for a page and what belongs to it at once. */
	STATUS_SESSIONS = 8
};

service_print_fn *
service_named(const char *name)
{
	static const struct {
		const char *name;
		service_print_fn *print;
	} kinds[] = { { "xinetd", service_xinetd }, { "s6", service_s6 },
		{ "tcpserver", service_tcpserver },
		{ "systemd", service_systemd }, { "inetd", service_inetd } };
	size_t i;

	for (i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(name, kinds[i].name) == 0)
			return (kinds[i].print);
	return (NULL);
}

static void
pair_up(struct service_address *a, struct service_address *b)
{
	const struct service_address *v4 = a->is_v6 ? b : a;
	const struct service_address *v6 = a->is_v6 ? a : b;

	if (a->port == b->port && strcmp(v4->host, "0.0.0.0") == 0 &&
	    strcmp(v6->host, "::") == 0) {
		a->is_paired = true;
		b->is_paired = true;
	}
}

static const char *const ROLES[] = { "smtp", "submission", "submissions",
	"lmtp", "status" };

bool
service_role_named(const char *name, enum service_role *role)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(ROLES); i++)
		if (strcmp(name, ROLES[i]) == 0) {
			*role = (enum service_role)i;
			return (true);
		}
	return (false);
}

const char *
service_name(const struct service *s)
{
	static const char *const names[] = { "smtpserv", "smtpserv-submission",
		"smtpserv-submissions", "smtpserv-lmtp", "smtpserv-status" };

	return (names[s->role]);
}

void
service_put_role(struct buf *out, const struct service *s)
{
	if (s->role != SERVICE_SMTP)
		(void)buf_printf(out, "-r %s ", ROLES[s->role]);
}

bool
service_has_tls(const struct service *s)
{
	return (s->role != SERVICE_LMTP && s->role != SERVICE_STATUS &&
	    s->settings->tls.cert[0] != '\0');
}

const char *
service_lacks(const struct service *s)
{
	if ((s->role == SERVICE_SUBMISSION || s->role == SERVICE_SUBMISSIONS) &&
	    !service_has_tls(s))
		return ("submission needs smtp.tls.cert");
	if (s->role == SERVICE_LMTP &&
	    !service_is_plain(s->settings->service.lmtp))
		return ("smtp.lmtp has a character that such an entry cannot "
			"hold");
	return (NULL);
}

static void
add(struct service_command *c, const char *word)
{
	if (c->n < SERVICE_WORDS_MAX)
		c->word[c->n++] = word;
}

static void
add_tls(const struct service *s, struct service_command *c)
{
	if (!service_has_tls(s))
		return;
	add(c, s->tls);
	if (s->role == SERVICE_SUBMISSIONS)
		add(c, "-i");
	add(c, "-f");
	add(c, s->conf);
	add(c, "-u");
	add(c, s->user);
}

static void
add_proxy(const struct service *s, struct service_command *c)
{
	if (s->settings->service.proxy[0] == '\0' || s->role == SERVICE_LMTP ||
	    s->role == SERVICE_STATUS)
		return;
	add(c, s->proxy);
	add(c, "-a");
	add(c, s->settings->service.proxy);
}

/*
 * A PROXY header comes in the clear, so it is read before TLS if TLS comes
 * first.  Otherwise it is read after root has been given up.
 */
void
service_get_command(const struct service *s, struct service_command *c)
{
	c->n = 0;
	if (s->role == SERVICE_SUBMISSIONS)
		add_proxy(s, c);
	add_tls(s, c);
	if (s->role != SERVICE_SUBMISSIONS)
		add_proxy(s, c);
	add(c, s->session);
	if (s->role == SERVICE_LMTP)
		add(c, "-l");
	else if (s->role != SERVICE_SMTP && s->role != SERVICE_STATUS)
		add(c, "-s");
	add(c, "-f");
	add(c, s->conf);
}

static const char *
listen_of(const struct settings *settings, enum service_role role)
{
	switch (role) {
	case SERVICE_SMTP:
		return (settings->service.listen);
	case SERVICE_SUBMISSION:
		return (settings->service.submission);
	case SERVICE_SUBMISSIONS:
		return (settings->service.submissions);
	case SERVICE_STATUS:
		return (SERVICE_STATUS_LISTEN);
	case SERVICE_LMTP:
		break;
	}
	return ("");
}

void
service_get_listen(const struct settings *settings, enum service_role role,
    struct service_listen *listen)
{
	struct bytes rest = bytes_of(listen_of(settings, role));
	struct bytes host;
	size_t at;
	size_t i;

	listen->n = 0;
	while (rest.n > 0 && listen->n < SERVICE_ADDRESSES_MAX) {
		struct service_address *a = &listen->at[listen->n];

		*a = (struct service_address){ .port = 0 };
		if (!settings_next_listen(&rest, &host, &a->port) ||
		    host.n >= sizeof(a->host))
			return;
		memcpy(a->host, host.p, host.n);
		a->is_v6 = bytes_find(host, ':', &at);
		for (i = 0; i < listen->n; i++)
			pair_up(&listen->at[i], a);
		listen->n++;
	}
}

void
service_put_address(struct buf *out, const struct service_address *address)
{
	(void)buf_printf(out, address->is_v6 ? "[%s]:%u" : "%s:%u",
	    address->host, (unsigned int)address->port);
}

uint32_t
service_sessions(const struct service *s)
{
	return (s->role == SERVICE_STATUS ? STATUS_SESSIONS
					  : s->settings->service.sessions);
}

uint32_t
service_sessions_each(const struct service *s)
{
	return (s->role == SERVICE_STATUS ? STATUS_SESSIONS
					  : service_persource(s->settings));
}

uint32_t
service_persource(const struct settings *settings)
{
	if (settings->service.persource == 0 ||
	    settings->service.persource > settings->service.sessions)
		return (settings->service.sessions);
	return (settings->service.persource);
}

uint32_t
service_backlog(const struct settings *settings)
{
	uint32_t n = BACKLOG_PER_SESSION * settings->service.sessions;

	return (n < BACKLOG_LEAST ? BACKLOG_LEAST : n);
}

static bool
is_all_of(const char *text, const char *punctuation)
{
	const char *p;

	for (p = text; *p != '\0'; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			(*p >= '0' && *p <= '9') ||
			strchr(punctuation, *p) != NULL))
			return (false);
	return (p != text);
}

bool
service_is_user(const char *name)
{
	return (name[0] != '-' && is_all_of(name, "_-."));
}

bool
service_is_plain(const char *path)
{
	return (is_all_of(path, "/._+:@,-"));
}
