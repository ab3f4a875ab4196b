/* SPDX-License-Identifier: ISC */
/*
 * text: the message's text, read from its beginning, and what goes on top.
 */
#ifndef SMTPSERV_WORK_DELIVER_TEXT_H
#define SMTPSERV_WORK_DELIVER_TEXT_H

#include "bytes/buf.h"
#include "bytes/bytes.h"
#include "deliver/delivery.h"

enum {
	/* The lines that text_put_top() writes. */
	TEXT_TOP_MAX = 2048
};

/* Called with each piece; 0, or an errno that ends it. */
typedef int text_piece_fn(void *ctx, struct bytes piece);

enum text_form {
	TEXT_AS_IS,
	TEXT_CRLF /* a line feed without a CR before it gets one */
};

/*
 * The whole text, piece by piece.  0 or an errno; *op says of what, static
 * text: "read" is ours, "write" the function's.
 */
int text_each(int fd, enum text_form form, text_piece_fn *piece, void *ctx,
    const char **op);

/* How fields of ours go on top of a text. */
struct text_top {
	const char *eol; /* their line ends: the text's own */
	/*
	 * Stands between them and the text, and is mostly empty: a text's first
	 * line is the trace, unless its program puts none there.
	 */
	struct bytes joint;
};

/* Look at the text's beginning.  0 or an errno. */
int text_look(int fd, enum text_form form, struct text_top *top);

/* Return-Path: and Delivered-To:, as a final delivery adds them; the joint. */
bool text_put_top(
    const struct delivery *d, const struct text_top *top, struct buf *out);

/*
 * Write the top and the text into fd, a new file, which is not durable then.
 * False, and out says why: the file is to be removed.
 */
bool text_write(const struct delivery *d, enum text_form form, int fd,
    const char *name, struct outcome *out);

/* The status for an errno of writing; it tells a quota from a full disk. */
const char *text_status(int err);

#endif
