/* SPDX-License-Identifier: ISC */
#include "publish.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "program/program.h"

enum {
	PATH_SIZE = 4096,
	LOG_MAX = 2048,
	/* smtpserv-queue-amqp waits so much longer than the keeper. */
	GRACE = 5
};

#define WAITS "mail will be answered 451"

static void
check_time(const struct check *c)
{
	const struct settings *s = c->settings;

	if (s->amqp.time + GRACE >= s->session.programtime)
		check_tell(c, CONF_ERROR, "smtp.amqp.time",
		    "not less than smtp.programtime by more than %d: a session "
		    "would not wait for the answer",
		    GRACE);
}

void
publish_check(const struct check *c)
{
	char path[PATH_SIZE];
	const char *argv[] = { path, "-n", "-f", c->conf, NULL };
	char log[LOG_MAX];
	const char *why_not;
	const char *key;
	struct fault why;

	if (c->settings->amqp.nodes[0] == '\0')
		return;
	check_time(c);
	log[0] = '\0';
	if (program_find(path, sizeof(path), 2, "/bin/smtpserv-publish",
		&why) == RES_OK &&
	    ask_program(argv, STDERR_FILENO, log, sizeof(log)) == XC_OK)
		return;
	/* To cut a value ends the line there: the first comes last. */
	why_not = ask_field(log, " why=");
	key = ask_field(log, " key=");
	if (why_not == NULL || key == NULL) {
		check_tell(c, CONF_ERROR, "smtp.amqp.nodes",
		    "cannot be tried: smtpserv-publish -n does not run");
		return;
	}
	check_tell(c,
	    check_weight(
		c, strstr(why_not, strerror(EACCES)) == NULL ? 0 : EACCES),
	    key, "%s: " WAITS, why_not);
}
