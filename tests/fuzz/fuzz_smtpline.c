/* SPDX-License-Identifier: ISC */
/*
 * The line splitter: equal to a reference on the whole stream, however the
 * stream is cut; and the line ends of a terminal.
 *
 * Options: two of the knife.
 */
#include "smtp/smtpline.h"

#include <string.h>

#include "fuzz.h"

/* What happened, in the order in which it did. */
struct events {
	size_t n;
	size_t used; /* of the stream, when the last was seen */
	struct {
		enum smtpline_status status;
		size_t at; /* of a line: where it is */
		size_t n;
	} list[FUZZ_TEXT_MAX + 1];
};

static struct events want;
static struct events got;

static void
add(struct events *e, enum smtpline_status status, size_t at, size_t n)
{
	fuzz_must(e->n < FUZZ_TEXT_MAX, "no more events than bytes");
	e->list[e->n].status = status;
	e->list[e->n].at = at;
	e->list[e->n++].n = n;
}

/* Behind the first CR LF at or after `from`; SIZE_MAX without one. */
static size_t
behind_crlf(struct bytes in, size_t from)
{
	for (; from + 1 < in.n; from++)
		if (in.p[from] == '\r' && in.p[from + 1] == '\n')
			return (from + 2);
	return (SIZE_MAX);
}

static void
split_plainly(struct bytes in)
{
	size_t at = 0;

	want.n = 0;
	while (at < in.n) {
		struct bytes head = bytes_cut(in, at, SMTPLINE_MAX);
		size_t next = behind_crlf(in, at);
		size_t lf;
		bool has_lf = bytes_find(head, '\n', &lf);

		if (has_lf && at + lf + 1 == next) {
			add(&want, SMTPLINE_LINE, at, lf - 1);
		} else if (has_lf) {
			add(&want, SMTPLINE_BARE_LF, 0, 0);
		} else if (head.n == SMTPLINE_MAX) {
			add(&want, SMTPLINE_TOO_LONG, 0, 0);
		} else {
			break;
		}
		if (next == SIZE_MAX)
			break;
		at = next;
	}
}

/* All that can be had of the bytes that are there. */
static void
take_all(struct smtpline *l, struct bytes in, size_t shown)
{
	enum smtpline_status status = SMTPLINE_LINE;
	bool idle = false;

	while (status != SMTPLINE_MORE) {
		struct bytes seen = bytes_cut(in, got.used, shown - got.used);
		struct bytes line = { NULL, 0 };
		size_t used = SIZE_MAX;

		status = smtpline_take(l, seen, &used, &line);
		fuzz_must(used <= seen.n, "used is of what is shown");
		fuzz_must(used > 0 || !idle || status == SMTPLINE_MORE,
		    "progress after a report");
		fuzz_must(used > 0 || status != SMTPLINE_MORE ||
			seen.n < SMTPLINE_MAX,
		    "progress when it is full");
		idle = used == 0;
		if (status == SMTPLINE_LINE) {
			fuzz_must(line.p >= seen.p &&
				line.p + line.n + 2 == seen.p + used,
			    "a line is a view, with its CR LF behind it");
			add(&got, status, (size_t)(line.p - in.p), line.n);
		} else if (status != SMTPLINE_MORE) {
			add(&got, status, 0, 0);
		}
		got.used += used;
	}
}

static void
run(struct bytes in, size_t window, struct fuzz_knife k)
{
	struct smtpline l;
	size_t shown = 0;

	smtpline_init(&l);
	got.n = 0;
	got.used = 0;
	while (shown < in.n) {
		size_t room = window - (shown - got.used);
		size_t n = fuzz_knife_cut(&k, in.n - shown);

		fuzz_must(room > 0, "there is always room for more");
		shown += n < room ? n : room;
		take_all(&l, in, shown);
	}
	fuzz_must(got.n == want.n &&
		memcmp(got.list, want.list, got.n * sizeof(got.list[0])) == 0,
	    "same events as the reference");
}

/* Line ends of a terminal. */
static void
check_terminal(struct bytes in)
{
	static char p[2 * FUZZ_TEXT_MAX];
	static char plain[2 * FUZZ_TEXT_MAX];
	size_t n = 0;
	size_t i;

	for (i = 0; i < in.n; i++) {
		if (in.p[i] == '\n' && (i == 0 || in.p[i - 1] != '\r'))
			plain[n++] = '\r';
		plain[n++] = in.p[i];
	}
	memcpy(p, in.p, in.n);
	fuzz_must(
	    smtpline_from_terminal(p, in.n) == n && memcmp(p, plain, n) == 0,
	    "each bare LF, and no other");
	if (n <= FUZZ_TEXT_MAX)
		fuzz_must(smtpline_from_terminal(p, n) == n &&
			memcmp(p, plain, n) == 0,
		    "done once, it is done");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	struct fuzz_knife k;
	size_t cut;

	fuzz_knife_init(&k, &in);
	memset(want.list, 0, sizeof(want.list[0]) * (in.n + 1));
	memset(got.list, 0, sizeof(got.list[0]) * (in.n + 1));
	split_plainly(in);
	run(in, FUZZ_TEXT_MAX + 1, k);
	run(in, SMTPLINE_MAX, k);
	for (cut = 0; in.n <= FUZZ_EVERY_CUT && cut < in.n; cut++) {
		fuzz_knife_two(&k, cut);
		run(in, SMTPLINE_MAX, k);
	}
	check_terminal(in);
	return (0);
}
