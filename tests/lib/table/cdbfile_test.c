/* SPDX-License-Identifier: ISC */
#include "table/cdbfile.h"

#include <atf-c.h>
#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct record {
	const char *key;
	const char *text;
};

static const struct record SAMPLE[] = {
	{ "ann@gnat.example", "/home/ann/Maildir/" },
	{ "tickets@gnat.example", "|/usr/bin/ticket" },
	{ "tickets@gnat.example", "" },
	{ "@maggot.example", "lmtp:unix:/run/lmtp" },
	{ "tickets@gnat.example", "/var/mail/tickets/" },
	{ "", "the empty key" },
};

/* Make a file as `cdb -c` does, and open it. */
static void
open_sample(struct cdbfile *f, const struct record *records, size_t n)
{
	struct cdb_make maker;
	struct fault why;
	size_t i;
	int fd = open("made.cdb", O_RDWR | O_CREAT | O_TRUNC, 0644);

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ(0, cdb_make_start(&maker, fd));
	for (i = 0; i < n; i++)
		ATF_REQUIRE_EQ(0,
		    cdb_make_add(&maker, records[i].key,
			(unsigned int)strlen(records[i].key), records[i].text,
			(unsigned int)strlen(records[i].text)));
	ATF_REQUIRE_EQ(0, cdb_make_finish(&maker));
	ATF_REQUIRE_EQ(0, close(fd));
	ATF_REQUIRE_EQ(RES_OK, cdbfile_open(f, "made.cdb", &why));
}

ATF_TC_WITHOUT_HEAD(cdbfile_find__gives_each_record_of_a_key_in_order);
ATF_TC_BODY(cdbfile_find__gives_each_record_of_a_key_in_order, tc)
{
	struct cdbfile_find found;
	struct cdbfile f;
	char value[64];
	size_t i;
	size_t j;

	open_sample(&f, SAMPLE, ARRAY_LEN(SAMPLE));
	for (i = 0; i < ARRAY_LEN(SAMPLE); i++) {
		struct bytes key = bytes_of(SAMPLE[i].key);
		enum table_answer answer = cdbfile_find(&f, key, &found);

		for (j = 0; j < ARRAY_LEN(SAMPLE); j++) {
			struct bytes text = bytes_of(SAMPLE[j].text);

			if (!bytes_same(bytes_of(SAMPLE[j].key), key))
				continue;
			ATF_REQUIRE_EQ(TABLE_HIT, answer);
			ATF_REQUIRE_EQ(text.n, found.value_n);
			ATF_REQUIRE_EQ(
			    TABLE_HIT, cdbfile_value(&f, &found, value));
			ATF_CHECK(bytes_same(
			    text, (struct bytes){ value, found.value_n }));
			answer = cdbfile_next(&f, &found);
		}
		ATF_CHECK_EQ(TABLE_MISS, answer);
		ATF_CHECK_EQ(TABLE_MISS, cdbfile_next(&f, &found));
	}
	ATF_CHECK_EQ(TABLE_MISS, cdbfile_find(&f, bytes_of("bob"), &found));
	cdbfile_close(&f);
	cdbfile_close(&f);
}

/* A record's key is read into room for this much. */
ATF_TC_WITHOUT_HEAD(cdbfile_find__does_not_find_a_key_that_is_too_long);
ATF_TC_BODY(cdbfile_find__does_not_find_a_key_that_is_too_long, tc)
{
	static char longest[CDBFILE_KEY_MAX + 2];
	static char longer[CDBFILE_KEY_MAX + 2];
	const struct record records[] = { { longest, "a" }, { longer, "b" } };
	struct cdbfile_find found;
	struct cdbfile f;

	memset(longest, 'x', CDBFILE_KEY_MAX);
	memset(longer, 'x', CDBFILE_KEY_MAX + 1);
	open_sample(&f, records, ARRAY_LEN(records));
	ATF_CHECK_EQ(TABLE_HIT, cdbfile_find(&f, bytes_of(longest), &found));
	ATF_CHECK_EQ(TABLE_MISS, cdbfile_find(&f, bytes_of(longer), &found));
	cdbfile_close(&f);
}

ATF_TC_WITHOUT_HEAD(cdbfile_confirm__fails_once_the_file_is_changed);
ATF_TC_BODY(cdbfile_confirm__fails_once_the_file_is_changed, tc)
{
	struct cdbfile f;

	open_sample(&f, SAMPLE, ARRAY_LEN(SAMPLE));
	ATF_CHECK_EQ(TABLE_HIT, cdbfile_confirm(&f, TABLE_HIT));
	ATF_CHECK_EQ(TABLE_MISS, cdbfile_confirm(&f, TABLE_MISS));
	ATF_CHECK(!cdbfile_is_stale(&f, "made.cdb"));
	ATF_REQUIRE_EQ(0, truncate("made.cdb", CDBFILE_HEAD));
	ATF_CHECK_EQ(TABLE_FAILED, cdbfile_confirm(&f, TABLE_HIT));
	ATF_CHECK_EQ(TABLE_FAILED, cdbfile_confirm(&f, TABLE_MISS));
	ATF_CHECK_STREQ("made.cdb", f.why.name);
	ATF_CHECK(cdbfile_is_stale(&f, "made.cdb"));
	cdbfile_close(&f);
}

ATF_TC_WITHOUT_HEAD(cdbfile_walk__shows_every_record_in_order);
ATF_TC_BODY(cdbfile_walk__shows_every_record_in_order, tc)
{
	static struct cdbfile_walk w;
	static char big[2 * CDBFILE_WALK_CHUNK];
	const struct record large[] = { { "a@b", "/1/" }, { "big@b", big },
		{ "c@d", "" }, { big, "/2/" }, { "e@f", "/3/" } };
	struct cdbfile f;
	size_t i;

	open_sample(&f, SAMPLE, ARRAY_LEN(SAMPLE));
	cdbfile_walk_init(&w, &f);
	for (i = 0; i < ARRAY_LEN(SAMPLE); i++) {
		ATF_REQUIRE_EQ(TABLE_HIT, cdbfile_walk(&w));
		ATF_CHECK(bytes_same(w.key, bytes_of(SAMPLE[i].key)));
		ATF_CHECK(bytes_same(w.value, bytes_of(SAMPLE[i].text)));
	}
	ATF_CHECK_EQ(TABLE_MISS, cdbfile_walk(&w));
	ATF_CHECK_EQ(TABLE_MISS, cdbfile_walk(&w));
	cdbfile_close(&f);
	/* A record that is larger than the store is cut. */
	memset(big, 'x', sizeof(big) - 1);
	open_sample(&f, large, ARRAY_LEN(large));
	cdbfile_walk_init(&w, &f);
	for (i = 0; i < ARRAY_LEN(large); i++) {
		struct bytes key = bytes_of(large[i].key);
		struct bytes text = bytes_of(large[i].text);

		ATF_REQUIRE_EQ(TABLE_HIT, cdbfile_walk(&w));
		ATF_CHECK(bytes_same(w.key, bytes_cut(key, 0, w.key.n)));
		ATF_CHECK(bytes_same(
		    w.value, bytes_cut(text, 0, w.value.n)));
		if (key.n + text.n < 100)
			ATF_CHECK_EQ(key.n + text.n,
			    w.key.n + w.value.n);
	}
	ATF_CHECK_EQ(TABLE_MISS, cdbfile_walk(&w));
	cdbfile_close(&f);
}

ATF_TC_WITHOUT_HEAD(cdbfile_walk__goes_through_many_chunks);
ATF_TC_BODY(cdbfile_walk__goes_through_many_chunks, tc)
{
	enum {
		MANY = 2000
	};
	static struct cdbfile_walk w;
	static struct record records[MANY];
	static char keys[MANY][32];
	struct cdbfile f;
	size_t i;

	for (i = 0; i < MANY; i++) {
		(void)snprintf(keys[i], sizeof(keys[i]), "%0*zu@d",
		    (int)(i % 20), i);
		records[i] = (struct record){ keys[i], keys[MANY - 1 - i] };
	}
	open_sample(&f, records, MANY);
	cdbfile_walk_init(&w, &f);
	for (i = 0; i < MANY; i++) {
		ATF_REQUIRE_EQ(TABLE_HIT, cdbfile_walk(&w));
		ATF_REQUIRE(bytes_same(w.key, bytes_of(records[i].key)));
		ATF_REQUIRE(
		    bytes_same(w.value, bytes_of(records[i].text)));
	}
	ATF_CHECK_EQ(TABLE_MISS, cdbfile_walk(&w));
	cdbfile_close(&f);
}

ATF_TC_WITHOUT_HEAD(cdbfile_open__says_what_is_no_table);
ATF_TC_BODY(cdbfile_open__says_what_is_no_table, tc)
{
	struct fault why;
	struct cdbfile f;
	int fd;

	ATF_CHECK_EQ(RES_PERM, cdbfile_open(&f, "absent", &why));
	ATF_CHECK_EQ(ENOENT, why.err);
	ATF_CHECK_STREQ("absent", why.name);
	cdbfile_close(&f);
	ATF_REQUIRE_EQ(0, mkdir("dir", 0755));
	ATF_CHECK_EQ(RES_PERM, cdbfile_open(&f, "dir", &why));
	/* Nobody writes to it: opening it must not wait for one. */
	ATF_REQUIRE_EQ(0, mkfifo("fifo", 0644));
	ATF_CHECK_EQ(RES_PERM, cdbfile_open(&f, "fifo", &why));
	ATF_CHECK(strstr(why.op, "no file") != NULL);
	fd = open("text", O_WRONLY | O_CREAT, 0644);
	ATF_REQUIRE(fd >= 0);
	ATF_CHECK_EQ(RES_PERM, cdbfile_open(&f, "text", &why));
	/* Space that was reserved, and not written yet. */
	ATF_REQUIRE_EQ(0, ftruncate(fd, 2048));
	ATF_CHECK_EQ(RES_PERM, cdbfile_open(&f, "text", &why));
	ATF_REQUIRE_EQ(0, ftruncate(fd, 65536));
	ATF_CHECK_EQ(RES_PERM, cdbfile_open(&f, "text", &why));
	ATF_CHECK(strstr(why.op, "damaged") != NULL);
	ATF_CHECK_STREQ("text", why.name);
	/* More than a cdb can be, and sparse. */
	ATF_REQUIRE_EQ(0, ftruncate(fd, (off_t)UINT32_MAX + 1));
	ATF_CHECK_EQ(RES_PERM, cdbfile_open(&f, "text", &why));
	ATF_REQUIRE_EQ(0, close(fd));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, cdbfile_find__gives_each_record_of_a_key_in_order);
	ATF_TP_ADD_TC(tp, cdbfile_find__does_not_find_a_key_that_is_too_long);
	ATF_TP_ADD_TC(tp, cdbfile_confirm__fails_once_the_file_is_changed);
	ATF_TP_ADD_TC(tp, cdbfile_walk__shows_every_record_in_order);
	ATF_TP_ADD_TC(tp, cdbfile_walk__goes_through_many_chunks);
	ATF_TP_ADD_TC(tp, cdbfile_open__says_what_is_no_table);
	return (atf_no_error());
}
