/* SPDX-License-Identifier: ISC */
#include "conf/keys.h"

#include <atf-c.h>
#include <string.h>

/* The value as key_get() writes it. */
static const char *
value_of(const char *name, const struct settings *s, char *store, size_t cap)
{
	struct buf b;

	buf_init(&b, store, cap);
	key_get(key_named(name), s, &b);
	ATF_REQUIRE(buf_cstr(&b) != NULL);
	return (store);
}

static const char *
set(const char *name, struct settings *s, const char *value)
{
	const struct key *key = key_named(name);

	ATF_REQUIRE_MSG(key != NULL, "%s", name);
	return (key_set(key, s, value));
}

/* What an administrator may write behind each key. */
static const struct {
	const char *key;
	const char *value;
	const char *want; /* as it reads back; NULL: refused */
} VALUES[] = {
	{ "hostname", "gnat", "gnat" },
	{ "hostname", "gnat.example.test", "gnat.example.test" },
	{ "hostname", "gn@t", NULL },
	{ "hostname", "gnat.", NULL },
	{ "hostname", "[192.0.2.1]", NULL },
	{ "hostname", "", NULL },
	{ "domain", "example.test", "example.test" },
	{ "domain", ".test", NULL },
	{ "inactive", "0", "0" },
	{ "inactive", "1", "1" },
	{ "inactive", "86400", "86400" },
	{ "inactive", "86401", NULL },
	{ "inactive", "-1", NULL },
	{ "inactive", "20m", NULL },
	{ "inactive", "", NULL },
	{ "mss", "0", "0" },
	{ "mss", "500", "500" },
	{ "mss", "65495", "65495" },
	{ "mss", "65496", NULL },
	{ "smtp.sessions", "0", NULL },
	{ "smtp.sessions", "1", "1" },
	{ "smtp.sessions", "10000", "10000" },
	{ "smtp.sessions", "10001", NULL },
	{ "smtp.persource", "0", "0" },
	{ "smtp.persource", "10000", "10000" },
	{ "smtp.persource", "10001", NULL },
	{ "smtp.listen", "0.0.0.0:25", "0.0.0.0:25" },
	{ "smtp.listen", "[::]:25", "[::]:25" },
	{ "smtp.listen", "192.0.2.1:1,[2001:db8::1]:65535,127.0.0.1:2525",
	    "192.0.2.1:1,[2001:db8::1]:65535,127.0.0.1:2525" },
	{ "smtp.listen", "0.0.0.0", NULL },
	{ "smtp.listen", "0.0.0.0:", NULL },
	{ "smtp.listen", "0.0.0.0:0", NULL },
	{ "smtp.listen", "0.0.0.0:65536", NULL },
	{ "smtp.listen", ":25", NULL },
	{ "smtp.listen", "25", NULL },
	{ "smtp.listen", "*:25", NULL },
	{ "smtp.listen", "localhost:25", NULL },
	{ "smtp.listen", "::1:25", NULL },
	{ "smtp.listen", "[::1]25", NULL },
	{ "smtp.listen", "[::1]", NULL },
	{ "smtp.listen", "[::1:25", NULL },
	{ "smtp.listen", "[127.0.0.1]:25", NULL },
	{ "smtp.listen", "0.0.0.0:25,", NULL },
	{ "smtp.listen", ",0.0.0.0:25", NULL },
	{ "smtp.listen", "0.0.0.0:25,,[::]:25", NULL },
	{ "smtp.listen", "", NULL },
	{ "smtp.subdir", "/var/spool/smtpserv", "/var/spool/smtpserv" },
	{ "smtp.subdir", "/", "/" },
	{ "smtp.subdir", "n:\\spool\\rqueue", "n:\\spool\\rqueue" },
	{ "smtp.subdir", "C:/spool", "C:/spool" },
	{ "smtp.subdir", "spool", NULL },
	{ "smtp.subdir", "./spool", NULL },
	{ "smtp.subdir", "n:", NULL },
	{ "smtp.subdir", "n:spool", NULL },
	{ "smtp.subdir", "n", NULL },
	{ "smtp.subdir", "", NULL },
	{ "smtp.sync", "yes", "yes" },
	{ "smtp.sync", "no", "no" },
	{ "smtp.sync", "NO", "no" },
	{ "smtp.sync", "1", NULL },
	{ "smtp.sync", "ye", NULL },
	{ "smtp.sync", "yess", NULL },
	{ "smtp.sync", "no yes", NULL },
	{ "smtp.sync", "", NULL },
	{ "smtp.eol", "lf", "lf" },
	{ "smtp.eol", "crlf", "crlf" },
	{ "smtp.eol", "cr", NULL },
	{ "smtp.envelope", "plain", "plain" },
	{ "smtp.envelope", "Full", "full" },
	{ "smtp.envelope", "none", NULL },
	{ "smtp.bareeol", "normalize", "normalize" },
	{ "smtp.bareeol", "reject", "reject" },
	{ "smtp.bareeol", "accept", NULL },
	{ "smtp.maxsize", "0", "0" },
	{ "smtp.maxsize", "4294967295", "4294967295" },
	{ "smtp.maxsize", "4294967296", NULL },
	{ "smtp.maxsize", "32M", NULL },
	{ "smtp.maxrcpts", "0", NULL },
	{ "smtp.maxrcpts", "1", "1" },
	{ "smtp.maxrcpts", "10000", "10000" },
	{ "smtp.maxrcpts", "10001", NULL },
	{ "smtp.maxerrors", "0", NULL },
	{ "smtp.maxerrors", "1", "1" },
	{ "smtp.maxerrors", "10000", "10000" },
	{ "smtp.maxerrors", "10001", NULL },
	{ "smtp.maxtime", "0", "0" },
	{ "smtp.maxtime", "604800", "604800" },
	{ "smtp.maxtime", "604801", NULL },
	{ "smtp.deliver", "/etc/smtpserv/deliver.cdb",
	    "/etc/smtpserv/deliver.cdb" },
	{ "smtp.deliver", "deliver.cdb", NULL },
	{ "smtp.postmaster", "ann@gnat", "ann@gnat" },
	{ "smtp.postmaster", "&ann@gnat", "&ann@gnat" },
	{ "smtp.postmaster", "|logger -t mail", "|logger -t mail" },
	{ "smtp.postmaster", "/home/ann/Maildir/", "/home/ann/Maildir/" },
	{ "smtp.postmaster", "lmtp:[::1]:24", "lmtp:[::1]:24" },
	{ "smtp.postmaster", "ann", NULL },
	{ "smtp.postmaster", "ann@", NULL },
	{ "smtp.postmaster", "/home/ann/mbox", NULL },
	{ "smtp.postmaster", "smtp:", NULL },
	{ "smtp.postmaster", "", NULL },
	{ "smtp.queuelife", "0", "0" },
	{ "smtp.queuelife", "31536000", "31536000" },
	{ "smtp.queuelife", "31536001", NULL },
	{ "smtp.workers", "0", NULL },
	{ "smtp.workers", "1", "1" },
	{ "smtp.workers", "1000", "1000" },
	{ "smtp.workers", "1001", NULL },
	{ "smtp.commandtime", "0", NULL },
	{ "smtp.commandtime", "1", "1" },
	{ "smtp.commandtime", "604800", "604800" },
	{ "smtp.commandtime", "604801", NULL },
	{ "smtp.queue", "/var/qmail/bin/qmail-queue",
	    "/var/qmail/bin/qmail-queue" },
	{ "smtp.queue", "/a/filter -x y", "/a/filter -x y" },
	{ "smtp.queue", "qmail-queue", NULL },
	{ "smtp.queue", " /a", NULL },
	{ "smtp.queue", "", NULL },
	{ "smtp.auth", "/bin/checkpassword", "/bin/checkpassword" },
	{ "smtp.auth", "checkpassword /bin/true", NULL },
	{ "smtp.auth.plaintext", "yes", "yes" },
	{ "smtp.auth.plaintext", "always", NULL },
	{ "smtp.programtime", "0", NULL },
	{ "smtp.programtime", "1", "1" },
	{ "smtp.programtime", "3600", "3600" },
	{ "smtp.programtime", "3601", NULL },
};

ATF_TC_WITHOUT_HEAD(key_set__takes_the_values_in_range_and_reads_back);
ATF_TC_BODY(key_set__takes_the_values_in_range_and_reads_back, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(VALUES); i++) {
		struct settings s;
		struct settings before;
		char store[CONF_VALUE_MAX + 1];
		const char *wrong;

		keys_init(&s);
		before = s;
		wrong = set(VALUES[i].key, &s, VALUES[i].value);
		ATF_CHECK_EQ_MSG(VALUES[i].want == NULL, wrong != NULL,
		    "%s=%s: %s", VALUES[i].key, VALUES[i].value,
		    wrong == NULL ? "good" : wrong);
		if (wrong != NULL)
			ATF_CHECK_MSG(memcmp(&s, &before,
			    offsetof(struct settings, store)) == 0,
			    "%s=%s changed something", VALUES[i].key,
			    VALUES[i].value);
		else if (VALUES[i].want != NULL)
			ATF_CHECK_STREQ(VALUES[i].want, value_of(VALUES[i].key,
			    &s, store, sizeof(store)));
	}
}

ATF_TC_WITHOUT_HEAD(key_set__touches_its_own_member_only);
ATF_TC_BODY(key_set__touches_its_own_member_only, tc)
{
	static const struct {
		enum key_type type;
		const char *value;
	} good[] = {
		{ KEY_NAME, "a.b" },
		{ KEY_PATH, "/a" },
		{ KEY_COMMAND, "/a b" },
		{ KEY_NUMBER, "9" },
		{ KEY_CHOICE, NULL },
		{ KEY_LISTEN, "1.2.3.4:5" },
		{ KEY_PREFIXES, "1.2.3.4/5,::1" },
		{ KEY_POST, "a@b" },
	};
	size_t i;

	for (i = 0; i < KEYS_COUNT; i++) {
		const struct key *key = &KEYS[i];
		struct settings before;
		struct settings after;
		const unsigned char *a = (const unsigned char *)&before;
		const unsigned char *b = (const unsigned char *)&after;
		size_t k = 0;

		if (key->type == KEY_STACK)
			continue;
		while (good[k].type != key->type)
			k++;
		memset(&before, 0x55, sizeof(before));
		before.used = 0;
		after = before;
		ATF_CHECK_MSG(key_set(key, &after, good[k].value == NULL
		    ? key->preset : good[k].value) == NULL, "%s", key->name);
		ATF_CHECK_MSG(memcmp(a + key->offset, b + key->offset,
		    key->size) != 0, "%s", key->name);
		for (k = 0; k < offsetof(struct settings, used); k++)
			if (k < key->offset || k >= key->offset + key->size)
				ATF_REQUIRE_MSG(a[k] == b[k], "%s", key->name);
	}
}

ATF_TC_WITHOUT_HEAD(key_set__longest_text_fits_and_one_more_does_not);
ATF_TC_BODY(key_set__longest_text_fits_and_one_more_does_not, tc)
{
	static char path[CONF_VALUE_MAX + 1];
	struct settings s;

	keys_init(&s);
	memset(path, '/', CONF_VALUE_MAX);
	ATF_CHECK(set("smtp.subdir", &s, path) != NULL);
	ATF_CHECK_STREQ("", s.spool.dir);
	path[CONF_VALUE_MAX - 1] = '\0';
	ATF_CHECK(set("smtp.subdir", &s, path) == NULL);
	ATF_CHECK_STREQ(path, s.spool.dir);
}

ATF_TC_WITHOUT_HEAD(key_named__knows_its_rows_and_the_aliases);
ATF_TC_BODY(key_named__knows_its_rows_and_the_aliases, tc)
{
	static const char *const unknown[] = { "", "smtp.", "smtp.subdirs",
		"domains", "include" };
	size_t i;

	for (i = 0; i < KEYS_COUNT; i++)
		ATF_CHECK_MSG(key_named(KEYS[i].name) == &KEYS[i],
		    "%s stands twice", KEYS[i].name);
	ATF_CHECK(key_named("SMTP.Subdir") == key_named("smtp.subdir"));
	ATF_CHECK(key_named("DomainsList") == key_named("domain"));
	ATF_CHECK(key_named("domainslist") == key_named("domain"));
	ATF_CHECK(key_named("domain.suffix") == key_named("domain"));
	for (i = 0; i < ARRAY_LEN(unknown); i++)
		ATF_CHECK_MSG(key_named(unknown[i]) == NULL, "%s", unknown[i]);
}

ATF_TC_WITHOUT_HEAD(key_named__the_stack_of_the_original_is_known);
ATF_TC_BODY(key_named__the_stack_of_the_original_is_known, tc)
{
	static const char *const names[] = { "my_ip", "ip", "netmask",
		"gateway", "nameserver", "cookie", "sockdelay", "datatimeout",
		"ethip", "bootp", "bootpto", "domainto", "multihomes",
		"txbufsize", "rxbufsize", "udpbufsize", "debug", "eaddr",
		"mtu" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++)
		ATF_CHECK_MSG(key_named(names[i]) != NULL &&
		    key_named(names[i])->type == KEY_STACK, "%s", names[i]);
}

ATF_TC_WITHOUT_HEAD(keys__each_row_is_whole_and_its_preset_is_good);
ATF_TC_BODY(keys__each_row_is_whole_and_its_preset_is_good, tc)
{
	size_t i;

	for (i = 0; i < KEYS_COUNT; i++) {
		const struct key *key = &KEYS[i];
		struct settings s;
		char store[CONF_VALUE_MAX + 1];
		size_t n = strlen(key->name);

		keys_init(&s);
		ATF_CHECK_MSG(n > 0 && n < CONF_KEY_MAX, "%s", key->name);
		ATF_CHECK_EQ_MSG(n, strspn(key->name,
		    "abcdefghijklmnopqrstuvwxyz_."), "%s", key->name);
		ATF_CHECK_MSG(key->meaning[0] != '\0', "%s", key->name);
		if (key->type == KEY_STACK)
			continue;
		ATF_CHECK_MSG(key->offset + key->size <=
		    offsetof(struct settings, used), "%s",
		    key->name);
		/* An empty one stays unset, and an empty value is none. */
		ATF_CHECK_EQ_MSG(key->preset[0] != '\0',
		    key_set(key, &s, key->preset) == NULL, "%s", key->name);
		ATF_CHECK_STREQ(key->preset,
		    value_of(key->name, &s, store, sizeof(store)));
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, key_set__takes_the_values_in_range_and_reads_back);
	ATF_TP_ADD_TC(tp, key_set__touches_its_own_member_only);
	ATF_TP_ADD_TC(tp, key_set__longest_text_fits_and_one_more_does_not);
	ATF_TP_ADD_TC(tp, key_named__knows_its_rows_and_the_aliases);
	ATF_TP_ADD_TC(tp, key_named__the_stack_of_the_original_is_known);
	ATF_TP_ADD_TC(tp, keys__each_row_is_whole_and_its_preset_is_good);
	return (atf_no_error());
}
