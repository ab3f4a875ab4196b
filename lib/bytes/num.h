/* SPDX-License-Identifier: ISC */
/*
 * num: unsigned decimal numbers, strictly.
 *
 * Pure.  A number is one or more ASCII digits with a value of at most `max`.
 * Signs, blanks, hexadecimal and overflow are refused.
 */
#ifndef BYTES_NUM_H
#define BYTES_NUM_H

#include <stdint.h>

#include "bytes/bytes.h"

enum {
	NUM_DIGITS_MAX = 20 /* 18446744073709551615 */
};

/* Leading zeros are allowed.  *n is untouched when the answer is false. */
bool num_parse(struct bytes text, uint64_t max, uint64_t *n);

/* A view into digits. */
struct bytes num_print(char digits[NUM_DIGITS_MAX], uint64_t n);

#endif
