/* SPDX-License-Identifier: ISC */
#include "leave.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ask.h"
#include "bytes/buf.h"
#include "program/program.h"
#include "relay/account.h"
#include "secure.h"
#include "table/cdbfile.h"
#include "table/instruction.h"

enum {
	PATH_SIZE = 4096,
	RELAY_SIZE = 300,
	/* Where servers want to know who sends. */
	SUBMISSION_PORT = 587,
	SUBMISSIONS_PORT = 465
};

#define WAITS "mail waits"

struct leaving {
	const struct check *check;
	bool leaves;   /* some instruction is smtp: */
	bool looks_up; /* and some host of these has a name */

	bool is_told;     /* what is wrong with the accounts */
	bool has_account; /* some relay has one */
};

/* A relay without an account, or a file of accounts that cannot be used. */
static void
check_relay(struct leaving *l, struct bytes key, const struct instruction *in)
{
	const struct settings *s = l->check->settings;
	static struct relay_account account;
	char store[RELAY_SIZE];
	char why_store[CONF_VALUE_MAX + RELAY_SIZE];
	struct buf why;
	struct buf text;
	struct relay relay;
	enum relay_found found = RELAY_NONE;

	buf_init(&text, store, sizeof(store));
	buf_init(&why, why_store, sizeof(why_store));
	(void)buf_putc(&text, '[');
	(void)buf_put(&text, in->target);
	(void)buf_putc(&text, ']');
	if (!relay_parse(buf_view(&text), &relay))
		return;
	l->looks_up = l->looks_up ||
	    (relay.kind != RELAY_IPV4 && relay.kind != RELAY_IPV6);
	if (l->is_told)
		return;
	if (s->remote.auth[0] != '\0')
		found = account_find(
		    s->remote.auth, &relay, (uint16_t)in->port, &account, &why);
	explicit_bzero(&account, sizeof(account));
	l->has_account = l->has_account || found == RELAY_FOUND;
	l->is_told = found == RELAY_BAD;
	if (found == RELAY_BAD)
		check_tell(l->check, check_weight(l->check, errno),
		    "smtp.remote.auth", "%s: " WAITS,
		    buf_cstr(&why) == NULL ? "cannot be used" : why_store);
	if (found != RELAY_NONE ||
	    (in->port != SUBMISSION_PORT && in->port != SUBMISSIONS_PORT))
		return;
	(void)snprintf(why_store, sizeof(why_store),
	    "%.*s: smtp:[%.*s]:%u: no account in smtp.remote.auth: such a "
	    "relay wants one",
	    (int)key.n, key.p, (int)in->target.n, in->target.p, in->port);
	l->check->report(
	    l->check->ctx, CONF_NOTE, s->who.deliver, 0, "", why_store);
}

/* The instructions by which mail leaves. */
static void
walk_table(struct leaving *l)
{
	static struct cdbfile file;
	static struct cdbfile_walk walk;
	struct instruction in;
	struct fault why;

	/* deliver_check() tells of a table that cannot be read. */
	if (l->check->settings->who.deliver[0] == '\0' ||
	    cdbfile_open(&file, l->check->settings->who.deliver, &why) !=
		RES_OK)
		return;
	cdbfile_walk_init(&walk, &file);
	while (cdbfile_walk(&walk) == TABLE_HIT) {
		if (instruction_parse(walk.value, &in) != NULL)
			continue;
		if (in.kind == INSTRUCTION_SMTP_MX)
			l->leaves = l->looks_up = true;
		if (in.kind == INSTRUCTION_SMTP_RELAY) {
			l->leaves = true;
			check_relay(l, walk.key, &in);
		}
	}
	cdbfile_close(&file);
}

/* Whose word counts is known only to the program that asks. */
static void
check_resolver(const struct check *c)
{
	char path[PATH_SIZE];
	char said[512];
	struct fault why;
	int code = XC_TEMP;

	if (program_find(path, sizeof(path), 2, "/libexec/smtpserv-mx", &why) ==
	    RES_OK)
		code = ask_program(
		    (const char *const[]){ path, "-n", "-f", c->conf, NULL },
		    STDOUT_FILENO, said, sizeof(said));
	if (code == XC_FOUND) {
		said[strcspn(said, "\n")] = '\0';
		if (c->settings->remote.tls == SETTINGS_TLS_DANE)
			check_tell(c, CONF_NOTE, "smtp.remote.resolver",
			    "%s: it is not on this machine, and resolv.conf "
			    "does not say trust-ad: DANE is not used",
			    said);
	} else if (code != XC_OK) {
		check_tell(c, CONF_ERROR, "smtp.remote.resolver",
		    "cannot be used: smtpserv-mx -n fails: " WAITS);
	}
}

static void
check_helo(const struct check *c, const char *host)
{
	const char *helo = c->settings->remote.helo;

	if (helo[0] == '\0')
		helo = host;
	if (helo[0] != '\0' && helo[0] != '[' && strchr(helo, '.') == NULL)
		check_tell(c, CONF_NOTE, "smtp.remote.helo",
		    "%s has no dot: many servers refuse such a name", helo);
}

static void
check_source(
    const struct check *c, const char *key, int family, const char *address)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	const void *sa =
	    family == AF_INET ? (const void *)&v4 : (const void *)&v6;
	int fd;

	if (address[0] == '\0' ||
	    inet_pton(family, address,
		family == AF_INET ? (void *)&v4.sin_addr
				  : (void *)&v6.sin6_addr) != 1)
		return;
	fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    bind(fd, sa, family == AF_INET ? sizeof(v4) : sizeof(v6)) != 0)
		check_tell(c, CONF_ERROR, key, "%s: " WAITS, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
}

void
leave_check(const struct check *c, const char *host)
{
	const struct settings_remote *remote = &c->settings->remote;
	struct leaving l = { .check = c };

	walk_table(&l);
	if (!l.leaves)
		return;
	if (l.looks_up)
		check_resolver(c);
	check_helo(c, host);
	check_source(c, "smtp.remote.source", AF_INET, remote->source);
	check_source(c, "smtp.remote.source6", AF_INET6, remote->source6);
	secure_check(c,
	    remote->tls == SETTINGS_TLS_VERIFY || remote->policy[0] != '\0' ||
		l.has_account);
	check_program(c, "smtp.remote.filter", remote->filter, WAITS);
}
