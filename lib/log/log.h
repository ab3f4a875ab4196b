/* SPDX-License-Identifier: ISC */
/*
 * log: one event, one line, in logfmt, on one descriptor.
 *
 * Used by programs only; lib/ reports, it does not log.  A value is quoted
 * where it needs to be, and what is not printable ASCII is escaped, so that
 * no peer can forge a line or a field; a value that was cut short ends in
 * "...".  A line goes out in one piece.
 *
 * No reader holds the process up: a line that has not got out after a second
 * is dropped, and those behind it are not waited for until one gets through.
 * That one, or one after a line that could not be written, says by `lost` how
 * many are missing before it.  As all this is the descriptor's, a process has
 * one log; one of log_start() must not be shared with a process that was
 * forked.
 */
#ifndef LOG_LOG_H
#define LOG_LOG_H

#include <stdint.h>

#include "base/base.h"
#include "bytes/buf.h"
#include "bytes/bytes.h"

struct log {
	/* Private. */
	int fd;
	const char *tag; /* for syslog, or NULL */
	uint64_t pid;
	struct bytes peer;
};

struct log_line {
	/* Private. */
	const struct log *log;
	struct buf text;
	char store[2048];
};

/*
 * fd is a file, pipe or terminal; with a tag it is a datagram socket to
 * syslogd, and lines are sent as `<mail.info>tag[pid]: line`.
 */
void log_init(struct log *l, int fd, const char *tag, uint64_t pid);

/* Whom the session is with: the first field of each line from now on. */
void log_set_peer(struct log *l, struct bytes peer);

/* Does the log grow as a file does, within the limits of this process? */
bool log_is_file(void);

/* A descriptor to syslogd, or -1 and errno. */
int log_open_syslog(void);

/*
 * Log to descriptor 2, unless that is the client's, as inetd and xinetd give
 * it (the socket that is descriptor 1): then to syslog, and 2 is closed to all.
 * Also where 2 is closed, and in a program of ours that such a one runs.
 */
void log_start(struct log *l, const char *program);

void log_begin(struct log_line *line, const struct log *l, const char *event);
void log_text(struct log_line *line, const char *key, struct bytes value);
void log_number(struct log_line *line, const char *key, uint64_t value);
void log_end(struct log_line *line);

/* Instead: nothing will be logged any more, so it is waited for again. */
void log_end_last(struct log_line *line);

/* event=fault op="..." name=... error="..." */
void log_fault(const struct log *l, const struct fault *why);

#endif
