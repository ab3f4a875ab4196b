/* SPDX-License-Identifier: ISC */
/* Entries in the configuration of super-servers that are there already. */
#include "service/service.h"

#include <string.h>

static const char *
not_plain(const struct service *s)
{
	const char *why = service_lacks(s);

	if (why != NULL)
		return (why);
	if (!service_is_plain(s->conf))
		return ("the configuration's path has a character that such "
			"an entry cannot hold");
	if (!service_is_plain(s->session) || !service_is_plain(s->spool))
		return ("the path of smtpserv-session has a character that "
			"such an entry cannot hold");
	return (NULL);
}

static void
put_made_by(struct buf *out, const struct service *s, const char *kind)
{
	(void)buf_printf(
	    out, "# Made by: smtpserv-conf -f %s service ", s->conf);
	service_put_role(out, s);
	(void)buf_printf(out, "%s\n", kind);
}

/* The words from `first' on, with blanks between. */
static void
put_words(struct buf *out, const struct service *s, size_t first)
{
	struct service_command c;
	size_t i;

	service_get_command(s, &c);
	for (i = first; i < c.n; i++)
		(void)buf_printf(out, "%s%s", i > first ? " " : "", c.word[i]);
}

static const char *
first_word(const struct service *s)
{
	struct service_command c;

	service_get_command(s, &c);
	return (c.word[0]);
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return (slash == NULL ? path : slash + 1);
}

/* smtpserv-tls becomes the user when it has the key. */
static const char *
user_of(const struct service *s)
{
	return (service_has_tls(s) ? "root" : s->user);
}

static void
put_xinetd_limits(struct buf *out, const struct service *s)
{
	(void)buf_printf(out,
	    "\tinstances       = %u\n"
	    "\tper_source      = %u\n",
	    (unsigned int)service_sessions(s),
	    (unsigned int)service_sessions_each(s));
	/* The default, 50 a second, would shut the service for 10 seconds. */
	(void)buf_puts(out, "\tcps             = 1000000 1\n");
	/* It is an answer of SMTP. */
	if (s->busy != NULL && service_is_plain(s->busy) &&
	    s->role != SERVICE_STATUS)
		(void)buf_printf(out, "\tbanner_fail     = %s\n", s->busy);
	(void)buf_printf(out,
	    "\tlog_type        = %s\n"
	    "\tlog_on_failure  = HOST\n",
	    s->log);
}

/* The only service needs no number. */
static void
put_xinetd(struct buf *out, const struct service *s,
    const struct service_address *a, size_t number)
{
	(void)buf_printf(out,
	    "\nservice %s\n{\n"
	    "\ttype            = UNLISTED\n"
	    "\tid              = %s",
	    service_name(s), service_name(s));
	if (number > 0)
		(void)buf_printf(out, "-%zu", number);
	(void)buf_printf(out,
	    "\n\tsocket_type     = stream\n"
	    "\tprotocol        = tcp\n"
	    "\tflags           = %sNODELAY\n"
	    "\tbind            = %s\n"
	    "\tport            = %u\n",
	    a->is_v6 ? "IPv6 " : "", a->host, (unsigned int)a->port);
	/* Whatever its value, xinetd 2.3.15 takes this word for a yes. */
	if (a->is_v6 && !a->is_paired)
		(void)buf_puts(out, "\tv6only          = yes\n");
	(void)buf_printf(out,
	    "\twait            = no\n"
	    "\tuser            = %s\n"
	    "\tserver          = %s\n"
	    "\tserver_args     = ",
	    user_of(s), first_word(s));
	put_words(out, s, 1);
	(void)buf_puts(out, "\n");
	put_xinetd_limits(out, s);
	(void)buf_puts(out, "}\n");
}

/* One service serves a pair, under the name of its IPv6 half. */
static bool
has_own_service(const struct service_address *a)
{
	return (a->is_v6 || !a->is_paired);
}

const char *
service_xinetd(const struct service *s, struct buf *out)
{
	const char *why = not_plain(s);
	size_t n = 0;
	size_t i;

	if (s->role == SERVICE_LMTP)
		return ("xinetd cannot listen on a Unix socket");
	if (why != NULL)
		return (why);
	for (i = 0; i < s->listen->n; i++)
		n += has_own_service(&s->listen->at[i]) ? 1 : 0;
	(void)buf_printf(out, "# %s for xinetd: a file in /etc/xinetd.d.\n",
	    service_name(s));
	put_made_by(out, s, "xinetd");
	(void)buf_puts(out,
	    "#\n# Sessions log to syslog: xinetd gives them "
	    "the connection as standard error.\n");
	if (n > 1)
		(void)buf_puts(out,
		    "# smtp.sessions and smtp.persource count "
		    "for each service by itself.\n");
	for (i = 0, n = n > 1 ? 1 : 0; i < s->listen->n; i++) {
		if (!has_own_service(&s->listen->at[i]))
			continue;
		put_xinetd(out, s, &s->listen->at[i], n);
		n += n > 0 ? 1 : 0;
	}
	return (NULL);
}

static void
put_socket(struct buf *out, const struct service *s)
{
	size_t i;

	const char *what = s->role == SERVICE_LMTP ? "LMTP"
	    : s->role == SERVICE_STATUS            ? "A page about what waits"
						   : "SMTP";

	(void)buf_printf(out, "# %s.socket\n", service_name(s));
	put_made_by(out, s, "systemd");
	(void)buf_printf(out,
	    "\n[Unit]\nDescription=%s, for smtpserv\n"
	    "Documentation=man:smtpserv(8)\n\n[Socket]\n",
	    what);
	if (s->role == SERVICE_LMTP)
		(void)buf_printf(out,
		    "ListenStream=%s\n"
		    "SocketUser=%s\n"
		    "SocketMode=0660\n",
		    s->settings->service.lmtp, s->user);
	for (i = 0; i < s->listen->n; i++) {
		(void)buf_puts(out, "ListenStream=");
		service_put_address(out, &s->listen->at[i]);
		(void)buf_puts(out, "\n");
	}
	(void)buf_printf(out,
	    "BindIPv6Only=ipv6-only\n"
	    "Accept=yes\n"
	    "MaxConnections=%u\n"
	    "MaxConnectionsPerSource=%u\n"
	    "Backlog=%u\n"
	    "NoDelay=yes\n",
	    (unsigned int)service_sessions(s),
	    (unsigned int)service_sessions_each(s),
	    (unsigned int)service_backlog(s->settings));
	if (s->role != SERVICE_STATUS)
		(void)buf_printf(out,
		    "# What a power cut has left is completed before anybody "
		    "waits for it.\n"
		    "ExecStartPre=-%s -f %s clean\n",
		    s->spool, s->conf);
	(void)buf_puts(out,
	    "# By default 200 connections within 2 seconds end the service.\n"
	    "TriggerLimitIntervalSec=0\n\n"
	    "[Install]\nWantedBy=sockets.target\n");
}

/* A spool under /tmp would be another one with PrivateTmp. */
static bool
is_temporary(const char *path)
{
	return (strncmp(path, "/tmp/", 5) == 0 ||
	    strncmp(path, "/var/tmp/", 9) == 0);
}

/* The minus: without the directory sessions still start, and answer 451. */
static void
put_spool(struct buf *out, const struct service *s)
{
	const char *dir = s->settings->spool.dir;
	bool is_seen = dir[0] == '/' && service_is_plain(dir);

	/* A page only reads, and its socket is open already. */
	if (s->role == SERVICE_STATUS)
		(void)buf_puts(out, "PrivateNetwork=yes\n");
	else if (is_seen)
		(void)buf_printf(out, "ReadWritePaths=-%s\n", dir);
	else
		(void)buf_puts(out,
		    "# smtp.subdir cannot be named here: "
		    "add ReadWritePaths= by hand.\n");
	(void)buf_printf(out, "PrivateTmp=%s\n",
	    is_temporary(dir) || is_temporary(s->conf) ? "no" : "yes");
}

/*
 * What systemd can take away from a session, in a unit whose programs are all
 * ours.  A queue's program has a queue to write to, and a checkpassword may be
 * set-user-ID, which each of these lines would prevent.
 */
static void
put_confinement(struct buf *out, const struct service *s)
{
	if (s->role != SERVICE_STATUS &&
	    (s->settings->session.auth[0] != '\0' ||
		s->settings->session.queue[0] != '\0')) {
		(void)buf_puts(out,
		    "# smtp.auth or smtp.queue runs programs of yours: only\n"
		    "# you know what they can do without.  The session itself\n"
		    "# gives up what it does not need.\n");
		return;
	}
	(void)buf_puts(out,
	    "NoNewPrivileges=yes\n"
	    "ProtectSystem=strict\n");
	put_spool(out, s);
	(void)buf_puts(out,
	    "ProtectHome=read-only\n"
	    "PrivateDevices=yes\n"
	    "ProtectClock=yes\n"
	    "ProtectControlGroups=yes\n"
	    "ProtectHostname=yes\n"
	    "ProtectKernelLogs=yes\n"
	    "ProtectKernelModules=yes\n"
	    "ProtectKernelTunables=yes\n"
	    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6\n"
	    "RestrictNamespaces=yes\n"
	    "RestrictRealtime=yes\n"
	    "RestrictSUIDSGID=yes\n"
	    "LockPersonality=yes\n"
	    "MemoryDenyWriteExecute=yes\n"
	    "SystemCallArchitectures=native\n");
	/* To read the key, and to become the user. */
	(void)buf_printf(out, "CapabilityBoundingSet=%s\n",
	    service_has_tls(s) ? "CAP_DAC_READ_SEARCH CAP_SETUID CAP_SETGID"
			       : "");
}

static const char *
description_of(const struct service *s)
{
	switch (s->role) {
	case SERVICE_LMTP:
		return ("LMTP session %i\n"
			"Documentation=man:smtpserv-session(8)");
	case SERVICE_STATUS:
		return ("Page %i about what waits\n"
			"Documentation=man:smtpserv-status(8)");
	case SERVICE_SMTP:
	case SERVICE_SUBMISSION:
	case SERVICE_SUBMISSIONS:
		break;
	}
	return ("SMTP session %i\nDocumentation=man:smtpserv-session(8)");
}

static void
put_unit(struct buf *out, const struct service *s)
{
	(void)buf_printf(out, "# %s@.service\n", service_name(s));
	put_made_by(out, s, "systemd");
	(void)buf_printf(out,
	    "\n[Unit]\nDescription=%s\n"
	    "CollectMode=inactive-or-failed\n\n"
	    "[Service]\nExecStart=",
	    description_of(s));
	put_words(out, s, 0);
	(void)buf_printf(out,
	    "\nUser=%s\n"
	    "StandardInput=socket\n"
	    "StandardOutput=socket\n"
	    "StandardError=journal\n"
	    "UMask=0027\n",
	    user_of(s));
	put_confinement(out, s);
}

const char *
service_systemd(const struct service *s, struct buf *out)
{
	const char *why = not_plain(s);

	if (why != NULL)
		return (why);
	put_socket(out, s);
	put_unit(out, s);
	return (NULL);
}

static bool
is_wildcard(const struct service_address *a)
{
	return (strcmp(a->host, a->is_v6 ? "::" : "0.0.0.0") == 0);
}

static void
put_inetd(struct buf *out, const struct service *s, const char *protocol)
{
	(void)buf_printf(out, "\tstream\t%s\tnowait.1000000\t%s\t%s\t%s ",
	    protocol, user_of(s), first_word(s), base_name(first_word(s)));
	put_words(out, s, 1);
	(void)buf_puts(out, "\n");
}

const char *
service_inetd(const struct service *s, struct buf *out)
{
	const struct service_address *a = s->listen->at;
	const char *why = not_plain(s);
	size_t i;

	if (why != NULL)
		return (why);
	(void)buf_printf(out, "# %s for inetd: lines of /etc/inetd.conf.\n",
	    service_name(s));
	put_made_by(out, s, "inetd");
	(void)buf_puts(out, "#\n# inetd has no limit on sessions at once");
	if (s->role != SERVICE_STATUS)
		(void)buf_printf(out,
		    ": smtp.sessions (%u) and\n"
		    "# smtp.persource (%u) do not hold",
		    (unsigned int)service_sessions(s),
		    (unsigned int)service_sessions_each(s));
	(void)buf_puts(out,
	    ".  The number after nowait "
	    "is connections a\n"
	    "# minute; beyond it inetd shuts the service for ten minutes, "
	    "so it is large.\n"
	    "# Sessions log to syslog: inetd gives them the connection as "
	    "standard error.\n");
	if (s->role == SERVICE_LMTP) {
		(void)buf_puts(out, s->settings->service.lmtp);
		put_inetd(out, s, "unix");
	}
	for (i = 0; i < s->listen->n; i++) {
		if (is_wildcard(&a[i]))
			(void)buf_put_number(out, a[i].port);
		else
			service_put_address(out, &a[i]);
		put_inetd(out, s, a[i].is_v6 ? "tcp6" : "tcp4");
	}
	return (NULL);
}
