/* SPDX-License-Identifier: ISC */
#include "conf/amqp.h"

#include <atf-c.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/remote.h"

static const char *
set(const char *name, struct settings *s, const char *value)
{
	const struct key *key = key_named_in(&AMQP_KEYS, name);

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
	{ "nodes", "a.example:5671", true },
	{ "nodes", "127.0.0.1:5672,[::1]:5672,localhost:5673", true },
	{ "nodes", "a:1,b:2,c:3,d:4,e:5,f:6,g:7,h:8", true },
	{ "nodes", "a:1,b:2,c:3,d:4,e:5,f:6,g:7,h:8,i:9", false },
	{ "nodes", "a:1,", false },
	{ "nodes", ",a:1", false },
	{ "nodes", "a:1,,b:1", false },
	{ "nodes", "a", false },
	{ "nodes", "a:", false },
	{ "nodes", "a:0", false },
	{ "nodes", "a:65536", false },
	{ "nodes", "a b:1", false },
	{ "nodes", "::1:5672", false },
	{ "nodes", "[a.example]:5672", false },
	{ "nodes", "amqp://a:1", false },
	{ "socket", "/run/publish", true },
	{ "socket", "publish", false },
	{ "vhost", "/", true },
	{ "vhost", "a b", true },
	{ "vhost", "a\nb", false },
	{ "ca", "/etc/ca.pem", true },
	{ "ca", "ca.pem", false },
	{ "login", "ann:secret", false },
	{ "workers", "0", false },
	{ "workers", "100", true },
	{ "workers", "101", false },
	{ "time", "0", false },
	{ "time", "3600", true },
	{ "time", "3601", false },
	{ "refusal", "0", false },
	{ "refusal", "1", true },
	{ "prefetch", "0", false },
	{ "prefetch", "1000", true },
	{ "prefetch", "1001", false },
	{ "stat", "a.prom", false },
};

ATF_TC_WITHOUT_HEAD(amqp_keys__a_label_fits_a_short_string);
ATF_TC_BODY(amqp_keys__a_label_fits_a_short_string, tc)
{
	static struct settings s;
	char label[257];

	keys_init_more(&s, &AMQP_KEYS);
	memset(label, 'x', 256);
	label[256] = '\0';
	ATF_CHECK(set("smtp.amqp.exchange", &s, label) != NULL);
	label[255] = '\0';
	ATF_CHECK(set("smtp.amqp.exchange", &s, label) == NULL);
	ATF_CHECK_STREQ(label, s.amqp.exchange);
}

ATF_TC_WITHOUT_HEAD(amqp_keys__take_what_they_should);
ATF_TC_BODY(amqp_keys__take_what_they_should, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(VALUES); i++) {
		static struct settings s;
		char name[CONF_KEY_MAX];
		const char *wrong;

		(void)snprintf(
		    name, sizeof(name), AMQP_PREFIX "%s", VALUES[i].key);
		keys_init_more(&s, &AMQP_KEYS);
		wrong = set(name, &s, VALUES[i].value);
		ATF_CHECK_EQ_MSG(VALUES[i].is_good, wrong == NULL, "%s=%s: %s",
		    name, VALUES[i].value, wrong == NULL ? "good" : wrong);
	}
}

ATF_TC_WITHOUT_HEAD(amqp_keys__each_row_is_whole_and_its_preset_is_good);
ATF_TC_BODY(amqp_keys__each_row_is_whole_and_its_preset_is_good, tc)
{
	size_t begin = offsetof(struct settings, amqp);
	size_t i;

	for (i = 0; i < AMQP_KEYS.count; i++) {
		const struct key *key = &AMQP_KEYS.rows[i];
		static struct settings s;
		char store[CONF_VALUE_MAX + 1];

		keys_init_more(&s, &AMQP_KEYS);
		ATF_CHECK_MSG(key_named_in(&AMQP_KEYS, key->name) == key,
		    "%s stands twice", key->name);
		ATF_CHECK_MSG(key_named(key->name) == NULL, "%s", key->name);
		ATF_CHECK_MSG(strncmp(key->name, AMQP_PREFIX,
		    strlen(AMQP_PREFIX)) == 0 &&
		    strlen(key->name) < CONF_KEY_MAX, "%s", key->name);
		ATF_CHECK_MSG(key->meaning[0] != '\0', "%s", key->name);
		ATF_CHECK_MSG(key->offset >= begin && key->offset + key->size <=
		    begin + sizeof(s.amqp), "%s", key->name);
		ATF_CHECK_EQ_MSG(key->preset[0] != '\0',
		    key_set(key, &s, key->preset) == NULL, "%s", key->name);
		ATF_CHECK_STREQ(
		    key->preset, value_of(key, &s, store, sizeof(store)));
	}
}

/* Every member belongs to one row, and no other. */
ATF_TC_WITHOUT_HEAD(amqp_keys__cover_the_settings_once);
ATF_TC_BODY(amqp_keys__cover_the_settings_once, tc)
{
	size_t begin = offsetof(struct settings, amqp);
	unsigned char seen[sizeof(struct settings_amqp)] = { 0 };
	size_t sum = 0;
	size_t i;
	size_t k;

	for (i = 0; i < AMQP_KEYS.count; i++) {
		const struct key *key = &AMQP_KEYS.rows[i];

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

/* Each program looks at the sets that it names, and at no other. */
ATF_TC_WITHOUT_HEAD(conf_load_more__looks_at_the_sets_it_is_given);
ATF_TC_BODY(conf_load_more__looks_at_the_sets_it_is_given, tc)
{
	static struct settings s;
	struct keyset both = AMQP_KEYS;
	const char *bad = "smtp.subdir=/a\nsmtp.amqp.nodes=a\n"
			  "smtp.amqp.nothing=1\nsmtp.amqp.time=0\n"
			  "smtp.remote.tls=yes\n";

	both.next = &REMOTE_KEYS;
	ATF_CHECK_EQ(0, errors_of("smtp.subdir=/a\nSMTP.Amqp.Nodes=a:1\n"
	    "smtp.amqp.time=7\n", &AMQP_KEYS, &s));
	ATF_CHECK_STREQ("a:1", s.amqp.nodes);
	ATF_CHECK_EQ(7, s.amqp.time);
	ATF_CHECK_EQ(8, s.amqp.workers);
	ATF_CHECK_EQ(3, errors_of(bad, &AMQP_KEYS, &s));
	ATF_CHECK_EQ(1, errors_of(bad, &REMOTE_KEYS, &s));
	ATF_CHECK_EQ(4, errors_of(bad, &both, &s));
	ATF_CHECK_EQ(8, s.amqp.workers);
	ATF_CHECK_EQ(5, s.remote.perhost);
	ATF_CHECK_EQ(0, errors_of(bad, NULL, &s));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, amqp_keys__a_label_fits_a_short_string);
	ATF_TP_ADD_TC(tp, amqp_keys__take_what_they_should);
	ATF_TP_ADD_TC(
	    tp, amqp_keys__each_row_is_whole_and_its_preset_is_good);
	ATF_TP_ADD_TC(tp, amqp_keys__cover_the_settings_once);
	ATF_TP_ADD_TC(tp, conf_load_more__looks_at_the_sets_it_is_given);
	return (atf_no_error());
}
