/* SPDX-License-Identifier: ISC */
#include "envelope/envelope.h"

#include <atf-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

static void
check_text(const struct envelope *e, const char *want)
{
	struct bytes got = envelope_text(e);

	ATF_CHECK_MSG(bytes_same(got, bytes_of(want)),
	    "want \"%s\", got \"%.*s\"", want, (int)got.n, got.p);
}

ATF_TC_WITHOUT_HEAD(envelope_text__is_the_format_of_rqueue_byte_for_byte);
ATF_TC_BODY(envelope_text__is_the_format_of_rqueue_byte_for_byte, tc)
{
	char store[200];
	struct envelope e;

	envelope_init(&e, store, sizeof(store));
	ATF_CHECK(envelope_set_sender(&e, bytes_of("erick@maggot")));
	ATF_CHECK(envelope_add_rcpt(&e, bytes_of("bruce@gnat")));
	ATF_CHECK(envelope_add_rcpt(&e, bytes_of("ann@gnat")));
	check_text(&e,
	    "From: erick@maggot\nTo: bruce@gnat\nTo: ann@gnat\n");
	ATF_CHECK_EQ(2, e.nrcpt);
	ATF_CHECK(envelope_add_fact(&e, "Body", bytes_of("8BITMIME")));
	check_text(&e, "From: erick@maggot\nTo: bruce@gnat\nTo: ann@gnat\n"
	    "Body: 8BITMIME\n");
	ATF_CHECK_EQ(2, e.nrcpt);
}

ATF_TC_WITHOUT_HEAD(envelope_add_rcpt_once__the_same_lines_are_there_once);
ATF_TC_BODY(envelope_add_rcpt_once__the_same_lines_are_there_once, tc)
{
	static const char *const rows[][3] = { { "ann@gnat", "", "" },
		{ "joann@gnat", "", "" }, { "ann@gnat", "", "" },
		{ "ann@gnat", "NEVER", "" }, { "ann@gnat", "", "" },
		{ "nn@gnat", "", "" }, { "ann@gnat", "NEVER", "" },
		{ "bob@gnat", "NEVER", "" }, { "bob@gnat", "", "" } };
	char store[200];
	struct envelope e;
	size_t i;

	envelope_init(&e, store, sizeof(store));
	ATF_CHECK(envelope_set_sender(&e, bytes_of("To: ann@gnat")));
	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK(envelope_add_rcpt_once(&e, bytes_of(rows[i][0]),
		    bytes_of(rows[i][1]), bytes_of(rows[i][2])));
	check_text(&e,
	    "From: To: ann@gnat\nTo: ann@gnat\nTo: joann@gnat\n"
	    "To: ann@gnat\nNotify: NEVER\nTo: nn@gnat\n"
	    "To: bob@gnat\nNotify: NEVER\nTo: bob@gnat\n");
	/* Each was asked for, and an LMTP client waits for as many answers. */
	ATF_CHECK_EQ(ARRAY_LEN(rows), e.nrcpt);
}

/* A recipient whose other facts are beyond what is looked through. */
ATF_TC_WITHOUT_HEAD(envelope_add_rcpt_once__a_long_envelope_loses_nobody);
ATF_TC_BODY(envelope_add_rcpt_once__a_long_envelope_loses_nobody, tc)
{
	size_t cap = 2 * (size_t)ENVELOPE_ONCE_MAX;
	char *store = malloc(cap);
	struct bytes none = bytes_of("");
	char name[64];
	struct envelope e;
	size_t n;

	ATF_REQUIRE(store != NULL);
	envelope_init(&e, store, cap);
	ATF_CHECK(envelope_set_sender(&e, none));
	/* "To: ann@gnat" and its line end come last of what is seen. */
	while ((n = ENVELOPE_ONCE_MAX - 13 - envelope_text(&e).n) > 0) {
		(void)snprintf(name, sizeof(name), "%0*zu",
		    n < 60 ? (int)n - 5 : 20, e.nrcpt);
		ATF_REQUIRE(envelope_add_rcpt(&e, bytes_of(name)));
	}
	ATF_REQUIRE(envelope_add_rcpt_once(
	    &e, bytes_of("ann@gnat"), bytes_of("NEVER"), none));
	n = envelope_text(&e).n;
	ATF_REQUIRE(
	    envelope_add_rcpt_once(&e, bytes_of("ann@gnat"), none, none));
	ATF_CHECK_EQ(n + 13, envelope_text(&e).n);
	free(store);
}

ATF_TC_WITHOUT_HEAD(envelope_text__null_sender_leaves_one_blank);
ATF_TC_BODY(envelope_text__null_sender_leaves_one_blank, tc)
{
	char store[200];
	struct envelope e;

	envelope_init(&e, store, sizeof(store));
	ATF_CHECK(envelope_set_sender(&e, (struct bytes) { NULL, 0 }));
	ATF_CHECK(envelope_add_rcpt(&e, bytes_of("bruce@gnat")));
	check_text(&e, "From: \nTo: bruce@gnat\n");
	ATF_CHECK_EQ(0, envelope_sender(&e).n);
}

ATF_TC_WITHOUT_HEAD(envelope_set_sender__begins_anew);
ATF_TC_BODY(envelope_set_sender__begins_anew, tc)
{
	char store[200];
	struct envelope e;

	envelope_init(&e, store, sizeof(store));
	ATF_CHECK(envelope_set_sender(&e, bytes_of("a@b")));
	ATF_CHECK(envelope_add_rcpt(&e, bytes_of("c@d")));
	ATF_CHECK(envelope_set_sender(&e, bytes_of("e@f")));
	check_text(&e, "From: e@f\n");
	ATF_CHECK_EQ(0, e.nrcpt);
	ATF_CHECK(bytes_same(envelope_sender(&e), bytes_of("e@f")));
}

ATF_TC_WITHOUT_HEAD(envelope_add__control_bytes_are_refused);
ATF_TC_BODY(envelope_add__control_bytes_are_refused, tc)
{
	unsigned int c;

	for (c = 0; c < 256; c++) {
		char value[3] = { 'a', (char)c, 'b' };
		struct bytes bad = { value, 3 };
		bool good = c >= ' ' && c != 0x7f;
		char store[200];
		struct envelope e;

		envelope_init(&e, store, sizeof(store));
		ATF_CHECK_EQ_MSG(good, envelope_set_sender(&e, bad), "%u", c);
		ATF_CHECK(envelope_set_sender(&e, bytes_of("a@b")));
		ATF_CHECK_EQ_MSG(good, envelope_add_rcpt(&e, bad), "%u", c);
		ATF_CHECK_EQ_MSG(good ? 1 : 0, e.nrcpt, "%u", c);
		ATF_CHECK_EQ_MSG(good, envelope_add_fact(&e, "Helo", bad),
		    "%u", c);
		if (!good)
			check_text(&e, "From: a@b\n");
	}
}

ATF_TC_WITHOUT_HEAD(envelope_add_rcpt__without_room_leaves_it_as_it_was);
ATF_TC_BODY(envelope_add_rcpt__without_room_leaves_it_as_it_was, tc)
{
	static const char whole[] = "From: a@b\nTo: c@d\nTo: e@f\n";
	size_t cap;

	for (cap = strlen("From: a@b\nTo: c@d\n"); cap < sizeof(whole); cap++) {
		char store[sizeof(whole)];
		struct envelope e;
		bool fits = cap >= strlen(whole);

		envelope_init(&e, store, cap);
		ATF_REQUIRE(envelope_set_sender(&e, bytes_of("a@b")));
		ATF_REQUIRE(envelope_add_rcpt(&e, bytes_of("c@d")));
		ATF_CHECK_EQ_MSG(fits, envelope_add_rcpt(&e, bytes_of("e@f")),
		    "cap %zu", cap);
		ATF_CHECK_EQ_MSG(fits ? 2 : 1, e.nrcpt, "cap %zu", cap);
		check_text(&e, fits ? whole : "From: a@b\nTo: c@d\n");
	}
}

ATF_TC_WITHOUT_HEAD(envelope_add_rcpt_dsn__facts_follow_their_recipient);
ATF_TC_BODY(envelope_add_rcpt_dsn__facts_follow_their_recipient, tc)
{
	struct bytes none = { NULL, 0 };
	char store[200];
	struct envelope e;

	envelope_init(&e, store, sizeof(store));
	ATF_CHECK(envelope_set_sender(&e, bytes_of("a@b")));
	ATF_CHECK(envelope_add_rcpt_dsn(&e, bytes_of("c@d"),
	    bytes_of("DELAY,FAILURE"), bytes_of("rfc822;C@d")));
	ATF_CHECK(envelope_add_rcpt_dsn(&e, bytes_of("e@f"), none, none));
	ATF_CHECK(envelope_add_rcpt_dsn(&e, bytes_of("g@h"), none,
	    bytes_of("rfc822;G@h")));
	ATF_CHECK_EQ(3, e.nrcpt);
	check_text(&e, "From: a@b\nTo: c@d\nNotify: DELAY,FAILURE\n"
	    "Orcpt: rfc822;C@d\nTo: e@f\nTo: g@h\nOrcpt: rfc822;G@h\n");
}

ATF_TC_WITHOUT_HEAD(envelope_add_rcpt_dsn__is_all_or_nothing);
ATF_TC_BODY(envelope_add_rcpt_dsn__is_all_or_nothing, tc)
{
	static const char whole[] = "From: a@b\nTo: c@d\nNotify: NEVER\n"
	    "Orcpt: x;y\n";
	char store[sizeof(whole)];
	struct envelope e;
	size_t cap;

	for (cap = strlen("From: a@b\n"); cap <= strlen(whole); cap++) {
		bool fits = cap == strlen(whole);

		envelope_init(&e, store, cap);
		ATF_REQUIRE(envelope_set_sender(&e, bytes_of("a@b")));
		ATF_CHECK_EQ_MSG(fits, envelope_add_rcpt_dsn(&e,
		    bytes_of("c@d"), bytes_of("NEVER"), bytes_of("x;y")),
		    "cap %zu", cap);
		ATF_CHECK_EQ(fits ? 1 : 0, e.nrcpt);
		check_text(&e, fits ? whole : "From: a@b\n");
	}
	envelope_init(&e, store, sizeof(store));
	ATF_REQUIRE(envelope_set_sender(&e, bytes_of("a@b")));
	ATF_CHECK(!envelope_add_rcpt_dsn(&e, bytes_of("c@d"),
	    bytes_of("NEVER"), bytes_of("x;\ny")));
	check_text(&e, "From: a@b\n");
	ATF_CHECK_EQ(0, e.nrcpt);
}

ATF_TC_WITHOUT_HEAD(envelope_store_size__holds_the_longest_of_everything);
ATF_TC_BODY(envelope_store_size__holds_the_longest_of_everything, tc)
{
	enum { RCPTS = 100 };
	size_t cap = envelope_store_size(RCPTS);
	char *store = malloc(cap);
	char mailbox[254];
	char orcpt[500];
	struct bytes longest = { mailbox, sizeof(mailbox) };
	struct envelope e;
	int i;

	ATF_REQUIRE(store != NULL);
	memset(mailbox, 'x', sizeof(mailbox));
	memset(orcpt, 'x', sizeof(orcpt));
	envelope_init(&e, store, cap);
	ATF_CHECK(envelope_set_sender(&e, longest));
	for (i = 0; i < RCPTS; i++)
		ATF_REQUIRE_MSG(envelope_add_rcpt_dsn(&e, longest,
		    bytes_of("SUCCESS,FAILURE,DELAY"),
		    (struct bytes) { orcpt, sizeof(orcpt) }), "rcpt %d", i);
	/* And all that smtp.envelope=full says. */
	ATF_CHECK(envelope_add_fact(&e, "Body", bytes_of("8BITMIME")));
	ATF_CHECK(envelope_add_fact(&e, "Smtputf8", bytes_of("yes")));
	ATF_CHECK(envelope_add_fact(&e, "Client-Name", longest));
	ATF_CHECK(envelope_add_fact(&e, "Helo", longest));
	for (i = 0; i < 5; i++)
		ATF_CHECK(envelope_add_fact(&e, "Received-At", longest));
	free(store);
}

ATF_TC_WITHOUT_HEAD(envelope_next__reads_back_what_was_written);
ATF_TC_BODY(envelope_next__reads_back_what_was_written, tc)
{
	static const char *const values[] = { "a@b", "c@d", "", " x ", "a:b",
		"\xc3\xbc@\xc3\xbc" };
	char store[400];
	struct envelope e;
	struct bytes rest;
	struct bytes name;
	struct bytes value;
	size_t i;

	envelope_init(&e, store, sizeof(store));
	ATF_REQUIRE(envelope_set_sender(&e, bytes_of("from@there")));
	for (i = 0; i < ARRAY_LEN(values); i++)
		ATF_REQUIRE(
		    envelope_add_fact(&e, "Fact", bytes_of(values[i])));
	rest = envelope_text(&e);
	ATF_REQUIRE_EQ(ENVELOPE_LINE, envelope_next(&rest, &name, &value));
	ATF_CHECK(bytes_same(name, bytes_of("From")));
	ATF_CHECK(bytes_same(value, bytes_of("from@there")));
	for (i = 0; i < ARRAY_LEN(values); i++) {
		ATF_REQUIRE_EQ(ENVELOPE_LINE,
		    envelope_next(&rest, &name, &value));
		ATF_CHECK(bytes_same(name, bytes_of("Fact")));
		ATF_CHECK_MSG(bytes_same(value, bytes_of(values[i])),
		    "row %zu: \"%.*s\"", i, (int)value.n, value.p);
	}
	ATF_CHECK_EQ(ENVELOPE_END, envelope_next(&rest, &name, &value));
}

ATF_TC_WITHOUT_HEAD(envelope_next__each_line_gets_its_answer);
ATF_TC_BODY(envelope_next__each_line_gets_its_answer, tc)
{
	static const struct {
		struct bytes text;
		enum envelope_status want;
		const char *name;
		const char *value;
	} rows[] = {
		{ { "", 0 }, ENVELOPE_END, "", "" },
		{ { "To: a@b\n", 8 }, ENVELOPE_LINE, "To", "a@b" },
		/* A DOS editor, and a program that leaves the blank out. */
		{ { "To: a@b\r\n", 9 }, ENVELOPE_LINE, "To", "a@b" },
		{ { "To:a@b\n", 7 }, ENVELOPE_LINE, "To", "a@b" },
		{ { "To:  a@b\n", 9 }, ENVELOPE_LINE, "To", " a@b" },
		{ { "From:\n", 6 }, ENVELOPE_LINE, "From", "" },
		{ { "From: \n", 7 }, ENVELOPE_LINE, "From", "" },
		{ { "X: a: b\n", 8 }, ENVELOPE_LINE, "X", "a: b" },
		/* Torn, or something else. */
		{ { "To: a@b", 7 }, ENVELOPE_NOT_ENDED, "", "" },
		{ { "T", 1 }, ENVELOPE_NOT_ENDED, "", "" },
		{ { "\n", 1 }, ENVELOPE_BAD_LINE, "", "" },
		{ { "\r\n", 2 }, ENVELOPE_BAD_LINE, "", "" },
		{ { "no colon\n", 9 }, ENVELOPE_BAD_LINE, "", "" },
		{ { ": a\n", 4 }, ENVELOPE_BAD_LINE, "", "" },
		{ { "To: a\rb\n", 8 }, ENVELOPE_BAD_LINE, "", "" },
		{ { "To: a\tb\n", 8 }, ENVELOPE_BAD_LINE, "", "" },
		{ { "To: a\0b\n", 8 }, ENVELOPE_BAD_LINE, "", "" },
		{ { "To: a\r\r\n", 8 }, ENVELOPE_BAD_LINE, "", "" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct bytes rest = rows[i].text;
		struct bytes name;
		struct bytes value;
		enum envelope_status status = envelope_next(
		    &rest, &name, &value);

		ATF_CHECK_EQ_MSG(rows[i].want, status, "row %zu: %d", i,
		    (int)status);
		if (status != ENVELOPE_LINE)
			continue;
		ATF_CHECK_MSG(bytes_same(name, bytes_of(rows[i].name)),
		    "row %zu", i);
		ATF_CHECK_MSG(bytes_same(value, bytes_of(rows[i].value)),
		    "row %zu: \"%.*s\"", i, (int)value.n, value.p);
		ATF_CHECK_EQ_MSG(0, rest.n, "row %zu", i);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp,
	    envelope_text__is_the_format_of_rqueue_byte_for_byte);
	ATF_TP_ADD_TC(
	    tp, envelope_add_rcpt_once__the_same_lines_are_there_once);
	ATF_TP_ADD_TC(
	    tp, envelope_add_rcpt_once__a_long_envelope_loses_nobody);
	ATF_TP_ADD_TC(tp, envelope_text__null_sender_leaves_one_blank);
	ATF_TP_ADD_TC(tp, envelope_set_sender__begins_anew);
	ATF_TP_ADD_TC(tp, envelope_add__control_bytes_are_refused);
	ATF_TP_ADD_TC(tp, envelope_add_rcpt__without_room_leaves_it_as_it_was);
	ATF_TP_ADD_TC(tp,
	    envelope_add_rcpt_dsn__facts_follow_their_recipient);
	ATF_TP_ADD_TC(tp, envelope_add_rcpt_dsn__is_all_or_nothing);
	ATF_TP_ADD_TC(tp,
	    envelope_store_size__holds_the_longest_of_everything);
	ATF_TP_ADD_TC(tp, envelope_next__reads_back_what_was_written);
	ATF_TP_ADD_TC(tp, envelope_next__each_line_gets_its_answer);
	return (atf_no_error());
}
