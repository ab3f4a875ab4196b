/* SPDX-License-Identifier: ISC */
/*
 * units: times and sizes in a few characters, for people.
 *
 * Pure.
 */
#ifndef LOOK_UNITS_H
#define LOOK_UNITS_H

#include <stdint.h>

enum {
	UNITS_SIZE = 24
};

/* 59s, 59m, 47h, 99d: at most four characters for a century. */
const char *units_time(uint64_t seconds, char store[UNITS_SIZE]);

/* 999, 9.9K, 999K, 9.9M ... */
const char *units_size(uint64_t n, char store[UNITS_SIZE]);

#endif
