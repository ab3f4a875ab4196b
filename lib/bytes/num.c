/* SPDX-License-Identifier: ISC */
#include "bytes/num.h"

bool
num_parse(struct bytes text, uint64_t max, uint64_t *n)
{
	uint64_t value = 0;
	size_t i;

	if (text.n == 0)
		return (false);
	for (i = 0; i < text.n; i++) {
		uint64_t digit;

		if (text.p[i] < '0' || text.p[i] > '9')
			return (false);
		digit = (uint64_t)(text.p[i] - '0');
		if (digit > max || value > (max - digit) / 10)
			return (false);
		value = value * 10 + digit;
	}
	*n = value;
	return (true);
}

struct bytes
num_print(char digits[NUM_DIGITS_MAX], uint64_t n)
{
	size_t at = NUM_DIGITS_MAX;

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	return ((struct bytes){ digits + at, NUM_DIGITS_MAX - at });
}
