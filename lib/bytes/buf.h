/* SPDX-License-Identifier: ISC */
/*
 * buf: bounded writing into memory the caller owns.
 *
 * Pure; never allocates.  A put that does not fit writes nothing and marks
 * the buffer, which then refuses everything until buf_reset(), so that a
 * run of puts needs one check, at its end.
 */
#ifndef BYTES_BUF_H
#define BYTES_BUF_H

#include <stdint.h>

#include "base/base.h"
#include "bytes/bytes.h"

struct buf {
	/* Private. */
	char *p;
	size_t n;
	size_t cap;
	bool overflowed;
};

void buf_init(struct buf *b, char *store, size_t cap);
void buf_reset(struct buf *b);

bool buf_put(struct buf *b, struct bytes add);
bool buf_puts(struct buf *b, const char *cstr);
bool buf_putc(struct buf *b, char c);

/*
 * Copy text up to its first NUL, CR or LF, at most as much as fits, and say
 * how much that was.  Never marks the buffer.
 */
size_t buf_put_text(struct buf *b, struct bytes text);

/* Unsigned decimal, without leading zeros. */
bool buf_put_number(struct buf *b, uint64_t n);

/* snprintf(3); a result that does not fit is refused whole. */
bool buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/*
 * Where the next byte would stand, for writing there at most as much as
 * buf_room() says; and that so much was written.
 */
char *buf_end(struct buf *b);
void buf_wrote(struct buf *b, size_t n);

/* Cut back to the first n bytes and forget an overflow. */
void buf_cut(struct buf *b, size_t n);

bool buf_overflowed(const struct buf *b);
size_t buf_room(const struct buf *b);
struct bytes buf_view(const struct buf *b);

/* The text as a C string; NULL if it overflowed or has no room for the NUL. */
const char *buf_cstr(struct buf *b);

#endif
