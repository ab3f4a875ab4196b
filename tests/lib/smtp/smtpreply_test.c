/* SPDX-License-Identifier: ISC */
#include "smtp/smtpreply.h"

#include <atf-c.h>
#include <regex.h>
#include <string.h>

#include "base/base.h"

/* RFC 5321 4.2 for one line, and RFC 2034's code where there may be one. */
#define LINE "^[2-5][0-9][0-9][ -][ -~]*\r\n$"

static const struct smtp_reply *const CATALOGUE[] = {
	&SMTPREPLY_SENDER_OK, &SMTPREPLY_RCPT_OK, &SMTPREPLY_OK,
	&SMTPREPLY_BYE, &SMTPREPLY_VRFY,
	&SMTPREPLY_GO_AHEAD, &SMTPREPLY_CHUNK_OK,
	&SMTPREPLY_IDLE, &SMTPREPLY_TOO_LATE,
	&SMTPREPLY_SHUTDOWN, &SMTPREPLY_ERRORS, &SMTPREPLY_JUNK,
	&SMTPREPLY_BROKEN, &SMTPREPLY_BAD_SETUP, &SMTPREPLY_LOCAL_FAULT,
	&SMTPREPLY_DISK_FAULT,
	&SMTPREPLY_NO_SPACE, &SMTPREPLY_TOO_MANY_RCPTS, &SMTPREPLY_UNKNOWN,
	&SMTPREPLY_LINE_TOO_LONG, &SMTPREPLY_BARE_LF, &SMTPREPLY_BAD_BYTE,
	&SMTPREPLY_BAD_ARGUMENT, &SMTPREPLY_BAD_SENDER, &SMTPREPLY_BAD_RCPT,
	&SMTPREPLY_SENDER_NO_DOMAIN, &SMTPREPLY_RCPT_NO_DOMAIN,
	&SMTPREPLY_PATH_TOO_LONG, &SMTPREPLY_BAD_PARAMETER,
	&SMTPREPLY_UNKNOWN_PARAMETER, &SMTPREPLY_ABSENT,
	&SMTPREPLY_BAD_SEQUENCE, &SMTPREPLY_NEEDS_UTF8,
	&SMTPREPLY_NEEDS_AUTH, &SMTPREPLY_NEEDS_TLS, &SMTPREPLY_TOO_BIG,
	&SMTPREPLY_BARE_EOL, &SMTPREPLY_TOO_MANY_HOPS
};

static bool
matches(const char *pattern, const char *text)
{
	regex_t regex;
	bool hit;

	ATF_REQUIRE(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) == 0);
	hit = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return (hit);
}

static void
check_pending(const struct smtpreply *r, const char *want)
{
	struct bytes got = smtpreply_pending(r);

	ATF_CHECK_MSG(bytes_same(got, bytes_of(want)),
	    "want \"%s\", got \"%.*s\"", want, (int)got.n, got.p);
}

ATF_TC_WITHOUT_HEAD(smtpreply_put__every_row_is_a_legal_reply);
ATF_TC_BODY(smtpreply_put__every_row_is_a_legal_reply, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(CATALOGUE); i++) {
		char store[SMTPREPLY_ROOM + 1];
		struct smtpreply r;
		size_t n;

		smtpreply_init(&r, store, SMTPREPLY_ROOM);
		smtpreply_put(&r, CATALOGUE[i]);
		n = smtpreply_pending(&r).n;
		store[n] = '\0';
		ATF_CHECK_MSG(matches(LINE, store), "row %zu: %s", i, store);
		ATF_CHECK_MSG(n <= SMTPREPLY_LINE_MAX, "row %zu: %s", i,
		    store);
	}
}

ATF_TC_WITHOUT_HEAD(smtpreply_put__enhanced_code_has_the_class_of_the_code);
ATF_TC_BODY(smtpreply_put__enhanced_code_has_the_class_of_the_code, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(CATALOGUE); i++) {
		const struct smtp_reply *row = CATALOGUE[i];

		/* RFC 2034: 2xx, 4xx and 5xx have one, 354 must not. */
		ATF_CHECK_EQ_MSG(row->code / 100 == 3, row->enhanced == NULL,
		    "row %zu", i);
		if (row->enhanced == NULL)
			continue;
		ATF_CHECK_MSG(
		    matches("^[245]\\.[0-9]{1,3}\\.[0-9]{1,3}$", row->enhanced),
		    "row %zu: %s", i, row->enhanced);
		ATF_CHECK_EQ_MSG('0' + (int)(row->code / 100),
		    row->enhanced[0], "row %zu: %u %s", i, row->code,
		    row->enhanced);
	}
}

ATF_TC_WITHOUT_HEAD(smtpreply_put__no_two_rows_read_the_same);
ATF_TC_BODY(smtpreply_put__no_two_rows_read_the_same, tc)
{
	size_t i;
	size_t k;

	for (i = 0; i < ARRAY_LEN(CATALOGUE); i++)
		for (k = 0; k < i; k++)
			ATF_CHECK_MSG(strcmp(CATALOGUE[i]->text,
			        CATALOGUE[k]->text) != 0,
			    "rows %zu and %zu: %s", k, i, CATALOGUE[i]->text);
}

ATF_TC_WITHOUT_HEAD(smtpreply_line__with_and_without_enhanced_code);
ATF_TC_BODY(smtpreply_line__with_and_without_enhanced_code, tc)
{
	char store[SMTPREPLY_ROOM];
	struct smtpreply r;

	smtpreply_init(&r, store, sizeof(store));
	smtpreply_line(&r, 250, "2.0.0", bytes_of("A1 accepted"));
	smtpreply_line(&r, 354, NULL, bytes_of("go"));
	check_pending(&r, "250 2.0.0 A1 accepted\r\n354 go\r\n");
}

ATF_TC_WITHOUT_HEAD(smtpreply_part__all_but_the_last_have_a_hyphen);
ATF_TC_BODY(smtpreply_part__all_but_the_last_have_a_hyphen, tc)
{
	char store[SMTPREPLY_ROOM];
	struct smtpreply r;

	smtpreply_init(&r, store, sizeof(store));
	smtpreply_part(&r, 250, true, bytes_of("gnat"));
	smtpreply_part(&r, 250, true, bytes_of("SIZE 0"));
	smtpreply_part(&r, 250, false, bytes_of("HELP"));
	check_pending(&r, "250-gnat\r\n250-SIZE 0\r\n250 HELP\r\n");
}

ATF_TC_WITHOUT_HEAD(smtpreply_has_room__asks_for_a_whole_reply);
ATF_TC_BODY(smtpreply_has_room__asks_for_a_whole_reply, tc)
{
	char store[SMTPREPLY_ROOM + 5];
	struct smtpreply r;

	smtpreply_init(&r, store, sizeof(store));
	ATF_CHECK(smtpreply_has_room(&r));
	smtpreply_part(&r, 250, false, bytes_of(""));
	ATF_CHECK_EQ(6, smtpreply_pending(&r).n);
	ATF_CHECK_MSG(!smtpreply_has_room(&r), "one byte is missing");
	smtpreply_sent(&r);
	ATF_CHECK_EQ(0, smtpreply_pending(&r).n);
	ATF_CHECK(smtpreply_has_room(&r));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, smtpreply_put__every_row_is_a_legal_reply);
	ATF_TP_ADD_TC(tp,
	    smtpreply_put__enhanced_code_has_the_class_of_the_code);
	ATF_TP_ADD_TC(tp, smtpreply_put__no_two_rows_read_the_same);
	ATF_TP_ADD_TC(tp, smtpreply_line__with_and_without_enhanced_code);
	ATF_TP_ADD_TC(tp, smtpreply_part__all_but_the_last_have_a_hyphen);
	ATF_TP_ADD_TC(tp, smtpreply_has_room__asks_for_a_whole_reply);
	return (atf_no_error());
}
