/* SPDX-License-Identifier: ISC */
/*
 * command: the command line that makes a super-server serve smtp.listen.
 *
 * Pure but for command_build() of xinetd, which reads its configuration from
 * a file: an anonymous one, on a descriptor that the command inherits.
 */
#ifndef SMTPSERV_COMMAND_H
#define SMTPSERV_COMMAND_H

#include <sys/types.h>

#include "service/service.h"

enum {
	/* Two for each address, and the options. */
	COMMAND_ARGS_MAX = 2 * SERVICE_ADDRESSES_MAX + 40,
	COMMAND_TEXT_MAX = 32768
};

/* An argv whose text is its own. */
struct command {
	char *argv[COMMAND_ARGS_MAX + 1]; /* NULL after the last */
	size_t argc;
	struct buf text;
	char store[COMMAND_TEXT_MAX];
};

/* What the command is to do. */
struct order {
	const struct service *service;
	const struct service_address *served; /* by those that serve one */
	bool drops; /* sessions run as uid and gid, not as our user */
	uid_t uid;
	gid_t gid;
	const char *setpriv; /* the program, or NULL */
};

/* NULL, or why it cannot be done, static text. */
typedef const char *command_build_fn(
    struct command *c, const struct order *order);

struct server {
	const char *name;
	bool has_v6;
	bool serves_many;     /* addresses, in one process */
	bool holds_sessions;  /* smtp.sessions */
	bool holds_persource; /* smtp.persource */
	bool is_dual;         /* [::] is 0.0.0.0, too */
	bool has_syslog;      /* sessions log to syslog */
	command_build_fn *build;
};

/* In the order of preference. */
extern const struct server SERVERS[];
extern const size_t SERVERS_COUNT;

void command_init(struct command *c, const char *program);

#endif
