/* SPDX-License-Identifier: ISC */
/*
 * The unstuffer: equal to the reference on the whole text, however the text
 * is cut and however little room the output has; after DATA, and in chunks.
 *
 * Options: room of the output, two of the knife.
 */
#include <string.h>

#include "dotted.h"

enum {
	/* smtpdata.c's GROWTH: with less room than that it stops. */
	ROOM_MIN = 2,
	ROOMS = 64
};

static struct dotted want;
static struct dotted got;

/* What one feed wrote, as the session passes it on. */
static void
keep(struct buf *out)
{
	struct bytes text = buf_view(out);

	fuzz_must(!buf_overflowed(out), "output never overflows");
	fuzz_must(text.n <= sizeof(got.p) - got.n, "output is bounded");
	memcpy(got.p + got.n, text.p, text.n);
	got.n += text.n;
	buf_reset(out);
}

/* One piece of the text; false when that was the end. */
static bool
feed_piece(struct smtpdata *d, struct bytes piece, struct buf *out)
{
	bool stuck = false;

	while (piece.n > 0) {
		size_t used = SIZE_MAX;
		enum smtpdata_status status =
		    smtpdata_feed(d, piece, &used, out);

		fuzz_must(used <= piece.n, "used is of the piece");
		fuzz_must(used > 0 || !stuck || buf_view(out).n > 0,
		    "progress on every call");
		got.used += used;
		if (status == SMTPDATA_END) {
			got.ended = true;
			return (false);
		}
		fuzz_must(used == piece.n || buf_room(out) < ROOM_MIN,
		    "all is used, or the output is full");
		piece = bytes_cut(piece, used, piece.n);
		stuck = piece.n > 0;
		if (stuck)
			keep(out);
	}
	return (true);
}

static void
run(struct bytes in, enum smtpdata_eol eol, size_t room, struct fuzz_knife k)
{
	static char store[2 * FUZZ_TEXT_MAX];
	struct smtpdata d;
	struct buf out;
	size_t at = 0;

	got.used = 0;
	got.ended = false;
	got.n = 0;
	smtpdata_init(&d, eol);
	buf_init(&out, store, room);
	while (at < in.n) {
		size_t n = fuzz_knife_cut(&k, in.n - at);

		if (!feed_piece(&d, bytes_cut(in, at, n), &out))
			break;
		at += n;
	}
	keep(&out);
	got.size = d.size;
	got.irregular = d.irregular;
}

static void
compare(void)
{
	fuzz_must(got.ended == want.ended, "same end");
	fuzz_must(got.used == want.used, "same number of bytes used");
	fuzz_must(
	    got.n == want.n && memcmp(got.p, want.p, got.n) == 0, "same text");
	fuzz_must(got.size == want.size, "same size");
	fuzz_must(got.irregular == want.irregular, "same verdict");
}

/* The same for text in chunks, which ends where the caller says. */
static void
run_chunks(
    struct bytes in, enum smtpdata_eol eol, size_t room, struct fuzz_knife k)
{
	static char store[2 * FUZZ_TEXT_MAX];
	struct smtpdata d;
	struct buf out;
	size_t at = 0;

	got.used = 0;
	got.n = 0;
	smtpdata_init_chunks(&d, eol);
	buf_init(&out, store, room);
	while (at < in.n) {
		size_t n = fuzz_knife_cut(&k, in.n - at);

		fuzz_must(feed_piece(&d, bytes_cut(in, at, n), &out),
		    "no end in a chunk");
		at += n;
	}
	if (buf_room(&out) < SMTPDATA_FINISH)
		keep(&out);
	smtpdata_finish(&d, &out);
	keep(&out);
	got.ended = true;
	got.size = d.size;
	got.irregular = d.irregular;
	compare();
	fuzz_must(got.n == 0 || got.p[got.n - 1] == '\n', "whole lines");
	fuzz_must(memchr(got.p, '\0', got.n) == NULL, "no NUL");
	fuzz_must(eol == SMTPDATA_CRLF || memchr(got.p, '\r', got.n) == NULL,
	    "no CR");
}

/* What no stored text may hold, and that it survives being sent on. */
static void
check_stored(enum smtpdata_eol eol)
{
	static char sent[4 * FUZZ_TEXT_MAX];
	static struct dotted again;
	size_t n;

	fuzz_must(memchr(got.p, '\0', got.n) == NULL, "no NUL");
	if (eol == SMTPDATA_CRLF)
		return;
	fuzz_must(got.n <= got.used, "output is no longer than input");
	fuzz_must(memchr(got.p, '\r', got.n) == NULL, "no CR");
	if (!got.ended)
		return;
	fuzz_must(got.n == 0 || got.p[got.n - 1] == '\n', "whole lines");
	n = dotted_write(sent, sizeof(sent), (struct bytes){ got.p, got.n });
	if (n > FUZZ_TEXT_MAX)
		return;
	again = got;
	dotted_read(&want, (struct bytes){ sent, n }, SMTPDATA_LF);
	run((struct bytes){ sent, n }, SMTPDATA_LF, sizeof(sent) / 2,
	    (struct fuzz_knife){ .way = 0 });
	compare();
	fuzz_must(got.ended && got.used == n && !got.irregular &&
		got.n == again.n && memcmp(got.p, again.p, got.n) == 0,
	    "sent on, it is the same message, and one");
}

static void
run_all(
    struct bytes in, enum smtpdata_eol eol, size_t room, struct fuzz_knife k)
{
	size_t cut;

	dotted_read(&want, in, eol);
	run(in, eol, room, k);
	compare();
	for (cut = 0; in.n <= FUZZ_EVERY_CUT && cut < in.n; cut++) {
		fuzz_knife_two(&k, cut);
		run(in, eol, room, k);
		compare();
	}
	fuzz_knife_bytes(&k);
	run(in, eol, ROOM_MIN, k);
	compare();
	check_stored(eol);
	dotted_read_chunks(&want, in, eol);
	run_chunks(in, eol, room, k);
	for (cut = 0; in.n <= FUZZ_EVERY_CUT && cut < in.n; cut++) {
		fuzz_knife_two(&k, cut);
		run_chunks(in, eol, ROOM_MIN, k);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	unsigned int rooms = fuzz_option(&in, ROOMS);
	size_t room = rooms == 0 ? 2 * FUZZ_TEXT_MAX : ROOM_MIN + rooms - 1;
	struct fuzz_knife k;

	fuzz_knife_init(&k, &in);
	run_all(in, SMTPDATA_LF, room, k);
	run_all(in, SMTPDATA_CRLF, room, k);
	return (0);
}
