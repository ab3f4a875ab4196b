/* SPDX-License-Identifier: ISC */
#include "submit/caller.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "sys/sysfd.h"
#include "sys/sysio.h"

enum {
	SAID_FD = 6 /* where the protocol has words */
};

/* So that none of ours becomes it: reading it then fails, as it should. */
static void
occupy(int fd)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null < 0 || null == fd)
		return;
	/* Without it the descriptor is not open, and reading fails, too. */
	(void)dup2(null, fd);
	(void)close(null);
}

int
caller_said(int but)
{
	struct stat st;
	int flags = fcntl(SAID_FD, F_GETFL);
	bool is_pipe = flags >= 0 && (flags & O_ACCMODE) == O_WRONLY &&
	    fstat(SAID_FD, &st) == 0 && S_ISFIFO(st.st_mode);
	int keep[2];
	size_t n = 0;

	/* A reader that does not read is not waited for. */
	if (is_pipe)
		(void)fcntl(SAID_FD, F_SETFL, flags | O_NONBLOCK);
	if (but >= 0 && fcntl(but, F_GETFD) < 0)
		occupy(but);
	if (but >= 0)
		keep[n++] = but;
	if (is_pipe)
		keep[n++] = SAID_FD;
	sysfd_close_others(keep, n);
	return (is_pipe ? SAID_FD : -1);
}

void
caller_hand_on(int said, struct bytes words)
{
	/* A caller that does not listen has the exit code. */
	if (said >= 0)
		(void)sysio_write_file(said, words);
}

void
caller_say(int said, int code, const char *status, const char *text)
{
	char store[QQEXIT_TEXT_MAX];
	struct buf out;

	buf_init(&out, store, sizeof(store));
	if (qqexit_put_said(&out, code, status, bytes_of(text)))
		caller_hand_on(said, buf_view(&out));
}

static void
tell_fault(int said, const struct log *log, const struct refusal *no,
    const char *denied)
{
	const struct fault *why = &no->fault;
	bool is_denied = why->err == EACCES || why->err == EPERM;
	char store[2 * QQEXIT_TEXT_MAX];
	struct buf out;

	log_fault(log, why);
	buf_init(&out, store, sizeof(store));
	(void)buf_printf(&out, "unable to %s %s%s%s%s", why->op, why->name,
	    why->err == 0 ? "" : ": ", why->err == 0 ? "" : strerror(why->err),
	    is_denied ? denied : "");
	if (buf_cstr(&out) != NULL)
		caller_say(said, no->code, no->status, store);
}

void
caller_tell(int said, const struct log *log, const struct refusal *no,
    const char *denied)
{
	struct log_line line;

	if (no->text == NULL) {
		tell_fault(said, log, no, denied);
		return;
	}
	log_begin(&line, log, "refused");
	log_text(&line, "why", bytes_of(no->text));
	log_end(&line);
	caller_say(said, no->code, no->status, no->text);
}
