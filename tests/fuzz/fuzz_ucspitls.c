/* SPDX-License-Identifier: ISC */
/*
 * The records of UCSPI-TLS: the same facts however they are cut, and nothing
 * in them but words; and a cipher's name is IANA's, or nothing.
 *
 * Options: two of the knife.
 */
#include "ucspi/ucspitls.h"

#include <string.h>

#include "fuzz.h"

static void
check_word(const char *word)
{
	fuzz_must(strlen(word) <= UCSPITLS_WORD_MAX &&
		strspn(word,
		    "abcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == strlen(word),
	    "a fact is a word");
}

static bool
feed(struct ucspitls *u, struct bytes in, struct fuzz_knife *knife)
{
	bool ended = false;

	ucspitls_init(u);
	while (in.n > 0) {
		size_t n = fuzz_knife_cut(knife, in.n);

		fuzz_must(!ended || ucspitls_feed(u, bytes_cut(in, 0, n)),
		    "an end is for ever");
		ended = ended || ucspitls_feed(u, bytes_cut(in, 0, n));
		in = bytes_cut(in, n, in.n);
	}
	return (ended);
}

static void
check_cipher(struct bytes name)
{
	char store[256];
	struct buf b;
	struct bytes got;
	size_t i;

	buf_init(&b, store, sizeof(store));
	if (!ucspitls_put_cipher(&b, name)) {
		fuzz_must(buf_view(&b).n == 0, "nothing is put by halves");
		return;
	}
	got = buf_view(&b);
	fuzz_must(bytes_same(bytes_cut(got, 0, 4), bytes_of("TLS_")),
	    "a standard name");
	for (i = 0; i < got.n; i++)
		fuzz_must((got.p[i] >= 'A' && got.p[i] <= 'Z') ||
			(got.p[i] >= '0' && got.p[i] <= '9') || got.p[i] == '_',
		    "of its letters");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	struct fuzz_knife knife;
	struct fuzz_knife whole = { .way = 0 };
	struct ucspitls a;
	struct ucspitls b;

	fuzz_knife_init(&knife, &in);
	fuzz_must(feed(&a, in, &whole) == feed(&b, in, &knife),
	    "the same end however it is cut");
	fuzz_must(strcmp(a.facts.protocol, b.facts.protocol) == 0 &&
		strcmp(a.facts.cipher, b.facts.cipher) == 0,
	    "the same facts however they are cut");
	check_word(a.facts.protocol);
	check_word(a.facts.cipher);
	check_cipher(in);
	return (0);
}
