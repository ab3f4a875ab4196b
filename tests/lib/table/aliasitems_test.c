/* SPDX-License-Identifier: ISC */
#include "table/aliasitems.h"

#include <atf-c.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <stdio.h>
#include <unistd.h>

#include "bytes/bytes.h"

/* A file that was not written a moment ago. */
static void
make(const char *name, const char *text)
{
	const struct timespec then[2] = { { 1000, 0 }, { 1000, 0 } };

	atf_utils_create_file(name, "%s", text);
	ATF_REQUIRE_EQ(0, utimensat(AT_FDCWD, name, then, 0));
}

/* An alias that includes a file of here, and goes on. */
static struct bytes
alias_of(const char *file, struct buf *alias)
{
	char here[256];

	ATF_REQUIRE(getcwd(here, sizeof(here)) != NULL);
	(void)buf_printf(alias, "ann, :include:%s/%s, |run", here, file);
	return (buf_view(alias));
}

/* Each item: its kind, its text, and whether an included file's it is. */
static enum result
list(struct aliasitems *a, struct buf *out)
{
	char store[INSTRUCTION_MAX / 2];
	enum aliases_kind kind;
	struct bytes text;
	struct fault why;
	struct buf room;
	enum result r;

	buf_init(&room, store, sizeof(store));
	while ((r = aliasitems_next(a, &room, &kind, &text, &why)) == RES_OK) {
		(void)buf_printf(
		    out, "%d%s ", (int)kind, a->is_include ? "+" : "");
		(void)buf_put(out, text);
		(void)buf_putc(out, '\n');
	}
	return (r);
}

ATF_TC_WITHOUT_HEAD(aliasitems_next__has_an_included_files_in_its_place);
ATF_TC_BODY(aliasitems_next__has_an_included_files_in_its_place, tc)
{
	static struct aliasitems a;
	char alias_store[512];
	char store[512];
	char want[256];
	struct buf alias;
	struct buf out;

	buf_init(&alias, alias_store, sizeof(alias_store));
	make("list", "# those\nbob, cid\n\n:include:/not/followed\n|no\ndan\n");
	aliasitems_init(&a, alias_of("list", &alias));
	buf_init(&out, store, sizeof(store));
	ATF_CHECK_EQ(RES_PERM, list(&a, &out));
	(void)snprintf(want, sizeof(want),
	    "%d ann\n%d+ bob\n%d+ cid\n%d+ /not/followed\n%d+ no\n%d+ dan\n"
	    "%d run\n",
	    ALIASES_ADDRESS, ALIASES_ADDRESS, ALIASES_ADDRESS, ALIASES_INCLUDE,
	    ALIASES_COMMAND, ALIASES_ADDRESS, ALIASES_COMMAND);
	ATF_CHECK_STREQ(want, buf_cstr(&out));
	/* Asked again, it has no more. */
	ATF_CHECK_EQ(RES_PERM, list(&a, &out));
	ATF_CHECK(!a.is_include);
}

ATF_TC_WITHOUT_HEAD(aliasitems_next__fails_for_now_without_the_file);
ATF_TC_BODY(aliasitems_next__fails_for_now_without_the_file, tc)
{
	static struct aliasitems a;
	char alias_store[512];
	char store[512];
	struct buf alias;
	struct buf out;

	buf_init(&alias, alias_store, sizeof(alias_store));
	aliasitems_init(&a, alias_of("none", &alias));
	buf_init(&out, store, sizeof(store));
	ATF_CHECK_EQ(RES_TEMP, list(&a, &out));
	/* Only what stood before it. */
	ATF_CHECK(buf_view(&out).n == 6);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, aliasitems_next__has_an_included_files_in_its_place);
	ATF_TP_ADD_TC(tp, aliasitems_next__fails_for_now_without_the_file);
	return (atf_no_error());
}
