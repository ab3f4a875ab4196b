/* SPDX-License-Identifier: ISC */
#include "table/table.h"

#include <atf-c.h>
#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOST "gnat.example"

struct record {
	const char *key;
	const char *text;
};

/* As in the examples of smtpserv-deliver(5). */
static const struct record SAMPLE[] = {
	{ "ann@gnat.example", "/home/ann/Maildir/" },
	{ "tickets@gnat.example", "|/usr/bin/ticket" },
	{ "tickets@gnat.example", "&ann@gnat.example" },
	{ "list+owner@gnat.example", "&ann@gnat.example" },
	{ "list@gnat.example", "|/usr/bin/explode" },
	{ "tickets@gnat.example", "/var/mail/tickets/" },
	{ "@maggot.example", "lmtp:unix:/run/lmtp" },
	{ "postmaster@other.example", "&bob@other.example" },
	{ "bob@other.example", "/home/bob/Maildir/" },
	{ "@[192.0.2.1]", "/var/mail/literal/" },
	{ "jo@b\xc3\xbc" "cher.example", "/home/jo/Maildir/" },
	{ "@xn--mller-kva.example", "/var/mail/mueller/" },
};

/* Make a table as `cdb -c` does, and rename it to where it is to be. */
static void
make(const char *name, const struct record *records, size_t n)
{
	struct cdb_make maker;
	size_t i;
	int fd = open("making", O_RDWR | O_CREAT | O_TRUNC, 0644);

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ(0, cdb_make_start(&maker, fd));
	for (i = 0; i < n; i++)
		ATF_REQUIRE_EQ(0,
		    cdb_make_add(&maker, records[i].key,
			(unsigned int)strlen(records[i].key), records[i].text,
			(unsigned int)strlen(records[i].text)));
	ATF_REQUIRE_EQ(0, cdb_make_finish(&maker));
	ATF_REQUIRE_EQ(0, close(fd));
	ATF_REQUIRE_EQ(0, rename("making", name));
}

static void
open_sample(struct table *t, const struct record *records, size_t n)
{
	struct fault why;

	make("deliver.cdb", records, n);
	ATF_REQUIRE_EQ(RES_OK, table_open(t, "deliver.cdb", &why));
	table_set_postmaster(t, HOST, "ops@gnat.example");
}

/* Each instruction, one a line. */
static const char *
instructions_of(struct table_match *m, char *into, size_t cap)
{
	struct bytes text;
	size_t n = 0;
	enum table_answer answer;

	while ((answer = table_next(m, &text)) == TABLE_HIT)
		n += (size_t)snprintf(
		    into + n, cap - n, "%.*s\n", (int)text.n, text.p);
	ATF_CHECK_EQ(TABLE_MISS, answer);
	/* Asked again, it has no more. */
	ATF_CHECK_EQ(TABLE_MISS, table_next(m, &text));
	return (into);
}

#define ANN     "/home/ann/Maildir/\n"
#define OPS     "&ops@gnat.example\n"
#define TICKETS "|/usr/bin/ticket\n&ann@gnat.example\n/var/mail/tickets/\n"

static const struct {
	const char *mailbox;
	enum table_key by;
	const char *key;
	const char *instructions; /* NULL: a miss */
	const char *local;
	const char *ext;
	const char *deflt;
} FINDS[] = {
	{ "ann@gnat.example", TABLE_BY_MAILBOX, "ann@gnat.example", ANN, "ann",
	    "", "" },
	{ "ANN@Gnat.Example", TABLE_BY_MAILBOX, "ann@gnat.example", ANN, "ANN",
	    "", "" },
	{ "\"ann\"@gnat.example", TABLE_BY_MAILBOX, "ann@gnat.example", ANN,
	    "ann", "", "" },
	{ "\"a\\n\\n\"@gnat.example", TABLE_BY_MAILBOX, "ann@gnat.example", ANN,
	    "ann", "", "" },
	{ "tickets@gnat.example", TABLE_BY_MAILBOX, "tickets@gnat.example",
	    TICKETS, "tickets", "", "" },
	{ "tickets+A+b@gnat.example", TABLE_BY_LOCAL, "tickets@gnat.example",
	    TICKETS, "tickets+A+b", "A+b", "A+b" },
	{ "tickets+@gnat.example", TABLE_BY_LOCAL, "tickets@gnat.example",
	    TICKETS, "tickets+", "", "" },
	{ "list+owner@gnat.example", TABLE_BY_MAILBOX,
	    "list+owner@gnat.example", "&ann@gnat.example\n", "list+owner",
	    "owner", "" },
	{ "list+x@gnat.example", TABLE_BY_LOCAL, "list@gnat.example",
	    "|/usr/bin/explode\n", "list+x", "x", "x" },
	{ "Who+ever@maggot.example", TABLE_BY_DOMAIN, "@maggot.example",
	    "lmtp:unix:/run/lmtp\n", "Who+ever", "ever", "Who+ever" },
	{ "+x@maggot.example", TABLE_BY_DOMAIN, "@maggot.example",
	    "lmtp:unix:/run/lmtp\n", "+x", "", "+x" },
	{ "\"\"@maggot.example", TABLE_BY_DOMAIN, "@maggot.example",
	    "lmtp:unix:/run/lmtp\n", "", "", "" },
	{ "a@[192.0.2.1]", TABLE_BY_DOMAIN, "@[192.0.2.1]",
	    "/var/mail/literal/\n", "a", "", "a" },
	/* A last dot, and both spellings of a domain. */
	{ "ann@gnat.example.", TABLE_BY_MAILBOX, "ann@gnat.example", ANN,
	    "ann", "", "" },
	{ "who@Maggot.Example.", TABLE_BY_DOMAIN, "@maggot.example",
	    "lmtp:unix:/run/lmtp\n", "who", "", "who" },
	{ "postmaster@gnat.example.", TABLE_BY_POSTMASTER, "", OPS,
	    "postmaster", "", "" },
	{ "jo@b\xc3\xbc" "cher.example", TABLE_BY_MAILBOX,
	    "jo@b\xc3\xbc" "cher.example", "/home/jo/Maildir/\n", "jo", "",
	    "" },
	{ "Jo+x@XN--Bcher-kva.example", TABLE_BY_LOCAL,
	    "jo@b\xc3\xbc" "cher.example", "/home/jo/Maildir/\n", "Jo+x", "x",
	    "x" },
	{ "who@M\xc3\xbc" "ller.example", TABLE_BY_DOMAIN,
	    "@xn--mller-kva.example", "/var/mail/mueller/\n", "who", "",
	    "who" },
	{ "postmaster@m\xc3\xbcller.example", TABLE_BY_POSTMASTER, "", OPS,
	    "postmaster", "", "" },
	{ "postmaster@xn--bcher-kva.example", TABLE_BY_POSTMASTER, "", OPS,
	    "postmaster", "", "" },
	/* Of letters over 127 none is another's capital. */
	{ "who@m\xc3\x9cller.example", 0, NULL, NULL, NULL, NULL, NULL },
	{ "j\xc3\xb6@xn--bcher-kva.example", 0, NULL, NULL, NULL, NULL, NULL },
	/* Postmaster: alone, at our host, at a domain that has a key. */
	{ "postmaster", TABLE_BY_POSTMASTER, "", OPS, "postmaster", "", "" },
	{ "PostMaster", TABLE_BY_POSTMASTER, "", OPS, "PostMaster", "", "" },
	{ "POSTMASTER@GNAT.example", TABLE_BY_POSTMASTER, "", OPS, "POSTMASTER",
	    "", "" },
	{ "\"postmaster\"@gnat.example", TABLE_BY_POSTMASTER, "", OPS,
	    "postmaster", "", "" },
	{ "postmaster@maggot.example", TABLE_BY_POSTMASTER, "", OPS,
	    "postmaster", "", "" },
	{ "Postmaster@Other.Example", TABLE_BY_MAILBOX,
	    "postmaster@other.example", "&bob@other.example\n", "Postmaster",
	    "", "" },
	{ "postmaster+x@maggot.example", TABLE_BY_DOMAIN, "@maggot.example",
	    "lmtp:unix:/run/lmtp\n", "postmaster+x", "x", "postmaster+x" },
	/* Our reports are from there: answers are postmaster's. */
	{ "MAILER-DAEMON@gnat.example", TABLE_BY_POSTMASTER, "", OPS,
	    "MAILER-DAEMON", "", "" },
	{ "mailer-daemon@other.example", 0, NULL, NULL, NULL, NULL, NULL },
	{ "mailer-daemon+x@gnat.example", 0, NULL, NULL, NULL, NULL, NULL },
	{ "Mailer-Daemon@maggot.example", TABLE_BY_DOMAIN, "@maggot.example",
	    "lmtp:unix:/run/lmtp\n", "Mailer-Daemon", "", "Mailer-Daemon" },
	/* Nobody. */
	{ "nobody@gnat.example", 0, NULL, NULL, NULL, NULL, NULL },
	{ "postmaster@elsewhere.example", 0, NULL, NULL, NULL, NULL, NULL },
	{ "postmaster@ther.example", 0, NULL, NULL, NULL, NULL, NULL },
	{ "postmaster@example", 0, NULL, NULL, NULL, NULL, NULL },
	{ "postmaster+x", 0, NULL, NULL, NULL, NULL, NULL },
	{ "ann@gnat", 0, NULL, NULL, NULL, NULL, NULL },
	{ "ann", 0, NULL, NULL, NULL, NULL, NULL },
	{ "ann@", 0, NULL, NULL, NULL, NULL, NULL },
	{ "postmaster@", TABLE_BY_POSTMASTER, "", OPS, "postmaster", "", "" },
	{ "@", 0, NULL, NULL, NULL, NULL, NULL },
	{ "", 0, NULL, NULL, NULL, NULL, NULL },
	{ "+x@gnat.example", 0, NULL, NULL, NULL, NULL, NULL },
	{ "ann%maggot.example@gnat.example", 0, NULL, NULL, NULL, NULL, NULL },
	{ "maggot.example!ann@gnat.example", 0, NULL, NULL, NULL, NULL, NULL },
	{ "\"ann@gnat.example\"@elsewhere.example", 0, NULL, NULL, NULL, NULL,
	    NULL },
	{ "ann@gnat.example@elsewhere.example", 0, NULL, NULL, NULL, NULL,
	    NULL },
};

static void
check_find(struct table *t, size_t i)
{
	struct table_match m;
	char store[400];
	struct bytes mailbox = bytes_of(FINDS[i].mailbox);
	enum table_answer answer = table_find(t, mailbox, &m);

	ATF_REQUIRE_EQ_MSG(
	    FINDS[i].instructions == NULL ? TABLE_MISS : TABLE_HIT, answer,
	    "%s", FINDS[i].mailbox);
	if (answer == TABLE_MISS)
		return;
	ATF_CHECK_EQ_MSG(FINDS[i].by, m.by, "%s", FINDS[i].mailbox);
	ATF_CHECK_MSG(bytes_same(m.key, bytes_of(FINDS[i].key)), "%s: %.*s",
	    FINDS[i].mailbox, (int)m.key.n, m.key.p);
	ATF_CHECK_MSG(bytes_same(m.mailbox.local, bytes_of(FINDS[i].local)),
	    "%s: %.*s", FINDS[i].mailbox, (int)m.mailbox.local.n,
	    m.mailbox.local.p);
	ATF_CHECK_MSG(bytes_same(m.mailbox.ext, bytes_of(FINDS[i].ext)),
	    "%s: %.*s", FINDS[i].mailbox, (int)m.mailbox.ext.n,
	    m.mailbox.ext.p);
	ATF_CHECK_MSG(bytes_same(m.deflt, bytes_of(FINDS[i].deflt)), "%s: %.*s",
	    FINDS[i].mailbox, (int)m.deflt.n, m.deflt.p);
	if (mailbox.n > 0 && mailbox.p[mailbox.n - 1] == '.')
		mailbox.n--;
	ATF_CHECK_MSG(mailbox.n >= m.mailbox.host.n &&
		bytes_same(m.mailbox.host,
		    bytes_cut(mailbox, mailbox.n - m.mailbox.host.n,
			m.mailbox.host.n)),
	    "%s: %.*s", FINDS[i].mailbox, (int)m.mailbox.host.n,
	    m.mailbox.host.p);
	ATF_CHECK_STREQ(
	    FINDS[i].instructions, instructions_of(&m, store, sizeof(store)));
}

ATF_TC_WITHOUT_HEAD(table_find__looks_up_mailbox_local_and_domain);
ATF_TC_BODY(table_find__looks_up_mailbox_local_and_domain, tc)
{
	struct table t;
	size_t i;

	open_sample(&t, SAMPLE, ARRAY_LEN(SAMPLE));
	for (i = 0; i < ARRAY_LEN(FINDS); i++)
		check_find(&t, i);
	table_close(&t);
	table_close(&t);
}

ATF_TC_WITHOUT_HEAD(table_find__never_takes_the_route_for_a_key);
ATF_TC_BODY(table_find__never_takes_the_route_for_a_key, tc)
{
	static const struct record route[] = { { "@", "|relay" },
		{ "postmaster", "|never" } };
	static const char *const strangers[] = { "", "@", "a@", "\"\"@", "ann",
		"ann@gnat.example", "+@", "postmaster@elsewhere.example" };
	struct table_match m;
	struct table t;
	char store[400];
	size_t i;

	open_sample(&t, route, ARRAY_LEN(route));
	for (i = 0; i < ARRAY_LEN(strangers); i++) {
		struct bytes mailbox = bytes_of(strangers[i]);

		ATF_CHECK_EQ_MSG(TABLE_MISS, table_find(&t, mailbox, &m), "%s",
		    strangers[i]);
		ATF_REQUIRE_EQ(TABLE_HIT, table_route(&t, mailbox, &m));
		ATF_CHECK_EQ(TABLE_BY_ROUTE, m.by);
		ATF_CHECK_STREQ(
		    "|relay\n", instructions_of(&m, store, sizeof(store)));
	}
	ATF_REQUIRE_EQ(TABLE_HIT,
	    table_route(&t, bytes_of("Ann+x@elsewhere.example"), &m));
	ATF_CHECK(bytes_same(m.mailbox.local, bytes_of("Ann+x")));
	ATF_CHECK(bytes_same(m.deflt, bytes_of("Ann+x")));
	ATF_CHECK(bytes_same(m.mailbox.host, bytes_of("elsewhere.example")));
	ATF_CHECK(bytes_same(m.key, bytes_of("@")));
	table_close(&t);
}

ATF_TC_WITHOUT_HEAD(table_find__postmaster_may_be_an_instruction_or_nobody);
ATF_TC_BODY(table_find__postmaster_may_be_an_instruction_or_nobody, tc)
{
	static const struct record own[] = { { "postmaster@gnat.example",
	    "/own/" } };
	struct bytes postmaster = bytes_of("postmaster");
	struct table_match m;
	struct table t;
	char store[400];

	open_sample(&t, SAMPLE, ARRAY_LEN(SAMPLE));
	table_set_postmaster(&t, HOST, "|logger -t postmaster");
	ATF_REQUIRE_EQ(TABLE_HIT, table_find(&t, postmaster, &m));
	ATF_CHECK_STREQ("|logger -t postmaster\n",
	    instructions_of(&m, store, sizeof(store)));
	table_set_postmaster(&t, HOST, "");
	ATF_CHECK_EQ(TABLE_MISS, table_find(&t, postmaster, &m));
	table_close(&t);
	/* Alone it is our host's, which may have a key of its own. */
	open_sample(&t, own, ARRAY_LEN(own));
	ATF_REQUIRE_EQ(TABLE_HIT, table_find(&t, postmaster, &m));
	ATF_CHECK_STREQ("/own/\n", instructions_of(&m, store, sizeof(store)));
	table_close(&t);
}

/* Bytes that this process has read. */
static unsigned long
bytes_read(void)
{
	FILE *io = fopen("/proc/self/io", "r");
	unsigned long n = 0;

	if (io == NULL)
		atf_tc_skip("no /proc/self/io");
	ATF_REQUIRE_EQ(1, fscanf(io, "rchar: %lu", &n));
	(void)fclose(io);
	return (n);
}

/* A stranger may ask for as many as they like. */
ATF_TC_WITHOUT_HEAD(table_find__postmaster_reads_a_large_table_once);
ATF_TC_BODY(table_find__postmaster_reads_a_large_table_once, tc)
{
	enum {
		KEYS = 5000
	};
	static struct record records[KEYS];
	static char keys[KEYS][32];
	struct table_match m;
	struct table t;
	unsigned long before;
	unsigned int i;

	for (i = 0; i < KEYS; i++) {
		(void)snprintf(keys[i], sizeof(keys[i]), "ann@d%u.Example", i);
		records[i] = (struct record){ keys[i], "/home/ann/Maildir/" };
	}
	open_sample(&t, records, KEYS);
	for (i = 0; i < KEYS; i += 7) {
		(void)snprintf(
		    keys[i], sizeof(keys[i]), "postmaster@D%u.example", i);
		ATF_CHECK_EQ_MSG(TABLE_HIT,
		    table_find(&t, bytes_of(keys[i]), &m), "%s", keys[i]);
	}
	before = bytes_read();
	for (i = 0; i < 100; i++) {
		(void)snprintf(
		    keys[0], sizeof(keys[0]), "postmaster@x%u.example", i);
		ATF_CHECK_EQ_MSG(TABLE_MISS,
		    table_find(&t, bytes_of(keys[0]), &m), "%s", keys[0]);
	}
	ATF_CHECK_MSG(
	    bytes_read() - before < 100000, "%lu bytes", bytes_read() - before);
	table_close(&t);
	/* Another table, other domains. */
	open_sample(&t, SAMPLE, ARRAY_LEN(SAMPLE));
	ATF_CHECK_EQ(
	    TABLE_MISS, table_find(&t, bytes_of("postmaster@d7.example"), &m));
	table_close(&t);
}

ATF_TC_WITHOUT_HEAD(table_find__long_mailbox_is_nobody);
ATF_TC_BODY(table_find__long_mailbox_is_nobody, tc)
{
	char mailbox[2 * TABLE_KEY_MAX];
	struct table_match m;
	struct table t;
	size_t n;

	open_sample(&t, SAMPLE, ARRAY_LEN(SAMPLE));
	memset(mailbox, 'a', sizeof(mailbox));
	for (n = 1; n < sizeof(mailbox); n++) {
		mailbox[n / 2] = '@';
		ATF_REQUIRE_EQ(TABLE_MISS,
		    table_find(&t, (struct bytes){ mailbox, n }, &m));
		mailbox[n / 2] = 'a';
	}
	table_close(&t);
}

/* Two records in three share their hash table's slots with others. */
ATF_TC_WITHOUT_HEAD(table_find__finds_each_of_many);
ATF_TC_BODY(table_find__finds_each_of_many, tc)
{
	enum {
		MANY = 3000
	};
	static struct record records[MANY];
	static char keys[MANY][32];
	struct table_match m;
	struct table t;
	char store[64];
	char want[64];
	size_t i;

	for (i = 0; i < MANY; i++) {
		(void)snprintf(keys[i], sizeof(keys[i]), "u%zu@d.example", i);
		records[i] = (struct record){ keys[i], keys[i] };
	}
	open_sample(&t, records, MANY);
	for (i = 0; i < MANY; i++) {
		ATF_REQUIRE_EQ(
		    TABLE_HIT, table_find(&t, bytes_of(keys[i]), &m));
		(void)snprintf(want, sizeof(want), "u%zu@d.example\n", i);
		ATF_REQUIRE_STREQ(
		    want, instructions_of(&m, store, sizeof(store)));
		keys[i][0] = 'v';
		ATF_REQUIRE_EQ(
		    TABLE_MISS, table_find(&t, bytes_of(keys[i]), &m));
	}
	table_close(&t);
}

ATF_TC_WITHOUT_HEAD(table_next__refuses_an_instruction_that_is_too_long);
ATF_TC_BODY(table_next__refuses_an_instruction_that_is_too_long, tc)
{
	static char text[INSTRUCTION_MAX + 2];
	const struct record records[] = { { "a@b.example", text } };
	struct table_match m;
	struct table t;
	struct bytes got;

	memset(text, 'x', INSTRUCTION_MAX + 1);
	open_sample(&t, records, 1);
	ATF_REQUIRE_EQ(TABLE_HIT, table_find(&t, bytes_of("a@b.example"), &m));
	ATF_CHECK_EQ(TABLE_FAILED, table_next(&m, &got));
	ATF_CHECK(strstr(t.file.why.op, "too long") != NULL);
	ATF_CHECK_STREQ("deliver.cdb", t.file.why.name);
	table_close(&t);
	text[INSTRUCTION_MAX] = '\0';
	open_sample(&t, records, 1);
	ATF_REQUIRE_EQ(TABLE_HIT, table_find(&t, bytes_of("a@b.example"), &m));
	ATF_REQUIRE_EQ(TABLE_HIT, table_next(&m, &got));
	ATF_CHECK_EQ(INSTRUCTION_MAX, got.n);
	table_close(&t);
}

ATF_TC_WITHOUT_HEAD(table_open__takes_a_table_of_nobody);
ATF_TC_BODY(table_open__takes_a_table_of_nobody, tc)
{
	static struct cdbfile_walk w;
	struct table_match m;
	struct table t;

	open_sample(&t, SAMPLE, 0);
	ATF_CHECK_EQ(
	    TABLE_MISS, table_find(&t, bytes_of("ann@gnat.example"), &m));
	ATF_CHECK_EQ(TABLE_MISS, table_route(&t, bytes_of("a@b"), &m));
	ATF_CHECK_EQ(TABLE_HIT, table_find(&t, bytes_of("postmaster"), &m));
	cdbfile_walk_init(&w, &t.file);
	ATF_CHECK_EQ(TABLE_MISS, cdbfile_walk(&w));
	table_close(&t);
}

static size_t
read_whole(const char *name, char *into, size_t cap)
{
	int fd = open(name, O_RDONLY);
	ssize_t n;

	ATF_REQUIRE(fd >= 0);
	n = read(fd, into, cap);
	ATF_REQUIRE(n > 0 && (size_t)n < cap);
	ATF_REQUIRE_EQ(0, close(fd));
	return ((size_t)n);
}

static void
write_whole(const char *name, const char *text, size_t n)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ((ssize_t)n, write(fd, text, n));
	ATF_REQUIRE_EQ(0, close(fd));
}

ATF_TC_WITHOUT_HEAD(table_open__tells_one_that_is_cut_or_grown_anywhere);
ATF_TC_BODY(table_open__tells_one_that_is_cut_or_grown_anywhere, tc)
{
	static char text[8192];
	struct fault why;
	struct table t;
	size_t whole;
	size_t n;

	make("deliver.cdb", SAMPLE, ARRAY_LEN(SAMPLE));
	whole = read_whole("deliver.cdb", text, sizeof(text));
	for (n = 0; n <= whole + 8; n++) {
		enum result r;

		write_whole("cut", text, n);
		r = table_open(&t, "cut", &why);
		ATF_CHECK_EQ_MSG(
		    n == whole, r == RES_OK, "%zu of %zu", n, whole);
		if (r != RES_OK)
			ATF_CHECK_MSG(why.op != NULL && why.name[0] != '\0',
			    "%zu of %zu", n, whole);
		table_close(&t);
	}
}

/* A list of many: its slots are in a row, and so are the empty ones. */
ATF_TC_WITHOUT_HEAD(table_find__misses_beside_a_key_of_many_instructions);
ATF_TC_BODY(table_find__misses_beside_a_key_of_many_instructions, tc)
{
	enum {
		MANY = 1000
	};
	static struct record records[MANY];
	char mailbox[32];
	struct table_match m;
	struct table t;
	struct bytes text;
	size_t i;

	for (i = 0; i < MANY; i++)
		records[i] = (struct record){ "list@d.example", "&a@b" };
	open_sample(&t, records, MANY);
	for (i = 0; i < 20 * MANY; i++) {
		(void)snprintf(mailbox, sizeof(mailbox), "u%zu@e.example", i);
		ATF_REQUIRE_EQ(
		    TABLE_MISS, table_find(&t, bytes_of(mailbox), &m));
	}
	ATF_REQUIRE_EQ(
	    TABLE_HIT, table_find(&t, bytes_of("list@d.example"), &m));
	for (i = 0; i < MANY; i++)
		ATF_REQUIRE_EQ(TABLE_HIT, table_next(&m, &text));
	ATF_CHECK_EQ(TABLE_MISS, table_next(&m, &text));
	table_close(&t);
}

/* A page that was never written reads as zeros. */
ATF_TC_WITHOUT_HEAD(table_find__takes_no_hole_for_an_empty_slot);
ATF_TC_BODY(table_find__takes_no_hole_for_an_empty_slot, tc)
{
	enum {
		MANY = 20000
	};
	static struct record records[MANY];
	static char keys[MANY][32];
	static char text[1 << 21];
	struct table_match m;
	struct fault why;
	struct table t;
	size_t misses = 0;
	size_t failed = 0;
	size_t whole;
	size_t i;

	for (i = 0; i < MANY; i++) {
		(void)snprintf(keys[i], sizeof(keys[i]), "u%zu@d.example", i);
		records[i] = (struct record){ keys[i], "/x/" };
	}
	make("deliver.cdb", records, MANY);
	whole = read_whole("deliver.cdb", text, sizeof(text));
	/* The tables are behind the records; and half the slots are free. */
	memset(text + whole - 2 * 8 * (size_t)MANY, 0, 2 * 8 * (size_t)MANY);
	write_whole("deliver.cdb", text, whole);
	ATF_REQUIRE_EQ(RES_OK, table_open(&t, "deliver.cdb", &why));
	for (i = 0; i < MANY; i++)
		switch (table_find(&t, bytes_of(keys[i]), &m)) {
		case TABLE_HIT:
			break;
		case TABLE_MISS:
			misses++;
			break;
		case TABLE_FAILED:
			failed++;
			break;
		}
	ATF_CHECK_EQ(0, misses);
	ATF_CHECK_EQ(MANY, failed);
	table_close(&t);
}

/*
 * One damaged byte is told, or it changes the keys or instructions that it is
 * in; nothing is read that is not there (the sanitizers watch).
 */
ATF_TC_WITHOUT_HEAD(table_find__stands_any_damaged_byte);
ATF_TC_BODY(table_find__stands_any_damaged_byte, tc)
{
	static char text[8192];
	static struct cdbfile_walk w;
	struct fault why;
	struct table_match m;
	struct bytes in;
	struct table t;
	size_t whole;
	size_t failed = 0;
	size_t at;
	size_t i;

	make("deliver.cdb", SAMPLE, ARRAY_LEN(SAMPLE));
	whole = read_whole("deliver.cdb", text, sizeof(text));
	for (at = 0; at < whole; at++) {
		text[at] = (char)~text[at];
		write_whole("bad", text, whole);
		text[at] = (char)~text[at];
		if (table_open(&t, "bad", &why) != RES_OK) {
			failed++;
			continue;
		}
		table_set_postmaster(&t, HOST, "ops@gnat.example");
		for (i = 0; i < ARRAY_LEN(FINDS); i++) {
			enum table_answer answer =
			    table_find(&t, bytes_of(FINDS[i].mailbox), &m);

			while (answer == TABLE_HIT)
				answer = table_next(&m, &in);
			failed += answer == TABLE_FAILED;
		}
		cdbfile_walk_init(&w, &t.file);
		while (cdbfile_walk(&w) == TABLE_HIT)
			continue;
		table_close(&t);
	}
	ATF_CHECK(failed > CDBFILE_HEAD);
}

/* A file that is cut short or overwritten while it is open. */
ATF_TC_WITHOUT_HEAD(table__that_is_written_to_in_place_fails);
ATF_TC_BODY(table__that_is_written_to_in_place_fails, tc)
{
	static struct cdbfile_walk w;
	struct timespec old[2] = { { 1, 0 }, { 1, 0 } };
	struct bytes ann = bytes_of("ann@gnat.example");
	struct bytes text;
	struct table_match m;
	struct table t;

	open_sample(&t, SAMPLE, ARRAY_LEN(SAMPLE));
	ATF_REQUIRE_EQ(TABLE_HIT, table_find(&t, ann, &m));
	cdbfile_walk_init(&w, &t.file);
	ATF_REQUIRE_EQ(0, truncate("deliver.cdb", 0));
	ATF_CHECK_EQ(TABLE_FAILED, table_next(&m, &text));
	ATF_CHECK_EQ(TABLE_FAILED, table_find(&t, ann, &m));
	ATF_CHECK_STREQ("deliver.cdb", t.file.why.name);
	ATF_CHECK_EQ(TABLE_FAILED, table_find(&t, bytes_of(""), &m));
	ATF_CHECK_EQ(TABLE_FAILED, table_route(&t, ann, &m));
	ATF_CHECK_EQ(TABLE_FAILED, cdbfile_walk(&w));
	ATF_CHECK(table_is_stale(&t, "deliver.cdb"));
	table_close(&t);
	/* Same size, other times. */
	open_sample(&t, SAMPLE, ARRAY_LEN(SAMPLE));
	ATF_REQUIRE_EQ(0, utimensat(AT_FDCWD, "deliver.cdb", old, 0));
	ATF_CHECK_EQ(TABLE_FAILED, table_find(&t, bytes_of("x@y.z"), &m));
	ATF_CHECK(strstr(t.file.why.op, "in place") != NULL);
	table_close(&t);
}

ATF_TC_WITHOUT_HEAD(table__that_is_replaced_stays_the_old_one);
ATF_TC_BODY(table__that_is_replaced_stays_the_old_one, tc)
{
	static const struct record others[] = { { "cat@gnat.example", "/c/" } };
	struct bytes ann = bytes_of("ann@gnat.example");
	struct table_match m;
	struct fault why;
	struct table t;
	char store[100];

	open_sample(&t, SAMPLE, ARRAY_LEN(SAMPLE));
	ATF_CHECK(!table_is_stale(&t, "deliver.cdb"));
	make("deliver.cdb", others, ARRAY_LEN(others));
	ATF_CHECK(table_is_stale(&t, "deliver.cdb"));
	ATF_REQUIRE_EQ(TABLE_HIT, table_find(&t, ann, &m));
	ATF_CHECK_STREQ(ANN, instructions_of(&m, store, sizeof(store)));
	table_close(&t);
	ATF_REQUIRE_EQ(RES_OK, table_open(&t, "deliver.cdb", &why));
	ATF_CHECK_EQ(TABLE_MISS, table_find(&t, ann, &m));
	ATF_REQUIRE_EQ(0, unlink("deliver.cdb"));
	ATF_CHECK(table_is_stale(&t, "deliver.cdb"));
	table_close(&t);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, table_find__looks_up_mailbox_local_and_domain);
	ATF_TP_ADD_TC(tp, table_find__never_takes_the_route_for_a_key);
	ATF_TP_ADD_TC(
	    tp, table_find__postmaster_may_be_an_instruction_or_nobody);
	ATF_TP_ADD_TC(tp, table_find__postmaster_reads_a_large_table_once);
	ATF_TP_ADD_TC(tp, table_find__long_mailbox_is_nobody);
	ATF_TP_ADD_TC(tp, table_find__finds_each_of_many);
	ATF_TP_ADD_TC(tp, table_next__refuses_an_instruction_that_is_too_long);
	ATF_TP_ADD_TC(tp, table_open__takes_a_table_of_nobody);
	ATF_TP_ADD_TC(tp, table_open__tells_one_that_is_cut_or_grown_anywhere);
	ATF_TP_ADD_TC(tp, table_find__misses_beside_a_key_of_many_instructions);
	ATF_TP_ADD_TC(tp, table_find__takes_no_hole_for_an_empty_slot);
	ATF_TP_ADD_TC(tp, table_find__stands_any_damaged_byte);
	ATF_TP_ADD_TC(tp, table__that_is_written_to_in_place_fails);
	ATF_TP_ADD_TC(tp, table__that_is_replaced_stays_the_old_one);
	return (atf_no_error());
}
