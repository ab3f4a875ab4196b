/* SPDX-License-Identifier: ISC */
#include "submit/submit.h"

#include <atf-c.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/base.h"
#include "conf/keys.h"

static struct settings settings;
static struct submit s;
static char text[65536];
static size_t ntext;
static char lines[4096];
static size_t nlines;
static int begin_err;

static enum result
sink_begin(void *ctx, struct trace_facts *facts, struct fault *why)
{
	(void)ctx;
	facts->number = 7;
	return (
	    begin_err == 0 ? RES_OK : fault_set(why, "make", "it", begin_err));
}

static enum result
sink_text(void *ctx, struct bytes part, struct fault *why)
{
	(void)ctx;
	(void)why;
	ATF_REQUIRE(ntext + part.n <= sizeof(text));
	memcpy(text + ntext, part.p, part.n);
	ntext += part.n;
	return (RES_OK);
}

static enum result
sink_lines(void *ctx, struct bytes part, struct fault *why)
{
	(void)ctx;
	(void)why;
	ATF_REQUIRE(nlines + part.n < sizeof(lines));
	memcpy(lines + nlines, part.p, part.n);
	nlines += part.n;
	lines[nlines] = '\0';
	return (RES_OK);
}

static const struct sink SINK = { sink_begin, QQEXIT_SPOOL, sink_text,
	sink_lines };

static int
file_of(const char *p, size_t n)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	ATF_REQUIRE(fd >= 0 && write(fd, p, n) == (ssize_t)n);
	ATF_REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
	return (fd);
}

static int
take(const char *message, size_t n, const char *envelope, size_t nenvelope,
    const char *full)
{
	s.settings = &settings;
	s.sink = &SINK;
	s.host = "gnat.example";
	s.comment = "test, uid 7";
	s.message = file_of(message, n);
	s.envelope = file_of(envelope, nenvelope);
	s.full = full == NULL ? -1 : file_of(full, strlen(full));
	ntext = nlines = 0;
	return (submit_take(&s));
}

#define TAKE(message, envelope, full)                                          \
	take(message, sizeof(message) - 1, envelope, sizeof(envelope) - 1, full)

/* What is behind the trace header. */
static struct bytes
body(const char *eol)
{
	struct bytes rest = { text, ntext };
	struct bytes line;

	ATF_REQUIRE(bytes_take(&rest, '\n', &line));
	ATF_CHECK(bytes_starts_nocase(
	    line, bytes_of("Received: by gnat.example (test, uid 7)")));
	ATF_CHECK_EQ(strlen(eol) == 2, line.p[line.n - 1] == '\r');
	ATF_REQUIRE(bytes_take(&rest, '\n', &line));
	ATF_CHECK(bytes_starts_nocase(line, bytes_of("\tid A7; ")));
	return (rest);
}

ATF_TC_WITHOUT_HEAD(submit_take__gives_all_of_it_to_the_sink);
ATF_TC_BODY(submit_take__gives_all_of_it_to_the_sink, tc)
{
	keys_init(&settings);
	ATF_REQUIRE_EQ(
	    0, TAKE("Message-ID: <x@y>\n\na\rb\0c", "Fa@b\0Tc@d\0\0", NULL));
	ATF_CHECK(
	    bytes_same(body("\n"), bytes_of("Message-ID: <x@y>\n\na b c\n")));
	ATF_CHECK_STREQ("From: a@b\nTo: c@d\n", lines);
	ATF_CHECK(bytes_same(submit_sender(&s), bytes_of("a@b")));
	ATF_CHECK_EQ(1, s.lines.nrcpt);
	ATF_CHECK_EQ(28, s.text.size);
	ATF_CHECK(bytes_same(messageid_view(&s.id), bytes_of("<x@y>")));
}

/* E2 */
ATF_TC_WITHOUT_HEAD(submit_take__whole_envelope_is_the_one);
ATF_TC_BODY(submit_take__whole_envelope_is_the_one, tc)
{
	static const char full[] =
	    "From: a@b\nTo: c@d\nNotify: NEVER\nRequiretls: yes\n";

	keys_init(&settings);
	/* Its own words count; those of the environment do not. */
	s.notify = s.envid = bytes_of("DELAY");
	settings.spool.envelope = SETTINGS_FULL;
	ATF_REQUIRE_EQ(0, TAKE("a: b\n", "Fa@b\0Tc@d\0\0", full));
	ATF_CHECK_STREQ(full, lines);
	ATF_CHECK_EQ(91, TAKE("a: b\n", "Fa@b\0Tx@d\0\0", full));
	ATF_CHECK_EQ(54, TAKE("a: b\n", "Fa@b\0Tc@d\0", full));
	s.notify = s.envid = bytes_of("");
}

/* E3: what is binary is kept to the byte. */
ATF_TC_WITHOUT_HEAD(submit_take__binary_message_is_kept_as_it_is);
ATF_TC_BODY(submit_take__binary_message_is_kept_as_it_is, tc)
{
	static const char full[] = "From: a@b\nTo: c@d\nBody: BINARYMIME\n";
	static const char message[] = "a: b\r\n\r\n\0\r\n\r\r\n.\n\nx";
	static char large[40000];

	keys_init(&settings);
	settings.spool.eol = SETTINGS_CRLF;
	ATF_REQUIRE_EQ(0, TAKE(message, "Fa@b\0Tc@d\0\0", full));
	ATF_CHECK(bytes_same(
	    body("\r\n"), (struct bytes){ message, sizeof(message) - 1 }));
	ATF_CHECK_EQ(sizeof(message) - 1, s.text.size);
	ATF_CHECK_STREQ(full, lines);
	memcpy(large, "a: b\r\n\r\n", 8);
	ATF_REQUIRE_EQ(
	    0, take(large, sizeof(large), "Fa@b\0Tc@d\0\0", 11, full));
	ATF_CHECK(
	    bytes_same(body("\r\n"), (struct bytes){ large, sizeof(large) }));
	settings.session.maxsize = sizeof(large) - 1;
	ATF_CHECK_EQ(
	    31, take(large, sizeof(large), "Fa@b\0Tc@d\0\0", 11, full));
	/* Not for a spool of Unix texts. */
	settings.spool.eol = SETTINGS_LF;
	ATF_CHECK_EQ(91, TAKE(message, "Fa@b\0Tc@d\0\0", full));
	ATF_CHECK_EQ(0, ntext);
}

ATF_TC_WITHOUT_HEAD(submit_take__says_why_not);
ATF_TC_BODY(submit_take__says_why_not, tc)
{
	keys_init(&settings);
	begin_err = EACCES;
	ATF_CHECK_EQ(62, TAKE("a: b\n", "Fa@b\0Tc@d\0\0", NULL));
	ATF_CHECK(s.no.text == NULL && s.no.fault.err == EACCES);
	begin_err = EDQUOT;
	ATF_CHECK_EQ(53, TAKE("a: b\n", "Fa@b\0Tc@d\0\0", NULL));
	begin_err = 0;
	settings.session.maxsize = 5;
	ATF_CHECK_EQ(31, TAKE("a: b\n", "Fa@b\0Tc@d\0\0", NULL));
	ATF_CHECK_STREQ("message too big", s.no.text);
	settings.session.maxsize = 0;
	ATF_CHECK_EQ(54, TAKE("a: b\n", "Fa@b\0Tc@d\0", NULL));
	ATF_CHECK_EQ(91, TAKE("a: b\n", "Fa@b\0\0", NULL));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, submit_take__gives_all_of_it_to_the_sink);
	ATF_TP_ADD_TC(tp, submit_take__whole_envelope_is_the_one);
	ATF_TP_ADD_TC(tp, submit_take__binary_message_is_kept_as_it_is);
	ATF_TP_ADD_TC(tp, submit_take__says_why_not);
	return (atf_no_error());
}
