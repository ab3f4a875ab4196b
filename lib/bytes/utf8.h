/* SPDX-License-Identifier: ISC */
/*
 * utf8: characters over 127 that a text from outside may keep.
 *
 * Pure.  Such a character is well-formed by RFC 3629, and harmless: a reader
 * cannot take it for a line end or a control (U+0080 to U+009F, U+2028,
 * U+2029).
 */
#ifndef BYTES_UTF8_H
#define BYTES_UTF8_H

#include <stdint.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"

/*
 * The length of the character over 127 at the beginning; 0: there is not one.
 */
size_t utf8_char(struct bytes text);

/* The same, and which character it is. */
size_t utf8_decode(struct bytes text, uint32_t *decoded);

/* Any character up to U+10FFFF. */
void utf8_put(struct buf *out, uint32_t c);

/* Are all bytes over 127 parts of such characters? */
bool utf8_is_good(struct bytes text);

/* Is there a byte over 127? */
bool utf8_is_needed(struct bytes text);

#endif
