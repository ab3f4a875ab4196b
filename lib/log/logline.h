/* SPDX-License-Identifier: ISC */
/*
 * logline: a line of our log, taken apart again.
 *
 * Pure.  Views into the line.  Text before the first field, such as a syslogd's
 * or a logger's time, is passed over.
 */
#ifndef LOG_LOGLINE_H
#define LOG_LOGLINE_H

#include "bytes/buf.h"
#include "bytes/bytes.h"

/*
 * The fields behind ip=, pid= and event=, and the event; false: it is not a
 * line of ours.
 */
bool logline_begin(
    struct bytes line, struct bytes *event, struct bytes *fields);

/* The next field of *rest, which moves on; the value as it was written. */
bool logline_next(struct bytes *rest, struct bytes *key, struct bytes *value);

/* The value of the first field of that name; false: there is none. */
bool logline_find(struct bytes fields, const char *key, struct bytes *value);

/* What was logged, from a value as it was written; false: no room. */
bool logline_unquote(struct bytes value, struct buf *out);

#endif
