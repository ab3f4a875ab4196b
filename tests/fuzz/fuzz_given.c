/* SPDX-License-Identifier: ISC */
/*
 * The whole envelope beside the protocol's: what is taken is the very text that
 * was given, says of sender and recipients what the protocol says, and is one
 * that the worker can read; and it is taken however the protocol's is cut.
 *
 * Options: two of the knife.  Up to the first form feed it is the protocol's
 * envelope, in which 0x1e stands for NUL; behind that the whole one.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "envelope/plan.h"
#include "fuzz.h"
#include "submit/lines.h"

enum {
	LINES_MAX = 2 * FUZZ_TEXT_MAX
};

static char plain[FUZZ_TEXT_MAX];
static char taken[LINES_MAX];
static size_t ntaken;

static enum result
sink_lines(void *ctx, struct bytes text, struct fault *why)
{
	(void)ctx;
	(void)why;
	fuzz_must(ntaken + text.n <= sizeof(taken), "no more than was given");
	if (text.n > 0)
		memcpy(taken + ntaken, text.p, text.n);
	ntaken += text.n;
	return (RES_OK);
}

static const struct sink SINK = { .lines = sink_lines };

static int
take(struct bytes envelope, int fd, bool is_strangers, struct fuzz_knife k)
{
	static struct lines l;
	static struct given given;
	struct refusal no = { .code = QQEXIT_ACCEPTED };
	bool is_whole = false;
	size_t at = 0;
	int code = QQEXIT_ACCEPTED;

	given_init(&given, fd);
	l.sink = &SINK;
	l.no = &no;
	l.given = &given;
	l.is_strangers = is_strangers;
	lines_init(&l);
	ntaken = 0;
	while (at < envelope.n && code == QQEXIT_ACCEPTED && !is_whole) {
		struct bytes piece = bytes_cut(
		    envelope, at, fuzz_knife_cut(&k, envelope.n - at));

		code = lines_feed(&l, piece, &is_whole);
		at += piece.n;
	}
	if (code == QQEXIT_ACCEPTED && !is_whole)
		return (QQEXIT_READ);
	if (code == QQEXIT_ACCEPTED)
		code = lines_finish_given(&l);
	if (code == QQEXIT_ACCEPTED)
		code = lines_pass_on(&l);
	return (code);
}

static void
check_taken(struct bytes full)
{
	struct bytes text = { taken, ntaken };
	struct bytes sender;
	size_t nrcpt;

	/* CR LF becomes LF, and a blank that is missing is put. */
	fuzz_must(memchr(full.p, '\r', full.n) != NULL || ntaken >= full.n,
	    "nothing is lost");
	fuzz_must(plan_check(text, &sender, &nrcpt) == NULL && nrcpt > 0,
	    "the worker can read it");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct fuzz_knife whole = { .way = 0 };
	struct bytes in = fuzz_input(data, n);
	struct fuzz_knife k;
	struct bytes envelope;
	size_t i;
	int fd;
	int code;

	fuzz_knife_init(&k, &in);
	if (!bytes_take(&in, '\f', &envelope))
		return (0);
	for (i = 0; i < envelope.n; i++)
		plain[i] = envelope.p[i] == 0x1e ? '\0' : envelope.p[i];
	envelope.p = plain;
	fd = memfd_create("full", MFD_CLOEXEC);
	fuzz_must(fd >= 0 && write(fd, in.p, in.n) == (ssize_t)in.n, "a file");
	code = take(envelope, fd, false, whole);
	fuzz_must(take(envelope, fd, false, k) == code, "however it is cut");
	if (code == QQEXIT_ACCEPTED)
		check_taken(in);
	fuzz_must(
	    take(envelope, fd, true, whole) == code, "a stranger's is as good");
	(void)close(fd);
	return (0);
}
