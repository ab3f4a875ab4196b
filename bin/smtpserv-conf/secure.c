/* SPDX-License-Identifier: ISC */
#include "secure.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "mail/idn.h"
#include "policy/mapcall.h"
#include "policy/policy.h"
#include "program/program.h"
#include "sys/sysclock.h"

enum {
	PATH_SIZE = 4096,
	MAP_SECONDS = 5, /* for a daemon's answer */
	HOP_MAX = 320,
	WORDS_MAX = 14,
	LOG_MAX = 2048
};

#define WAITS "mail waits"

static const char POLICY[] = "smtp.remote.policy";

/* smtpserv-tlsc says `read FILE: why'; of which key is FILE? */
static const char *
key_of(const struct settings_remote *r, const char *reason)
{
	const struct {
		const char *key;
		const char *file;
	} rows[] = { { "smtp.remote.key", r->key },
		{ "smtp.remote.cert", r->cert } };
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		const char *at = strstr(reason, rows[i].file);

		if (rows[i].file[0] != '\0' && at != NULL &&
		    at[strlen(rows[i].file)] == ':')
			return (rows[i].key);
	}
	return ("smtp.remote.ca");
}

static void
check_files(const struct check *c, bool needs)
{
	const struct settings_remote *r = &c->settings->remote;
	char path[PATH_SIZE];
	const char *argv[WORDS_MAX] = { path, "-n", "-l",
		needs ? "verify" : "may", "-m", "localhost", "-C", r->ca };
	char log[LOG_MAX];
	const char *reason;
	size_t n = 8;
	struct fault why;

	log[0] = '\0';
	if (r->cert[0] == '\0' && r->key[0] != '\0')
		check_tell(c, CONF_NOTE, "smtp.remote.key",
		    "without smtp.remote.cert it does nothing");
	if (!needs && r->cert[0] == '\0')
		return;
	if (r->cert[0] != '\0') {
		argv[n++] = "-c";
		argv[n++] = r->cert;
	}
	if (r->cert[0] != '\0' && r->key[0] != '\0') {
		argv[n++] = "-k";
		argv[n++] = r->key;
	}
	if (program_find(path, sizeof(path), 2, "/libexec/smtpserv-tlsc",
		&why) == RES_OK &&
	    ask_program(argv, STDERR_FILENO, log, sizeof(log)) == XC_OK)
		return;
	reason = ask_field(log, " why=");
	if (reason == NULL)
		reason = "cannot be tried: smtpserv-tlsc -n does not run";
	check_tell(c,
	    check_weight(
		c, strstr(reason, strerror(EACCES)) == NULL ? 0 : EACCES),
	    key_of(r, reason), "%s: " WAITS, reason);
}

static void
check_row(const struct check *c, struct bytes key, struct bytes words)
{
	struct tlspolicy policy;
	char store[HOP_MAX];
	struct buf ascii;
	const char *wrong = tlspolicy_parse(words, TLSPOLICY_TABLE, &policy);

	if (wrong != NULL)
		check_tell(c, CONF_ERROR, POLICY, "%.*s: %s: mail for it waits",
		    (int)key.n, key.p, wrong);
	buf_init(&ascii, store, sizeof(store));
	if (idn_put_ascii(key, &ascii) && !bytes_same(buf_view(&ascii), key))
		check_tell(c, CONF_ERROR, POLICY,
		    "%.*s: no domain can equal it; it is %.*s", (int)key.n,
		    key.p, (int)buf_view(&ascii).n, buf_view(&ascii).p);
}

static void
check_table(const struct check *c)
{
	static struct cdbfile file;
	static struct cdbfile_walk walk;
	const char *path = c->settings->remote.policy;
	enum table_answer answer;
	struct fault why;

	cdbfile_init(&file);
	if (cdbfile_open(&file, path, &why) != RES_OK) {
		check_tell(c, check_weight(c, why.err), POLICY,
		    "%s: %s: " WAITS, path,
		    why.err == 0 ? why.op : strerror(why.err));
		return;
	}
	cdbfile_walk_init(&walk, &file);
	while ((answer = cdbfile_walk(&walk)) == TABLE_HIT)
		check_row(c, walk.key, walk.value);
	if (answer == TABLE_FAILED)
		check_tell(
		    c, CONF_ERROR, POLICY, "%s: %s: " WAITS, path, file.why.op);
	cdbfile_close(&file);
}

/* Somebody must answer, whatever it is. */
static void
check_map(const struct check *c, const struct settings_policy *where)
{
	static char answer[SOCKETMAP_WIRE_MAX];
	char store[POLICY_WHY_MAX];
	struct bytes text;
	struct buf why;
	const struct mapcall call = { .where = where,
		.watch = -1,
		.until_ms = sysclock_after(sysclock_ms(), MAP_SECONDS),
		.store = answer,
		.cap = sizeof(answer),
		.why = &why };

	buf_init(&why, store, sizeof(store));
	if (mapcall_ask(&call, bytes_of("localhost"), &text) !=
	    SOCKETMAP_FAILED)
		return;
	/* The key is its first word. */
	check_tell(c, CONF_NOTE, POLICY, "%s: no answer just now",
	    buf_cstr(&why) == NULL ? "it is long" : store + sizeof(POLICY) + 1);
}

void
secure_check(const struct check *c, bool needs_authorities)
{
	const char *policy = c->settings->remote.policy;
	struct settings_policy where;

	check_files(c, needs_authorities);
	if (policy[0] == '\0' || !settings_policy(bytes_of(policy), &where))
		return;
	if (where.is_map)
		check_map(c, &where);
	else
		check_table(c);
}
