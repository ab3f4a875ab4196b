/* SPDX-License-Identifier: ISC */
/*
 * AUTH: the same as a reference that has the whole of it, however it is cut.
 *
 * Options: two of the knife.  Then the argument of AUTH, up to a line end,
 * and the client's answers.
 */
#include "smtp/smtpauth.h"

#include <string.h>

#include "fuzz.h"
#include "smtp/smtppath.h"

enum {
	ANSWERS_MAX = 2
};

struct outcome {
	enum smtpauth_status status;
	size_t used;
	size_t prompts;
	size_t nuser;
	size_t npassword;
	char user[SMTPAUTH_STORE];
	char password[SMTPAUTH_STORE];
};

static struct outcome want;
static struct outcome got;
static struct smtpauth auth;
static char decoded[2][FUZZ_TEXT_MAX];

static int
value_of(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
				     "pqrstuvwxyz0123456789+/";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return (at == NULL ? -1 : (int)(at - digits));
}

/* RFC 4648 4, group by group; SIZE_MAX: it is none. */
static size_t
decode(struct bytes in, char *to)
{
	size_t n = 0;
	size_t i;

	if (in.n % 4 != 0)
		return (SIZE_MAX);
	for (i = 0; i < in.n; i += 4) {
		const char *g = in.p + i;
		bool is_last = i + 4 == in.n;
		size_t pad =
		    is_last && g[3] == '=' ? (g[2] == '=' ? 2U : 1U) : 0U;
		unsigned long bits = 0;
		size_t j;

		for (j = 0; j < 4 - pad; j++) {
			if (value_of(g[j]) < 0)
				return (SIZE_MAX);
			bits |= (unsigned long)value_of(g[j]) << (18 - 6 * j);
		}
		if ((bits & ((1UL << (8 * pad)) - 1)) != 0)
			return (SIZE_MAX);
		for (j = 0; j < 3 - pad; j++)
			to[n++] = (char)(bits >> (16 - 8 * j) & 0xff);
	}
	return (n);
}

static enum smtpauth_status
judge(struct bytes user, struct bytes password)
{
	bool utf8 = false;

	if (user.n == 0 || password.n == 0 ||
	    user.n + password.n > SMTPAUTH_SECRET_MAX ||
	    !smtppath_is_harmless(user, &utf8))
		return (SMTPAUTH_WRONG);
	memcpy(want.user, user.p, user.n);
	memcpy(want.password, password.p, password.n);
	want.nuser = user.n;
	want.npassword = password.n;
	return (SMTPAUTH_DONE);
}

static enum smtpauth_status
judge_plain(struct bytes all)
{
	struct bytes part[3];
	size_t n = 0;
	size_t nul;

	if (all.n > SMTPAUTH_STORE)
		return (SMTPAUTH_WRONG);
	while (n < 2 && bytes_find(all, '\0', &nul)) {
		part[n++] = bytes_cut(all, 0, nul);
		all = bytes_cut(all, nul + 1, all.n);
	}
	if (n < 2 || bytes_find(all, '\0', &nul))
		return (SMTPAUTH_BAD_TEXT);
	if (part[0].n > 0 && !bytes_same(part[0], part[1]))
		return (SMTPAUTH_WRONG);
	return (judge(part[1], all));
}

/* One answer; *n is how many there were. */
static enum smtpauth_status
judge_answer(
    bool is_login, struct bytes line, struct bytes answer[2], size_t *n)
{
	size_t nul;

	if (line.n + 2 > SMTPAUTH_LINE_MAX)
		return (SMTPAUTH_TOO_LONG);
	if (bytes_same(line, bytes_of("*")))
		return (SMTPAUTH_CANCELLED);
	answer[*n] = (struct bytes){ decoded[*n], decode(line, decoded[*n]) };
	if (answer[*n].n == SIZE_MAX)
		return (SMTPAUTH_BAD_TEXT);
	if (!is_login)
		return (judge_plain(answer[*n]));
	/* What is too much is not looked at. */
	if (bytes_find(bytes_cut(answer[*n], 0,
			   SMTPAUTH_STORE -
			       (*n == 0 || answer[0].n > SMTPAUTH_STORE
				       ? 0
				       : answer[0].n)),
		'\0', &nul))
		return (SMTPAUTH_BAD_TEXT);
	if (++*n < 2)
		return (SMTPAUTH_PROMPT);
	return (judge(answer[0], answer[1]));
}

static bool
take_line(struct bytes *rest, struct bytes *line)
{
	size_t i;

	for (i = 0; i + 1 < rest->n; i++)
		if (rest->p[i] == '\r' && rest->p[i + 1] == '\n') {
			*line = bytes_cut(*rest, 0, i);
			*rest = bytes_cut(*rest, i + 2, rest->n);
			return (true);
		}
	return (false);
}

static void
run_plainly(struct bytes argument, struct bytes in)
{
	struct bytes mechanism = argument;
	struct bytes answer[2] = { { NULL, 0 }, { NULL, 0 } };
	struct bytes rest = in;
	struct bytes line;
	size_t n = 0;
	size_t at;
	bool is_login;

	want = (struct outcome){ .status = SMTPAUTH_PROMPT };
	(void)bytes_find(argument, ' ', &mechanism.n);
	is_login = bytes_same_nocase(mechanism, bytes_of("LOGIN"));
	if (!is_login && !bytes_same_nocase(mechanism, bytes_of("PLAIN"))) {
		want.status = SMTPAUTH_UNKNOWN;
		return;
	}
	for (at = mechanism.n; at < argument.n && argument.p[at] == ' ';)
		at++;
	line = bytes_cut(argument, at, argument.n);
	if (line.n > 0) {
		if (bytes_same(line, bytes_of("=")))
			line.n = 0;
		want.status = bytes_same(line, bytes_of("*"))
		    ? SMTPAUTH_BAD_TEXT
		    : judge_answer(is_login, line, answer, &n);
	}
	while (want.status == SMTPAUTH_PROMPT) {
		want.prompts++;
		if (!take_line(&rest, &line)) {
			want.status = SMTPAUTH_MORE;
			rest.n = 0;
			break;
		}
		want.status = judge_answer(is_login, line, answer, &n);
	}
	want.used = in.n - rest.n;
}

static void
run(struct bytes argument, struct bytes in, struct fuzz_knife k)
{
	size_t at = 0;

	got = (struct outcome){ .status = smtpauth_begin(&auth, argument) };
	while (got.status == SMTPAUTH_PROMPT || got.status == SMTPAUTH_MORE) {
		struct bytes piece;
		size_t used = SIZE_MAX;

		got.prompts += got.status == SMTPAUTH_PROMPT;
		got.status = SMTPAUTH_MORE;
		fuzz_must(got.prompts <= ANSWERS_MAX, "it ends");
		if (at == in.n)
			break;
		piece = bytes_cut(in, at, fuzz_knife_cut(&k, in.n - at));
		got.status = smtpauth_feed(&auth, piece, &used);
		fuzz_must(used > 0 && used <= piece.n, "progress");
		fuzz_must(got.status != SMTPAUTH_MORE || used == piece.n,
		    "all is used");
		at += used;
	}
	got.used = at;
	if (got.status != SMTPAUTH_DONE)
		return;
	got.nuser = smtpauth_user(&auth).n;
	got.npassword = smtpauth_password(&auth).n;
	memcpy(got.user, smtpauth_user(&auth).p, got.nuser);
	memcpy(got.password, smtpauth_password(&auth).p, got.npassword);
}

static void
compare(void)
{
	fuzz_must(got.status == want.status, "same end");
	fuzz_must(got.used == want.used, "same number of bytes used");
	fuzz_must(got.prompts == want.prompts, "same prompts");
	fuzz_must(got.nuser == want.nuser && got.npassword == want.npassword &&
		memcmp(got.user, want.user, got.nuser) == 0 &&
		memcmp(got.password, want.password, got.npassword) == 0,
	    "same user and password");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	struct bytes argument;
	struct fuzz_knife k;
	size_t cut;

	fuzz_knife_init(&k, &in);
	argument = in;
	(void)bytes_find(in, '\n', &argument.n);
	in = bytes_cut(in, argument.n + 1, in.n);
	/* As it is given in the session. */
	argument = bytes_trim_end(argument);
	run_plainly(argument, in);
	run(argument, in, k);
	compare();
	for (cut = 0; in.n <= FUZZ_EVERY_CUT && cut < in.n; cut++) {
		fuzz_knife_two(&k, cut);
		run(argument, in, k);
		compare();
	}
	fuzz_knife_bytes(&k);
	run(argument, in, k);
	compare();
	smtpauth_wipe(&auth);
	return (0);
}
