/* SPDX-License-Identifier: ISC */
#include "intake.h"

#include <atf-c.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "envelope/plan.h"

static struct pulled pulled;
static struct spool spool;
static struct intake intake;

static void
begin(const struct intake_facts *facts)
{
	struct fault why;
	bool is_known = true;

	if (spool.dirfd == 0) {
		ATF_REQUIRE_EQ(0, mkdir("spool", 0700));
		ATF_REQUIRE_EQ(
		    RES_OK, spool_open(&spool, "spool", false, &why));
		ATF_REQUIRE_EQ(
		    RES_OK, pulled_open(&pulled, &spool, false, &why));
		intake_init(&intake, &spool, &pulled);
	}
	ATF_REQUIRE_EQ(
	    RES_OK, intake_begin(&intake, facts, &is_known, &why));
	ATF_REQUIRE(!is_known);
}

static void
add(struct bytes piece)
{
	struct fault why;

	ATF_REQUIRE_EQ(RES_OK, intake_piece(&intake, piece, &why));
}

static off_t
size_of(const char *name)
{
	struct stat st;

	ATF_REQUIRE_MSG(stat(name, &st) == 0, "%s", name);
	return (st.st_size);
}

static const struct intake_facts GOOD = { .id = { "1.a", 3 },
	.type = { PUBLISHED_TYPE, sizeof(PUBLISHED_TYPE) - 1 } };

/* C2: given up, nothing of it is left, and others may take it. */
ATF_TC_WITHOUT_HEAD(intake_drop__leaves_nothing);
ATF_TC_BODY(intake_drop__leaves_nothing, tc)
{
	static struct pulled other;
	struct fault why;

	begin(&GOOD);
	ATF_REQUIRE_EQ(RES_OK, pulled_open(&other, &spool, false, &why));
	add(bytes_of("From: \nTo: a@b\n\nHi"));
	ATF_CHECK_EQ(
	    RES_TEMP, pulled_lock(&other, bytes_of("1.a"), 0, &why));
	intake_drop(&intake);
	intake_drop(&intake);
	ATF_CHECK_EQ(-1, access("spool/1.CMD", F_OK));
	ATF_CHECK_EQ(-1, access("spool/1.TMP", F_OK));
	ATF_CHECK_EQ(RES_OK, pulled_lock(&other, bytes_of("1.a"), 0, &why));
	pulled_unlock(&other, bytes_of("1.a"));
	begin(&GOOD);
	intake_drop(&intake);
}

/* C6: of an envelope that is too long for its readers nothing is lost. */
ATF_TC_WITHOUT_HEAD(intake_piece__what_is_too_long_becomes_text);
ATF_TC_BODY(intake_piece__what_is_too_long_becomes_text, tc)
{
	static const char tail[] =
	    "smtpserv-pull cannot read this message, as its envelope is too "
	    "long\nQueue-Id: 1.a\n";
	size_t n = PLAN_TEXT_MAX / 2 + 50;
	char *text = malloc(n);
	struct fault why;

	ATF_REQUIRE(text != NULL);
	memset(text, 'x', n);
	begin(&GOOD);
	add((struct bytes){ text, n });
	add((struct bytes){ text, n });
	add(bytes_of("\n\nHi\n"));
	ATF_REQUIRE_EQ(RES_OK, intake_end(&intake, &why));
	ATF_CHECK_STREQ("its envelope is too long", intake_wrong(&intake));
	/* The line end that was its own, too. */
	ATF_CHECK_EQ(PLAN_TEXT_MAX + 1 + (off_t)strlen(tail),
	    size_of("spool/1.WRK"));
	ATF_CHECK_EQ(100 + 1 + 3, size_of("spool/1.TXT"));
	free(text);
}

/* M2: the number of a header is believed only if it is right. */
ATF_TC_WITHOUT_HEAD(intake_end__the_envelopes_length_is_checked);
ATF_TC_BODY(intake_end__the_envelopes_length_is_checked, tc)
{
	struct intake_facts facts = GOOD;
	struct fault why;

	facts.has_envelope_bytes = true;
	facts.envelope_bytes = 15;
	begin(&facts);
	add(bytes_of("From: \nTo: a@b\n\nHi\n"));
	ATF_REQUIRE_EQ(RES_OK, intake_end(&intake, &why));
	ATF_CHECK(intake_wrong(&intake) == NULL);
	ATF_CHECK_EQ(1, intake.number);
	facts.id = bytes_of("1.b");
	facts.envelope_bytes = 16;
	begin(&facts);
	add(bytes_of("From: \nTo: a@b\n\nHi\n"));
	ATF_REQUIRE_EQ(RES_OK, intake_end(&intake, &why));
	ATF_CHECK(intake_wrong(&intake) != NULL);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, intake_drop__leaves_nothing);
	ATF_TP_ADD_TC(tp, intake_piece__what_is_too_long_becomes_text);
	ATF_TP_ADD_TC(tp, intake_end__the_envelopes_length_is_checked);
	return (atf_no_error());
}
