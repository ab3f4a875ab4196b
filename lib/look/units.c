/* SPDX-License-Identifier: ISC */
#include "look/units.h"

#include <stdio.h>

#include "base/base.h"

const char *
units_time(uint64_t seconds, char store[UNITS_SIZE])
{
	static const struct {
		uint64_t seconds;
		uint64_t below;
		char unit;
	} units[] = { { 1, 100, 's' }, { 60, 6000, 'm' }, { 3600, 360000, 'h' },
		{ 86400, UINT64_MAX, 'd' } };
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(units) && seconds >= units[i].below)
		i++;
	(void)snprintf(store, UNITS_SIZE, "%llu%c",
	    (unsigned long long)(seconds / units[i].seconds), units[i].unit);
	return (store);
}

const char *
units_size(uint64_t n, char store[UNITS_SIZE])
{
	static const char units[] = "KMGTPE";
	uint64_t tenths = n * 10;
	size_t i = 0;

	if (n < 1000) {
		(void)snprintf(
		    store, UNITS_SIZE, "%llu", (unsigned long long)n);
		return (store);
	}
	for (tenths /= 1024; tenths >= 10000; tenths /= 1024)
		i++;
	if (tenths < 100)
		(void)snprintf(store, UNITS_SIZE, "%llu.%llu%c",
		    (unsigned long long)(tenths / 10),
		    (unsigned long long)(tenths % 10), units[i]);
	else
		(void)snprintf(store, UNITS_SIZE, "%llu%c",
		    (unsigned long long)(tenths / 10), units[i]);
	return (store);
}
