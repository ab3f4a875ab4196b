/* SPDX-License-Identifier: ISC */
#include "handover.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/sysio.h"

enum {
	SAID_FD = 6 /* where the program may say why */
};

/* In the child: only the descriptors that the protocol wants. */
static void
become(char *const *argv, const int *ends)
{
	int fds[3];
	size_t i;

	/* Its log is not for sendmail's caller: closed, it goes to syslog. */
	(void)close(STDERR_FILENO);
	/* First move them out of one another's way. */
	for (i = 0; i < 3; i++)
		fds[i] = fcntl(ends[i], F_DUPFD_CLOEXEC, SAID_FD + 1);
	if (fds[0] >= 0 && fds[1] >= 0 && fds[2] >= 0 &&
	    dup2(fds[0], STDIN_FILENO) >= 0 &&
	    dup2(fds[1], STDOUT_FILENO) >= 0 && dup2(fds[2], SAID_FD) >= 0)
		(void)execv(argv[0], argv);
	_exit(QQEXIT_NO_PROGRAM);
}

enum result
handover_begin(struct handover *h, char *const *argv, struct fault *why)
{
	int message[2];
	int envelope[2];
	int said[2];

	if (pipe2(message, O_CLOEXEC) != 0 || pipe2(envelope, O_CLOEXEC) != 0 ||
	    pipe2(said, O_CLOEXEC) != 0)
		return (fault_set(why, "make", "pipe", errno));
	h->pid = fork();
	if (h->pid < 0)
		return (fault_set(why, "make", "process", errno));
	if (h->pid == 0)
		become(argv, (const int[]){ message[0], envelope[0], said[1] });
	(void)close(message[0]);
	(void)close(envelope[0]);
	(void)close(said[1]);
	h->message = message[1];
	h->envelope = envelope[1];
	h->said = said[0];
	return (RES_OK);
}

static enum result
pass_on(int fd, const char *name, struct bytes text, struct fault *why)
{
	if (sysio_write_file(fd, text) == SYSIO_OK || errno == EPIPE)
		return (RES_OK);
	return (fault_set(why, "write", name, errno));
}

enum result
handover_text(struct handover *h, struct bytes text, struct fault *why)
{
	return (pass_on(h->message, "message", text, why));
}

/* The envelope is read when the message has ended. */
enum result
handover_envelope(struct handover *h, struct bytes text, struct fault *why)
{
	if (h->message >= 0)
		(void)close(h->message);
	h->message = -1;
	return (pass_on(h->envelope, "envelope", text, why));
}

bool
handover_is_refused(struct handover *h, struct qqexit *q)
{
	char said[QQEXIT_TEXT_MAX];
	struct bytes text = { said, 0 };
	int status = 0;

	if (h->message >= 0)
		(void)close(h->message);
	(void)close(h->envelope);
	/* Words that are too long are cut. */
	(void)sysio_read_file(h->said, said, sizeof(said), &text.n);
	while (waitpid(h->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (WIFEXITED(status) && WEXITSTATUS(status) == QQEXIT_ACCEPTED)
		return (false);
	/* Its words say more than its code, and a local user may read them. */
	qqexit_reply(q,
	    text.n > 0              ? QQEXIT_CUSTOM
		: WIFEXITED(status) ? WEXITSTATUS(status)
				    : QQEXIT_CRASHED,
	    text);
	return (true);
}
