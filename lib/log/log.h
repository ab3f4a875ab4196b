/* SPDX-License-Identifier: ISC */
/*
 * log: one event, one line, in logfmt, on one descriptor.
 *
 * Used by programs only; lib/ reports, it does not log.  A value is quoted
 * where it needs to be, and bytes that are not printable ASCII are escaped, so
 * that a peer cannot forge a line or a field.  A value that was cut short ends
 * in "...".  A line goes out in one piece.
 *
 * A slow reader does not hold the process up.  A line that has not got out
 * after a second is dropped, and the lines behind it are not waited for until
 * one gets through.  That one has a field `lost`, the number of lines that are
 * missing before it; so has the next after a line that could not be written.
 * All this is the descriptor's state, so a process has one log.  A log of
 * log_start() must not be shared with a process that was forked.
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

/* The client of the session: the first field of each line from now on. */
void log_set_peer(struct log *l, struct bytes peer);

/* Does the log grow as a file does, within the limits of this process? */
bool log_is_file(void);

/* A descriptor to syslogd, or -1 and errno. */
int log_open_syslog(void);

/*
 * Log to descriptor 2; but to syslog if 2 is closed, or is the client's socket,
 * as inetd and xinetd give it (the one that is also descriptor 1).  Then 2
 * becomes /dev/null, opened in a way that programs of ours which this one runs
 * know, so that they log to syslog, too.
 */
void log_start(struct log *l, const char *program);

void log_begin(struct log_line *line, const struct log *l, const char *event);
void log_text(struct log_line *line, const char *key, struct bytes value);
void log_number(struct log_line *line, const char *key, uint64_t value);
void log_end(struct log_line *line);

/* Like log_end(), for the last line: it is waited for in any case. */
void log_end_last(struct log_line *line);

/* event=fault op="..." name=... error="..." */
void log_fault(const struct log *l, const struct fault *why);

/* event=... why="..." */
void log_why(const struct log *l, const char *event, const char *why);

#endif
