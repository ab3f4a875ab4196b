/* SPDX-License-Identifier: ISC */
#include "hop.h"

#include <stdio.h>
#include <string.h>

#include "bytes/buf.h"
#include "mail/idn.h"
#include "table/cdbfile.h"
#include "tlspolicy/tlspolicy.h"

enum {
	HOP_MAX = 320,
	WORDS_MAX = 1024
};

/* The row's words for the hop; false: there are none. */
static bool
find_row(const char *path, struct bytes hop, struct buf *words)
{
	static struct cdbfile file;
	struct cdbfile_find found;
	char store[WORDS_MAX];
	enum table_answer answer = TABLE_MISS;
	struct fault why;
	struct bytes key;

	cdbfile_init(&file);
	if (cdbfile_open(&file, path, &why) != RES_OK)
		return (false);
	while (answer == TABLE_MISS && tlspolicy_next_key(&hop, &key))
		answer = cdbfile_find(&file, key, &found);
	if (answer == TABLE_HIT && found.value_n <= sizeof(store))
		answer = cdbfile_value(&file, &found, store);
	if (answer == TABLE_HIT && found.value_n <= sizeof(store))
		(void)buf_put(words, (struct bytes){ store, found.value_n });
	cdbfile_close(&file);
	return (answer == TABLE_HIT);
}

static void
print_policy(const struct settings *settings, struct bytes hop)
{
	/* The key has the levels in their order. */
	const char *level =
	    tlspolicy_level_word((enum tlspolicy_level)settings->remote.tls);
	const char *policy = settings->remote.policy;
	struct settings_policy where = { .is_map = false };
	char store[WORDS_MAX];
	struct buf words;
	struct bytes text;

	buf_init(&words, store, sizeof(store));
	if (policy[0] != '\0' && settings_policy(bytes_of(policy), &where) &&
	    !where.is_map && find_row(policy, hop, &words)) {
		text = buf_view(&words);
		(void)printf("policy %.*s\n", (int)text.n, text.p);
	} else if (where.is_map) {
		(void)printf("policy %s, or as %s says\n", level, policy);
	} else {
		(void)printf("policy %s\n", level);
	}
}

void
hop_print(const struct settings *settings, const char *mailbox,
    const struct instruction *in)
{
	const char *at = strrchr(mailbox, '@');
	char store[HOP_MAX];
	struct buf hop;
	struct bytes text;

	buf_init(&hop, store, sizeof(store));
	if (in->kind == INSTRUCTION_SMTP_RELAY)
		(void)buf_printf(&hop, "[%.*s]:%u", (int)in->target.n,
		    in->target.p, in->port);
	else if (in->kind != INSTRUCTION_SMTP_MX || at == NULL ||
	    !idn_put_ascii(bytes_of(at + 1), &hop))
		return;
	text = buf_view(&hop);
	(void)printf("hop %.*s\n", (int)text.n, text.p);
	print_policy(settings, text);
}
