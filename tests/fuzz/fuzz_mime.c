/* SPDX-License-Identifier: ISC */
/*
 * A message as the status page shows it: its fields, its parts, and the text
 * of each, decoded by GMime.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "mime.h"

static bool
count(void *ctx, struct bytes piece)
{
	size_t *n = ctx;
	size_t i;

	/* Every octet is there to be read. */
	for (i = 0; i < piece.n; i++)
		*n += piece.p[i] != '\0';
	return (true);
}

static bool
refuse(void *ctx, struct bytes piece)
{
	(void)ctx;
	return (piece.n == 0);
}

static void
look_at_part(const struct mime *m, size_t i)
{
	struct mime_part part = mime_part(m, i);
	size_t n = 0;

	fuzz_must(part.number == i + 1, "parts are counted from 1");
	(void)count(&n, part.type);
	(void)count(&n, part.subtype);
	(void)count(&n, part.name);
	(void)mime_decode(m, i, count, &n);
	(void)mime_decode_text(m, i, count, &n);
	(void)mime_decode_text(m, i, refuse, NULL);
}

static void
look_at(const struct mime *m)
{
	static const char *const names[] = { "Subject", "From", "To", "Date" };
	size_t n = 0;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)count(&n, mime_field(m, names[i]));
	fuzz_must(mime_count(m) <= MIME_PARTS_MAX, "parts are bounded");
	for (i = 0; i < mime_count(m); i++)
		look_at_part(m, i);
	fuzz_must(!mime_decode(m, mime_count(m), count, &n), "there is no more");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static bool is_ready;
	static struct mime_charsets charsets;
	struct bytes in = fuzz_input(data, n);
	struct mime *m;
	int fd = memfd_create("message", MFD_CLOEXEC);

	if (!is_ready)
		mime_prepare(&charsets);
	is_ready = true;
	if (fd < 0 || write(fd, in.p, in.n) != (ssize_t)in.n ||
	    lseek(fd, 0, SEEK_SET) != 0)
		abort();
	m = mime_open(fd);
	if (m != NULL) {
		look_at(m);
		mime_close(m);
	}
	return (0);
}
