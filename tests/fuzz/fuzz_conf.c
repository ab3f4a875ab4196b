/* SPDX-License-Identifier: ISC */
/*
 * The configuration: its grammar, and the keys.  No options.
 */
#include "conf/conf.h"

#include <string.h>

#include "base/base.h"
#include "conf/keys.h"
#include "conf/amqp.h"
#include "conf/pull.h"
#include "conf/remote.h"
#include "fuzz.h"
#include "smtp/smtppath.h"

enum {
	CONTROL_Z = 0x1a
};

/* What a line says, read plainly. */
struct plain {
	bool says; /* anything at all */
	bool good;
	char key[FUZZ_TEXT_MAX + 1];
	char value[FUZZ_TEXT_MAX + 1];
};

/* What was read, in order. */
struct item {
	enum conf_status status;
	struct conf_pair pair;
};

static struct conf_pair pair;

static void
check_pair(void)
{
	struct bytes key = bytes_of(pair.key);
	struct bytes value = bytes_of(pair.value);
	size_t at;
	size_t i;

	fuzz_must(key.n > 0 && key.n < CONF_KEY_MAX && value.n < CONF_VALUE_MAX,
	    "key and value are bounded");
	for (i = 0; i < key.n; i++)
		fuzz_must(!(key.p[i] >= 'A' && key.p[i] <= 'Z'),
		    "a key is in lower case");
	fuzz_must(!bytes_find(key, '"', &at) && !bytes_find(value, '"', &at),
	    "quotes are off");
	for (i = 0; i < key.n + value.n; i++) {
		struct bytes c = bytes_cut(
		    i < key.n ? key : value, i < key.n ? i : i - key.n, 1);

		fuzz_must(c.p[0] == '\t' || !bytes_has_control(c),
		    "no control byte but tabs");
	}
}

/* The line of that number, from 1. */
static struct bytes
line_of(struct bytes in, unsigned int number)
{
	struct bytes line = { in.p, 0 };
	size_t i = 0;

	while (number > 0) {
		line = bytes_cut(in, i, 0);
		for (; i < in.n && in.p[i] != '\n' && in.p[i] != '\r'; i++)
			line.n++;
		if (i + 1 < in.n && in.p[i] == '\r' && in.p[i + 1] == '\n')
			i++;
		i++;
		number--;
	}
	return (line);
}

/* A byte of the line, as far as it is no comment. */
static bool
read_plainly(struct plain *p, char c, bool quoted, size_t n[2], size_t *equals)
{
	size_t at = *equals > 0;

	if (!quoted && (c == '#' || c == ';'))
		return (false);
	if (c != '\t' && c != '"' && bytes_has_control((struct bytes){ &c, 1 }))
		p->good = false;
	if (c == '"' || quoted || (c != ' ' && c != '\t'))
		p->says = true;
	if (c == '=' && !quoted)
		++*equals;
	else if (c != '"' && (quoted || (c != ' ' && c != '\t')))
		(at == 0 ? p->key : p->value)[n[at]++] =
		    at == 0 && c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	return (true);
}

static void
read_line(struct plain *p, struct bytes line)
{
	size_t n[2] = { 0, 0 };
	size_t equals = 0;
	bool quoted = false;
	size_t i;

	p->says = false;
	p->good = true;
	for (i = 0; i < line.n; i++) {
		if (!read_plainly(p, line.p[i], quoted, n, &equals))
			break;
		quoted = quoted != (line.p[i] == '"');
	}
	p->key[n[0]] = '\0';
	p->value[n[1]] = '\0';
	p->good = p->good && !quoted && equals == 1 && n[0] > 0 &&
	    n[0] < CONF_KEY_MAX && n[1] < CONF_VALUE_MAX;
}

/* Lines that were passed over say nothing; this one says what was read. */
static void
check_line(struct bytes in, unsigned int from, enum conf_status status)
{
	static struct plain plain;
	unsigned int i;

	(void)bytes_find(in, CONTROL_Z, &in.n);
	for (i = from + 1; i < pair.line + (status == CONF_END); i++) {
		read_line(&plain, line_of(in, i));
		fuzz_must(
		    !plain.says, "no line that says anything is left out");
	}
	if (status == CONF_END)
		return;
	read_line(&plain, line_of(in, pair.line));
	fuzz_must(plain.good == (status == CONF_PAIR), "the same verdict");
	fuzz_must(status != CONF_PAIR ||
		(strcmp(plain.key, pair.key) == 0 &&
		    strcmp(plain.value, pair.value) == 0),
	    "the same words");
}

/* Written in quotes it is the same. */
static void
check_quoted(void)
{
	static struct conf_pair again;
	char store[CONF_KEY_MAX + CONF_VALUE_MAX + 8];
	struct bytes rest;
	struct buf b;

	buf_init(&b, store, sizeof(store));
	(void)buf_printf(&b, "\"%s\"=\"%s\"\n", pair.key, pair.value);
	rest = buf_view(&b);
	again.line = 0;
	fuzz_must(!buf_overflowed(&b) &&
		conf_next(&rest, &again) == CONF_PAIR && again.line == 1,
	    "in quotes it is a pair");
	fuzz_must(strcmp(pair.key, again.key) == 0 &&
		strcmp(pair.value, again.value) == 0,
	    "and the same");
	fuzz_must(conf_next(&rest, &again) == CONF_END, "and nothing else");
}

/* Only the key's own member is written, and none by a refusal. */
static const char *
set(const struct key *key, struct settings *settings, const char *value)
{
	struct settings before;
	const char *wrong;

	memset(&before, 0x55, sizeof(before));
	before.used = 0;
	*settings = before;
	wrong = key_set(key, settings, value);
	if (wrong == NULL && key->type != KEY_STACK)
		memcpy((char *)&before + key->offset,
		    (char *)settings + key->offset, key->size);
	fuzz_must(
	    memcmp(&before, settings, offsetof(struct settings, used)) == 0,
	    "no other setting is touched");
	keys_init(settings);
	return (key_set(key, settings, value));
}

static void
check_listen(const char *value)
{
	struct bytes rest = bytes_of(value);
	size_t left = rest.n;

	while (rest.n > 0) {
		struct bytes address = { NULL, 0 };
		uint32_t port = 0;

		fuzz_must(settings_next_listen(&rest, &address, &port),
		    "an accepted list can be read");
		fuzz_must(rest.n < left, "progress in the list");
		left = rest.n;
		fuzz_must(port >= 1 && port <= 65535 &&
			(smtppath_is_ipv4(address) ||
			    smtppath_is_ipv6(address)),
		    "address and port");
	}
}

/* A value that was accepted. */
static void
check_value(const struct key *key, const struct settings *settings)
{
	struct settings again;
	char store[CONF_VALUE_MAX + 1];
	char other[CONF_VALUE_MAX + 1];
	struct buf b;
	struct buf copy;
	const char *text;
	uint32_t n;

	buf_init(&b, store, sizeof(store));
	key_get(key, settings, &b);
	text = buf_cstr(&b);
	fuzz_must(text != NULL, "a value can be written");
	keys_init(&again);
	buf_init(&copy, other, sizeof(other));
	fuzz_must(key_set(key, &again, text) == NULL, "it is taken again");
	key_get(key, &again, &copy);
	fuzz_must(bytes_same(buf_view(&b), buf_view(&copy)),
	    "what is written is read as the same");
	if (key->type == KEY_NUMBER) {
		memcpy(&n, (const char *)settings + key->offset, sizeof(n));
		fuzz_must(n >= key->min && n <= key->max, "in its range");
	}
	if (key->type == KEY_NAME)
		fuzz_must(smtppath_is_domain(bytes_of(text)), "a domain");
	if (key->type == KEY_PATH)
		fuzz_must(text[0] == '/' || text[1] == ':', "a full path");
	if (key->type == KEY_LISTEN)
		check_listen(text);
}

static void
check_key(const struct key *key, const char *value)
{
	struct settings settings;

	if (set(key, &settings, value) == NULL && key->type != KEY_STACK)
		check_value(key, &settings);
}

static void
check_keys(void)
{
	const struct key *key = key_named_in(&REMOTE_KEYS, pair.key);
	size_t i;

	/* An odd value under every key, the key's own or not. */
	if (key != NULL)
		check_key(key, pair.value);
	for (i = 0; i < KEYS_COUNT && KEYS[i].type != KEY_STACK; i++)
		check_key(&KEYS[i], pair.value);
	for (i = 0; i < REMOTE_KEYS.count; i++)
		check_key(&REMOTE_KEYS.rows[i], pair.value);
	for (i = 0; i < AMQP_KEYS.count; i++)
		check_key(&AMQP_KEYS.rows[i], pair.value);
	for (i = 0; i < PULL_KEYS.count; i++)
		check_key(&PULL_KEYS.rows[i], pair.value);
}

static void
check_host(const struct settings *settings)
{
	char store[256];
	struct buf host;

	buf_init(&host, store, sizeof(store));
	if (settings_host(settings, "box", &host))
		fuzz_must(smtppath_is_domain(buf_view(&host)),
		    "who answers is a domain");
}

/* LF, CR and CR LF are one. */
static void
check_line_ends(struct bytes in)
{
	static char crlf[2 * FUZZ_TEXT_MAX];
	static struct item items[2];
	struct bytes rest[2] = { in, { crlf, 0 } };
	size_t i;

	if (in.n == 0 || memchr(in.p, '\r', in.n) != NULL)
		return;
	for (i = 0; i < in.n; i++) {
		if (in.p[i] == '\n')
			crlf[rest[1].n++] = '\r';
		crlf[rest[1].n++] = in.p[i];
	}
	items[0].pair.line = 0;
	items[1].pair.line = 0;
	do {
		for (i = 0; i < 2; i++)
			items[i].status = conf_next(&rest[i], &items[i].pair);
		fuzz_must(items[0].status == items[1].status &&
			items[0].pair.line == items[1].pair.line,
		    "the same with CR LF");
		fuzz_must(items[0].status != CONF_PAIR ||
			(strcmp(items[0].pair.key, items[1].pair.key) == 0 &&
			    strcmp(items[0].pair.value, items[1].pair.value) ==
				0),
		    "the same pair");
	} while (items[0].status != CONF_END);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	struct bytes rest = in;
	struct settings settings;
	enum conf_status status;

	keys_init(&settings);
	pair.line = 0;
	do {
		struct bytes before = rest;
		unsigned int line = pair.line;

		status = conf_next(&rest, &pair);
		fuzz_must(rest.n <= before.n && rest.p + rest.n == in.p + in.n,
		    "rest moves on");
		fuzz_must(status == CONF_END ||
			(rest.n < before.n && pair.line > line),
		    "progress with each answer");
		fuzz_must(pair.line - line <= before.n, "lines are counted");
		fuzz_must((conf_status_text(status)[0] == '\0') ==
			(status == CONF_PAIR || status == CONF_END),
		    "an error has a text");
		check_line(in, line, status);
		if (status != CONF_PAIR)
			continue;
		check_pair();
		check_quoted();
		check_keys();
		if (key_named(pair.key) != NULL)
			(void)key_set(
			    key_named(pair.key), &settings, pair.value);
	} while (status != CONF_END);
	check_host(&settings);
	check_line_ends(in);
	return (0);
}
