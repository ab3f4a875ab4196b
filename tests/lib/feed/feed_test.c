/* SPDX-License-Identifier: ISC */
#include "feed/feed.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

/* A record as it reads, with `|` for NUL; and the same. */
static const char *const GOOD[] = {
	"M1|ann@gnat|1234|8BITMIME||QQ314159|HDRS|",
	"M4294967295||0|||||",
	"M0||18446744073709551615|BINARYMIME|utf8 requiretls tlsno ||FULL|",
	"M7|a@b|1||tlsno |||",
	"M7|a@b|1||requiretls |||",
	"R1|bruce@gnat|SUCCESS,FAILURE|rfc822;bruce@gnat|",
	"R1|b@c|||",
	"E1|",
	"X1|",
	"Q",
	"C16|mx1.example.test|2001:db8::25|25|TLSv1.3 X 256 dane mx1|dsn |",
	"C0|mx1|192.0.2.1|65535|||",
	"C1|||0|||",
	"P1|",
	"h1|0|5.1.1|550 5.1.1 no such user (mx1 [192.0.2.1])|",
	"s1|99|4.2.2|full|",
	"K1|2.0.0|250 ok|",
	"K1|2.7.509||",
	"Z1|4.4.2|lost|",
	"D1|5.7.1|no|",
	"N1|the connection was lost|",
	"N1||",
	"Fhop|4.4.1|nobody answers|",
	"Fhop|5.1.10|it takes no mail|",
	"Fhost|4.3.2|421 too many|",
};

static const char *const BAD[] = {
	"", "|", "A", "A1|", "m1||0|||||",
	/* Too few fields, too many, or the last one has no end. */
	"M1|ann@gnat|1234|8BITMIME||QQ314159|", "M1||0||||||", "M1||0||||x",
	"M", "M1", "M||0|||||", "Mx||0|||||", "M4294967296||0|||||",
	"M1||x|||||", "M1||-1|||||", "M1|||||||",
	"M1||18446744073709551616|||||",
	"M1||00|||||", "M01||0|||||", "C01||a|25|||", "h1|00|5.1.1||",
	/* Flags: unknown, out of order, without their blank. */
	"M1||0||utf8|||", "M1||0||tlsno utf8 |||", "M1||0||dsn |||",
	"M1||0|| |||",
	"R1||||", "R1|b@c||", "R|b@c|||", "R1|b@c||||",
	"E", "E1", "E1||", "E-1|", "X", "Q|", "Q1|", "P", "P1",
	"C1001||a|25|||", "C1||a|65536|||", "C1||a|25||", "C1||a|25||x|",
	"C1||a||||", "C||a|25|||", "C1||a|25||dsn|", "C-1||a|25|||",
	"h1|100|5.1.1||", "h1||5.1.1||", "h1|5.1.1||", "h1|0|5.1.1|",
	/* A status of another class than the record's, or none. */
	"h1|0|4.1.1||", "h1|0|2.1.1||", "s1|0|5.0.0||", "K1|4.0.0||",
	"K1|5.0.0||", "Z1|2.0.0||", "Z1|5.0.0||", "D1|4.0.0||", "D1|2.0.0||",
	"K1|2.0||", "K1|2.0.||", "K1|2..0||", "K1|2.0.0.0||", "K1|2.1000.0||",
	"K1||||", "K1|20000||", "K1|2.0.0x||", "K1|2.0.0 ||", "K2.0.0||",
	/* A text in two lines. */
	"K1|2.0.0|a\nb|", "K1|2.0.0|a\rb|", "N1|\x7f|", "Z1|4.0.0|\x1b[2J|",
	"N|", "N1", "N1|a|b|",
	"F|4.0.0||", "Fmail|4.0.0||", "Fhop|2.0.0||", "Fhop|3.0.0||",
	"Fhop|4.0.0|", "FHOP|4.0.0||",
};

/* The text with its NULs. */
static struct bytes
record_of(const char *text, char *store)
{
	size_t n = strlen(text);
	size_t i;

	for (i = 0; i < n; i++)
		store[i] = (char)(text[i] == '|' ? '\0' : text[i]);
	return ((struct bytes){ store, n });
}

ATF_TC_WITHOUT_HEAD(feed_parse__reads_what_feed_put_writes);
ATF_TC_BODY(feed_parse__reads_what_feed_put_writes, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(GOOD); i++) {
		char in[FEED_RECORD_MAX];
		char out[FEED_RECORD_MAX];
		struct bytes record = record_of(GOOD[i], in);
		struct feed_record r;
		struct buf b;
		size_t room;

		ATF_REQUIRE_MSG(feed_parse(record, &r), "%s", GOOD[i]);
		ATF_CHECK_EQ(GOOD[i][0], (char)r.kind);
		buf_init(&b, out, sizeof(out));
		ATF_REQUIRE_MSG(feed_put(&b, &r), "%s", GOOD[i]);
		ATF_CHECK_MSG(bytes_same(record, buf_view(&b)), "%s", GOOD[i]);
		for (room = 0; room < record.n; room++) {
			buf_init(&b, out, room);
			ATF_CHECK_MSG(!feed_put(&b, &r), "%s", GOOD[i]);
			/* A part of a record is not one. */
			ATF_CHECK_MSG(
			    !feed_parse(bytes_cut(record, 0, room), &r) ||
			    GOOD[i][0] == 'Q', "%s", GOOD[i]);
			ATF_REQUIRE(feed_parse(record, &r));
		}
	}
}

ATF_TC_WITHOUT_HEAD(feed_parse__gives_the_fields);
ATF_TC_BODY(feed_parse__gives_the_fields, tc)
{
	char store[FEED_RECORD_MAX];
	struct feed_record r;

	ATF_REQUIRE(feed_parse(record_of(GOOD[2], store), &r));
	ATF_CHECK_EQ(UINT64_MAX, r.message.size);
	ATF_CHECK(r.message.smtputf8 && r.message.requiretls &&
	    r.message.tlsno);
	ATF_REQUIRE(feed_parse(record_of("C16|h|a|25|t|dsn |", store), &r));
	ATF_CHECK_EQ(16, r.credit.n);
	ATF_CHECK_EQ(25, r.credit.port);
	ATF_CHECK(r.credit.offers_dsn);
	ATF_CHECK(bytes_same(bytes_of("h"), r.credit.host));
	ATF_CHECK(bytes_same(bytes_of("a"), r.credit.address));
	ATF_CHECK(bytes_same(bytes_of("t"), r.credit.tls));
	ATF_REQUIRE(feed_parse(record_of("s12|99|4.2.2|full|", store), &r));
	ATF_CHECK_EQ(12, r.tag);
	ATF_CHECK_EQ(99, r.result.index);
	ATF_CHECK(bytes_same(bytes_of("4.2.2"), r.result.status));
	ATF_CHECK(bytes_same(bytes_of("full"), r.result.text));
	ATF_REQUIRE(feed_parse(record_of("Fhost|4.3.2|x|", store), &r));
	ATF_CHECK_EQ(FEED_HOST, r.result.scope);
}

/* OB-187: whatever comes, what is not a record is none. */
ATF_TC_WITHOUT_HEAD(feed_parse__takes_nothing_else);
ATF_TC_BODY(feed_parse__takes_nothing_else, tc)
{
	static char text[FEED_RECORD_MAX + 1];
	char store[FEED_RECORD_MAX];
	struct feed_record r;
	size_t i;

	for (i = 0; i < ARRAY_LEN(BAD); i++)
		ATF_CHECK_MSG(
		    !feed_parse(record_of(BAD[i], store), &r), "%s", BAD[i]);
	/* The longest text, and one octet more. */
	memset(text, 'x', sizeof(text));
	memcpy(text, "N1", 3);
	text[3 + FEED_TEXT_MAX] = '\0';
	ATF_CHECK(feed_parse((struct bytes){ text, 4 + FEED_TEXT_MAX }, &r));
	text[3 + FEED_TEXT_MAX] = 'x';
	text[4 + FEED_TEXT_MAX] = '\0';
	ATF_CHECK(!feed_parse((struct bytes){ text, 5 + FEED_TEXT_MAX }, &r));
	/* The longest record, and one octet more. */
	memset(text, 'x', sizeof(text));
	memcpy(text, "R1", 3);
	memset(text + FEED_RECORD_MAX - 3, '\0', 3);
	ATF_CHECK(feed_parse((struct bytes){ text, FEED_RECORD_MAX }, &r));
	memset(text + 3, 'x', FEED_RECORD_MAX - 5);
	memset(text + FEED_RECORD_MAX - 2, '\0', 3);
	ATF_CHECK(!feed_parse((struct bytes){ text, FEED_RECORD_MAX + 1 }, &r));
}

ATF_TC_WITHOUT_HEAD(feed_put__refuses_a_field_that_would_be_two);
ATF_TC_BODY(feed_put__refuses_a_field_that_would_be_two, tc)
{
	char store[FEED_RECORD_MAX];
	struct bytes two = { "a\0b", 3 };
	struct feed_record r = { .kind = FEED_RCPT, .rcpt.mailbox = two };
	struct buf b;

	buf_init(&b, store, sizeof(store));
	ATF_CHECK(!feed_put(&b, &r));
	r = (struct feed_record){ .kind = FEED_MESSAGE, .message.sender = two };
	buf_reset(&b);
	ATF_CHECK(!feed_put(&b, &r));
	r = (struct feed_record){ .kind = FEED_UNTRIED, .result.text = two };
	buf_reset(&b);
	ATF_CHECK(!feed_put(&b, &r));
	r = (struct feed_record){ .kind = FEED_CREDIT, .credit.host = two };
	buf_reset(&b);
	ATF_CHECK(!feed_put(&b, &r));
}

ATF_TC_WITHOUT_HEAD(feed_put_reply__is_one_line_and_says_from_where);
ATF_TC_BODY(feed_put_reply__is_one_line_and_says_from_where, tc)
{
	static char longest[5000];
	char store[FEED_TEXT_MAX + 1];
	struct buf b;

	buf_init(&b, store, sizeof(store));
	feed_put_reply(&b, bytes_of("550 5.1.1 no\r\n\x1b[2J \xc3\xbc \t"),
	    bytes_of("mx1"), bytes_of("192.0.2.1"));
	ATF_CHECK_STREQ("550 5.1.1 no  ?[2J ?? (mx1 [192.0.2.1])",
	    buf_cstr(&b));
	memset(longest, 'x', sizeof(longest));
	buf_init(&b, store, sizeof(store));
	feed_put_reply(&b, (struct bytes){ longest, sizeof(longest) },
	    bytes_of("mx1"), bytes_of("192.0.2.1"));
	ATF_CHECK_EQ(FEED_TEXT_MAX, buf_view(&b).n);
	ATF_CHECK_STREQ("x (mx1 [192.0.2.1])",
	    buf_cstr(&b) + FEED_TEXT_MAX - strlen("x (mx1 [192.0.2.1])"));
}

ATF_TC_WITHOUT_HEAD(feed_is_final__and_whose_record_it_is);
ATF_TC_BODY(feed_is_final__and_whose_record_it_is, tc)
{
	const char *all = "MREXQCPhsKZDNF";
	const char *p;

	for (p = all; *p != '\0'; p++) {
		enum feed_kind kind = (enum feed_kind)*p;

		ATF_CHECK_EQ_MSG(strchr("MREXQ", *p) != NULL,
		    feed_is_workers(kind), "%c", *p);
		ATF_CHECK_EQ_MSG(strchr("KZDN", *p) != NULL,
		    feed_is_final(kind), "%c", *p);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, feed_parse__reads_what_feed_put_writes);
	ATF_TP_ADD_TC(tp, feed_parse__gives_the_fields);
	ATF_TP_ADD_TC(tp, feed_parse__takes_nothing_else);
	ATF_TP_ADD_TC(tp, feed_put__refuses_a_field_that_would_be_two);
	ATF_TP_ADD_TC(tp, feed_put_reply__is_one_line_and_says_from_where);
	ATF_TP_ADD_TC(tp, feed_is_final__and_whose_record_it_is);
	return (atf_no_error());
}
