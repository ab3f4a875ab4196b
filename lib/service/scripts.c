/* SPDX-License-Identifier: ISC */
/* Run scripts, for super-servers that take their limits as options. */
#include "service/service.h"

#include <string.h>

const char SERVICE_FINISH[] =
    "#!/bin/sh\n"
    "# What s6-supervise runs when the service has ended; $1 is the exit "
    "code.\n"
    "# 100 says that a person must mend something: 125 leaves the service "
    "down until\n"
    "# then (s6-svc -u), instead of starting it each second.\n"
    "[ \"$1\" != 100 ] || exit 125\n";

/* A word for the shell. */
static void
put_word(struct buf *out, const char *word)
{
	if (service_is_plain(word)) {
		(void)buf_puts(out, word);
		return;
	}
	(void)buf_putc(out, '\'');
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			(void)buf_puts(out, "'\\''");
		else
			(void)buf_putc(out, *word);
	}
	(void)buf_putc(out, '\'');
}

/* Which addresses need another service, and how to get one. */
static void
put_others(struct buf *out, const struct service *s,
    const struct service_address *served, const char *v6_note)
{
	const struct service_address *a = s->listen->at;
	size_t i;

	if (s->listen->n < 2)
		return;
	(void)buf_puts(out,
	    "#\n# Not served here: one process serves one "
	    "address.  For each of these run a\n# copy of this service with "
	    "its own host and port; each counts its own sessions.\n");
	for (i = 0; i < s->listen->n; i++) {
		if (&a[i] == served)
			continue;
		(void)buf_puts(out, "#\t");
		service_put_address(out, &a[i]);
		(void)buf_puts(out, a[i].is_v6 ? v6_note : "");
		(void)buf_puts(out, "\n");
	}
}

/*
 * The socket is the user's if whoever makes it is that user already, and so is
 * the directory: /run is empty when the system starts.
 */
static void
put_socket_place(struct buf *out)
{
	(void)buf_puts(out,
	    "# The socket, and its directory where there is none, are the "
	    "user's.\n"
	    "dir=${path%/*}\n"
	    "[ -d \"${dir:=/}\" ] || made=\"${dir}\"\n"
	    "mkdir -p \"${dir}\" || exit 111\n"
	    "set --\n"
	    "if [ \"$(id -u)\" = 0 ]; then\n"
	    "\tgroup=$(id -g \"${user}\") || exit 111\n"
	    "\t[ -z \"${made:-}\" ] || chown \"${user}:${group}\" "
	    "\"${made}\" || exit 111\n"
	    "\tset -- s6-setuidgid \"${user}\"\n"
	    "fi\n");
}

/* Who it is to run as, as words before or behind the server's name. */
static void
put_user(struct buf *out, const struct service *s)
{
	if (s->role == SERVICE_LMTP) {
		put_socket_place(out);
		return;
	}
	if (service_has_tls(s)) {
		(void)buf_puts(out,
		    "# smtpserv-tls becomes the user, when it has the key.\n"
		    "set --\n");
		return;
	}
	/* All servers drop privileges themselves, once they have the port. */
	(void)buf_puts(out,
	    "if [ \"$(id -u)\" = 0 ]; then\n"
	    "\tuid=$(id -u \"${user}\") || exit 111\n"
	    "\tgid=$(id -g \"${user}\") || exit 111\n"
	    "\tset -- -u \"${uid}\" -g \"${gid}\"\n"
	    "else\n"
	    "\tset --\n"
	    "fi\n");
}

static void
put_settings(struct buf *out, const struct service *s,
    const struct service_address *served)
{
	if (served != NULL)
		(void)buf_printf(out, "host=%s\nport=%u\n", served->host,
		    (unsigned int)served->port);
	else
		(void)buf_printf(out, "path=%s\n", s->settings->service.lmtp);
	(void)buf_printf(out, "sessions=%u\nbacklog=%u\nuser=%s\nsession=",
	    (unsigned int)service_sessions(s),
	    (unsigned int)service_backlog(s->settings), s->user);
	put_word(out, s->session);
	(void)buf_puts(out, "\nconf=");
	put_word(out, s->conf);
	if (s->role == SERVICE_STATUS) {
		(void)buf_puts(out, "\n\nexec 2>&1\n");
		put_user(out, s);
		return;
	}
	(void)buf_puts(out, "\nspool=");
	put_word(out, s->spool);
	(void)buf_puts(out,
	    "\n\nexec 2>&1\n"
	    "# What a power cut has left is completed before anybody waits "
	    "for it.\n"
	    "\"${spool}\" -f \"${conf}\" clean >/dev/null\n");
	put_user(out, s);
}

static void
put_header(struct buf *out, const struct service *s, const char *kind,
    const char *about)
{
	(void)buf_printf(out,
	    "#!/bin/sh\n# %s %s\n"
	    "# Made by: smtpserv-conf -f %s service ",
	    service_name(s), about, s->conf);
	service_put_role(out, s);
	(void)buf_printf(out,
	    "%s\n"
	    "# Save it as `run' in the service's directory, and chmod +x "
	    "that.\n"
	    "%s",
	    kind,
	    strcmp(kind, "s6") == 0
		? "# With -d DIRECTORY the command does so, and puts `finish' "
		  "beside it.\n"
		: "");
}

/*
 * What each connection runs; the words that variables hold are given by them.
 */
static void
put_command(struct buf *out, const struct service *s)
{
	struct service_command c;
	size_t i;

	service_get_command(s, &c);
	for (i = 0; i < c.n; i++) {
		(void)buf_putc(out, ' ');
		if (c.word[i] == s->session)
			(void)buf_puts(out, "\"${session}\"");
		else if (c.word[i] == s->conf)
			(void)buf_puts(out, "\"${conf}\"");
		else if (c.word[i] == s->user)
			(void)buf_puts(out, "\"${user}\"");
		else
			put_word(out, c.word[i]);
	}
	(void)buf_putc(out, '\n');
}

static void
put_persource_note(struct buf *out, const struct service *s)
{
	if (service_sessions_each(s) < service_sessions(s))
		(void)buf_printf(out,
		    "#\n# tcpserver has no limit for one "
		    "address: smtp.persource (%u) does not hold.\n",
		    (unsigned int)service_sessions_each(s));
}

static void
put_tcpserver(struct buf *out, const struct service *s)
{
	/* -H -R -l: no DNS, no ident; they would stall every session. */
	(void)buf_puts(out,
	    "exec tcpserver -H -R -l 0 -c \"${sessions}\" "
	    "-b \"${backlog}\" \"$@\" \\\n"
	    "\t\"${host}\" \"${port}\"");
	put_command(out, s);
}

static const char *
bad_path(const struct service *s)
{
	/* The one byte that would end a comment. */
	if (bytes_has_control(bytes_of(s->conf)) ||
	    bytes_has_control(bytes_of(s->session)) ||
	    bytes_has_control(bytes_of(s->spool)))
		return ("a path with a control byte");
	return (service_lacks(s));
}

/* LMTP on a Unix socket: for processes of the user's group. */
static void
put_ipcserver(struct buf *out, const struct service *s)
{
	put_header(out, s, "s6", "for s6-supervise: the run script.");
	(void)buf_puts(out, "\n");
	put_settings(out, s, NULL);
	(void)buf_puts(out,
	    "exec \"$@\" s6-ipcserver -a 0660 -c \"${sessions}\" "
	    "-b \"${backlog}\" \\\n"
	    "\t\"${path}\"");
	put_command(out, s);
}

const char *
service_s6(const struct service *s, struct buf *out)
{
	const struct service_address *served = &s->listen->at[0];
	const char *why = bad_path(s);

	if (why != NULL)
		return (why);
	if (s->role == SERVICE_LMTP) {
		put_ipcserver(out, s);
		return (NULL);
	}
	put_header(out, s, "s6", "for s6-supervise: the run script.");
	put_others(
	    out, s, served, " (needs s6-tcpserver: tcpserver has no IPv6)");
	(void)buf_puts(out, "\n");
	put_settings(out, s, served);
	(void)buf_printf(out,
	    "if command -v s6-tcpserver >/dev/null; then\n"
	    "\texec s6-tcpserver -c \"${sessions}\" -C %u "
	    "-b \"${backlog}\" \"$@\" \\\n"
	    "\t\t\"${host}\" \"${port}\"",
	    (unsigned int)service_sessions_each(s));
	put_command(out, s);
	(void)buf_puts(out, "fi\n");
	if (served->is_v6) {
		(void)buf_puts(out,
		    "echo \"smtpserv: s6-tcpserver is not "
		    "installed, and tcpserver has no IPv6\"\nexit 111\n");
		return (NULL);
	}
	put_persource_note(out, s);
	put_tcpserver(out, s);
	return (NULL);
}

const char *
service_tcpserver(const struct service *s, struct buf *out)
{
	const char *why = bad_path(s);
	size_t i = 0;

	if (s->role == SERVICE_LMTP)
		return ("tcpserver cannot listen on a Unix socket");
	if (why != NULL)
		return (why);
	while (i < s->listen->n && s->listen->at[i].is_v6)
		i++;
	if (i == s->listen->n)
		return ("tcpserver has no IPv6, and smtp.listen nothing else");
	put_header(out, s, "tcpserver",
	    "for daemontools, runit and the like: the run script.");
	put_others(out, s, &s->listen->at[i],
	    " (but tcpserver has no IPv6: use another super-server)");
	put_persource_note(out, s);
	(void)buf_puts(out, "\n");
	put_settings(out, s, &s->listen->at[i]);
	put_tcpserver(out, s);
	return (NULL);
}
