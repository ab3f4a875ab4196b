/* SPDX-License-Identifier: ISC */
#include "deliver/single.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "sys/sysio.h"

enum {
	REPORT_MAX = 16384,
	ADDRESS_MAX = 2048
};

/* The next report of the text, without its NUL; false: none is whole. */
static bool
take_report(struct bytes *rest, struct bytes *report)
{
	return (bytes_take(rest, '\0', report) && report->n > 0);
}

/* What stands in `(#x.y.z)` at its end; otherwise the class's. */
static void
find_status(struct bytes report, char class, char status[OUTCOME_STATUS_MAX])
{
	size_t end = report.n;
	size_t from;
	size_t i;

	memcpy(status, "x.0.0", sizeof("x.0.0"));
	status[0] = class;
	while (end > 0 && report.p[end - 1] != ')')
		end--;
	from = end;
	while (from > 0 && report.p[from - 1] != '#')
		from--;
	if (from < 2 || report.p[from - 2] != '(' ||
	    end - from > OUTCOME_STATUS_MAX || end - from < 6 ||
	    report.p[from] != class)
		return;
	for (i = from; i + 1 < end; i++)
		if (strchr("0123456789.", report.p[i]) == NULL)
			return;
	memcpy(status, report.p + from, end - 1 - from);
	status[end - 1 - from] = '\0';
}

static void
set(struct outcome *out, enum outcome_kind kind, char class,
    struct bytes report)
{
	struct bytes text = bytes_cut(report, 1, report.n);
	char status[OUTCOME_STATUS_MAX];

	find_status(report, class, status);
	while (text.n > 0 && text.p[text.n - 1] == '\n')
		text.n--;
	outcome_set(out, kind, status, "%.*s", (int)text.n, text.p);
}

void
single_verdict(struct bytes report, struct outcome *out)
{
	struct bytes one;
	char letter = '\0';

	outcome_set(out, OUTCOME_TRY_AGAIN, "4.3.0",
	    "smtpserv-remote ended without a report");
	while (take_report(&report, &one)) {
		char was = letter;

		letter = one.p[0];
		if (letter == 'h' || letter == 'D')
			set(out, OUTCOME_FAILED, '5', one);
		else if (letter == 's' || letter == 'Z')
			set(out, OUTCOME_TRY_AGAIN, '4', one);
		else if (letter == 'K' && was == 'r')
			set(out, OUTCOME_DELIVERED, '2', one);
		/* The message's report is the last, and rules over `r` only. */
		if (letter != 'r')
			return;
	}
}

/* In the child. */
_Noreturn static void
become(const struct delivery *d, char *const *argv, int output)
{
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (lseek(d->txt_fd, 0, SEEK_SET) == 0 &&
	    dup2(d->txt_fd, STDIN_FILENO) >= 0 &&
	    dup2(output, STDOUT_FILENO) >= 0)
		(void)execv(argv[0], argv);
	_exit(111);
}

/* Until it has said all, or its time is over. */
static size_t
hear(const struct delivery *d, int fd, char *report)
{
	size_t n = 0;
	size_t got = 1;

	while (n < REPORT_MAX && got > 0 &&
	    sysio_read(fd, report + n, REPORT_MAX - n, &got, d->until_ms,
		NULL) == SYSIO_OK)
		n += got;
	return (n);
}

static void
run(const struct delivery *d, char *const *argv, struct outcome *out)
{
	static char report[REPORT_MAX];
	size_t n;
	pid_t pid;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0) {
		outcome_fault(out, "4.3.0", "make", "a pipe", errno);
		return;
	}
	pid = fork();
	if (pid == 0)
		become(d, argv, ends[1]);
	(void)close(ends[1]);
	if (pid < 0) {
		outcome_fault(out, "4.3.0", "start", argv[0], errno);
		return;
	}
	n = hear(d, ends[0], report);
	/* What has said all ends by itself. */
	(void)close(ends[0]);
	(void)kill(pid, SIGTERM);
	(void)waitpid(pid, NULL, 0);
	single_verdict((struct bytes){ report, n }, out);
	if (out->kind == OUTCOME_DELIVERED)
		out->action = OUTCOME_RELAYED;
}

void
single_deliver(const struct delivery *d, const char *host, struct outcome *out)
{
	char sender[ADDRESS_MAX];
	char recipient[ADDRESS_MAX];
	const char *words[7] = { d->remote, "-f", d->conf, host, sender,
		recipient, NULL };
	char *argv[7];
	struct buf b;

	if (d->requiretls) {
		outcome_set(out, OUTCOME_TRY_AGAIN, "4.7.0",
		    "REQUIRETLS is kept only where smtp: is the recipient's "
		    "only instruction");
		return;
	}
	buf_init(&b, sender, sizeof(sender));
	(void)buf_put(&b, d->sender);
	if (buf_cstr(&b) != NULL) {
		buf_init(&b, recipient, sizeof(recipient));
		(void)buf_put(&b, d->recipient);
	}
	if (buf_cstr(&b) == NULL) {
		outcome_set(
		    out, OUTCOME_FAILED, "5.1.3", "the address is too long");
		return;
	}
	/* execv(2) does not write to them. */
	memcpy(argv, words, sizeof(argv));
	run(d, argv, out);
}
