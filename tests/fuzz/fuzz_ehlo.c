/* SPDX-License-Identifier: ISC */
/*
 * A server's reply to EHLO: what it offers, against a reading of each line as a
 * list of words; and a client's MAIL and RCPT, which are one line each.
 *
 * The input is the reply's lines, and of the same bytes an envelope's parts.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "fuzz.h"
#include "smtp/smtpehlo.h"
#include "smtp/smtpsay.h"

enum {
	WORDS_MAX = 64,
	WORD_MAX = 64
};

/* A line's words in capitals; those that are too long for any are cut. */
struct words {
	size_t n;
	char word[WORDS_MAX][WORD_MAX];
};

static struct words words;

static void
split(struct bytes line)
{
	size_t length = 0;
	size_t i;

	words.n = 0;
	for (i = 0; i <= line.n && words.n < WORDS_MAX; i++) {
		if (i < line.n && line.p[i] != ' ' && line.p[i] != '\t') {
			char c = (char)toupper((unsigned char)line.p[i]);

			if (length < WORD_MAX - 1)
				words.word[words.n][length++] =
				    (char)(c == '\0' ? '?' : c);
			continue;
		}
		words.word[words.n][length] = '\0';
		words.n += length > 0;
		length = 0;
	}
}

/* Is there a line of this word, and perhaps of this other word? */
static bool
has(struct bytes in, const char *keyword, const char *parameter)
{
	size_t nth = 0;

	while (in.n > 0) {
		struct bytes line = in;
		size_t i;

		(void)bytes_find(in, '\n', &line.n);
		in = bytes_cut(in, line.n + 1, in.n);
		split(line);
		if (nth++ == 0 || words.n == 0 ||
		    strcmp(words.word[0], keyword) != 0)
			continue;
		if (parameter == NULL)
			return (true);
		for (i = 1; i < words.n; i++)
			if (strcmp(words.word[i], parameter) == 0)
				return (true);
	}
	return (false);
}

static void
check_words(struct bytes in, const struct smtpehlo *e)
{
	const struct {
		const char *word;
		bool is_offered;
	} rows[] = {
		{ "PIPELINING", e->pipelining },
		{ "SIZE", e->has_size },
		{ "8BITMIME", e->eightbit },
		{ "SMTPUTF8", e->smtputf8 },
		{ "DSN", e->dsn },
		{ "CHUNKING", e->chunking },
		{ "BINARYMIME", e->binarymime },
		{ "STARTTLS", e->starttls },
		{ "REQUIRETLS", e->requiretls },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		fuzz_must(rows[i].is_offered == has(in, rows[i].word, NULL),
		    "a word");
	fuzz_must(!has(in, "AUTH", "PLAIN") || (e->auth & SMTPEHLO_PLAIN) != 0,
	    "AUTH PLAIN");
	fuzz_must(!has(in, "AUTH", "LOGIN") || (e->auth & SMTPEHLO_LOGIN) != 0,
	    "AUTH LOGIN");
	fuzz_must(e->has_size || e->size == 0, "a size with SIZE only");
	fuzz_must(e->rcptmax <= 999999 && e->mailmax <= 999999 &&
		e->rcptdomainmax <= 999999,
	    "limits of six digits");
	fuzz_must(e->rcptmax + e->mailmax + e->rcptdomainmax == 0 ||
		has(in, "LIMITS", NULL),
	    "limits with LIMITS only");
}

/* One line of one path, and parameters. */
static void
check_line(struct bytes line)
{
	size_t close = 0;

	fuzz_must(line.n > 2 && line.p[line.n - 2] == '\r' &&
		line.p[line.n - 1] == '\n',
	    "a line");
	line.n -= 2;
	fuzz_must(!bytes_has_control(line), "no control byte");
	fuzz_must(bytes_find(line, '>', &close), "a path");
	line = bytes_cut(line, close + 1, line.n);
	fuzz_must(line.n == 0 || line.p[0] == ' ', "a blank behind the path");
}

static void
check_commands(struct bytes in, const struct smtpehlo *e)
{
	char store[SMTPSAY_MAX];
	struct bytes part[3] = { { "", 0 }, { "", 0 }, { "", 0 } };
	struct smtpsay_mail m = { .has_size = true, .size = in.n };
	struct smtpsay_rcpt r = { .mailbox = { "", 0 } };
	struct buf out;
	size_t i;

	for (i = 0; i < 3; i++) {
		part[i] = in;
		(void)bytes_find(in, '\n', &part[i].n);
		in = bytes_cut(in, part[i].n + 1, in.n);
	}
	m.sender = r.mailbox = part[0];
	m.ret = r.notify = part[1];
	m.envid = r.orcpt = part[2];
	m.says_auth = m.is_8bit = m.smtputf8 = m.requiretls = true;
	buf_init(&out, store, sizeof(store));
	if (smtpsay_mail(&out, &m, e))
		check_line(buf_view(&out));
	else
		fuzz_must(buf_view(&out).n == 0, "or nothing");
	buf_reset(&out);
	if (smtpsay_rcpt(&out, &r, e))
		check_line(buf_view(&out));
	else
		fuzz_must(buf_view(&out).n == 0, "or nothing");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	struct bytes rest = in;
	struct smtpehlo e;

	smtpehlo_init(&e);
	while (rest.n > 0) {
		struct bytes line = rest;

		(void)bytes_find(rest, '\n', &line.n);
		smtpehlo_line(&e, line);
		rest = bytes_cut(rest, line.n + 1, rest.n);
	}
	check_words(in, &e);
	check_commands(in, &e);
	return (0);
}
