/* SPDX-License-Identifier: ISC */
#include "tlspolicy/tlsverdict.h"

#include "base/base.h"
#include "bytes/num.h"

static const char *const REACHED[] = { "anonymous", "name", "dane" };

static const char *const FAILURES[] = { "starttls-not-supported",
	"certificate-host-mismatch", "certificate-expired",
	"certificate-not-trusted", "tlsa-invalid", "dnssec-invalid",
	"dane-required", "sts-policy-fetch-error", "sts-policy-invalid",
	"sts-webpki-invalid", "validation-failure" };

const char *
tlsverdict_failure_word(enum tlsverdict_failure failure)
{
	return (FAILURES[failure]);
}

const char *
tlsverdict_reached_word(enum tlsverdict_reached reached)
{
	return (REACHED[reached]);
}

/* A word of letters, digits and a few signs, as those of OpenSSL are. */
static bool
is_word(struct bytes word)
{
	size_t i;

	for (i = 0; i < word.n; i++) {
		char c = bytes_lower(word.p[i]);

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			c == '-' || c == '_' || c == '.'))
			return (false);
	}
	return (word.n > 0 && word.n <= TLSVERDICT_WORD_MAX);
}

static bool
is_printable(char c)
{
	return (c >= ' ' && c <= '~');
}

static void
put_text(struct buf *out, struct bytes text, size_t max)
{
	size_t i;

	for (i = 0; i < text.n && i < max; i++)
		(void)buf_putc(
		    out, (char)(is_printable(text.p[i]) ? text.p[i] : '?'));
}

bool
tlsverdict_put(struct buf *out, const struct tlsverdict *v)
{
	size_t before = buf_view(out).n;

	if (buf_room(out) < TLSVERDICT_MAX)
		return (false);
	if (v->is_good) {
		if (!is_word(v->protocol) || !is_word(v->cipher))
			return (false);
		(void)buf_puts(out, "= ");
		(void)buf_put(out, v->protocol);
		(void)buf_putc(out, ' ');
		(void)buf_put(out, v->cipher);
		(void)buf_putc(out, ' ');
		(void)buf_put_number(out, v->bits);
		(void)buf_putc(out, ' ');
		(void)buf_puts(out, REACHED[v->reached]);
	} else {
		(void)buf_puts(out, "! ");
		(void)buf_puts(out, FAILURES[v->failure]);
	}
	if (v->text.n > 0)
		(void)buf_putc(out, ' ');
	put_text(out, v->text, TLSVERDICT_MAX - 1 - (buf_view(out).n - before));
	return (buf_putc(out, '\n'));
}

/* Up to the next blank, or all; *rest moves on behind it. */
static struct bytes
take_word(struct bytes *rest)
{
	struct bytes word = *rest;
	size_t at = rest->n;

	(void)bytes_find(*rest, ' ', &at);
	word.n = at;
	*rest = bytes_cut(*rest, at + 1, rest->n);
	return (word);
}

static bool
find_word(struct bytes word, const char *const *of, size_t n, unsigned int *at)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (bytes_same(word, bytes_of(of[i]))) {
			*at = (unsigned int)i;
			return (true);
		}
	return (false);
}

static bool
parse_good(struct bytes rest, struct tlsverdict *v)
{
	unsigned int reached;
	uint64_t bits;

	v->is_good = true;
	v->protocol = take_word(&rest);
	v->cipher = take_word(&rest);
	if (!is_word(v->protocol) || !is_word(v->cipher) ||
	    !num_parse(take_word(&rest), UINT16_MAX, &bits) ||
	    !find_word(take_word(&rest), REACHED, ARRAY_LEN(REACHED), &reached))
		return (false);
	v->bits = (uint32_t)bits;
	v->reached = (enum tlsverdict_reached)reached;
	v->text = rest;
	return (true);
}

static bool
parse_bad(struct bytes rest, struct tlsverdict *v)
{
	unsigned int failure;

	if (!find_word(
		take_word(&rest), FAILURES, ARRAY_LEN(FAILURES), &failure))
		return (false);
	v->failure = (enum tlsverdict_failure)failure;
	v->text = rest;
	return (true);
}

bool
tlsverdict_parse(struct bytes line, struct tlsverdict *v)
{
	struct bytes mark;
	size_t i;

	*v = (struct tlsverdict){ 0 };
	if (line.n >= TLSVERDICT_MAX)
		return (false);
	for (i = 0; i < line.n; i++)
		if (!is_printable(line.p[i]))
			return (false);
	mark = take_word(&line);
	if (bytes_same(mark, bytes_of("=")))
		return (parse_good(line, v));
	return (bytes_same(mark, bytes_of("!")) && parse_bad(line, v));
}
