/* SPDX-License-Identifier: ISC */
#include "ucspi/ucspitls.h"

#include <string.h>

#include "base/base.h"

void
ucspitls_init(struct ucspitls *u)
{
	*u = (struct ucspitls){ .n = 0 };
}

static bool
is_upper_or_digit(char c)
{
	return ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'));
}

/* Letters, digits, `-', `_' and `.': fit for a header, a log, a file. */
static bool
is_word(struct bytes text)
{
	size_t i;

	for (i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (!is_upper_or_digit(c) && !(c >= 'a' && c <= 'z') &&
		    c != '-' && c != '_' && c != '.')
			return (false);
	}
	return (text.n > 0 && text.n <= UCSPITLS_WORD_MAX);
}

static void
keep_word(char *into, struct bytes text)
{
	if (!is_word(text))
		text.n = 0;
	memcpy(into, text.p, text.n);
	into[text.n] = '\0';
}

static void
keep_cipher(char *into, struct bytes name)
{
	char store[UCSPITLS_WORD_MAX + 1];
	struct buf b;

	buf_init(&b, store, sizeof(store));
	keep_word(into, ucspitls_put_cipher(&b, name) ? buf_view(&b) : name);
}

void
ucspitls_set_facts(
    struct ucspitls_facts *facts, const char *protocol, const char *cipher)
{
	keep_word(facts->protocol, bytes_of(protocol == NULL ? "" : protocol));
	keep_cipher(facts->cipher, bytes_of(cipher == NULL ? "" : cipher));
}

static bool
take_value(struct bytes record, const char *name, struct bytes *value)
{
	struct bytes tag = bytes_of(name);

	if (!bytes_same(bytes_cut(record, 0, tag.n), tag))
		return (false);
	*value = bytes_cut(record, tag.n, record.n);
	return (true);
}

static void
keep_record(struct ucspitls *u)
{
	struct bytes record = { u->record, u->n };
	struct bytes value;

	if (take_value(record, "SSL_PROTOCOL=", &value))
		keep_word(u->facts.protocol, value);
	else if (take_value(record, "SSL_CIPHER=", &value))
		keep_cipher(u->facts.cipher, value);
}

bool
ucspitls_feed(struct ucspitls *u, struct bytes in)
{
	size_t i;

	for (i = 0; i < in.n && !u->ended; i++) {
		if (in.p[i] != '\0') {
			if (u->n < sizeof(u->record))
				u->record[u->n++] = in.p[i];
			else
				u->too_long = true;
			continue;
		}
		u->ended = u->n == 0;
		if (!u->too_long)
			keep_record(u);
		u->n = 0;
		u->too_long = false;
	}
	return (u->ended);
}

bool
ucspitls_put(struct buf *out, const char *name, struct bytes value)
{
	(void)buf_puts(out, name);
	(void)buf_putc(out, '=');
	(void)buf_put(out, value);
	return (buf_putc(out, '\0'));
}

/* IANA's own: TLS_ and then capitals, digits and underscores. */
static bool
is_standard(struct bytes name)
{
	size_t i;

	for (i = 0; i < name.n; i++)
		if (!is_upper_or_digit(name.p[i]) && name.p[i] != '_')
			return (false);
	return (bytes_same(bytes_cut(name, 0, 4), bytes_of("TLS_")));
}

/* The part up to the next dash; *rest moves behind it. */
static struct bytes
next_part(struct bytes *rest)
{
	struct bytes part = *rest;

	(void)bytes_find(*rest, '-', &part.n);
	*rest = bytes_cut(*rest, part.n + 1, rest->n);
	return (part);
}

static bool
is_one_of(struct bytes part, const char *const *words, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (bytes_same(part, bytes_of(words[i])))
			return (true);
	return (false);
}

/* AES128 is AES_128. */
static void
put_cipher_part(struct buf *out, struct bytes part)
{
	size_t letters = part.n > 3 ? part.n - 3 : 0;

	if (bytes_same(part, bytes_of("CHACHA20"))) {
		(void)buf_put(out, part);
		return;
	}
	(void)buf_put(out, bytes_cut(part, 0, letters));
	(void)buf_putc(out, '_');
	(void)buf_put(out, bytes_cut(part, letters, part.n));
}

/* What comes behind the cipher: its mode, and a hash. */
static bool
put_mode(struct buf *out, struct bytes cipher, struct bytes rest)
{
	static const char *const hashes[] = { "SHA", "SHA256", "SHA384" };
	struct bytes mode = next_part(&rest);

	if (is_one_of(mode, hashes, ARRAY_LEN(hashes))) {
		(void)buf_puts(out, "_CBC_");
		(void)buf_put(out, mode);
		return (rest.n == 0);
	}
	(void)buf_putc(out, '_');
	if (bytes_same(mode, bytes_of("CCM8")))
		return (buf_puts(out, "CCM_8") && rest.n == 0);
	(void)buf_put(out, mode);
	if (bytes_same(cipher, bytes_of("CHACHA20")))
		return (bytes_same(mode, bytes_of("POLY1305")) && rest.n == 0 &&
		    buf_puts(out, "_SHA256"));
	if (bytes_same(mode, bytes_of("CCM")))
		return (rest.n == 0);
	(void)buf_putc(out, '_');
	(void)buf_put(out, rest);
	return (bytes_same(mode, bytes_of("GCM")) &&
	    is_one_of(rest, hashes, ARRAY_LEN(hashes)));
}

static bool
put_translated(struct buf *out, struct bytes name)
{
	static const char *const ciphers[] = { "AES128", "AES256", "CHACHA20",
		"CAMELLIA128", "CAMELLIA256", "ARIA128", "ARIA256" };
	static const char *const exchanges[] = { "ECDHE", "DHE", "RSA", "ECDSA",
		"DSS" };
	struct bytes part = next_part(&name);
	unsigned int n = 0;
	bool is_signed = false;

	(void)buf_puts(out, "TLS_");
	for (; is_one_of(part, exchanges, ARRAY_LEN(exchanges)); n++) {
		(void)buf_put(out, part);
		(void)buf_putc(out, '_');
		is_signed = !bytes_same(part, bytes_of("ECDHE")) &&
		    !bytes_same(part, bytes_of("DHE"));
		part = next_part(&name);
	}
	if (n == 0 || !is_signed)
		(void)buf_puts(out, "RSA_");
	(void)buf_puts(out, "WITH_");
	put_cipher_part(out, part);
	return (is_one_of(part, ciphers, ARRAY_LEN(ciphers)) &&
	    put_mode(out, part, name) && !buf_overflowed(out));
}

bool
ucspitls_put_cipher(struct buf *out, struct bytes name)
{
	size_t before = buf_view(out).n;

	if (is_standard(name))
		return (buf_put(out, name));
	if (put_translated(out, name))
		return (true);
	buf_cut(out, before);
	return (false);
}
