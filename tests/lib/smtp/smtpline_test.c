/* SPDX-License-Identifier: ISC */
#include "smtp/smtpline.h"

#include <atf-c.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "bytes/buf.h"

/*
 * The stream, shown in pieces that end at `cut`, as the session's program
 * does it: what was not used is shown again.  The answers come out as text:
 * a line as <line>, a bare LF as {LF}, one too long as {LONG}.
 */
static void
read_in_two(struct bytes in, size_t cut, struct buf *out)
{
	struct smtpline l;
	size_t shown = cut;
	size_t at = 0;

	smtpline_init(&l);
	for (;;) {
		struct bytes line = { NULL, 0 };
		size_t used = SIZE_MAX;
		enum smtpline_status status = smtpline_take(
		    &l, bytes_cut(in, at, shown - at), &used, &line);

		ATF_REQUIRE(used <= shown - at);
		at += used;
		switch (status) {
		case SMTPLINE_LINE:
			ATF_REQUIRE(!bytes_find(line, '\n', &used));
			(void)buf_puts(out, "<");
			(void)buf_put(out, line);
			(void)buf_puts(out, ">");
			break;
		case SMTPLINE_BARE_LF:
			(void)buf_puts(out, "{LF}");
			break;
		case SMTPLINE_TOO_LONG:
			(void)buf_puts(out, "{LONG}");
			break;
		case SMTPLINE_MORE:
			if (shown == in.n)
				return;
			shown = in.n;
			break;
		}
	}
}

ATF_TC_WITHOUT_HEAD(smtpline_take__same_answers_for_every_cut);
ATF_TC_BODY(smtpline_take__same_answers_for_every_cut, tc)
{
	static const struct {
		const char *in;
		const char *want;
	} rows[] = {
		{ "", "" },
		{ "QUIT", "" },
		{ "QUIT\r", "" },
		{ "QUIT\r\n", "<QUIT>" },
		{ "\r\n", "<>" },
		{ "EHLO a\r\nMAIL FROM:<>\r\n", "<EHLO a><MAIL FROM:<>>" },
		/* A bare CR is the parser's to refuse. */
		{ "a\rb\r\n", "<a\rb>" },
		{ "a\r\r\n", "<a\r>" },
		/* A bare LF, and nothing up to the CR LF is a command. */
		{ "QUIT\n", "{LF}" },
		{ "\n", "{LF}" },
		{ "a\nQUIT\r\nNOOP\r\n", "{LF}<NOOP>" },
		{ "a\nb\nc\r\nNOOP\r\n", "{LF}<NOOP>" },
		{ "a\n\r\nNOOP\r\n", "{LF}<NOOP>" },
		{ "a\n\nQUIT\r\rx\r\nNOOP\r\n", "{LF}<NOOP>" },
		{ "a\nb\r\nc\nd\r\nNOOP\r\n", "{LF}{LF}<NOOP>" },
		{ "a\n\r", "{LF}" },
	};
	size_t cut;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct bytes in = bytes_of(rows[i].in);

		for (cut = 0; cut <= in.n; cut++) {
			char store[200];
			struct buf out;

			buf_init(&out, store, sizeof(store));
			read_in_two(in, cut, &out);
			ATF_CHECK_MSG(bytes_same(buf_view(&out),
			        bytes_of(rows[i].want)),
			    "row %zu cut at %zu: %.*s", i, cut,
			    (int)buf_view(&out).n, store);
		}
	}
}

/* n octets of a line with its CR LF, then NOOP. */
static struct bytes
line_of(char *store, size_t n)
{
	static const char tail[] = "\r\nNOOP\r\n";

	memset(store, 'x', n);
	memcpy(store + n - 2, tail, strlen(tail));
	return ((struct bytes) { store, n - 2 + strlen(tail) });
}

ATF_TC_WITHOUT_HEAD(smtpline_take__limit_is_2048_octets_with_crlf);
ATF_TC_BODY(smtpline_take__limit_is_2048_octets_with_crlf, tc)
{
	static const struct {
		size_t octets;
		bool is_line;
	} rows[] = {
		{ SMTPLINE_MAX - 1, true },
		{ SMTPLINE_MAX, true },
		{ SMTPLINE_MAX + 1, false },
		{ SMTPLINE_MAX + 2, false },
		{ SMTPLINE_MAX * 3, false },
	};
	static char store[SMTPLINE_MAX * 4];
	static char answers[SMTPLINE_MAX * 2];
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct bytes in = line_of(store, rows[i].octets);
		size_t cut;

		for (cut = 0; cut <= in.n; cut++) {
			struct buf out;
			struct bytes got;

			buf_init(&out, answers, sizeof(answers));
			read_in_two(in, cut, &out);
			got = buf_view(&out);
			if (rows[i].is_line)
				ATF_CHECK_EQ_MSG(rows[i].octets + strlen("<NOOP>"),
				    got.n, "row %zu cut %zu", i, cut);
			else
				ATF_CHECK_MSG(bytes_same(got,
				        bytes_of("{LONG}<NOOP>")),
				    "row %zu cut %zu: %.*s", i, cut,
				    (int)got.n, got.p);
		}
	}
}

ATF_TC_WITHOUT_HEAD(smtpline_take__full_window_always_makes_progress);
ATF_TC_BODY(smtpline_take__full_window_always_makes_progress, tc)
{
	/* Bytes that are least like a line: none, or all of an ending. */
	static const char kinds[] = "x\r\n";
	size_t k;

	for (k = 0; k < strlen(kinds); k++) {
		static char window[SMTPLINE_MAX];
		struct smtpline l;
		struct bytes line;
		size_t used = 0;
		int calls;
		enum smtpline_status status = SMTPLINE_MORE;

		memset(window, kinds[k], sizeof(window));
		smtpline_init(&l);
		/* Reported by the first call, dropped by the second. */
		for (calls = 0; calls < 2 && used == 0; calls++)
			status = smtpline_take(&l, (struct bytes) { window,
			    sizeof(window) }, &used, &line);
		ATF_CHECK_MSG(used >= sizeof(window) - 1,
		    "kind %zu used %zu", k, used);
		ATF_CHECK_EQ(SMTPLINE_MORE, status);
	}
}

ATF_TC_WITHOUT_HEAD(smtpline_from_terminal__gives_each_bare_lf_a_cr);
ATF_TC_BODY(smtpline_from_terminal__gives_each_bare_lf_a_cr, tc)
{
	static const struct {
		const char *in;
		const char *want;
	} rows[] = {
		{ "", "" },
		{ "abc", "abc" },
		{ "\n", "\r\n" },
		{ "\r\n", "\r\n" },
		{ "\r", "\r" },
		{ "\n\n\n", "\r\n\r\n\r\n" },
		{ "QUIT\nx\r\n\ny", "QUIT\r\nx\r\n\r\ny" },
		{ "\r\r\n", "\r\r\n" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		char p[41];
		size_t n = strlen(rows[i].in);
		size_t got;

		memset(p, 'G', sizeof(p));
		memcpy(p, rows[i].in, n);
		got = smtpline_from_terminal(p, n);
		ATF_CHECK_EQ_MSG(strlen(rows[i].want), got, "row %zu", i);
		ATF_CHECK_MSG(memcmp(p, rows[i].want, got) == 0, "row %zu", i);
		ATF_CHECK_MSG(p[2 * n] == 'G', "row %zu: more than 2 * n", i);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, smtpline_take__same_answers_for_every_cut);
	ATF_TP_ADD_TC(tp, smtpline_take__limit_is_2048_octets_with_crlf);
	ATF_TP_ADD_TC(tp, smtpline_take__full_window_always_makes_progress);
	ATF_TP_ADD_TC(tp, smtpline_from_terminal__gives_each_bare_lf_a_cr);
	return (atf_no_error());
}
