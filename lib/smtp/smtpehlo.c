/* SPDX-License-Identifier: ISC */
#include "smtp/smtpehlo.h"

#include <stddef.h>

#include "base/base.h"
#include "bytes/num.h"
#include "smtp/smtpparam.h"

enum {
	/* RFC 9422 4: no more than six digits. */
	LIMIT_MAX = 999999
};

void
smtpehlo_init(struct smtpehlo *e)
{
	*e = (struct smtpehlo){ .lines = 0 };
}

static bool
is_blank(char c)
{
	return (c == ' ' || c == '\t');
}

/* The next word, taken from the beginning of *rest; empty: there is none. */
static struct bytes
take_word(struct bytes *rest)
{
	struct bytes word;
	size_t n = 0;

	while (rest->n > 0 && is_blank(rest->p[0]))
		*rest = bytes_cut(*rest, 1, rest->n);
	while (n < rest->n && !is_blank(rest->p[n]))
		n++;
	word = bytes_cut(*rest, 0, n);
	*rest = bytes_cut(*rest, n, rest->n);
	return (word);
}

static void
note_auth(struct smtpehlo *e, struct bytes rest)
{
	struct bytes word;

	e->has_auth = true;
	while ((word = take_word(&rest)).n > 0) {
		if (bytes_same_nocase(word, bytes_of("PLAIN")))
			e->auth |= SMTPEHLO_PLAIN;
		if (bytes_same_nocase(word, bytes_of("LOGIN")))
			e->auth |= SMTPEHLO_LOGIN;
	}
}

/* A letter, a digit, or a hyphen in between: a limit's name. */
static bool
is_limit_name(struct bytes name)
{
	size_t i;

	for (i = 0; i < name.n; i++) {
		char c = bytes_lower(name.p[i]);

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    !(c == '-' && i > 0))
			return (false);
	}
	return (name.n > 0);
}

/* Where a limit that we know is kept; NULL: another one. */
static uint64_t *
limit_of(struct smtpehlo *e, struct bytes name)
{
	if (bytes_same_nocase(name, bytes_of("RCPTMAX")))
		return (&e->rcptmax);
	if (bytes_same_nocase(name, bytes_of("MAILMAX")))
		return (&e->mailmax);
	if (bytes_same_nocase(name, bytes_of("RCPTDOMAINMAX")))
		return (&e->rcptdomainmax);
	return (NULL);
}

/* False: it is malformed. */
static bool
note_limit(struct smtpehlo *e, struct bytes word)
{
	size_t equals = word.n;
	uint64_t *limit;
	struct bytes value;

	(void)bytes_find(word, '=', &equals);
	if (!is_limit_name(bytes_cut(word, 0, equals)))
		return (false);
	limit = limit_of(e, bytes_cut(word, 0, equals));
	if (limit == NULL)
		return (true);
	value = bytes_cut(word, equals + 1, word.n);
	/* One that is said twice does not say which holds. */
	return (*limit == 0 && value.n > 0 && value.p[0] != '0' &&
	    num_parse(value, LIMIT_MAX, limit));
}

/* All of it, or nothing. */
static void
note_limits(struct smtpehlo *e, struct bytes rest)
{
	struct smtpehlo said = { .lines = 0 };
	struct bytes word;

	while ((word = take_word(&rest)).n > 0)
		if (!note_limit(&said, word))
			return;
	e->rcptmax = said.rcptmax;
	e->mailmax = said.mailmax;
	e->rcptdomainmax = said.rcptdomainmax;
}

static void
note_size(struct smtpehlo *e, struct bytes rest)
{
	e->has_size = true;
	if (!smtpparam_octets(take_word(&rest), &e->size))
		e->size = 0;
}

/* Those whose parameters, if there are any, mean nothing to us. */
static void
note_word(struct smtpehlo *e, struct bytes word)
{
	const struct {
		const char *word;
		bool *is_offered;
	} words[] = {
		{ "PIPELINING", &e->pipelining },
		{ "8BITMIME", &e->eightbit },
		{ "SMTPUTF8", &e->smtputf8 },
		{ "DSN", &e->dsn },
		{ "CHUNKING", &e->chunking },
		{ "BINARYMIME", &e->binarymime },
		{ "STARTTLS", &e->starttls },
		{ "REQUIRETLS", &e->requiretls },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++)
		if (bytes_same_nocase(word, bytes_of(words[i].word)))
			*words[i].is_offered = true;
}

void
smtpehlo_line(struct smtpehlo *e, struct bytes text)
{
	static const struct bytes auth = { "AUTH=", 5 };
	struct bytes rest = text;
	struct bytes word;

	if (e->lines++ == 0)
		return;
	/* As it was written before RFC 2554, and still is. */
	if (bytes_starts_nocase(text, auth)) {
		note_auth(e, bytes_cut(text, auth.n, text.n));
		return;
	}
	word = take_word(&rest);
	if (bytes_same_nocase(word, bytes_of("AUTH")))
		note_auth(e, rest);
	else if (bytes_same_nocase(word, bytes_of("SIZE")))
		note_size(e, rest);
	else if (bytes_same_nocase(word, bytes_of("LIMITS")))
		note_limits(e, rest);
	else
		note_word(e, word);
}
