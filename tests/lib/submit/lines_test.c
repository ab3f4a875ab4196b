/* SPDX-License-Identifier: ISC */
#include "submit/lines.h"

#include <atf-c.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/base.h"

enum {
	ALL_MAX = 1 << 20
};

static char all[ALL_MAX];
static size_t nall;
static bool sink_fails;

static enum result
sink_lines(void *ctx, struct bytes text, struct fault *why)
{
	(void)ctx;
	if (sink_fails)
		return (fault_set(why, "write", "it", ENOSPC));
	ATF_REQUIRE(nall + text.n < sizeof(all));
	memcpy(all + nall, text.p, text.n);
	nall += text.n;
	all[nall] = '\0';
	return (RES_OK);
}

static const struct sink SINK = { .lines = sink_lines };

static struct given given;
static struct refusal no;

/* full: NULL: there is none. */
static void
start(struct lines *l, const char *full)
{
	int fd = memfd_create("full", MFD_CLOEXEC);

	memset(l, 0, sizeof(*l));
	l->sink = &SINK;
	l->no = &no;
	nall = 0;
	all[0] = '\0';
	sink_fails = false;
	if (full != NULL) {
		ATF_REQUIRE(fd >= 0 &&
		    write(fd, full, strlen(full)) == (ssize_t)strlen(full));
		given_init(&given, fd);
		l->given = &given;
	}
	lines_init(l);
}

/* | stands for NUL. */
static int
feed(struct lines *l, const char *envelope)
{
	bool is_whole = false;
	int code = 0;
	size_t i;

	for (i = 0; envelope[i] != '\0' && code == 0; i++) {
		char c = envelope[i] == '|' ? '\0' : envelope[i];

		code = lines_feed(l, (struct bytes){ &c, 1 }, &is_whole);
	}
	ATF_REQUIRE(code != 0 || is_whole);
	if (code == 0 && l->given != NULL)
		code = lines_finish_given(l);
	return (code == 0 ? lines_pass_on(l) : code);
}

ATF_TC_WITHOUT_HEAD(lines_feed__makes_an_envelope);
ATF_TC_BODY(lines_feed__makes_an_envelope, tc)
{
	static struct lines l;
	size_t i;
	char want[32];

	start(&l, NULL);
	l.notify = bytes_of("NEVER");
	ATF_CHECK_EQ(0, feed(&l, "Fa@b|Tc@d|Te@f||"));
	ATF_CHECK_STREQ(
	    "From: a@b\nTo: c@d\nNotify: NEVER\nTo: e@f\nNotify: NEVER\n", all);
	ATF_CHECK_EQ(2, l.nrcpt);
	/* Many: all of them, in their order. */
	start(&l, NULL);
	ATF_REQUIRE_EQ(0, lines_add(&l, "From", bytes_of("a")));
	for (i = 0; i < 1000; i++) {
		(void)snprintf(want, sizeof(want), "%zu@b", i);
		ATF_REQUIRE_EQ(0, lines_add(&l, "To", bytes_of(want)));
	}
	ATF_REQUIRE_EQ(0, lines_pass_on(&l));
	ATF_CHECK(strncmp(all, "From: a\nTo: 0@b\nTo: 1@b\n", 24) == 0);
	ATF_CHECK(strstr(all, "\nTo: 998@b\nTo: 999@b\n") != NULL);
	ATF_CHECK_EQ(9 - 1 + 1000 * 7 + 10 + 2 * 90 + 3 * 900, nall);
	sink_fails = true;
	ATF_CHECK_EQ(0, lines_add(&l, "To", bytes_of("c")));
	ATF_CHECK_EQ(53, lines_pass_on(&l));
}

/* E2 */
ATF_TC_WITHOUT_HEAD(lines_feed__takes_the_whole_envelope_as_it_is);
ATF_TC_BODY(lines_feed__takes_the_whole_envelope_as_it_is, tc)
{
	static const char full[] =
	    "From: a@b\nTo: c@d\nNotify: NEVER\nOrcpt: rfc822;x@d\nTo: e@f\n"
	    "To: e@f\nNotify: DELAY\nBody: 8BITMIME\nEnvid: z\n"
	    "Client: 192.0.2.7\nSize: 6\n";
	static struct lines l;

	start(&l, full);
	ATF_CHECK_EQ(0, feed(&l, "Fa@b|Tc@d|Te@f|Te@f||"));
	ATF_CHECK_STREQ(full, all);
	/* A stranger knows nothing of a session. */
	start(&l, full);
	l.is_strangers = true;
	ATF_CHECK_EQ(0, feed(&l, "Fa@b|Tc@d|Te@f|Te@f||"));
	ATF_CHECK(strstr(all, "Envid: z\n") != NULL);
	ATF_CHECK(strstr(all, "Client") == NULL);
	ATF_CHECK(strstr(all, "Size") == NULL);
}

/* E2: the same sender and recipients, in their order, and nothing else. */
ATF_TC_WITHOUT_HEAD(lines_feed__whole_envelope_of_another_is_91);
ATF_TC_BODY(lines_feed__whole_envelope_of_another_is_91, tc)
{
	static const char *const rows[] = {
		"",
		"To: c@d\nTo: e@f\n",
		"From: a@b\n",
		"From: a@b\nTo: c@d\n",
		"From: a@b\nTo: e@f\nTo: c@d\n",
		"From: a@B\nTo: c@d\nTo: e@f\n",
		"From: a@b\nTo: c@d\nTo: e@F\n",
		"From: a@b\nTo: c@d\nTo: e@f\nTo: g@h\n",
		"From: a@b\nTo: c@d\nTo: e@f\nFrom: a@b\n",
		"From: a@b\nFrom: a@b\nTo: c@d\nTo: e@f\n",
		"From: a@b\nNotify: NEVER\nTo: c@d\nTo: e@f\n",
		"From: a@b\nTo: c@d\nBody: 8BITMIME\nTo: e@f\n",
		"From: a@b\nTo: c@d\nTo: e@f\nQueue-Id: 1.2.x\n",
		"From: a@b\nTo: c@d\nTo: e@f\nDone: 1\n",
		"From: a@b\nTo: c@d\nTo: e@f\nBody: 8BITMIME",
	};
	static struct lines l;
	static char longest[2 * GIVEN_LINE_MAX];
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		start(&l, rows[i]);
		ATF_CHECK_EQ_MSG(
		    91, feed(&l, "Fa@b|Tc@d|Te@f||"), "row %zu", i);
		ATF_CHECK_EQ(91, no.code);
	}
	start(&l, "From: a@b\nTo: c@d\nTo: e@f\n");
	ATF_CHECK_EQ(0, feed(&l, "Fa@b|Tc@d|Te@f||"));
	/* The longest line, without the blank that is put into it. */
	(void)snprintf(longest, sizeof(longest),
	    "From: a@b\nTo: c@d\nTo: e@f\nX:%0*d\n", GIVEN_LINE_MAX - 3, 0);
	start(&l, longest);
	ATF_CHECK_EQ(0, feed(&l, "Fa@b|Tc@d|Te@f||"));
	ATF_CHECK_EQ(strlen(longest) + 1, nall);
	start(&l, "");
	given_init(&given, -1);
	ATF_CHECK_EQ(54, feed(&l, "Fa@b|Tc@d|Te@f||"));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, lines_feed__makes_an_envelope);
	ATF_TP_ADD_TC(tp, lines_feed__takes_the_whole_envelope_as_it_is);
	ATF_TP_ADD_TC(tp, lines_feed__whole_envelope_of_another_is_91);
	return (atf_no_error());
}
