/* SPDX-License-Identifier: ISC */
/*
 * rows: messages as rows of a table, each with its recipients and why they
 * wait.
 */
#ifndef SMTPSERV_STATUS_ROWS_H
#define SMTPSERV_STATUS_ROWS_H

#include "layout.h"

enum {
	ROWS_MAX = 16384 /* octets of one at most */
};

void rows_begin(struct buf *out, const char *caption);
void rows_put(const struct page *p, struct buf *out, const struct mail *m);
void rows_end(struct buf *out);

/*
 * Recipients that are not done, at most so many, with their reasons; and how
 * many more there are.
 */
void rows_put_rcpts(struct buf *out, const struct mail *m, size_t most);

#endif
