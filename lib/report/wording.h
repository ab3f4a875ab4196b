/* SPDX-License-Identifier: ISC */
/*
 * wording: writing into a report, so that nothing of a stranger's can begin a
 * line in it.
 *
 * Pure.  The text goes out through a port.  Once that has said false nothing
 * more is written.
 */
#ifndef REPORT_WORDING_H
#define REPORT_WORDING_H

#include <stdint.h>
#include <time.h>

#include "bytes/bytes.h"

enum {
	/* A longer value was made by hand, and is cut. */
	WORDING_VALUE_MAX = 2000
};

/* Where the text goes; false ends the writing. */
struct report_port {
	bool (*put)(void *ctx, struct bytes text);
	void *ctx;
};

struct wording {
	const struct report_port *port;
	const char *eol;
	bool is_utf8; /* harmless characters over 127 may stay */
	bool good;    /* at first; false once the port has said so */
};

/* As it is. */
void wording_bytes(struct wording *w, struct bytes text);

/* Our own words; a line feed in them is a line end. */
void wording_put(struct wording *w, const char *text);

void wording_number(struct wording *w, uint64_t n);

/* `name`, the date of RFC 5322, and a line end. */
void wording_date(struct wording *w, const char *name, time_t when);

/* A stranger's text: a byte that could do harm becomes a question mark. */
void wording_clean(struct wording *w, struct bytes text);

/*
 * The same by words, with a line end and `indent` where the line would be too
 * long; `column` is where they begin.
 */
void wording_folded(
    struct wording *w, struct bytes text, size_t column, const char *indent);

#endif
