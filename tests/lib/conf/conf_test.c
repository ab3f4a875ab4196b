/* SPDX-License-Identifier: ISC */
#include "conf/conf.h"

#include <sys/stat.h>
#include <atf-c.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/keys.h"

/* All answers to a text: `line:key=value;` and `line!status;` */
static void
answers(struct bytes rest, struct buf *out)
{
	struct conf_pair pair = { .line = 0 };
	enum conf_status status;

	while ((status = conf_next(&rest, &pair)) != CONF_END) {
		if (status == CONF_PAIR)
			(void)buf_printf(out, "%u:%s=%s;", pair.line,
			    pair.key, pair.value);
		else
			(void)buf_printf(out, "%u!%d;", pair.line,
			    (int)status);
	}
}

static const struct {
	const char *text;
	const char *want;
} GRAMMAR[] = {
	/* A pair a line; a key has no case, a value has. */
	{ "", "" },
	{ "a=b", "1:a=b;" },
	{ "a=b\n", "1:a=b;" },
	{ "MSS=500\nHostName=Gnat\n", "1:mss=500;2:hostname=Gnat;" },
	{ "smtp.SubDir=/A/b", "1:smtp.subdir=/A/b;" },

	/* Line ends: LF, CR LF, CR as in the original; the last may lack. */
	{ "a=1\r\nb=2\r\n", "1:a=1;2:b=2;" },
	{ "a=1\rb=2\r", "1:a=1;2:b=2;" },
	{ "a=1\n\n\nb=2", "1:a=1;4:b=2;" },
	{ "\r\n\r\na=1", "3:a=1;" },
	{ "a=1\n\rb=2", "1:a=1;3:b=2;" },

	/* Blanks and tabs vanish outside quotes, wherever they are. */
	{ "  a = b  ", "1:a=b;" },
	{ "\ta\t=\tb\t", "1:a=b;" },
	{ "my ip = 1 2", "1:myip=12;" },
	{ " \t \n", "" },

	/* Inside quotes everything is literal. */
	{ "a=\" b  c\t\"", "1:a= b  c\t;" },
	{ "a=\"b=c\"", "1:a=b=c;" },
	{ "a=\"b#c;d\"", "1:a=b#c;d;" },
	{ "a=\"\"", "1:a=;" },
	{ "a=b\" c \"d e", "1:a=b c de;" },
	{ "a=\"b\\\"", "1:a=b\\;" },
	{ "\"A B\"=c", "1:a b=c;" },
	{ "\"a=b\"=c", "1:a=b=c;" },

	/* Comments. */
	{ "# a=b", "" },
	{ "; a=b\nc=d", "2:c=d;" },
	{ "a=b # c = d \" e", "1:a=b;" },
	{ "a=b; c", "1:a=b;" },
	{ "a=b#", "1:a=b;" },
	{ "a=#b", "1:a=;" },

	/* Empty values are pairs; the keys say what they think of them. */
	{ "a=", "1:a=;" },
	{ "a = \n", "1:a=;" },

	/* Mistakes, and the lines behind them. */
	{ "a\nb=c", "1!2;2:b=c;" },
	{ "a b # c=d", "1!2;" },
	{ "\"\"", "1!2;" },
	{ "\"a=b\"", "1!2;" },
	{ "a=b=c\nd=e", "1!3;2:d=e;" },
	{ "a==b", "1!3;" },
	{ "a=b = \"c\"", "1!3;" },
	{ "a=\"b\nc=d", "1!4;2:c=d;" },
	{ "a=b\"\nc=d", "1!4;2:c=d;" },
	{ "a=\"b # c", "1!4;" },
	{ "\"a=b", "1!4;" },
	{ "=b", "1!5;" },
	{ " = b", "1!5;" },
	{ "\"\"=b", "1!5;" },
	{ "=", "1!5;" },
	{ "a=\x01", "1!7;" },
	{ "a=\"\x7f\"", "1!7;" },
	{ "a\vb=c\nd=e", "1!7;2:d=e;" },
	{ "\x01", "1!7;" },

	/* Control-Z, where DOS editors end a file. */
	{ "a=b\n\x1a", "1:a=b;" },
	{ "a=b\x1a" "c=d\ne=f", "1:a=b;" },
	{ "a=b\n\x1a\nc=d", "1:a=b;" },

	/* 8-bit text is kept. */
	{ "a=\xc3\xbc", "1:a=\xc3\xbc;" },
};

ATF_TC_WITHOUT_HEAD(conf_next__reads_the_grammar_of_wattcp);
ATF_TC_BODY(conf_next__reads_the_grammar_of_wattcp, tc)
{
	size_t i;

	/* The numbers in the rows. */
	ATF_REQUIRE_EQ(2, CONF_NO_EQUALS);
	ATF_REQUIRE_EQ(7, CONF_BAD_BYTE);
	for (i = 0; i < ARRAY_LEN(GRAMMAR); i++) {
		char store[200];
		struct buf out;

		buf_init(&out, store, sizeof(store));
		answers(bytes_of(GRAMMAR[i].text), &out);
		ATF_CHECK_MSG(bytes_same(buf_view(&out),
		        bytes_of(GRAMMAR[i].want)),
		    "row %zu: %s gave %.*s", i, GRAMMAR[i].text,
		    (int)buf_view(&out).n, store);
	}
}

ATF_TC_WITHOUT_HEAD(conf_next__nul_is_a_bad_byte);
ATF_TC_BODY(conf_next__nul_is_a_bad_byte, tc)
{
	struct bytes rest = { "a=b\0c", 5 };
	struct conf_pair pair = { .line = 0 };

	ATF_CHECK_EQ(CONF_BAD_BYTE, conf_next(&rest, &pair));
}

/* A line of a key and a value of so many bytes, and one behind it. */
static enum conf_status
status_of_lengths(size_t nkey, size_t nvalue, struct conf_pair *pair)
{
	static char text[CONF_KEY_MAX + CONF_VALUE_MAX + 16];
	struct conf_pair next;
	struct bytes rest;
	enum conf_status status;

	memset(text, 'k', nkey);
	text[nkey] = '=';
	memset(text + nkey + 1, 'v', nvalue);
	memcpy(text + nkey + 1 + nvalue, "\na=b\n", 6);
	rest = bytes_of(text);
	pair->line = 0;
	status = conf_next(&rest, pair);
	next.line = pair->line;
	ATF_CHECK_EQ(CONF_PAIR, conf_next(&rest, &next));
	ATF_CHECK_EQ(2, next.line);
	ATF_CHECK_STREQ("a", next.key);
	return (status);
}

ATF_TC_WITHOUT_HEAD(conf_next__longest_key_and_value);
ATF_TC_BODY(conf_next__longest_key_and_value, tc)
{
	struct conf_pair pair;

	ATF_CHECK_EQ(CONF_PAIR, status_of_lengths(CONF_KEY_MAX - 1, 1, &pair));
	ATF_CHECK_EQ((size_t)CONF_KEY_MAX - 1, strlen(pair.key));
	ATF_CHECK_EQ(CONF_TOO_LONG, status_of_lengths(CONF_KEY_MAX, 1, &pair));
	ATF_CHECK_EQ(CONF_TOO_LONG,
	    status_of_lengths(CONF_KEY_MAX + 1, 1, &pair));
	ATF_CHECK_EQ(CONF_PAIR,
	    status_of_lengths(1, CONF_VALUE_MAX - 1, &pair));
	ATF_CHECK_EQ((size_t)CONF_VALUE_MAX - 1, strlen(pair.value));
	ATF_CHECK_EQ(CONF_TOO_LONG,
	    status_of_lengths(1, CONF_VALUE_MAX, &pair));
	ATF_CHECK_EQ(CONF_TOO_LONG,
	    status_of_lengths(1, CONF_VALUE_MAX + 1, &pair));
}

ATF_TC_WITHOUT_HEAD(conf_status_text__each_mistake_has_its_own_words);
ATF_TC_BODY(conf_status_text__each_mistake_has_its_own_words, tc)
{
	int a;
	int b;

	for (a = CONF_NO_EQUALS; a <= CONF_BAD_BYTE; a++) {
		ATF_CHECK(conf_status_text((enum conf_status)a)[0] != '\0');
		for (b = CONF_NO_EQUALS; b < a; b++)
			ATF_CHECK(strcmp(
			    conf_status_text((enum conf_status)a),
			    conf_status_text((enum conf_status)b)) != 0);
	}
}

/* What conf_load() reported: `weight file:line key` a line. */
struct reports {
	struct buf text;
	unsigned int errors;
	char store[4096];
};

static void
note_report(void *ctx, enum conf_weight weight, const char *file,
    unsigned int line, const char *key, const char *text)
{
	struct reports *r = ctx;

	ATF_CHECK_MSG(text[0] != '\0', "%s:%u", file, line);
	if (weight == CONF_ERROR)
		r->errors++;
	(void)buf_printf(&r->text, "%s %s:%u %s\n",
	    weight == CONF_ERROR ? "error" : "note", file, line, key);
}

static enum result
load(const char *file, struct settings *settings, struct reports *reports)
{
	buf_init(&reports->text, reports->store, sizeof(reports->store));
	reports->errors = 0;
	return (conf_load(file, settings, note_report, reports));
}

static void
check_reports(struct reports *r, const char *want)
{
	const char *got = buf_cstr(&r->text);

	ATF_REQUIRE(got != NULL);
	ATF_CHECK_STREQ(want, got);
}

static void
write_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	ATF_REQUIRE(close(fd) == 0);
}

/* The sample of the original's manual, 1991. */
static const char SAMPLE[] =
    " my_ip=129.97.176.99 # set ip address\r\n"
    " netmask=255.255.254.0 # 23 bit subnet mask\r\n"
    " nameserver=129.97.129.140 # primary and\r\n"
    " nameserver=129.97.128.196 # secondary nameservers\r\n"
    " gateway=129.97.176.1 # my gateway to the world\r\n"
    " # for advanced subnetting details see the complete\r\n"
    " # wattcp installation guide ftpable from\r\n"
    " # sunee.uwaterloo.ca in pub/wattcp/apps.zip\r\n"
    " domainslist=\"watstar.uwaterloo.ca\"\r\n"
    " inactive=1200\r\n"
    " hostname=maggot\r\n"
    " smtp.subdir=n:\\spool\\rqueue\r\n"
    " smtp.sessions=12";

ATF_TC_WITHOUT_HEAD(conf_load__reads_the_sample_of_the_original);
ATF_TC_BODY(conf_load__reads_the_sample_of_the_original, tc)
{
	static struct reports reports;
	struct settings s;

	write_file("wattcp.cfg", SAMPLE);
	ATF_REQUIRE_EQ(RES_OK, load("wattcp.cfg", &s, &reports));
	ATF_CHECK_STREQ("maggot", s.hostname);
	ATF_CHECK_STREQ("watstar.uwaterloo.ca", s.domain);
	ATF_CHECK_EQ(1200, s.session.inactive);
	ATF_CHECK_EQ(12, s.service.sessions);
	ATF_CHECK_STREQ("n:\\spool\\rqueue", s.spool.dir);
	/* The stack's keys, and a path that is none here. */
	check_reports(&reports,
	    "note wattcp.cfg:1 my_ip\n"
	    "note wattcp.cfg:2 netmask\n"
	    "note wattcp.cfg:3 nameserver\n"
	    "note wattcp.cfg:4 nameserver\n"
	    "note wattcp.cfg:5 gateway\n"
	    "note wattcp.cfg:12 smtp.subdir\n");
}

ATF_TC_WITHOUT_HEAD(conf_load__reads_the_examples_of_the_original);
ATF_TC_BODY(conf_load__reads_the_examples_of_the_original, tc)
{
	static struct reports reports;
	struct settings s;

	write_file("wattcp.cfg", "smtp.sessions=12\n"
	    "smtp.subdir=n:\\spool\\rqueue\n"
	    "inactive=1200 ; 20 minutes\n"
	    "mss=500\nhostname=snail\ndomain=uwaterloo.ca\n");
	ATF_REQUIRE_EQ(RES_OK, load("wattcp.cfg", &s, &reports));
	ATF_CHECK_EQ(1200, s.session.inactive);
	ATF_CHECK_EQ(500, s.session.mss);
	ATF_CHECK_STREQ("snail", s.hostname);
	ATF_CHECK_STREQ("uwaterloo.ca", s.domain);
}

ATF_TC_WITHOUT_HEAD(conf_load__what_is_not_said_has_its_default);
ATF_TC_BODY(conf_load__what_is_not_said_has_its_default, tc)
{
	static struct reports reports;
	struct settings s;

	memset(&s, 0xff, sizeof(s));
	write_file("wattcp.cfg", "smtp.subdir=/spool");
	ATF_REQUIRE_EQ(RES_OK, load("wattcp.cfg", &s, &reports));
	check_reports(&reports, "");
	ATF_CHECK_STREQ("", s.hostname);
	ATF_CHECK_STREQ("", s.domain);
	ATF_CHECK_STREQ("/spool", s.spool.dir);
	ATF_CHECK_STREQ("0.0.0.0:25,[::]:25", s.service.listen);
	ATF_CHECK_EQ(1200, s.session.inactive);
	ATF_CHECK_EQ(0, s.session.mss);
	ATF_CHECK_EQ(8, s.service.sessions);
	ATF_CHECK_EQ(0, s.service.persource);
	ATF_CHECK_EQ(1, s.spool.sync);
	ATF_CHECK_EQ(SETTINGS_LF, s.spool.eol);
	ATF_CHECK_EQ(SETTINGS_PLAIN, s.spool.envelope);
	ATF_CHECK_EQ(SETTINGS_NORMALIZE, s.session.bareeol);
	ATF_CHECK_EQ(33554432, s.session.maxsize);
	ATF_CHECK_EQ(1000, s.session.maxrcpts);
	ATF_CHECK_EQ(20, s.session.maxerrors);
	ATF_CHECK_EQ(7200, s.session.maxtime);
}

ATF_TC_WITHOUT_HEAD(conf_load__last_of_a_repeated_key_wins);
ATF_TC_BODY(conf_load__last_of_a_repeated_key_wins, tc)
{
	static struct reports reports;
	struct settings s;

	write_file("wattcp.cfg",
	    "smtp.subdir=/a\nmss=1\ndomain=a.b\nMSS=2\ndomain.suffix=c.d\n");
	ATF_REQUIRE_EQ(RES_OK, load("wattcp.cfg", &s, &reports));
	ATF_CHECK_EQ(2, s.session.mss);
	ATF_CHECK_STREQ("c.d", s.domain);
}

ATF_TC_WITHOUT_HEAD(conf_load__every_mistake_is_reported_with_its_line);
ATF_TC_BODY(conf_load__every_mistake_is_reported_with_its_line, tc)
{
	static struct reports reports;
	struct settings s;

	write_file("wattcp.cfg",
	    "smtp.subdir=/spool\n"
	    "smtp.nonsense=1\n"
	    "smtp.sync=maybe\n"
	    "mss=500=501\n"
	    "hostname=\"gnat\n"
	    "inactive=never\n"
	    "mss\n"
	    "smtp.subdir=\n"
	    "other.program=x\n"
	    "smtp.sessions=0");
	ATF_CHECK_EQ(RES_PERM, load("wattcp.cfg", &s, &reports));
	check_reports(&reports,
	    "error wattcp.cfg:2 smtp.nonsense\n"
	    "error wattcp.cfg:3 smtp.sync\n"
	    "error wattcp.cfg:4 \n"
	    "error wattcp.cfg:5 \n"
	    "error wattcp.cfg:6 inactive\n"
	    "error wattcp.cfg:7 \n"
	    "error wattcp.cfg:8 smtp.subdir\n"
	    "note wattcp.cfg:9 other.program\n"
	    "error wattcp.cfg:10 smtp.sessions\n");
}

ATF_TC_WITHOUT_HEAD(conf_load__without_spool_is_an_error_of_the_file);
ATF_TC_BODY(conf_load__without_spool_is_an_error_of_the_file, tc)
{
	static struct reports reports;
	struct settings s;

	write_file("wattcp.cfg", "mss=500\n");
	ATF_CHECK_EQ(RES_PERM, load("wattcp.cfg", &s, &reports));
	check_reports(&reports, "error wattcp.cfg:0 smtp.subdir\n");
}

ATF_TC_WITHOUT_HEAD(conf_load__what_is_missing_is_said_beside_other_errors);
ATF_TC_BODY(conf_load__what_is_missing_is_said_beside_other_errors, tc)
{
	static struct reports reports;
	struct settings s;

	write_file("wattcp.cfg", "smtp.subdr=/x\nsmtp.deliver=/t\n");
	ATF_CHECK_EQ(RES_PERM, load("wattcp.cfg", &s, &reports));
	check_reports(&reports,
	    "error wattcp.cfg:1 smtp.subdr\n"
	    "error wattcp.cfg:0 smtp.subdir\n"
	    "error wattcp.cfg:0 smtp.postmaster\n");
	/* It is there, if badly; or it may be, in what cannot be read. */
	write_file("wattcp.cfg", "smtp.subdir=x\n");
	ATF_CHECK_EQ(RES_PERM, load("wattcp.cfg", &s, &reports));
	check_reports(&reports, "error wattcp.cfg:1 smtp.subdir\n");
	write_file("wattcp.cfg", "include=none.cfg\n");
	ATF_CHECK_EQ(RES_PERM, load("wattcp.cfg", &s, &reports));
	check_reports(&reports, "error wattcp.cfg:1 none.cfg\n");
}

ATF_TC_WITHOUT_HEAD(conf_load__wants_a_postmaster_with_a_table);
ATF_TC_BODY(conf_load__wants_a_postmaster_with_a_table, tc)
{
	static struct reports reports;
	struct settings s;

	write_file("wattcp.cfg", "smtp.subdir=/s\nsmtp.deliver=/d.cdb\n");
	ATF_CHECK_EQ(RES_PERM, load("wattcp.cfg", &s, &reports));
	check_reports(&reports, "error wattcp.cfg:0 smtp.postmaster\n");
	write_file("wattcp.cfg",
	    "smtp.subdir=/s\nsmtp.deliver=/d.cdb\nsmtp.postmaster=a@b\n");
	ATF_CHECK_EQ(RES_OK, load("wattcp.cfg", &s, &reports));
	ATF_CHECK_STREQ("/d.cdb", s.who.deliver);
	ATF_CHECK_STREQ("a@b", s.who.postmaster);
}

ATF_TC_WITHOUT_HEAD(conf_load__missing_file_is_permanent);
ATF_TC_BODY(conf_load__missing_file_is_permanent, tc)
{
	static struct reports reports;
	struct settings s;

	ATF_CHECK_EQ(RES_PERM, load("nowhere.cfg", &s, &reports));
	check_reports(&reports, "error nowhere.cfg:0 \n");
	ATF_REQUIRE(mkdir("dir", 0700) == 0);
	ATF_CHECK_EQ(RES_PERM, load("dir", &s, &reports));
	ATF_CHECK_EQ(1, reports.errors);
}

ATF_TC_WITHOUT_HEAD(conf_load__file_of_16384_bytes_and_one_more);
ATF_TC_BODY(conf_load__file_of_16384_bytes_and_one_more, tc)
{
	static char text[CONF_FILE_MAX + 2];
	static struct reports reports;
	struct settings s;

	memset(text, '\n', sizeof(text));
	memcpy(text, "smtp.subdir=/spool", strlen("smtp.subdir=/spool"));
	text[CONF_FILE_MAX] = '\0';
	write_file("wattcp.cfg", text);
	ATF_CHECK_EQ(RES_OK, load("wattcp.cfg", &s, &reports));
	text[CONF_FILE_MAX] = '\n';
	text[CONF_FILE_MAX + 1] = '\0';
	write_file("wattcp.cfg", text);
	/* Half a configuration is none. */
	ATF_CHECK_EQ(RES_PERM, load("wattcp.cfg", &s, &reports));
	ATF_CHECK_EQ(1, reports.errors);
}

ATF_TC_WITHOUT_HEAD(conf_load__include_is_relative_to_the_file_that_says_it);
ATF_TC_BODY(conf_load__include_is_relative_to_the_file_that_says_it, tc)
{
	static struct reports reports;
	struct settings s;

	ATF_REQUIRE(mkdir("etc", 0700) == 0);
	ATF_REQUIRE(mkdir("etc/more", 0700) == 0);
	write_file("etc/wattcp.cfg",
	    "mss=1\nINCLUDE = more/a.cfg\nsmtp.sessions=3\n");
	write_file("etc/more/a.cfg",
	    "mss=2\nsmtp.sessions=2\ninclude=\"b.cfg\"");
	write_file("etc/more/b.cfg", "smtp.subdir=/b\n");
	ATF_CHECK_EQ(RES_OK, load("etc/wattcp.cfg", &s, &reports));
	check_reports(&reports, "");
	/* In place: what is behind it wins. */
	ATF_CHECK_EQ(2, s.session.mss);
	ATF_CHECK_EQ(3, s.service.sessions);
	ATF_CHECK_STREQ("/b", s.spool.dir);
}

ATF_TC_WITHOUT_HEAD(conf_load__include_of_a_full_path);
ATF_TC_BODY(conf_load__include_of_a_full_path, tc)
{
	static struct reports reports;
	struct settings s;
	char cwd[512];
	char text[1100];

	ATF_REQUIRE(getcwd(cwd, sizeof(cwd)) != NULL);
	ATF_REQUIRE(mkdir("etc", 0700) == 0);
	write_file("b.cfg", "smtp.subdir=/b\n");
	(void)snprintf(text, sizeof(text), "include=\"%s/b.cfg\"\n", cwd);
	write_file("etc/wattcp.cfg", text);
	ATF_CHECK_EQ(RES_OK, load("etc/wattcp.cfg", &s, &reports));
	ATF_CHECK_STREQ("/b", s.spool.dir);
}

ATF_TC_WITHOUT_HEAD(conf_load__missing_include_is_the_fault_of_its_line);
ATF_TC_BODY(conf_load__missing_include_is_the_fault_of_its_line, tc)
{
	static struct reports reports;
	struct settings s;

	ATF_REQUIRE(mkdir("etc", 0700) == 0);
	write_file("etc/wattcp.cfg",
	    "smtp.subdir=/spool\n\ninclude=nowhere.cfg\nmss=3\n");
	ATF_CHECK_EQ(RES_PERM, load("etc/wattcp.cfg", &s, &reports));
	check_reports(&reports, "error etc/wattcp.cfg:3 etc/nowhere.cfg\n");
	ATF_CHECK_EQ(3, s.session.mss);
}

ATF_TC_WITHOUT_HEAD(conf_load__include_with_question_mark_may_miss);
ATF_TC_BODY(conf_load__include_with_question_mark_may_miss, tc)
{
	static struct reports reports;
	struct settings s;

	write_file("wattcp.cfg", "smtp.subdir=/spool\ninclude=?local.cfg\n");
	ATF_CHECK_EQ(RES_OK, load("wattcp.cfg", &s, &reports));
	check_reports(&reports, "");
	/* But what is there is read, and its mistakes are mistakes. */
	write_file("local.cfg", "mss=9\nsmtp.sync=maybe\n");
	ATF_CHECK_EQ(RES_PERM, load("wattcp.cfg", &s, &reports));
	check_reports(&reports, "error local.cfg:2 smtp.sync\n");
	ATF_CHECK_EQ(9, s.session.mss);
	/* And what is there in a way that cannot be read is no miss. */
	write_file("wattcp.cfg",
	    "smtp.subdir=/spool\ninclude=?local.cfg/below\n");
	ATF_CHECK_EQ(RES_PERM, load("wattcp.cfg", &s, &reports));
	check_reports(&reports, "error wattcp.cfg:2 local.cfg/below\n");
}

ATF_TC_WITHOUT_HEAD(conf_load__include_without_a_name_is_an_error);
ATF_TC_BODY(conf_load__include_without_a_name_is_an_error, tc)
{
	static struct reports reports;
	struct settings s;

	write_file("wattcp.cfg", "smtp.subdir=/s\ninclude=\ninclude=?\n");
	ATF_CHECK_EQ(RES_PERM, load("wattcp.cfg", &s, &reports));
	check_reports(&reports, "error wattcp.cfg:2 include\n"
	    "error wattcp.cfg:3 include\n");
}

ATF_TC_WITHOUT_HEAD(conf_load__include_of_itself_ends);
ATF_TC_BODY(conf_load__include_of_itself_ends, tc)
{
	static struct reports reports;
	struct settings s;

	write_file("wattcp.cfg", "smtp.subdir=/s\ninclude=wattcp.cfg\n");
	ATF_CHECK_EQ(RES_PERM, load("wattcp.cfg", &s, &reports));
	check_reports(&reports, "error wattcp.cfg:2 include\n");
}

ATF_TC_WITHOUT_HEAD(conf_load__include_goes_eight_files_deep);
ATF_TC_BODY(conf_load__include_goes_eight_files_deep, tc)
{
	static struct reports reports;
	struct settings s;
	char name[16];
	char text[64];
	int i;

	/* 1.cfg includes 2.cfg, and so on; 8.cfg has the spool. */
	for (i = 1; i < CONF_DEPTH_MAX; i++) {
		(void)snprintf(name, sizeof(name), "%d.cfg", i);
		(void)snprintf(text, sizeof(text), "include=%d.cfg", i + 1);
		write_file(name, text);
	}
	write_file("8.cfg", "smtp.subdir=/deep");
	ATF_CHECK_EQ(RES_OK, load("1.cfg", &s, &reports));
	ATF_CHECK_STREQ("/deep", s.spool.dir);
	write_file("8.cfg", "smtp.subdir=/deep\ninclude=9.cfg");
	write_file("9.cfg", "mss=1");
	ATF_CHECK_EQ(RES_PERM, load("1.cfg", &s, &reports));
	check_reports(&reports, "error 8.cfg:2 include\n");
}

/* Its depth alone would let a file load itself 20^8 times. */
ATF_TC_WITHOUT_HEAD(conf_load__include_loads_so_many_files_in_all);
ATF_TC_BODY(conf_load__include_loads_so_many_files_in_all, tc)
{
	static struct reports reports;
	static char text[CONF_FILE_MAX];
	struct settings s;
	struct buf b;
	int i;

	write_file("other.cfg", "mss=1");
	buf_init(&b, text, sizeof(text));
	(void)buf_puts(&b, "smtp.subdir=/s\n");
	for (i = 1; i < CONF_FILES_MAX; i++)
		(void)buf_puts(&b, "include=other.cfg\n");
	write_file("wattcp.cfg", buf_cstr(&b));
	ATF_CHECK_EQ(RES_OK, load("wattcp.cfg", &s, &reports));
	(void)buf_puts(&b, "include=other.cfg\ninclude=other.cfg\n");
	write_file("wattcp.cfg", buf_cstr(&b));
	ATF_CHECK_EQ(RES_PERM, load("wattcp.cfg", &s, &reports));
	check_reports(&reports, "error wattcp.cfg:65 include\n");
	write_file("wattcp.cfg", "include=wattcp.cfg\ninclude=wattcp.cfg\n"
	    "include=wattcp.cfg\ninclude=wattcp.cfg\n"
	    "include=wattcp.cfg\ninclude=wattcp.cfg\n"
	    "include=wattcp.cfg\ninclude=wattcp.cfg\n");
	ATF_CHECK_EQ(RES_PERM, load("wattcp.cfg", &s, &reports));
}

/* Nobody writes to it, so opening it would wait for ever. */
ATF_TC(conf_load__fifo_and_device_are_no_files);
ATF_TC_HEAD(conf_load__fifo_and_device_are_no_files, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(conf_load__fifo_and_device_are_no_files, tc)
{
	static struct reports reports;
	struct settings s;

	ATF_REQUIRE_EQ(0, mkfifo("fifo", 0600));
	write_file("wattcp.cfg", "smtp.subdir=/s\ninclude=fifo\n"
	    "include=/dev/zero\n");
	ATF_CHECK_EQ(RES_PERM, load("wattcp.cfg", &s, &reports));
	check_reports(&reports, "error wattcp.cfg:2 fifo\n"
	    "error wattcp.cfg:3 /dev/zero\n");
	ATF_CHECK_EQ(RES_PERM, load("fifo", &s, &reports));
}

ATF_TC_WITHOUT_HEAD(conf_load__print_of_the_original_is_skipped);
ATF_TC_BODY(conf_load__print_of_the_original_is_skipped, tc)
{
	static struct reports reports;
	struct settings s;

	write_file("wattcp.cfg", "print=\"hello\"\nsmtp.subdir=/s\n");
	ATF_CHECK_EQ(RES_OK, load("wattcp.cfg", &s, &reports));
	check_reports(&reports, "");
}

ATF_TC_WITHOUT_HEAD(conf_path__option_then_directories_then_etc);
ATF_TC_BODY(conf_path__option_then_directories_then_etc, tc)
{
	static const struct {
		const char *option;
		const char *dir1;
		const char *dir2;
		const char *want;
	} rows[] = {
		{ NULL, NULL, NULL, "/etc/smtpserv/wattcp.cfg" },
		{ NULL, "", "", "/etc/smtpserv/wattcp.cfg" },
		{ NULL, "/a", NULL, "/a/wattcp.cfg" },
		{ NULL, "/a", "/b", "/a/wattcp.cfg" },
		{ NULL, NULL, "/b", "/b/wattcp.cfg" },
		{ NULL, "", "/b", "/b/wattcp.cfg" },
		{ NULL, "/a/", NULL, "/a//wattcp.cfg" },
		{ "x.cfg", "/a", "/b", "x.cfg" },
		{ "/e/x.cfg", NULL, NULL, "/e/x.cfg" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		char path[64];

		ATF_CHECK_MSG(conf_path(path, sizeof(path), rows[i].option,
		    rows[i].dir1, rows[i].dir2), "row %zu", i);
		ATF_CHECK_STREQ(rows[i].want, path);
	}
}

ATF_TC_WITHOUT_HEAD(conf_path__too_long_is_false);
ATF_TC_BODY(conf_path__too_long_is_false, tc)
{
	char path[13];

	ATF_CHECK(conf_path(path, sizeof(path), "123456789012", NULL, NULL));
	ATF_CHECK(!conf_path(path, sizeof(path), "1234567890123", NULL,
	    NULL));
	ATF_CHECK(conf_path(path, sizeof(path), NULL, "/", NULL));
	ATF_CHECK(!conf_path(path, sizeof(path), NULL, "/a", NULL));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, conf_next__reads_the_grammar_of_wattcp);
	ATF_TP_ADD_TC(tp, conf_next__nul_is_a_bad_byte);
	ATF_TP_ADD_TC(tp, conf_next__longest_key_and_value);
	ATF_TP_ADD_TC(tp, conf_status_text__each_mistake_has_its_own_words);
	ATF_TP_ADD_TC(tp, conf_load__reads_the_sample_of_the_original);
	ATF_TP_ADD_TC(tp, conf_load__reads_the_examples_of_the_original);
	ATF_TP_ADD_TC(tp, conf_load__what_is_not_said_has_its_default);
	ATF_TP_ADD_TC(tp, conf_load__last_of_a_repeated_key_wins);
	ATF_TP_ADD_TC(tp, conf_load__every_mistake_is_reported_with_its_line);
	ATF_TP_ADD_TC(tp, conf_load__without_spool_is_an_error_of_the_file);
	ATF_TP_ADD_TC(tp,
	    conf_load__what_is_missing_is_said_beside_other_errors);
	ATF_TP_ADD_TC(tp, conf_load__wants_a_postmaster_with_a_table);
	ATF_TP_ADD_TC(tp, conf_load__missing_file_is_permanent);
	ATF_TP_ADD_TC(tp, conf_load__file_of_16384_bytes_and_one_more);
	ATF_TP_ADD_TC(tp,
	    conf_load__include_is_relative_to_the_file_that_says_it);
	ATF_TP_ADD_TC(tp, conf_load__include_of_a_full_path);
	ATF_TP_ADD_TC(tp,
	    conf_load__missing_include_is_the_fault_of_its_line);
	ATF_TP_ADD_TC(tp, conf_load__include_with_question_mark_may_miss);
	ATF_TP_ADD_TC(tp, conf_load__include_without_a_name_is_an_error);
	ATF_TP_ADD_TC(tp, conf_load__include_of_itself_ends);
	ATF_TP_ADD_TC(tp, conf_load__include_goes_eight_files_deep);
	ATF_TP_ADD_TC(tp, conf_load__include_loads_so_many_files_in_all);
	ATF_TP_ADD_TC(tp, conf_load__fifo_and_device_are_no_files);
	ATF_TP_ADD_TC(tp, conf_load__print_of_the_original_is_skipped);
	ATF_TP_ADD_TC(tp, conf_path__option_then_directories_then_etc);
	ATF_TP_ADD_TC(tp, conf_path__too_long_is_false);
	return (atf_no_error());
}
