/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SPOOL_LEGACY_H
#define TESTS_SPOOL_LEGACY_H

#include "bytes/bytes.h"

/* sequence.seq as other programs, people and editors leave it. */
static const struct {
	struct bytes text;
	uint32_t want; /* 0: garbage */
} LEGACY[] = {
	{ { "7", 1 }, 7 },
	{ { "7\n", 2 }, 7 },
	{ { "7\r\n", 3 }, 7 },
	{ { "7 \n", 3 }, 7 },
	{ { "7\t \r\n", 5 }, 7 },
	{ { "5321\n", 5 }, 5321 },
	{ { "00005321\n", 9 }, 5321 },
	{ { "00000000000000000005321\n", 24 }, 5321 },
	{ { "4294967295\n", 11 }, UINT32_MAX },
	{ { "4294967296\n", 11 }, 0 },
	{ { "99999999999999999999\n", 21 }, 0 },
	{ { "0\n", 2 }, 0 },
	{ { "0000\n", 5 }, 0 },
	{ { "", 0 }, 0 },
	{ { "\n", 1 }, 0 },
	{ { "\r\n", 2 }, 0 },
	{ { " ", 1 }, 0 },
	{ { " 7\n", 3 }, 0 },
	{ { "-7\n", 3 }, 0 },
	{ { "+7\n", 3 }, 0 },
	{ { "0x7\n", 4 }, 0 },
	{ { "7.\n", 3 }, 0 },
	{ { "7 8\n", 4 }, 0 },
	{ { "7\n8\n", 4 }, 0 },
	{ { "7\n\n", 3 }, 0 },
	{ { "7\0\n", 3 }, 0 },
	{ { "\0\0\0\0", 4 }, 0 },
	{ { "seven\n", 6 }, 0 },
	{ { "7\x1a", 2 }, 0 },
};

#endif
