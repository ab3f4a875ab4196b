/* SPDX-License-Identifier: ISC */
#include "smtp/smtpdata.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

enum { ROOM = 256 };

/* What came of one text, by either implementation. */
struct outcome {
	bool ended;
	size_t used;
	uint64_t size;
	bool irregular;
	size_t n;
	char text[ROOM];
};

static void
add(struct outcome *o, const char *text)
{
	size_t n = strlen(text);

	ATF_REQUIRE(o->n + n <= sizeof(o->text));
	memcpy(o->text + o->n, text, n);
	o->n += n;
}

static bool
is_at(struct bytes in, size_t i, const char *what)
{
	return (bytes_same(bytes_cut(in, i, strlen(what)), bytes_of(what)));
}

/* RFC 5321 2.3.8: behind CR LF. */
static bool
starts_line(struct bytes in, size_t i)
{
	return (i == 0 || (i >= 2 && is_at(in, i - 2, "\r\n")));
}

/* CRs at i, and LF behind them: how many bytes, or none. */
static size_t
line_end_at(struct bytes in, size_t i)
{
	size_t crs = 0;

	while (is_at(in, i + crs, "\r"))
		crs++;
	return (crs > 0 && is_at(in, i + crs, "\n") ? crs + 1 : 0);
}

/*
 * The rules, with the whole text in view, as simply as they can be said:
 * the reference that the state machine is compared with.
 */
static struct outcome
by_the_book(struct bytes in, enum smtpdata_eol eol)
{
	struct outcome o = { .ended = false };
	const char *end = eol == SMTPDATA_LF ? "\n" : "\r\n";
	size_t i = 0;

	while (i < in.n) {
		char one[2] = { in.p[i], '\0' };

		if (starts_line(in, i) && is_at(in, i, ".\r\n")) {
			o.ended = true;
			o.used = i + 3;
			return (o);
		}
		if (starts_line(in, i) && in.p[i] == '.') {
			i++;
			/* What is behind the dot is not a line's start. */
			if (i == in.n || in.p[i] == '\r' || in.p[i] == '\n')
				continue;
			one[0] = in.p[i];
		}
		if (line_end_at(in, i) > 0) {
			size_t octets = line_end_at(in, i);

			add(&o, end);
			o.irregular = o.irregular || octets > 2;
			o.size += octets;
			i += octets;
			continue;
		}
		o.irregular = o.irregular || one[0] == '\r' ||
		    one[0] == '\n' || one[0] == '\0';
		if (one[0] == '\r' || one[0] == '\0')
			add(&o, " ");
		else
			add(&o, one[0] == '\n' ? end : one);
		o.size++;
		i++;
	}
	o.used = in.n;
	return (o);
}

/*
 * The machine: shown what is before the cut, then the rest, with `room` bytes
 * of output at a time.  Buffers that came out full are noted in *bounds.
 */
static struct outcome
by_machine(struct bytes in, enum smtpdata_eol eol, size_t cut, size_t room,
    uint64_t *bounds)
{
	struct outcome o = { .ended = false };
	struct smtpdata d;
	char store[ROOM];
	struct buf out;
	size_t shown = cut;

	*bounds = 0;
	buf_init(&out, store, room);
	smtpdata_init(&d, eol);
	while (!o.ended && o.used < in.n) {
		size_t used = SIZE_MAX;

		o.ended = smtpdata_feed(&d,
		    bytes_cut(in, o.used, shown - o.used), &used, &out) ==
		    SMTPDATA_END;
		ATF_REQUIRE(used <= shown - o.used);
		ATF_REQUIRE(!buf_overflowed(&out));
		o.used += used;
		if (!o.ended && o.used == shown && shown < in.n) {
			shown = in.n;
			continue;
		}
		memcpy(o.text + o.n, store, buf_view(&out).n);
		o.n += buf_view(&out).n;
		if (o.n < 64)
			*bounds |= UINT64_C(1) << o.n;
		buf_reset(&out);
	}
	o.size = d.size;
	o.irregular = d.irregular;
	return (o);
}

static bool
same(const struct outcome *a, const struct outcome *b)
{
	return (a->ended == b->ended && a->used == b->used &&
	    a->size == b->size && a->irregular == b->irregular &&
	    a->n == b->n && memcmp(a->text, b->text, a->n) == 0);
}

static void
print_bytes(char *to, struct bytes in)
{
	size_t i;

	for (i = 0; i < in.n; i++) {
		const char *name = in.p[i] == '\r' ? "CR "
		    : in.p[i] == '\n' ? "LF " : in.p[i] == '\0' ? "NUL "
		    : in.p[i] == '.' ? ". " : "x ";

		strcpy(to, name);
		to += strlen(name);
	}
}

static void
check_same(const struct outcome *want, const struct outcome *got,
    struct bytes in, size_t cut, size_t room)
{
	char printed[4 * ROOM] = "";

	if (same(want, got))
		return;
	print_bytes(printed, in);
	atf_tc_fail("%s cut at %zu, room %zu: want end %d after %zu, size %d, "
	    "irregular %d, %zu bytes; got %d %zu %d %d %zu", printed, cut,
	    room, want->ended, want->used, (int)want->size, want->irregular,
	    want->n, got->ended, got->used, (int)got->size, got->irregular,
	    got->n);
}

/* An end behind a text that no text can spoil. */
static const char END[] = "\r\n.\r\n";

/* All texts of n of the bytes that mean something, in turn. */
static struct bytes
text_number(size_t number, size_t n, char *store)
{
	static const char alphabet[] = { '\r', '\n', '.', '\0', 'x' };
	size_t i;

	for (i = 0; i < n; i++) {
		store[i] = alphabet[number % sizeof(alphabet)];
		number /= sizeof(alphabet);
	}
	memcpy(store + n, END, strlen(END));
	return ((struct bytes) { store, n + strlen(END) });
}

static size_t
texts_of(size_t n)
{
	size_t count = 1;

	while (n-- > 0)
		count *= 5;
	return (count);
}

ATF_TC(smtpdata_feed__equals_the_reference_for_every_cut);
ATF_TC_HEAD(smtpdata_feed__equals_the_reference_for_every_cut, tc)
{
	atf_tc_set_md_var(tc, "timeout", "300");
}
ATF_TC_BODY(smtpdata_feed__equals_the_reference_for_every_cut, tc)
{
	enum { LONGEST = 7 };
	char store[ROOM];
	size_t n;

	for (n = 0; n <= LONGEST; n++) {
		size_t number;

		for (number = 0; number < texts_of(n); number++) {
			struct bytes in = text_number(number, n, store);
			enum smtpdata_eol eol = number % 2 == 0
			    ? SMTPDATA_LF : SMTPDATA_CRLF;
			struct outcome want = by_the_book(in, eol);
			size_t cut;

			ATF_REQUIRE(want.ended);
			for (cut = 0; cut <= in.n; cut++) {
				uint64_t bounds;
				struct outcome got = by_machine(
				    in, eol, cut, ROOM, &bounds);

				check_same(&want, &got, in, cut, ROOM);
			}
		}
	}
}

ATF_TC(smtpdata_feed__equals_the_reference_for_every_small_output);
ATF_TC_HEAD(smtpdata_feed__equals_the_reference_for_every_small_output, tc)
{
	atf_tc_set_md_var(tc, "timeout", "300");
}
ATF_TC_BODY(smtpdata_feed__equals_the_reference_for_every_small_output, tc)
{
	enum { LONGEST = 6 };
	char store[ROOM];
	size_t n;

	for (n = 0; n <= LONGEST; n++) {
		size_t number;

		for (number = 0; number < texts_of(n); number++) {
			struct bytes in = text_number(number, n, store);
			enum smtpdata_eol eol = number % 2 == 0
			    ? SMTPDATA_CRLF : SMTPDATA_LF;
			struct outcome want = by_the_book(in, eol);
			size_t room;

			for (room = 2; room <= 9; room++) {
				uint64_t bounds;
				struct outcome got = by_machine(
				    in, eol, in.n, room, &bounds);

				check_same(&want, &got, in, in.n, room);
			}
		}
	}
}

ATF_TC_WITHOUT_HEAD(smtpdata_feed__full_buffers_do_not_depend_on_the_cut);
ATF_TC_BODY(smtpdata_feed__full_buffers_do_not_depend_on_the_cut, tc)
{
	/* Then the session's calls of its port don't, either. */
	static const char text[] = "Subject: one\r\n\r\n..dot\r\nbare\ncr\r"
	    "and a long line\r\r\r of plain text\r\n.\r\r\n\r\r\n.\r\n";
	struct bytes in = bytes_of(text);
	size_t room;

	for (room = 2; room <= 24; room++) {
		uint64_t want;
		struct outcome whole = by_machine(
		    in, SMTPDATA_LF, in.n, room, &want);
		size_t cut;

		ATF_REQUIRE(whole.ended);
		for (cut = 0; cut <= in.n; cut++) {
			uint64_t got;

			(void)by_machine(in, SMTPDATA_LF, cut, room, &got);
			ATF_CHECK_MSG(got == want,
			    "room %zu cut at %zu", room, cut);
		}
	}
}

ATF_TC_WITHOUT_HEAD(smtpdata_feed__output_without_room_is_left_alone);
ATF_TC_BODY(smtpdata_feed__output_without_room_is_left_alone, tc)
{
	size_t room;

	for (room = 0; room < 2; room++) {
		char store[8];
		struct smtpdata d;
		struct buf out;
		size_t used = 77;

		memset(store, 'G', sizeof(store));
		buf_init(&out, store, room);
		smtpdata_init(&d, SMTPDATA_CRLF);
		ATF_CHECK_EQ(SMTPDATA_MORE,
		    smtpdata_feed(&d, bytes_of("x\r\n"), &used, &out));
		ATF_CHECK_EQ(0, used);
		ATF_CHECK(!buf_overflowed(&out));
		ATF_CHECK(memcmp(store, "GGGGGGGG", 8) == 0);
	}
}

/* The ends that other servers took for one: message smuggling. */
static const struct {
	struct bytes in;
	const char *want;
	bool is_regular;
} FALSE_ENDS[] = {
	{ { "a\n.\n", 4 }, "a\n.\n", false },
	{ { "a\n.\r\n", 5 }, "a\n.\n", false },
	{ { "a\r\n.\n", 5 }, "a\n\n", false },
	{ { "a\r.\r", 4 }, "a . ", false },
	{ { "a\r.\r\n", 5 }, "a .\n", false },
	{ { "a\r\n.\r", 5 }, "a\n ", false },
	{ { "a\n.\r", 4 }, "a\n. ", false },
	{ { "a\r.\n", 4 }, "a .\n", false },
	{ { "a\n\r\n.\n", 6 }, "a\n\n\n", false },
	{ { "a\r\n\0.\r\n", 7 }, "a\n .\n", false },
	{ { "a\r\n.\0\r\n", 7 }, "a\n \n", false },
	{ { "a\r\0\n.\r\n", 7 }, "a  \n.\n", false },
	{ { "a\r\n.\r\0\n", 7 }, "a\n  \n", false },
	{ { "a\r\n.\r\r\n", 7 }, "a\n\n", false },
	{ { "a\r\n.\r\r\r\n", 8 }, "a\n\n", false },
	{ { "a\r\n.\r\rb", 7 }, "a\n  b", false },
	{ { "a\r\r\n.\n", 6 }, "a\n\n", false },
	{ { "a\r\r.\r\n", 6 }, "a  .\n", false },
	{ { "a\r\0\r\n.\r", 7 }, "a  \n ", false },
	{ { "a\r\n..\r\n", 7 }, "a\n.\n", true },
	{ { "a\r\n. \r\n", 7 }, "a\n \n", true },
	{ { "a\r\n .\r\n", 7 }, "a\n .\n", true },
	{ { "a\n..\r\n", 6 }, "a\n..\n", false },
	{ { ".\n", 2 }, "\n", false },
	{ { ".\r", 2 }, " ", false },
};

ATF_TC_WITHOUT_HEAD(smtpdata_feed__no_false_end_is_an_end);
ATF_TC_BODY(smtpdata_feed__no_false_end_is_an_end, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(FALSE_ENDS); i++) {
		struct bytes in = FALSE_ENDS[i].in;
		size_t cut;

		for (cut = 0; cut <= in.n; cut++) {
			/* A byte behind it, so that no CR is pending. */
			char store[ROOM];
			char want[ROOM];
			uint64_t bounds;
			struct outcome got;

			memcpy(store, in.p, in.n);
			store[in.n] = 'z';
			strcpy(want, FALSE_ENDS[i].want);
			strcat(want, "z");
			got = by_machine((struct bytes) { store, in.n + 1 },
			    SMTPDATA_LF, cut, ROOM, &bounds);
			ATF_CHECK_MSG(!got.ended, "row %zu cut %zu", i, cut);
			ATF_CHECK_MSG(bytes_same((struct bytes) { got.text,
			        got.n }, bytes_of(want)),
			    "row %zu cut %zu: \"%.*s\"", i, cut, (int)got.n,
			    got.text);
			ATF_CHECK_EQ_MSG(!FALSE_ENDS[i].is_regular,
			    got.irregular, "row %zu", i);
		}
	}
}

ATF_TC_WITHOUT_HEAD(smtpdata_feed__true_ends_leave_the_next_command);
ATF_TC_BODY(smtpdata_feed__true_ends_leave_the_next_command, tc)
{
	static const struct {
		const char *in;
		size_t used;
		const char *want;
		uint64_t size;
		bool is_irregular;
	} rows[] = {
		{ ".\r\nQUIT\r\n", 3, "", 0, false },
		{ "\r\n.\r\nQUIT\r\n", 5, "\n", 2, false },
		{ "a\r\n.\r\nQUIT\r\n", 6, "a\n", 3, false },
		{ "..\r\n.\r\nQUIT\r\n", 7, ".\n", 3, false },
		{ "...\r\n.\r\nQUIT\r\n", 8, "..\n", 4, false },
		{ ".a\r\n.\r\n.\r\n", 7, "a\n", 3, false },
		{ "\xff\x80\r\n.\r\n", 7, "\xff\x80\n", 4, false },
		/* Line ends that were ended once more: curl --crlf. */
		{ "a\r\r\n.\r\nQUIT\r\n", 7, "a\n", 4, true },
		{ "a\r\r\r\n\r\r\n.\r\nQUIT\r\n", 11, "a\n\n", 8, true },
		{ "a\r\n.\r\r\n.\r\nQUIT\r\n", 10, "a\n\n", 6, true },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t bounds;
		struct bytes in = bytes_of(rows[i].in);
		struct outcome got = by_machine(
		    in, SMTPDATA_LF, in.n, ROOM, &bounds);

		ATF_CHECK_MSG(got.ended, "row %zu", i);
		ATF_CHECK_EQ_MSG(rows[i].used, got.used, "row %zu", i);
		ATF_CHECK_EQ_MSG(rows[i].size, got.size, "row %zu", i);
		ATF_CHECK_EQ_MSG(
		    rows[i].is_irregular, got.irregular, "row %zu", i);
		ATF_CHECK_MSG(bytes_same((struct bytes) { got.text, got.n },
		    bytes_of(rows[i].want)), "row %zu", i);
	}
}

ATF_TC(smtpdata_feed__output_sent_on_cannot_end_early);
ATF_TC_HEAD(smtpdata_feed__output_sent_on_cannot_end_early, tc)
{
	atf_tc_set_md_var(tc, "timeout", "300");
}
ATF_TC_BODY(smtpdata_feed__output_sent_on_cannot_end_early, tc)
{
	char store[ROOM];
	size_t number;

	for (number = 0; number < texts_of(7); number++) {
		struct bytes in = text_number(number, 7, store);
		uint64_t bounds;
		struct outcome lf = by_machine(
		    in, SMTPDATA_LF, in.n, ROOM, &bounds);
		struct outcome crlf = by_machine(
		    in, SMTPDATA_CRLF, in.n, ROOM, &bounds);
		size_t i;

		for (i = 0; i < lf.n; i++)
			ATF_REQUIRE_MSG(lf.text[i] != '\r' &&
			    lf.text[i] != '\0', "text %zu", number);
		/* CR and LF only in pairs. */
		for (i = 0; i < crlf.n; i++) {
			bool is_pair = i + 1 < crlf.n &&
			    crlf.text[i] == '\r' && crlf.text[i + 1] == '\n';

			if (is_pair)
				i++;
			else
				ATF_REQUIRE_MSG(crlf.text[i] != '\r' &&
				    crlf.text[i] != '\n' &&
				    crlf.text[i] != '\0', "text %zu", number);
		}
	}
}

/*
 * The same rules for text in chunks: a dot is a dot, the end is where the
 * text is, and a line that was begun there is ended.
 */
static struct outcome
chunks_by_the_book(struct bytes in, enum smtpdata_eol eol)
{
	struct outcome o = { .used = in.n };
	const char *end = eol == SMTPDATA_LF ? "\n" : "\r\n";
	size_t open;
	size_t i;

	/* CRs at the end of the text are of the end that it gets. */
	for (open = in.n; open > 0 && in.p[open - 1] == '\r';)
		open--;
	o.irregular = open < in.n;
	for (i = 0; i < open;) {
		char one[2] = { in.p[i], '\0' };
		size_t octets = line_end_at(in, i);

		o.irregular = o.irregular || octets > 2 || (octets == 0 &&
		    (one[0] == '\r' || one[0] == '\n' || one[0] == '\0'));
		if (octets > 0 || one[0] == '\n')
			add(&o, end);
		else
			add(&o, one[0] == '\r' || one[0] == '\0' ? " " : one);
		o.size += octets > 0 ? octets : 1;
		i += octets > 0 ? octets : 1;
	}
	o.size += in.n - open;
	if (in.n > 0 && in.p[in.n - 1] != '\n')
		add(&o, end);
	return (o);
}

static struct outcome
chunks_by_machine(
    struct bytes in, enum smtpdata_eol eol, size_t cut, size_t room)
{
	struct outcome o = { .ended = false };
	struct smtpdata d;
	char store[ROOM];
	struct buf out;
	size_t shown = cut;

	buf_init(&out, store, room);
	smtpdata_init_chunks(&d, eol);
	do {
		size_t used = SIZE_MAX;

		ATF_REQUIRE_EQ(SMTPDATA_MORE, smtpdata_feed(&d,
		    bytes_cut(in, o.used, shown - o.used), &used, &out));
		o.used += used;
		if (o.used == shown && shown < in.n) {
			shown = in.n;
			continue;
		}
		if (o.used == in.n && buf_room(&out) >= SMTPDATA_FINISH)
			break;
		memcpy(o.text + o.n, store, buf_view(&out).n);
		o.n += buf_view(&out).n;
		buf_reset(&out);
	} while (true);
	smtpdata_finish(&d, &out);
	ATF_REQUIRE(!buf_overflowed(&out));
	memcpy(o.text + o.n, store, buf_view(&out).n);
	o.n += buf_view(&out).n;
	o.size = d.size;
	o.irregular = d.irregular;
	return (o);
}

ATF_TC(smtpdata_finish__chunks_equal_the_reference_for_every_cut);
ATF_TC_HEAD(smtpdata_finish__chunks_equal_the_reference_for_every_cut, tc)
{
	atf_tc_set_md_var(tc, "timeout", "300");
}
ATF_TC_BODY(smtpdata_finish__chunks_equal_the_reference_for_every_cut, tc)
{
	enum { LONGEST = 6 };
	char store[ROOM];
	size_t n;

	for (n = 0; n <= LONGEST; n++) {
		size_t number;

		for (number = 0; number < 2 * texts_of(n); number++) {
			struct bytes in = bytes_cut(
			    text_number(number / 2, n, store), 0, n);
			enum smtpdata_eol eol = number % 2 == 0
			    ? SMTPDATA_LF : SMTPDATA_CRLF;
			struct outcome want = chunks_by_the_book(in, eol);
			size_t cut;

			for (cut = 0; cut <= in.n; cut++) {
				size_t room = 2 + cut;
				struct outcome got = chunks_by_machine(
				    in, eol, cut, room);

				check_same(&want, &got, in, cut, room);
			}
		}
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(
	    tp, smtpdata_finish__chunks_equal_the_reference_for_every_cut);
	ATF_TP_ADD_TC(tp, smtpdata_feed__equals_the_reference_for_every_cut);
	ATF_TP_ADD_TC(tp,
	    smtpdata_feed__equals_the_reference_for_every_small_output);
	ATF_TP_ADD_TC(tp,
	    smtpdata_feed__full_buffers_do_not_depend_on_the_cut);
	ATF_TP_ADD_TC(tp, smtpdata_feed__output_without_room_is_left_alone);
	ATF_TP_ADD_TC(tp, smtpdata_feed__no_false_end_is_an_end);
	ATF_TP_ADD_TC(tp, smtpdata_feed__true_ends_leave_the_next_command);
	ATF_TP_ADD_TC(tp, smtpdata_feed__output_sent_on_cannot_end_early);
	return (atf_no_error());
}
