/* SPDX-License-Identifier: ISC */
#include "mail/joint.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

#define FIELD   ""
#define EMPTY   "\n"
#define MAILBOX "X-Mailbox-Line: "

static const struct {
	const char *text;
	size_t n;
	const char *want; /* with LF line ends */
} ROWS[] = {
	/* What begins a field, or ends the header, stays where it is. */
	{ "Subject: x\n\nb\n", 14, FIELD },
	{ "a:", 2, FIELD },
	{ "a\t :\n", 5, FIELD },
	{ "!~\"(: x\n", 8, FIELD },
	{ "From: joe\n", 10, FIELD },
	{ "From : joe\n", 11, FIELD },
	{ ">From: joe\n", 11, FIELD },
	{ "\nbody\n", 6, FIELD },
	{ "", 0, FIELD },
	/* What would go on with our last field. */
	{ " (authenticated bits=0) with ESMTPSA\n", 37, EMPTY },
	{ "\t forged\n", 9, EMPTY },
	{ " \n", 2, EMPTY },
	{ " Subject: x\n", 12, EMPTY },
	/* What readers stumble over, each in its way. */
	{ ":\n", 2, EMPTY },
	{ ": x\n", 4, EMPTY },
	{ " : x\n", 5, EMPTY },
	{ "Hello\nSubject: x\n", 17, EMPTY },
	{ "Hello there: x\n", 15, EMPTY },
	{ "Hello", 5, EMPTY },
	{ "H\xc3\xa9: x\n", 7, EMPTY },
	{ "a\0b: x\n", 7, EMPTY },
	{ "\0: x\n", 5, EMPTY },
	{ "a\rb: x\n", 7, EMPTY },
	{ "\r x\n", 4, EMPTY },
	{ "\x7f: x\n", 5, EMPTY },
	/* Out of a mailbox. */
	{ "From joe Mon Nov 30 00:00:00 2026\nSubject: x\n", 45, MAILBOX },
	{ ">From joe\n", 10, MAILBOX },
	{ ">>From joe: x\n", 14, MAILBOX },
	{ "From\n", 5, EMPTY },
	{ "from joe\n", 9, EMPTY },
	{ " From joe\n", 10, EMPTY },
	{ "> From joe\n", 11, EMPTY },
};

ATF_TC_WITHOUT_HEAD(joint_between__nothing_goes_on_with_our_fields);
ATF_TC_BODY(joint_between__nothing_goes_on_with_our_fields, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct bytes text = { ROWS[i].text, ROWS[i].n };
		struct bytes between = joint_between(text, "\n");

		ATF_CHECK_MSG(bytes_same(between, bytes_of(ROWS[i].want)),
		    "row %zu: \"%.*s\"", i, (int)between.n, between.p);
	}
}

ATF_TC_WITHOUT_HEAD(joint_between__line_ends_are_ours);
ATF_TC_BODY(joint_between__line_ends_are_ours, tc)
{
	ATF_CHECK(bytes_same(
	    joint_between(bytes_of(" x\r\n"), "\r\n"), bytes_of("\r\n")));
	ATF_CHECK_EQ(0, joint_between(bytes_of("\r\nx\r\n"), "\r\n").n);
	/* In exact bytes that is no line end. */
	ATF_CHECK_EQ(2, joint_between(bytes_of("\nx\r\n"), "\r\n").n);
	ATF_CHECK_EQ(2, joint_between(bytes_of("\r"), "\r\n").n);
}

ATF_TC_WITHOUT_HEAD(joint_split__parts_are_all_there_is);
ATF_TC_BODY(joint_split__parts_are_all_there_is, tc)
{
	struct bytes part[3];

	ATF_CHECK_EQ(1, joint_split(bytes_of("A: b\nC: d\n"), 5, "\n", part));
	ATF_CHECK(bytes_same(part[0], bytes_of("A: b\nC: d\n")));
	ATF_CHECK_EQ(1, joint_split(bytes_of("A: b\n"), 5, "\n", part));
	ATF_CHECK(bytes_same(part[0], bytes_of("A: b\n")));
	ATF_CHECK_EQ(3, joint_split(bytes_of("A: b\n c\n"), 5, "\n", part));
	ATF_CHECK(bytes_same(part[0], bytes_of("A: b\n")));
	ATF_CHECK(bytes_same(part[1], bytes_of("\n")));
	ATF_CHECK(bytes_same(part[2], bytes_of(" c\n")));
	/* Where nothing of ours is on top, nothing is between. */
	ATF_CHECK_EQ(1, joint_split(bytes_of(" c\n"), 0, "\n", part));
	ATF_CHECK(bytes_same(part[0], bytes_of(" c\n")));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, joint_between__nothing_goes_on_with_our_fields);
	ATF_TP_ADD_TC(tp, joint_between__line_ends_are_ours);
	ATF_TP_ADD_TC(tp, joint_split__parts_are_all_there_is);
	return (atf_no_error());
}
