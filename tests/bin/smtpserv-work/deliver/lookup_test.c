/* SPDX-License-Identifier: ISC */
#include "deliver/lookup.h"

#include <atf-c.h>
#include <cdb.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "conf/keys.h"

#define HOST "gnat.example"

static struct settings settings;
static struct lookup lookup;
static struct lookup_place place;

struct line {
	const char *key;
	const char *instruction;
};

/* A new table by that name. */
static void
make_table(const struct line *lines, size_t n)
{
	struct cdb_make maker;
	size_t i;
	int fd = open("new.cdb", O_RDWR | O_CREAT | O_TRUNC, 0644);

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ(0, cdb_make_start(&maker, fd));
	for (i = 0; i < n; i++)
		ATF_REQUIRE_EQ(0,
		    cdb_make_add(&maker, lines[i].key,
			(unsigned int)strlen(lines[i].key),
			lines[i].instruction,
			(unsigned int)strlen(lines[i].instruction)));
	ATF_REQUIRE_EQ(0, cdb_make_finish(&maker));
	ATF_REQUIRE_EQ(0, close(fd));
	ATF_REQUIRE_EQ(0, rename("new.cdb", "table.cdb"));
}

static void
begin(void)
{
	keys_init(&settings);
	settings.who.deliver = "table.cdb";
	settings.who.postmaster = "ops@gnat.example";
	lookup_init(&lookup, &settings, HOST);
}

static const struct line SAMPLE[] = {
	{ "ann@gnat.example", "/proc/self/Maildir/" },
	{ "eve@gnat.example", "/proc/self/mail/" },
	{ "bob@gnat.example", "&ann@gnat.example" },
	{ "both@gnat.example", "&ann@gnat.example" },
	{ "both@gnat.example", "/procession/" },
	{ "both@gnat.example", "|tee  x " },
	{ "dos@gnat.example", "pegasus:/proc/" },
	{ "user@gnat.example", "user:ann |x" },
	{ "bad@gnat.example", "nonsense" },
	{ "bad@gnat.example", "|never looked at" },
	{ "two@gnat.example", "lmtp:unix:/run/l" },
	{ "two@gnat.example", "/home/two/" },
	{ "@lmtp.example", "lmtp:unix:/run/l" },
	{ "@mx.example", "smtp:" },
	{ "@relay.example", "smtp:[Inner.example]:587" },
	{ "more@relay.example", "smtp:[inner.example]" },
	{ "more@relay.example", "/proc/" },
	{ "@", "lmtp:[relay.example]:24" },
};

/* For each: what it waits for, under which name, and whether it shares. */
ATF_TC_WITHOUT_HEAD(lookup_place__is_the_first_that_may_have_to_be_waited_for);
ATF_TC_BODY(lookup_place__is_the_first_that_may_have_to_be_waited_for, tc)
{
	static const struct {
		const char *rcpt;
		enum lookup_kind kind;
		const char *name;
		bool is_shared;
	} rows[] = {
		/* A file system, by the name of its mount point. */
		{ "ann@gnat.example", LOOKUP_DISK, "/proc", false },
		{ "Ann+x@GNAT.example", LOOKUP_DISK, "/proc", false },
		{ "dos@gnat.example", LOOKUP_DISK, "/proc", false },
		/* Without a domain it is ours. */
		{ "ann", LOOKUP_DISK, "/proc", false },
		/* A forward is a message of its own, later. */
		{ "bob@gnat.example", LOOKUP_NOWHERE, "", false },
		/* A command, before any directory. */
		{ "both@gnat.example", LOOKUP_SERVICE, "|tee  x", false },
		{ "user@gnat.example", LOOKUP_SERVICE, "user:ann |x", false },
		/* What cannot be carried out ends the look. */
		{ "bad@gnat.example", LOOKUP_NOWHERE, "", false },
		{ "two@gnat.example", LOOKUP_SERVICE, "lmtp:unix:/run/l",
		    false },
		{ "x@lmtp.example", LOOKUP_SERVICE, "lmtp:unix:/run/l", true },
		{ "x@else.example", LOOKUP_SERVICE, "lmtp:[relay.example]:24",
		    true },
		{ "postmaster", LOOKUP_NOWHERE, "", false },
		/* A hop, in lower case; beside others it is an agent's. */
		{ "x@Mx.Example", LOOKUP_HOP, "mx:mx.example", true },
		{ "x@relay.example", LOOKUP_HOP, "relay:inner.example:587",
		    true },
		{ "more@relay.example", LOOKUP_SERVICE,
		    "relay:inner.example:25", false },
	};
	size_t i;

	begin();
	make_table(SAMPLE, ARRAY_LEN(SAMPLE));
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		lookup_place(&lookup, bytes_of(rows[i].rcpt), &place);
		ATF_CHECK_EQ_MSG(rows[i].kind, place.kind, "%s", rows[i].rcpt);
		ATF_CHECK_EQ_MSG(
		    rows[i].is_shared, place.is_shared, "%s", rows[i].rcpt);
		if (place.kind != LOOKUP_NOWHERE)
			ATF_CHECK_MSG(
			    bytes_same(bytes_of(rows[i].name), place.name),
			    "%s: %.*s", rows[i].rcpt, (int)place.name.n,
			    place.name.p);
	}
	lookup_close(&lookup);
}

static uint64_t
maildir_of(const char *rcpt)
{
	lookup_place(&lookup, bytes_of(rcpt), &place);
	return (place.maildir);
}

/* Only one that is the only instruction can be shared. */
ATF_TC_WITHOUT_HEAD(lookup_place__tells_one_maildir_from_another);
ATF_TC_BODY(lookup_place__tells_one_maildir_from_another, tc)
{
	static const char *const others[] = { "dos@gnat.example",
		"both@gnat.example", "two@gnat.example", "bob@gnat.example",
		"x@lmtp.example", "postmaster" };
	uint64_t ann;
	size_t i;

	begin();
	make_table(SAMPLE, ARRAY_LEN(SAMPLE));
	ann = maildir_of("ann@gnat.example");
	ATF_CHECK(ann != 0);
	ATF_CHECK_EQ(ann, maildir_of("Ann+x@GNAT.example"));
	ATF_CHECK(maildir_of("eve@gnat.example") != 0);
	ATF_CHECK(maildir_of("eve@gnat.example") != ann);
	for (i = 0; i < ARRAY_LEN(others); i++)
		ATF_CHECK_EQ_MSG(0, maildir_of(others[i]), "%s", others[i]);
	lookup_close(&lookup);
}

ATF_TC_WITHOUT_HEAD(lookup_place__without_a_table_is_nowhere);
ATF_TC_BODY(lookup_place__without_a_table_is_nowhere, tc)
{
	begin();
	lookup_place(&lookup, bytes_of("ann@gnat.example"), &place);
	ATF_CHECK_EQ(LOOKUP_NOWHERE, place.kind);
	ATF_CHECK(!lookup.is_open);
	/* Once it is there, it is found. */
	make_table(SAMPLE, ARRAY_LEN(SAMPLE));
	lookup_place(&lookup, bytes_of("ann@gnat.example"), &place);
	ATF_CHECK_EQ(LOOKUP_DISK, place.kind);
	lookup_close(&lookup);
}

ATF_TC_WITHOUT_HEAD(lookup_open__says_what_is_wrong);
ATF_TC_BODY(lookup_open__says_what_is_wrong, tc)
{
	struct outcome out;

	begin();
	ATF_CHECK(!lookup_open(&lookup, &out));
	ATF_CHECK_EQ(OUTCOME_TRY_AGAIN, out.kind);
	ATF_CHECK_STREQ("4.3.0", out.status);
	ATF_CHECK_STREQ(
	    "unable to open table table.cdb: No such file or directory",
	    out.text);
	/* Aliases that cannot be read are no refusal of their names. */
	make_table(SAMPLE, ARRAY_LEN(SAMPLE));
	settings.who.aliases = "aliases";
	ATF_CHECK(!lookup_open(&lookup, &out));
	ATF_CHECK(!lookup.is_open);
	ATF_CHECK_EQ(OUTCOME_TRY_AGAIN, out.kind);
}

ATF_TC_WITHOUT_HEAD(lookup_find__says_why_there_is_nobody);
ATF_TC_BODY(lookup_find__says_why_there_is_nobody, tc)
{
	static const struct line only[] = { { "ann@gnat.example", "/a/" } };
	struct table_match match;
	struct outcome out;

	begin();
	make_table(only, ARRAY_LEN(only));
	ATF_REQUIRE(lookup_open(&lookup, &out));
	ATF_CHECK(
	    !lookup_find(&lookup, bytes_of("eve@gnat.example"), &match, &out));
	ATF_CHECK_EQ(OUTCOME_FAILED, out.kind);
	ATF_CHECK_STREQ("5.1.1", out.status);
	/* A table that is cut short is trouble, and says nothing of anybody. */
	ATF_REQUIRE_EQ(0, truncate("table.cdb", 100));
	ATF_CHECK(
	    !lookup_find(&lookup, bytes_of("eve@gnat.example"), &match, &out));
	ATF_CHECK_EQ(OUTCOME_TRY_AGAIN, out.kind);
	lookup_close(&lookup);
}

ATF_TC_WITHOUT_HEAD(lookup_refresh__sees_another_table_or_file_of_aliases);
ATF_TC_BODY(lookup_refresh__sees_another_table_or_file_of_aliases, tc)
{
	static const struct line other[] = { { "ann@gnat.example", "|x" } };
	struct timespec past[2] = { { 1000000000, 0 }, { 1000000000, 0 } };
	struct outcome out;
	int fd;

	begin();
	settings.who.aliases = "aliases";
	fd = open("aliases", O_WRONLY | O_CREAT, 0644);
	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ(13, write(fd, "root: ann, x\n", 13));
	ATF_REQUIRE_EQ(0, futimens(fd, past));
	make_table(SAMPLE, ARRAY_LEN(SAMPLE));
	/* What is not open needs no refreshing. */
	ATF_CHECK(!lookup_refresh(&lookup));
	ATF_REQUIRE(lookup_open(&lookup, &out));
	ATF_CHECK(!lookup_refresh(&lookup));
	make_table(other, ARRAY_LEN(other));
	ATF_CHECK(lookup_refresh(&lookup));
	ATF_CHECK(!lookup.is_open);
	lookup_place(&lookup, bytes_of("ann@gnat.example"), &place);
	ATF_CHECK_EQ(LOOKUP_SERVICE, place.kind);
	past[1].tv_sec++;
	ATF_REQUIRE_EQ(0, futimens(fd, past));
	ATF_CHECK(lookup_refresh(&lookup));
	ATF_REQUIRE(lookup_open(&lookup, &out));
	ATF_REQUIRE_EQ(0, unlink("aliases"));
	ATF_CHECK(lookup_refresh(&lookup));
	(void)close(fd);
}

/* A process that inherits an open table may read it, beside its parent. */
ATF_TC_WITHOUT_HEAD(lookup_find__needs_no_more_than_the_open_table);
ATF_TC_BODY(lookup_find__needs_no_more_than_the_open_table, tc)
{
	struct table_match match;
	struct bytes text;
	struct outcome out;

	begin();
	make_table(SAMPLE, ARRAY_LEN(SAMPLE));
	ATF_REQUIRE(lookup_open(&lookup, &out));
	/* Whoever shares the descriptor may have left it anywhere. */
	ATF_REQUIRE_EQ(7, lseek(lookup.table.file.fd, 7, SEEK_SET));
	ATF_REQUIRE_EQ(0, unlink("table.cdb"));
	ATF_REQUIRE(
	    lookup_find(&lookup, bytes_of("bob@gnat.example"), &match, &out));
	ATF_REQUIRE_EQ(TABLE_HIT, table_next(&match, &text));
	ATF_CHECK(bytes_same(bytes_of("&ann@gnat.example"), text));
	ATF_CHECK_EQ(TABLE_MISS, table_next(&match, &text));
	ATF_CHECK_EQ(7, lseek(lookup.table.file.fd, 0, SEEK_CUR));
	lookup_close(&lookup);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(
	    tp, lookup_place__is_the_first_that_may_have_to_be_waited_for);
	ATF_TP_ADD_TC(tp, lookup_place__tells_one_maildir_from_another);
	ATF_TP_ADD_TC(tp, lookup_place__without_a_table_is_nowhere);
	ATF_TP_ADD_TC(tp, lookup_open__says_what_is_wrong);
	ATF_TP_ADD_TC(tp, lookup_find__says_why_there_is_nobody);
	ATF_TP_ADD_TC(
	    tp, lookup_refresh__sees_another_table_or_file_of_aliases);
	ATF_TP_ADD_TC(tp, lookup_find__needs_no_more_than_the_open_table);
	return (atf_no_error());
}
