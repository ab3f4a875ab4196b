/* SPDX-License-Identifier: ISC */
#include "dns/dns.h"

#include <atf-c.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

/* A message that is being made. */
static unsigned char made[DNS_MESSAGE_MAX + 1];
static size_t size;

static struct bytes
message(void)
{
	return ((struct bytes){ (const char *)made, size });
}

static void
put(const void *p, size_t n)
{
	ATF_REQUIRE(size + n <= sizeof(made));
	memcpy(made + size, p, n);
	size += n;
}

static void
put_pair(unsigned int n)
{
	unsigned char two[2] = { (unsigned char)(n >> 8), (unsigned char)n };

	put(two, 2);
}

/* "a.test" and its like. */
static void
put_name(const char *name)
{
	while (*name != '\0') {
		unsigned char n = (unsigned char)strcspn(name, ".");

		put(&n, 1);
		put(name, n);
		name += n + (name[n] == '.');
	}
	put("", 1);
}

enum {
	PLAIN = 0x8180,  /* an answer of a resolver, NOERROR */
	SECURE = 0x81a0, /* with AD */
	SERVFAIL = 2,
	NXDOMAIN = 3,
	REFUSED = 5,
	TC = 0x0200,
	RA = 0x0080
};

static void
begin(unsigned int flags, unsigned int n, const char *name, unsigned int type)
{
	size = 0;
	put_pair(4711);
	put_pair(flags);
	put_pair(1);
	put_pair(n);
	put_pair(0);
	put_pair(0);
	put_name(name);
	put_pair(type);
	put_pair(1);
}

static void
put_record(const char *owner, unsigned int type, const void *data, size_t n)
{
	put_name(owner);
	put_pair(type);
	put_pair(1);
	put_pair(0);
	put_pair(300);
	put_pair((unsigned int)n);
	put(data, n);
}

/* A record whose data is a name, behind so many octets. */
static void
put_named(const char *owner, unsigned int type, const char *start, size_t n,
    const char *name)
{
	size_t at;

	put_record(owner, type, start, n);
	at = size;
	put_name(name);
	made[at - n - 2] = (unsigned char)((size - at + n) >> 8);
	made[at - n - 1] = (unsigned char)(size - at + n);
}

static void
put_mx(const char *owner, unsigned char preference, const char *host)
{
	char start[2] = { 0, (char)preference };

	put_named(owner, DNS_MX, start, 2, host);
}

static struct dns_answer answer;
static struct dns_record record;

static enum dns_status
parse(const char *name, enum dns_type type)
{
	dns_parse(message(), name, type, &answer);
	return (answer.status);
}

ATF_TC_WITHOUT_HEAD(dns_parse__gives_each_mx_in_order);
ATF_TC_BODY(dns_parse__gives_each_mx_in_order, tc)
{
	begin(SECURE, 3, "Example.TEST", DNS_MX);
	put_mx("EXAMPLE.test", 10, "MX1.example.test");
	put_mx("other.test", 1, "mx.other.test");
	put_mx("example.test", 20, "");
	ATF_REQUIRE_EQ(DNS_FOUND, parse("example.test", DNS_MX));
	ATF_CHECK(answer.is_secure);
	ATF_CHECK_STREQ("example.test", answer.name);
	ATF_REQUIRE(dns_next(&answer, &record));
	ATF_CHECK_EQ(10, record.preference);
	ATF_CHECK_STREQ("mx1.example.test", record.name);
	ATF_REQUIRE(dns_next(&answer, &record));
	ATF_CHECK_EQ(20, record.preference);
	ATF_CHECK_STREQ("", record.name);
	ATF_CHECK(!record.is_odd);
	ATF_CHECK(!dns_next(&answer, &record));
	ATF_CHECK(!dns_next(&answer, &record));
}

ATF_TC_WITHOUT_HEAD(dns_parse__reads_addresses_and_tlsa);
ATF_TC_BODY(dns_parse__reads_addresses_and_tlsa, tc)
{
	begin(PLAIN, 1, "a.test", DNS_A);
	put_record("a.test", DNS_A, "\xc0\0\2\1", 4);
	ATF_REQUIRE_EQ(DNS_FOUND, parse("a.test", DNS_A));
	ATF_CHECK(!answer.is_secure);
	ATF_REQUIRE(dns_next(&answer, &record));
	ATF_CHECK(memcmp(record.ip, "\xc0\0\2\1", 4) == 0);
	begin(PLAIN, 1, "a.test", DNS_AAAA);
	put_record(
	    "a.test", DNS_AAAA, "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	ATF_REQUIRE_EQ(DNS_FOUND, parse("a.test", DNS_AAAA));
	ATF_REQUIRE(dns_next(&answer, &record));
	ATF_CHECK(record.ip[0] == 0x20 && record.ip[15] == 1);
	begin(SECURE, 2, "_25._tcp.a.test", DNS_TLSA);
	put_record("_25._tcp.a.test", DNS_TLSA, "\3\1\2\xab\x12", 5);
	put_record("_25._tcp.a.test", DNS_TLSA, "\2\0\1", 3);
	ATF_REQUIRE_EQ(DNS_FOUND, parse("_25._tcp.a.test", DNS_TLSA));
	ATF_REQUIRE(dns_next(&answer, &record));
	ATF_CHECK(
	    record.usage == 3 && record.selector == 1 && record.matching == 2);
	ATF_CHECK(record.data.n == 2 && record.data.p[1] == 0x12);
	ATF_REQUIRE(dns_next(&answer, &record));
	ATF_CHECK_EQ(0, record.data.n);
}

ATF_TC_WITHOUT_HEAD(dns_parse__tells_no_data_from_no_name_and_no_answer);
ATF_TC_BODY(dns_parse__tells_no_data_from_no_name_and_no_answer, tc)
{
	begin(SECURE, 0, "a.test", DNS_MX);
	ATF_CHECK_EQ(DNS_NODATA, parse("a.test", DNS_MX));
	ATF_CHECK(answer.is_secure);
	begin(SECURE | NXDOMAIN, 0, "a.test", DNS_MX);
	ATF_CHECK_EQ(DNS_NXDOMAIN, parse("a.test", DNS_MX));
	ATF_CHECK(answer.is_secure);
	begin(PLAIN | SERVFAIL, 0, "a.test", DNS_MX);
	ATF_CHECK_EQ(DNS_FAILED, parse("a.test", DNS_MX));
	ATF_CHECK_STREQ("SERVFAIL", answer.why);
	begin(PLAIN | REFUSED, 0, "a.test", DNS_MX);
	ATF_CHECK_EQ(DNS_FAILED, parse("a.test", DNS_MX));
	ATF_CHECK_STREQ("REFUSED", answer.why);
	begin(PLAIN | 15, 0, "a.test", DNS_MX);
	ATF_CHECK_EQ(DNS_FAILED, parse("a.test", DNS_MX));
	/* Records do not make an error an answer. */
	begin(PLAIN | SERVFAIL, 1, "a.test", DNS_MX);
	put_mx("a.test", 1, "mx.a.test");
	ATF_CHECK_EQ(DNS_FAILED, parse("a.test", DNS_MX));
}

ATF_TC_WITHOUT_HEAD(dns_parse__believes_no_referral);
ATF_TC_BODY(dns_parse__believes_no_referral, tc)
{
	begin(PLAIN & ~(unsigned int)RA, 0, "a.test", DNS_MX);
	ATF_CHECK_EQ(DNS_FAILED, parse("a.test", DNS_MX));
	begin((PLAIN & ~(unsigned int)RA) | NXDOMAIN, 0, "a.test", DNS_MX);
	ATF_CHECK_EQ(DNS_FAILED, parse("a.test", DNS_MX));
	/* A server that has the zone does not look up, either. */
	begin(0x8400, 0, "a.test", DNS_MX);
	ATF_CHECK_EQ(DNS_NODATA, parse("a.test", DNS_MX));
}

ATF_TC_WITHOUT_HEAD(dns_parse__follows_cnames);
ATF_TC_BODY(dns_parse__follows_cnames, tc)
{
	begin(SECURE, 3, "a.test", DNS_MX);
	/* In any order. */
	put_mx("c.test", 10, "mx.c.test");
	put_named("b.test", DNS_CNAME, "", 0, "c.test");
	put_named("a.test", DNS_CNAME, "", 0, "B.test");
	ATF_REQUIRE_EQ(DNS_FOUND, parse("a.test", DNS_MX));
	ATF_CHECK_STREQ("c.test", answer.name);
	ATF_CHECK_EQ(2, answer.aliases);
	ATF_REQUIRE(dns_next(&answer, &record));
	ATF_CHECK_STREQ("mx.c.test", record.name);
	ATF_CHECK(!dns_next(&answer, &record));
	/* What it leads to may have nothing, or not be there. */
	begin(PLAIN, 1, "a.test", DNS_MX);
	put_named("a.test", DNS_CNAME, "", 0, "b.test");
	ATF_CHECK_EQ(DNS_NODATA, parse("a.test", DNS_MX));
	ATF_CHECK_STREQ("b.test", answer.name);
	begin(PLAIN | NXDOMAIN, 1, "a.test", DNS_MX);
	put_named("a.test", DNS_CNAME, "", 0, "b.test");
	ATF_CHECK_EQ(DNS_NXDOMAIN, parse("a.test", DNS_MX));
}

ATF_TC_WITHOUT_HEAD(dns_parse__gives_a_cname_that_was_asked_for);
ATF_TC_BODY(dns_parse__gives_a_cname_that_was_asked_for, tc)
{
	begin(SECURE, 1, "a.test", DNS_CNAME);
	put_named("a.test", DNS_CNAME, "", 0, "b.test");
	ATF_REQUIRE_EQ(DNS_FOUND, parse("a.test", DNS_CNAME));
	ATF_CHECK_STREQ("a.test", answer.name);
	ATF_CHECK_EQ(0, answer.aliases);
	ATF_REQUIRE(dns_next(&answer, &record));
	ATF_CHECK_STREQ("b.test", record.name);
}

/* OB-19: ten steps, and no circle. */
ATF_TC_WITHOUT_HEAD(dns_parse__does_not_run_in_circles);
ATF_TC_BODY(dns_parse__does_not_run_in_circles, tc)
{
	char from[] = "a.test";
	char to[] = "b.test";
	unsigned int n;

	begin(PLAIN, 1, "a.test", DNS_MX);
	put_named("a.test", DNS_CNAME, "", 0, "a.test");
	ATF_CHECK_EQ(DNS_FAILED, parse("a.test", DNS_MX));
	begin(PLAIN, 3, "a.test", DNS_MX);
	put_named("a.test", DNS_CNAME, "", 0, "b.test");
	put_named("b.test", DNS_CNAME, "", 0, "a.test");
	put_mx("a.test", 10, "mx.a.test");
	ATF_CHECK_EQ(DNS_FAILED, parse("a.test", DNS_MX));
	for (n = DNS_ALIASES_MAX; n <= DNS_ALIASES_MAX + 1; n++) {
		begin(PLAIN, n, "a.test", DNS_MX);
		for (from[0] = 'a'; from[0] < (char)('a' + n); from[0]++) {
			to[0] = (char)(from[0] + 1);
			put_named(from, DNS_CNAME, "", 0, to);
		}
		ATF_CHECK_EQ_MSG(n <= DNS_ALIASES_MAX ? DNS_NODATA : DNS_FAILED,
		    parse("a.test", DNS_MX), "%u CNAMEs", n);
	}
	/* To the root, or to a name that cannot be asked for. */
	begin(PLAIN, 1, "a.test", DNS_MX);
	put_named("a.test", DNS_CNAME, "", 0, "");
	ATF_CHECK_EQ(DNS_FAILED, parse("a.test", DNS_MX));
	begin(PLAIN, 1, "a.test", DNS_MX);
	put_named("a.test", DNS_CNAME, "", 0, "a b.test");
	ATF_CHECK_EQ(DNS_FAILED, parse("a.test", DNS_MX));
}

ATF_TC_WITHOUT_HEAD(dns_parse__marks_names_that_are_odd);
ATF_TC_BODY(dns_parse__marks_names_that_are_odd, tc)
{
	static const char *const odd[] = { "a b.test", "a\n.test", "\x80.test",
		"a/b.test", "*.test", "a;b.test" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(odd); i++) {
		begin(PLAIN, 1, "a.test", DNS_MX);
		put_mx("a.test", 10, odd[i]);
		ATF_REQUIRE_EQ(DNS_FOUND, parse("a.test", DNS_MX));
		ATF_REQUIRE(dns_next(&answer, &record));
		ATF_CHECK_MSG(record.is_odd, "row %zu", i);
		ATF_CHECK(
		    strspn(record.name, "abtes?.") == strlen(record.name));
	}
	/* A dot within a label is not one that parts two. */
	begin(PLAIN, 1, "a.test", DNS_A);
	put("\6a.test\0", 8);
	put("\0\1\0\1\0\0\0\0\0\4\xc0\0\2\1", 14);
	ATF_CHECK_EQ(DNS_NODATA, parse("a.test", DNS_A));
}

ATF_TC_WITHOUT_HEAD(dns_parse__takes_no_other_answer);
ATF_TC_BODY(dns_parse__takes_no_other_answer, tc)
{
	static const struct {
		size_t at;
		unsigned char octet;
	} rows[] = {
		{ 2, 0x01 },  /* a question */
		{ 2, 0x89 },  /* another opcode */
		{ 2, 0x83 },  /* truncated */
		{ 5, 0 },     /* no question */
		{ 5, 2 },     /* two of them */
		{ 7, 2 },     /* a record that is not there */
		{ 6, 0xff },  /* 65281 */
		{ 13, 'b' },  /* another name */
		{ 21, 1 },    /* another type */
		{ 23, 3 },    /* another class */
		{ 24, 0x40 }, /* a label of a kind that there is not */
		{ 24, 0x80 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		begin(PLAIN, 1, "a.test", DNS_MX);
		put_mx("a.test", 10, "mx.a.test");
		ATF_REQUIRE_EQ(DNS_FOUND, parse("a.test", DNS_MX));
		made[rows[i].at] = rows[i].octet;
		ATF_CHECK_EQ_MSG(
		    DNS_FAILED, parse("a.test", DNS_MX), "row %zu", i);
	}
}

/* OB-28 */
ATF_TC_WITHOUT_HEAD(dns_parse__takes_no_cut_answer);
ATF_TC_BODY(dns_parse__takes_no_cut_answer, tc)
{
	size_t whole;
	char *copy;

	begin(PLAIN, 2, "a.test", DNS_MX);
	put_mx("a.test", 10, "mx1.a.test");
	put_mx("a.test", 10, "mx2.a.test");
	whole = size;
	for (size = 0; size < whole; size++) {
		/* Where nothing is behind it. */
		copy = malloc(size + 1);
		ATF_REQUIRE(copy != NULL);
		memcpy(copy, made, size);
		dns_parse(
		    (struct bytes){ copy, size }, "a.test", DNS_MX, &answer);
		ATF_CHECK_EQ_MSG(DNS_FAILED, answer.status, "cut at %zu", size);
		free(copy);
	}
	ATF_CHECK_EQ(DNS_FOUND, parse("a.test", DNS_MX));
}

/* OB-28 */
ATF_TC_WITHOUT_HEAD(dns_parse__takes_no_data_of_a_wrong_size);
ATF_TC_BODY(dns_parse__takes_no_data_of_a_wrong_size, tc)
{
	static const struct {
		unsigned int type;
		const char *data;
		size_t n;
	} rows[] = {
		{ DNS_A, "\1\2\3", 3 },
		{ DNS_A, "\1\2\3\4\5", 5 },
		{ DNS_AAAA, "\1\2\3\4", 4 },
		{ DNS_TLSA, "\1\2", 2 },
		{ DNS_MX, "\0", 1 },
		{ DNS_MX, "\0\12", 2 },
		{ DNS_MX, "\0\12\1a\0\0", 6 },
		{ DNS_MX, "\0\12\1a", 4 },
		{ DNS_CNAME, "", 0 },
		{ DNS_CNAME, "\0\0", 2 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		begin(PLAIN, 1, "a.test", rows[i].type);
		put_record("a.test", rows[i].type, rows[i].data, rows[i].n);
		ATF_CHECK_EQ_MSG(DNS_FAILED,
		    parse("a.test", (enum dns_type)rows[i].type), "row %zu", i);
	}
	/* Another class's data has another form. */
	begin(PLAIN, 1, "a.test", DNS_A);
	put_record("a.test", DNS_A, "\1\2\3", 3);
	made[size - 3 - 7] = 3;
	ATF_CHECK_EQ(DNS_NODATA, parse("a.test", DNS_A));
}

/* OB-28 */
ATF_TC_WITHOUT_HEAD(dns_parse__follows_pointers_backwards_only);
ATF_TC_BODY(dns_parse__follows_pointers_backwards_only, tc)
{
	static const struct {
		const char *owner;
		size_t n;
		enum dns_status want;
	} rows[] = {
		/* The owner begins at 24, and the question's name at 12. */
		{ "\xc0\x0c", 2, DNS_FOUND },
		{ "\1a\xc0\x0e", 4, DNS_FOUND },
		{ "\xc0\x18", 2, DNS_FAILED },    /* to itself */
		{ "\xc0\x19", 2, DNS_FAILED },    /* into itself */
		{ "\xc0\x30", 2, DNS_FAILED },    /* forward */
		{ "\xff\xff", 2, DNS_FAILED },    /* out of it all */
		{ "\1a\xc0\x18", 4, DNS_FAILED }, /* a circle */
		{ "\xc0", 1, DNS_FAILED },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		begin(PLAIN, 1, "a.test", DNS_A);
		put(rows[i].owner, rows[i].n);
		if (rows[i].n > 1)
			put("\0\1\0\1\0\0\0\0\0\4\xc0\0\2\1", 14);
		ATF_CHECK_EQ_MSG(
		    rows[i].want, parse("a.test", DNS_A), "row %zu", i);
	}
}

/* OB-28: a name may have 255 octets on the wire, and no more. */
ATF_TC_WITHOUT_HEAD(dns_parse__takes_no_name_over_255);
ATF_TC_BODY(dns_parse__takes_no_name_over_255, tc)
{
	char host[300];
	size_t last;

	for (last = 60; last <= 62; last++) {
		memset(host, 'x', sizeof(host));
		host[63] = host[127] = host[191] = '.';
		host[192 + last] = '\0';
		begin(PLAIN, 1, "a.test", DNS_MX);
		put_mx("a.test", 10, host);
		if (last == 62) {
			ATF_CHECK_EQ(DNS_FAILED, parse("a.test", DNS_MX));
			continue;
		}
		ATF_REQUIRE_EQ(DNS_FOUND, parse("a.test", DNS_MX));
		ATF_REQUIRE(dns_next(&answer, &record));
		ATF_CHECK_STREQ(host, record.name);
	}
	/* One that we ask for is held to the same. */
	memset(host, 'x', sizeof(host));
	host[DNS_NAME_SIZE] = '\0';
	ATF_CHECK_EQ(DNS_FAILED, parse(host, DNS_MX));
}

/* OB-28: as many records as there is room for. */
ATF_TC_WITHOUT_HEAD(dns_parse__takes_a_full_message);
ATF_TC_BODY(dns_parse__takes_a_full_message, tc)
{
	unsigned int n = 0;
	unsigned int i;

	begin(PLAIN, 0, "a.test", DNS_MX);
	while (size + 21 <= DNS_MESSAGE_MAX) {
		put_record("a.test", DNS_MX, "\0\12\0", 3);
		n++;
	}
	made[6] = (unsigned char)(n >> 8);
	made[7] = (unsigned char)n;
	ATF_REQUIRE_EQ(DNS_FOUND, parse("a.test", DNS_MX));
	for (i = 0; dns_next(&answer, &record); i++)
		continue;
	ATF_CHECK_EQ(n, i);
	ATF_CHECK(n > 2500);
	size = DNS_MESSAGE_MAX + 1;
	ATF_CHECK_EQ(DNS_FAILED, parse("a.test", DNS_MX));
}

/* OB-28: the dearest message: each name is 120 labels, with a pointer each. */
ATF_TC_WITHOUT_HEAD(dns_parse__ends_with_any_names);
ATF_TC_BODY(dns_parse__ends_with_any_names, tc)
{
	unsigned int n = 1;
	size_t last;
	unsigned int i;

	begin(PLAIN, 0, "a.test", DNS_MX);
	put_record("", 16, "\1a\0", 3);
	last = size - 3;
	for (i = 0; i < 120; i++) {
		unsigned char label[4] = { 1, 'a' };

		label[2] = (unsigned char)(0xc0 | last >> 8);
		label[3] = (unsigned char)last;
		last = size;
		put(label, 4);
	}
	/* These are the first record's data, too. */
	made[33] = (unsigned char)((size - 35) >> 8);
	made[34] = (unsigned char)(size - 35);
	while (size + 16 <= DNS_MESSAGE_MAX) {
		put_pair(0xc000 | (unsigned int)last);
		put("\0\1\0\1\0\0\0\0\0\4\xc0\0\2\1", 14);
		n++;
	}
	made[6] = (unsigned char)(n >> 8);
	made[7] = (unsigned char)n;
	ATF_CHECK_EQ(DNS_NODATA, parse("a.test", DNS_MX));
	ATF_CHECK(n > 4000);
}

ATF_TC_WITHOUT_HEAD(dns_put_edns__adds_one_record);
ATF_TC_BODY(dns_put_edns__adds_one_record, tc)
{
	unsigned char question[64] = { 0 };
	size_t n;

	n = dns_put_edns(question, 24, sizeof(question));
	ATF_REQUIRE_EQ(35, n);
	ATF_CHECK_EQ(1, question[11]);
	ATF_CHECK(
	    memcmp(question + 24, "\0\0\x29\x04\xd0\0\0\0\0\0\0", 11) == 0);
	/* There is one already, or no room, or it is no question. */
	ATF_CHECK_EQ(0, dns_put_edns(question, n, sizeof(question)));
	memset(question, 0, sizeof(question));
	ATF_CHECK_EQ(0, dns_put_edns(question, 24, 34));
	ATF_CHECK_EQ(0, dns_put_edns(question, 11, sizeof(question)));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, dns_parse__gives_each_mx_in_order);
	ATF_TP_ADD_TC(tp, dns_parse__reads_addresses_and_tlsa);
	ATF_TP_ADD_TC(tp, dns_parse__tells_no_data_from_no_name_and_no_answer);
	ATF_TP_ADD_TC(tp, dns_parse__believes_no_referral);
	ATF_TP_ADD_TC(tp, dns_parse__follows_cnames);
	ATF_TP_ADD_TC(tp, dns_parse__gives_a_cname_that_was_asked_for);
	ATF_TP_ADD_TC(tp, dns_parse__does_not_run_in_circles);
	ATF_TP_ADD_TC(tp, dns_parse__marks_names_that_are_odd);
	ATF_TP_ADD_TC(tp, dns_parse__takes_no_other_answer);
	ATF_TP_ADD_TC(tp, dns_parse__takes_no_cut_answer);
	ATF_TP_ADD_TC(tp, dns_parse__takes_no_data_of_a_wrong_size);
	ATF_TP_ADD_TC(tp, dns_parse__follows_pointers_backwards_only);
	ATF_TP_ADD_TC(tp, dns_parse__takes_no_name_over_255);
	ATF_TP_ADD_TC(tp, dns_parse__takes_a_full_message);
	ATF_TP_ADD_TC(tp, dns_parse__ends_with_any_names);
	ATF_TP_ADD_TC(tp, dns_put_edns__adds_one_record);
	return (atf_no_error());
}
