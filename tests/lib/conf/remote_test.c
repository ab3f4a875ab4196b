/* SPDX-License-Identifier: ISC */
#include "conf/remote.h"

#include <atf-c.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *
set(const char *name, struct settings *s, const char *value)
{
	const struct key *key = key_named_in(&REMOTE_KEYS, name);

	ATF_REQUIRE_MSG(key != NULL, "%s", name);
	return (key_set(key, s, value));
}

static const char *
value_of(const struct key *key, const struct settings *s, char *store,
    size_t cap)
{
	struct buf b;

	buf_init(&b, store, cap);
	key_get(key, s, &b);
	ATF_REQUIRE(buf_cstr(&b) != NULL);
	return (store);
}

static const struct {
	const char *key;
	const char *value;
	bool is_good;
} VALUES[] = {
	/* OB-45: a domain or an address literal. */
	{ "helo", "mail.example.test", true },
	{ "helo", "gnat", true },
	{ "helo", "[192.0.2.1]", true },
	{ "helo", "[IPv6:2001:db8::1]", true },
	{ "helo", "[2001:db8::1]", false },
	{ "helo", "192.0.2.1]", false },
	{ "helo", "[", false },
	{ "helo", "[]", false },
	{ "helo", "a b", false },
	{ "source", "192.0.2.1", true },
	{ "source", "2001:db8::1", false },
	{ "source", "gnat", false },
	{ "source6", "2001:db8::1", true },
	{ "source6", "[2001:db8::1]", false },
	{ "source6", "192.0.2.1", false },
	{ "tls", "none", true },
	{ "tls", "verify", true },
	{ "tls", "yes", false },
	{ "policy", "/etc/smtpserv/tls.cdb", true },
	{ "policy", "socketmap:inet:127.0.0.1:8461:postfix", true },
	{ "policy", "socketmap:inet:localhost:8461:QUERYwithTLSRPT", true },
	{ "policy", "socketmap:inet:[::1]:8461:postfix", true },
	{ "policy", "socketmap:unix:/run/mta-sts.sock:postfix", true },
	{ "policy", "tls.cdb", false },
	{ "policy", "socketmap:", false },
	{ "policy", "socketmap:inet:map.example:8461:postfix", false },
	{ "policy", "socketmap:inet:127.0.0.1:8461", false },
	{ "policy", "socketmap:inet:127.0.0.1:8461:", false },
	{ "policy", "socketmap:inet:127.0.0.1:0:postfix", false },
	{ "policy", "socketmap:inet:127.0.0.1:65536:postfix", false },
	{ "policy", "socketmap:inet::8461:postfix", false },
	{ "policy", "socketmap:inet:[::1]8461:postfix", false },
	{ "policy", "socketmap:inet:[::1:8461:postfix", false },
	{ "policy", "socketmap:inet:[::1]", false },
	{ "policy", "socketmap:unix:/run/s", false },
	{ "policy", "socketmap:unix:run/s:postfix", false },
	{ "policy", "socketmap:unix:/run/s:", false },
	{ "policy.unknown", "later", true },
	{ "resolver", "127.0.0.1:5353,[::1]:53", true },
	{ "resolver", "127.0.0.1", false },
	{ "perhost", "0", false },
	{ "perhost", "100", true },
	{ "perhost", "101", false },
	{ "window", "64", true },
	{ "window", "65", false },
	{ "inflight", "1000", true },
	{ "inflight", "1001", false },
	{ "idle", "0", true },
	{ "addresses", "1", false },
	{ "addresses", "16", true },
	{ "self", "192.0.2.1, 2001:db8::/32", false },
	{ "self", "192.0.2.1,2001:db8::/32", true },
	{ "family", "6", true },
	{ "family", "5", false },
	{ "port", "65536", false },
	{ "filter", "/usr/bin/dkimsign a b", true },
	{ "filter", "dkimsign", false },
	{ "timeout.connect", "0", false },
	{ "timeout.quit", "3600", true },
	{ "timeout.quit", "3601", false },
};

ATF_TC_WITHOUT_HEAD(remote_keys__take_what_they_should);
ATF_TC_BODY(remote_keys__take_what_they_should, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(VALUES); i++) {
		static struct settings s;
		char name[CONF_KEY_MAX];
		const char *wrong;

		(void)snprintf(
		    name, sizeof(name), REMOTE_PREFIX "%s", VALUES[i].key);
		keys_init_more(&s, &REMOTE_KEYS);
		wrong = set(name, &s, VALUES[i].value);
		ATF_CHECK_EQ_MSG(VALUES[i].is_good, wrong == NULL, "%s=%s: %s",
		    name, VALUES[i].value, wrong == NULL ? "good" : wrong);
	}
}

ATF_TC_WITHOUT_HEAD(remote_keys__each_row_is_whole_and_its_preset_is_good);
ATF_TC_BODY(remote_keys__each_row_is_whole_and_its_preset_is_good, tc)
{
	size_t begin = offsetof(struct settings, remote);
	size_t i;

	for (i = 0; i < REMOTE_KEYS.count; i++) {
		const struct key *key = &REMOTE_KEYS.rows[i];
		static struct settings s;
		char store[CONF_VALUE_MAX + 1];

		keys_init_more(&s, &REMOTE_KEYS);
		ATF_CHECK_MSG(key_named_in(&REMOTE_KEYS, key->name) == key,
		    "%s stands twice", key->name);
		ATF_CHECK_MSG(key_named(key->name) == NULL, "%s", key->name);
		ATF_CHECK_MSG(strncmp(key->name, REMOTE_PREFIX,
		    strlen(REMOTE_PREFIX)) == 0 &&
		    strlen(key->name) < CONF_KEY_MAX, "%s", key->name);
		ATF_CHECK_MSG(key->meaning[0] != '\0', "%s", key->name);
		ATF_CHECK_MSG(key->offset >= begin && key->offset + key->size <=
		    begin + sizeof(s.remote), "%s", key->name);
		ATF_CHECK_EQ_MSG(key->preset[0] != '\0',
		    key_set(key, &s, key->preset) == NULL, "%s", key->name);
		ATF_CHECK_STREQ(
		    key->preset, value_of(key, &s, store, sizeof(store)));
	}
}

/* Every member belongs to one row, and no other. */
ATF_TC_WITHOUT_HEAD(remote_keys__cover_the_settings_once);
ATF_TC_BODY(remote_keys__cover_the_settings_once, tc)
{
	size_t begin = offsetof(struct settings, remote);
	unsigned char seen[sizeof(struct settings_remote)] = { 0 };
	size_t sum = 0;
	size_t i;
	size_t k;

	for (i = 0; i < REMOTE_KEYS.count; i++) {
		const struct key *key = &REMOTE_KEYS.rows[i];

		for (k = 0; k < key->size; k++)
			ATF_CHECK_EQ_MSG(
			    1, ++seen[key->offset - begin + k], "%s", key->name);
		sum += key->size;
	}
	/* What is left is padding before a pointer. */
	ATF_CHECK(sum + 16 * sizeof(uint32_t) >= sizeof(seen));
}

static void
count_errors(void *ctx, enum conf_weight weight, const char *file,
    unsigned int line, const char *key, const char *text)
{
	size_t *n = ctx;

	(void)file;
	(void)line;
	(void)key;
	(void)text;
	*n += weight == CONF_ERROR;
}

/* The errors of a file, for a program that loads the set, or not. */
static size_t
errors_of(const char *text, const struct keyset *more, struct settings *s)
{
	int fd = open("w.cfg", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	size_t n = 0;

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ((ssize_t)strlen(text), write(fd, text, strlen(text)));
	(void)close(fd);
	if (conf_load_more("w.cfg", s, more, count_errors, &n) != RES_OK)
		ATF_CHECK(n > 0);
	return (n);
}

ATF_TC_WITHOUT_HEAD(conf_load_more__only_who_sends_looks_at_them);
ATF_TC_BODY(conf_load_more__only_who_sends_looks_at_them, tc)
{
	static struct settings s;
	const char *bad = "smtp.subdir=/a\nsmtp.remote.tls=yes\n"
			  "smtp.remote.nothing=1\nsmtp.remote.port=0\n";

	ATF_CHECK_EQ(0, errors_of("smtp.subdir=/a\nSMTP.Remote.TLS=may\n"
	    "smtp.remote.timeout.final=7\n", &REMOTE_KEYS, &s));
	ATF_CHECK_EQ(SETTINGS_TLS_MAY, s.remote.tls);
	ATF_CHECK_EQ(7, s.remote.timeout.final);
	ATF_CHECK_EQ(5, s.remote.perhost);
	ATF_CHECK_EQ(3, errors_of(bad, &REMOTE_KEYS, &s));
	ATF_CHECK_EQ(0, errors_of(bad, NULL, &s));
	ATF_CHECK_EQ(1,
	    errors_of("smtp.subdir=/a\nsmtp.remotely=1\n", NULL, &s));
	/* A key that is missing is said beside these mistakes. */
	ATF_CHECK_EQ(2, errors_of("smtp.remote.port=0\n", &REMOTE_KEYS, &s));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, remote_keys__take_what_they_should);
	ATF_TP_ADD_TC(
	    tp, remote_keys__each_row_is_whole_and_its_preset_is_good);
	ATF_TP_ADD_TC(tp, remote_keys__cover_the_settings_once);
	ATF_TP_ADD_TC(tp, conf_load_more__only_who_sends_looks_at_them);
	return (atf_no_error());
}
