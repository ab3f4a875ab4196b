/* SPDX-License-Identifier: ISC */
/*
 * fuzz: what the fuzz targets share.
 *
 * A target is LLVMFuzzerTestOneInput() alone, without state between calls, so
 * libFuzzer, AFL++ and replay.c can all run it.  An input begins with a few
 * options, one byte each, '0' being the first choice, so that people can write
 * and read seeds; what is behind them is the text.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "bytes/bytes.h"

enum {
	FUZZ_TEXT_MAX = 16384, /* what is behind that is left out */
	FUZZ_EVERY_CUT = 40    /* texts so short are cut at every place */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Abort, and say what does not hold. */
void fuzz_must(bool holds, const char *what);

/* The input, held to FUZZ_TEXT_MAX. */
struct bytes fuzz_input(const uint8_t *data, size_t n);

/* Take an option of n choices off; 0 when nothing is left. */
unsigned int fuzz_option(struct bytes *in, unsigned int n);

/* A source of numbers that the input determines. */
struct fuzz_dice {
	/* Private. */
	uint32_t x;
};

void fuzz_dice_init(struct fuzz_dice *d, unsigned int seed);
unsigned int fuzz_dice_throw(struct fuzz_dice *d, unsigned int n);

/* How a text is cut: whole, into bytes, finely, or anywhere. */
struct fuzz_knife {
	/* Private. */
	unsigned int way;
	struct fuzz_dice dice;
	size_t first;
};

/* By two options. */
void fuzz_knife_init(struct fuzz_knife *k, struct bytes *in);
/* Into bytes, and in two. */
void fuzz_knife_bytes(struct fuzz_knife *k);
void fuzz_knife_two(struct fuzz_knife *k, size_t first);

/* The size of the next piece, when `left` bytes, at least one, are left. */
size_t fuzz_knife_cut(struct fuzz_knife *k, size_t left);

#endif
