/* SPDX-License-Identifier: ISC */
#include "tlspolicy/tlspolicy.h"

#include "base/base.h"

static const char *const LEVELS[] = { "none", "may", "dane", "encrypt",
	"verify" };

bool
tlspolicy_parse_level(struct bytes word, enum tlspolicy_level *level)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(LEVELS); i++)
		if (bytes_same_nocase(word, bytes_of(LEVELS[i]))) {
			*level = (enum tlspolicy_level)i;
			return (true);
		}
	return (false);
}

const char *
tlspolicy_level_word(enum tlspolicy_level level)
{
	return (LEVELS[level]);
}

static bool
is_gap(char c)
{
	/* Postfix allows the comma. */
	return (c == ' ' || c == '\t' || c == ',');
}

static bool
next_word(struct bytes *rest, struct bytes *word)
{
	size_t from = 0;
	size_t end;

	while (from < rest->n && is_gap(rest->p[from]))
		from++;
	for (end = from; end < rest->n && !is_gap(rest->p[end]); end++)
		;
	*word = bytes_cut(*rest, from, end - from);
	*rest = bytes_cut(*rest, end, rest->n);
	return (word->n > 0);
}

static bool
is_level(struct bytes word, struct tlspolicy *p)
{
	p->is_only = bytes_same_nocase(word, bytes_of("dane-only"));
	if (p->is_only)
		p->level = TLSPOLICY_DANE;
	else if (bytes_same_nocase(word, bytes_of("secure")))
		p->level = TLSPOLICY_VERIFY;
	else
		return (tlspolicy_parse_level(word, &p->level));
	return (true);
}

static bool
is_name(struct bytes name, bool may_be_any)
{
	size_t i;

	/* `.domain` stands for any host in it. */
	if (may_be_any && name.n > 1 && name.p[0] == '.')
		name = bytes_cut(name, 1, name.n);
	for (i = 0; i < name.n; i++) {
		char c = bytes_lower(name.p[i]);

		if (c == '.' && (i == 0 || name.p[i - 1] == '.'))
			return (false);
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			c == '-' || c == '_' || c == '.'))
			return (false);
	}
	return (name.n > 0);
}

static bool
is_list(struct bytes list, bool may_be_any)
{
	struct bytes name;

	if (list.n == 0 || list.p[list.n - 1] == ':')
		return (false);
	while (tlspolicy_next_name(&list, &name))
		if (!is_name(name, may_be_any))
			return (false);
	return (true);
}

/* What daemons tell Postfix for its reports, and what we do anyhow. */
static bool
is_harmless(struct bytes word)
{
	static const char *const starts[] = { "servername=hostname", "policy_",
		"mx_host_pattern=" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(starts); i++)
		if (bytes_starts_nocase(word, bytes_of(starts[i])))
			return (true);
	return (false);
}

/* NAME=; *value is what is behind it. */
static bool
is_attribute(struct bytes word, const char *name, struct bytes *value)
{
	struct bytes start = bytes_of(name);

	if (!bytes_starts_nocase(word, start))
		return (false);
	*value = bytes_cut(word, start.n, word.n);
	return (true);
}

static const char *
take_attribute(struct bytes word, struct tlspolicy *p)
{
	if (is_attribute(word, "match=", &p->match))
		return (is_list(p->match, true)
			? NULL
			: "match= wants hosts, separated by colons");
	if (is_attribute(word, "name=", &p->names))
		return (is_list(p->names, false)
			? NULL
			: "name= wants names, separated by colons");
	return (is_harmless(word) ? NULL : "a word that is not known here");
}

const char *
tlspolicy_parse(
    struct bytes words, enum tlspolicy_source source, struct tlspolicy *policy)
{
	struct tlspolicy p = { .source = source, .level = TLSPOLICY_VERIFY };
	struct bytes first;
	struct bytes word;
	const char *why = NULL;

	if (!next_word(&words, &first))
		return ("no words");
	if (!is_level(first, &p))
		why = take_attribute(first, &p);
	while (why == NULL && next_word(&words, &word))
		why = take_attribute(word, &p);
	if (why != NULL)
		return (why);
	if (p.match.n == 0 && bytes_same_nocase(first, bytes_of("secure")))
		return ("secure wants a match=");
	*policy = p;
	return (NULL);
}

bool
tlspolicy_next_key(struct bytes *rest, struct bytes *key)
{
	size_t at;

	*key = *rest;
	if (rest->n == 0)
		return (false);
	if (rest->p[0] == '[') {
		/* Once more without the port, if there is one. */
		if (!bytes_find(*rest, ']', &at) || at + 1 == rest->n)
			rest->n = 0;
		else
			rest->n = at + 1;
		return (true);
	}
	if (bytes_find(bytes_cut(*rest, 1, rest->n), '.', &at))
		*rest = bytes_cut(*rest, at + 1, rest->n);
	else
		rest->n = 0;
	return (true);
}

bool
tlspolicy_next_name(struct bytes *rest, struct bytes *name)
{
	size_t at = rest->n;

	if (rest->n == 0)
		return (false);
	(void)bytes_find(*rest, ':', &at);
	*name = bytes_cut(*rest, 0, at);
	*rest = bytes_cut(*rest, at + 1, rest->n);
	return (true);
}

static struct bytes
without_last_dot(struct bytes name)
{
	if (name.n > 1 && name.p[name.n - 1] == '.')
		name.n--;
	return (name);
}

bool
tlspolicy_has_host(const struct tlspolicy *policy, struct bytes host)
{
	struct bytes rest = policy->match;
	struct bytes name;
	struct bytes parent = { host.p, 0 };
	size_t at;

	host = without_last_dot(host);
	if (bytes_find(host, '.', &at) && at > 0)
		parent = bytes_cut(host, at, host.n);
	while (tlspolicy_next_name(&rest, &name)) {
		name = without_last_dot(name);
		if (bytes_same_nocase(name, name.p[0] == '.' ? parent : host))
			return (true);
	}
	return (policy->match.n == 0);
}

bool
tlspolicy_is_usable(unsigned int usage, unsigned int selector,
    unsigned int matching, size_t octets)
{
	/* By matching type: the thing itself, SHA-256, SHA-512. */
	static const size_t sizes[] = { 0, 32, 64 };

	if (usage < 2 || usage > 3 || selector > 1 || octets == 0 ||
	    matching >= ARRAY_LEN(sizes))
		return (false);
	return (matching == 0 || octets == sizes[matching]);
}
