/* SPDX-License-Identifier: ISC */
#include "table/domains.h"

#include <atf-c.h>
#include <cdb.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A file with these keys. */
static void
make(const char *name, const char *const *keys, size_t n)
{
	struct cdb_make maker;
	size_t i;
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ(0, cdb_make_start(&maker, fd));
	for (i = 0; i < n; i++)
		ATF_REQUIRE_EQ(0,
		    cdb_make_add(&maker, keys[i], (unsigned int)strlen(keys[i]),
			"/x/", 3));
	ATF_REQUIRE_EQ(0, cdb_make_finish(&maker));
	ATF_REQUIRE_EQ(0, close(fd));
}

static enum table_answer
find(struct domains *d, struct cdbfile *f, const char *domain)
{
	return (domains_find(d, f, bytes_of(domain)));
}

ATF_TC_WITHOUT_HEAD(domains_find__knows_what_is_behind_the_at_of_a_key);
ATF_TC_BODY(domains_find__knows_what_is_behind_the_at_of_a_key, tc)
{
	static const char *const keys[] = { "ann@gnat.example", "@maggot",
		"a@b@last.example", "@xn--bcher-kva.example", "nobody.example",
		"@" };
	static struct domains d;
	struct cdbfile f;
	struct fault why;

	make("made.cdb", keys, ARRAY_LEN(keys));
	ATF_REQUIRE_EQ(RES_OK, cdbfile_open(&f, "made.cdb", &why));
	domains_init(&d);
	ATF_CHECK_EQ(TABLE_HIT, find(&d, &f, "gnat.example"));
	ATF_CHECK_EQ(TABLE_HIT, find(&d, &f, "MAGGOT"));
	ATF_CHECK_EQ(TABLE_HIT, find(&d, &f, "last.example"));
	ATF_CHECK_EQ(TABLE_HIT,
	    find(&d, &f,
		"b\xc3\xbc"
		"cher.example"));
	/* The local part of an address, a key without any, a part of one. */
	ATF_CHECK_EQ(TABLE_MISS, find(&d, &f, "b@last.example"));
	ATF_CHECK_EQ(TABLE_MISS, find(&d, &f, "nobody.example"));
	ATF_CHECK_EQ(TABLE_MISS, find(&d, &f, "example"));
	cdbfile_close(&f);
}

ATF_TC_WITHOUT_HEAD(domains_find__takes_no_strange_domain_for_the_tables);
ATF_TC_BODY(domains_find__takes_no_strange_domain_for_the_tables, tc)
{
	static char names[20000][32];
	static const char *keys[20000];
	static struct domains d;
	struct cdbfile f;
	struct fault why;
	char other[32];
	size_t nwrong = 0;
	size_t i;

	for (i = 0; i < ARRAY_LEN(keys); i++) {
		(void)snprintf(names[i], sizeof(names[i]), "@d%zu.example", i);
		keys[i] = names[i];
	}
	make("made.cdb", keys, ARRAY_LEN(keys));
	ATF_REQUIRE_EQ(RES_OK, cdbfile_open(&f, "made.cdb", &why));
	domains_init(&d);
	for (i = 0; i < ARRAY_LEN(keys); i += 100)
		ATF_REQUIRE_EQ(TABLE_HIT, find(&d, &f, names[i] + 1));
	/* The filter alone would take one in 200 for the table's. */
	for (i = 0; i < ARRAY_LEN(keys); i++) {
		(void)snprintf(other, sizeof(other), "e%zu.example", i);
		if (find(&d, &f, other) == TABLE_HIT)
			nwrong++;
	}
	ATF_CHECK_MSG(nwrong == 0, "%zu of 20000", nwrong);
	cdbfile_close(&f);
}

ATF_TC_WITHOUT_HEAD(domains_find__learns_once_and_again_after_a_failure);
ATF_TC_BODY(domains_find__learns_once_and_again_after_a_failure, tc)
{
	static const char *const keys[] = { "ann@gnat.example" };
	static struct domains d;
	struct cdbfile f;
	struct fault why;
	int fd;

	make("made.cdb", keys, ARRAY_LEN(keys));
	ATF_REQUIRE_EQ(RES_OK, cdbfile_open(&f, "made.cdb", &why));
	domains_init(&d);
	ATF_CHECK_EQ(TABLE_HIT, find(&d, &f, "gnat.example"));
	/* Written to in place: what was learned needs no file. */
	fd = open("made.cdb", O_WRONLY | O_TRUNC);
	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ(0, close(fd));
	ATF_CHECK_EQ(TABLE_HIT, find(&d, &f, "gnat.example"));
	domains_init(&d);
	ATF_CHECK_EQ(TABLE_FAILED, find(&d, &f, "gnat.example"));
	cdbfile_close(&f);
	make("made.cdb", keys, ARRAY_LEN(keys));
	ATF_REQUIRE_EQ(RES_OK, cdbfile_open(&f, "made.cdb", &why));
	ATF_CHECK_EQ(TABLE_HIT, find(&d, &f, "gnat.example"));
	cdbfile_close(&f);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, domains_find__knows_what_is_behind_the_at_of_a_key);
	ATF_TP_ADD_TC(tp, domains_find__takes_no_strange_domain_for_the_tables);
	ATF_TP_ADD_TC(tp, domains_find__learns_once_and_again_after_a_failure);
	return (atf_no_error());
}
