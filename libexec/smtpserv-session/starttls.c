/* SPDX-License-Identifier: ISC */
#include "starttls.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "bytes/num.h"
#include "sys/sysfd.h"

enum {
	FIRST = 3, /* lower ones are the client's and the log's */
	LAST = 65535
};

static int
find_fd(peer_env_fn *env, const char *name)
{
	const char *value = env(name);
	uint64_t n;

	if (value == NULL || !num_parse(bytes_of(value), LAST, &n) ||
	    n < FIRST || fcntl((int)n, F_GETFD) < 0)
		return (-1);
	return ((int)n);
}

void
starttls_find(struct starttls *t, peer_env_fn *env)
{
	const char *way = env("SMTPSERV_TLS");

	*t = (struct starttls){ .ctl = find_fd(env, "SSLCTLFD"),
		.in = find_fd(env, "SSLREADFD"),
		.out = find_fd(env, "SSLWRITEFD"),
		.can_ask = way != NULL && strcmp(way, "ask") == 0 };
	t->is_possible = t->ctl >= 0 && t->in >= 0 && t->out >= 0 &&
	    t->ctl != t->in && t->ctl != t->out && t->in != t->out;
}

void
starttls_close_others(const struct starttls *t)
{
	const int keep[] = { t->ctl, t->in, t->out };

	sysfd_close_others(keep, t->is_possible ? ARRAY_LEN(keep) : 0);
}

bool
starttls_ask(const struct starttls *t, int64_t until_ms, const sigset_t *open)
{
	char answer;
	size_t got;

	return (!t->can_ask ||
	    (sysio_write(t->ctl, bytes_of("?"), until_ms, open) == SYSIO_OK &&
		sysio_read(t->ctl, &answer, 1, &got, until_ms, open) ==
		    SYSIO_OK &&
		answer == '+'));
}

/* Like dup2(2), but without a system call that only this would need. */
static bool
move(int from, int to)
{
	(void)close(to);
	if (fcntl(from, F_DUPFD, to) != to)
		return (false);
	(void)close(from);
	return (true);
}

enum sysio_status
starttls_begin(struct starttls *t, struct ucspitls_facts *facts,
    int64_t until_ms, const sigset_t *open)
{
	/* Not `y': some providers fail with it. */
	enum sysio_status status =
	    sysio_write(t->ctl, bytes_of("Y"), until_ms, open);
	struct ucspitls u;
	char in[512] = "";
	size_t got = 0;

	ucspitls_init(&u);
	while (
	    status == SYSIO_OK && !ucspitls_feed(&u, (struct bytes){ in, got }))
		status =
		    sysio_read(t->ctl, in, sizeof(in), &got, until_ms, open);
	if (status != SYSIO_OK)
		return (status);
	*facts = u.facts;
	t->is_possible = false;
	if (!move(t->in, STDIN_FILENO) || !move(t->out, STDOUT_FILENO))
		return (SYSIO_FAILED);
	/* Not earlier: some providers take the close for the end. */
	(void)close(t->ctl);
	return (SYSIO_OK);
}
