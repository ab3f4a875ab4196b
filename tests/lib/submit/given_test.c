/* SPDX-License-Identifier: ISC */
#include "submit/given.h"

#include <atf-c.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sys/sysclock.h"

static int
file_of(const char *text)
{
	int fd = memfd_create("given", MFD_CLOEXEC);

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ((ssize_t)strlen(text), write(fd, text, strlen(text)));
	return (fd);
}

/* A letter for each line, and one for how it ends. */
static const char *
kinds(struct given *g)
{
	static char got[64];
	struct bytes name;
	struct bytes value;
	enum given_status is;
	size_t n = 0;

	do {
		is = given_next(g, &name, &value);
		got[n++] = "FTopx.BE"[is];
	} while (is < GIVEN_END && n < sizeof(got) - 1);
	got[n] = '\0';
	return (got);
}

/* E1, E2 */
ATF_TC_WITHOUT_HEAD(given_next__knows_what_a_session_writes);
ATF_TC_BODY(given_next__knows_what_a_session_writes, tc)
{
	static const struct {
		const char *text;
		const char *want;
	} rows[] = {
		{ "", "." },
		{ "From: \nTo: b@c\n", "FT." },
		{ "From: a\r\nTo: b\r\n", "FT." },
		{ "Notify: NEVER\nOrcpt: rfc822;a+2Bb@c\n", "oo." },
		{ "Notify: SOMETIMES\n", "B" },
		{ "Orcpt: a@b\n", "B" },
		{ "Orcpt: ;a@b\n", "B" },
		{ "Body: 8BITMIME\nSmtputf8: yes\nEnvid: a\nRet: HDRS\n"
		  "Requiretls: yes\n",
		    "ppppp." },
		{ "Body: 7BIT\n", "B" },
		{ "body: 8BITMIME\n", "B" },
		{ "Smtputf8: no\n", "B" },
		{ "Envid: \n", "B" },
		{ "Envid: a b\n", "B" },
		{ "Ret: NONE\n", "B" },
		{ "Requiretls: \n", "B" },
		{ "Client: 192.0.2.7\nSize: 6\nSpam: 3.2\n", "xxx." },
		{ "Helo: b\xc3\xbc"
		  "b\n",
		    "x." },
		{ "A-name-of-63-octets-1234567890-1234567890-1234567890-1234567890:"
		  "\n",
		    "x." },
		{ "A-name-of-64-octets-1234567890-1234567890-1234567890-12345678901:"
		  "\n",
		    "B" },
		{ "Helo: \xff\n", "B" },
		{ "Helo: a\tb\n", "B" },
		/* The worker's own, and what tells a message from a queue. */
		{ "Failed: a\n", "B" },
		{ "Done: a\n", "B" },
		{ "journal: \n", "B" },
		{ "Queue-Id: 1.2.gnat\n", "B" },
		{ "queue-id: 1.2.gnat\n", "B" },
		/* Not whole. */
		{ "From: a\nTo: b", "FB" },
		{ "From: a\n\nTo: b\n", "FB" },
		{ "nothing\n", "B" },
		{ ": a\n", "B" },
	};
	struct given g;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		given_init(&g, file_of(rows[i].text));
		ATF_REQUIRE(given_open(&g, 0, NULL) == SYSIO_OK);
		ATF_CHECK_STREQ_MSG(rows[i].want, kinds(&g), "row %zu", i);
	}
	given_init(&g, -1);
	ATF_CHECK_STREQ("E", kinds(&g));
}

/* Lines across the ends of what is read at once, up to the longest. */
ATF_TC_WITHOUT_HEAD(given_next__takes_lines_of_bounded_length);
ATF_TC_BODY(given_next__takes_lines_of_bounded_length, tc)
{
	static char text[4 * GIVEN_LINE_MAX];
	struct bytes name;
	struct bytes value;
	struct given g;
	size_t n;

	for (n = GIVEN_LINE_MAX - 10; n <= GIVEN_LINE_MAX + 1; n++) {
		(void)snprintf(text, sizeof(text), "From: a\nX: %0*d\nY: b\n",
		    (int)n - 4, 0);
		given_init(&g, file_of(text));
		ATF_CHECK_STREQ_MSG(
		    n <= GIVEN_LINE_MAX ? "Fxx." : "FB", kinds(&g), "%zu", n);
	}
	/* It is its beginning that is read, and it may grow. */
	given_init(&g, file_of("From: a\n"));
	ATF_CHECK_STREQ("F.", kinds(&g));
	ATF_REQUIRE(write(g.fd, "To: b\n", 6) == 6);
	ATF_REQUIRE(given_next(&g, &name, &value) == GIVEN_RCPT);
	ATF_CHECK(bytes_same(value, bytes_of("b")));
}

ATF_TC_WITHOUT_HEAD(given_open__reads_a_pipe_to_its_end);
ATF_TC_BODY(given_open__reads_a_pipe_to_its_end, tc)
{
	int64_t soon = sysclock_after(sysclock_ms(), 60);
	struct given g;
	int ends[2];

	ATF_REQUIRE(pipe(ends) == 0);
	ATF_REQUIRE(
	    write(ends[1], "From: a\nTo: b\nBody: BINARYMIME\n", 31) == 31);
	given_init(&g, ends[0]);
	/* What is in it cannot be known yet. */
	ATF_CHECK(!given_is_binary(&g));
	ATF_CHECK(given_open(&g, sysclock_ms(), NULL) == SYSIO_TIMEOUT);
	ATF_REQUIRE(pipe(ends) == 0);
	ATF_REQUIRE(write(ends[1], "From: a\nTo: b\n", 14) == 14);
	ATF_REQUIRE(close(ends[1]) == 0);
	given_init(&g, ends[0]);
	ATF_REQUIRE(given_open(&g, soon, NULL) == SYSIO_OK);
	ATF_CHECK_STREQ("FT.", kinds(&g));
	given_init(&g, open("/dev/full", O_WRONLY | O_CLOEXEC));
	ATF_CHECK(given_open(&g, soon, NULL) == SYSIO_FAILED);
}

ATF_TC_WITHOUT_HEAD(given_is_binary__looks_ahead);
ATF_TC_BODY(given_is_binary__looks_ahead, tc)
{
	struct given g;

	given_init(&g, file_of("From: a\nTo: b\nBody: BINARYMIME\n"));
	ATF_CHECK(given_is_binary(&g));
	ATF_CHECK_STREQ("FTp.", kinds(&g));
	given_init(&g, file_of("From: BINARYMIME\nTo: b\nBody: 8BITMIME\n"));
	ATF_CHECK(!given_is_binary(&g));
	given_init(&g, -1);
	ATF_CHECK(!given_is_binary(&g));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, given_next__knows_what_a_session_writes);
	ATF_TP_ADD_TC(tp, given_next__takes_lines_of_bounded_length);
	ATF_TP_ADD_TC(tp, given_open__reads_a_pipe_to_its_end);
	ATF_TP_ADD_TC(tp, given_is_binary__looks_ahead);
	return (atf_no_error());
}
