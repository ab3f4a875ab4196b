/* SPDX-License-Identifier: ISC */
#include "smtp/smtpauth.h"

#include <string.h>

#include "smtp/smtppath.h"

/* What the next line is. */
enum {
	MESSAGE, /* of PLAIN */
	USER,
	PASSWORD
};

/* A line begins. */
static void
begin_line(struct smtpauth *a, int step)
{
	a->step = step;
	a->octets = 0;
	a->has_cr = false;
	a->is_bad = false;
	a->is_star = false;
	a->digits = 0;
	a->padding = 0;
	a->bits = 0;
}

/* The value of a digit of base64; 64: it is not one. */
static unsigned int
digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return ((unsigned int)(c - 'A'));
	if (c >= 'a' && c <= 'z')
		return ((unsigned int)(c - 'a') + 26);
	if (c >= '0' && c <= '9')
		return ((unsigned int)(c - '0') + 52);
	if (c == '+')
		return (62);
	return (c == '/' ? 63 : 64);
}

/* Bytes that are too many are neither counted nor kept. */
static void
put_byte(struct smtpauth *a, unsigned int byte)
{
	if (a->n < sizeof(a->store))
		a->store[a->n++] = (char)(byte & 0xff);
	else
		a->is_too_much = true;
}

static void
decode(struct smtpauth *a, char c)
{
	unsigned int value = digit_value(c);

	if (c == '=') {
		a->padding++;
		return;
	}
	if (value == 64 || a->padding > 0) {
		a->is_bad = true;
		return;
	}
	a->bits = (a->bits << 6 | value) & 0xfff;
	a->digits++;
	switch (a->digits % 4) {
	case 2:
		put_byte(a, a->bits >> 4);
		break;
	case 3:
		put_byte(a, a->bits >> 2);
		break;
	case 0:
		put_byte(a, a->bits);
		break;
	default:
		break;
	}
}

/* Whole groups of four, the bits that are left over all 0 (RFC 4648 3.5). */
static bool
is_base64(const struct smtpauth *a)
{
	if (a->is_bad)
		return (false);
	switch (a->digits % 4) {
	case 0:
		return (a->padding == 0);
	case 2:
		return (a->padding == 2 && (a->bits & 0xf) == 0);
	case 3:
		return (a->padding == 1 && (a->bits & 0x3) == 0);
	default:
		return (false);
	}
}

/* Could they be right? */
static enum smtpauth_status
judge(const struct smtpauth *a)
{
	bool utf8 = false;

	if (a->is_too_much || a->user.n == 0 || a->password.n == 0 ||
	    a->user.n + a->password.n > SMTPAUTH_SECRET_MAX ||
	    !smtppath_is_harmless(a->user, &utf8))
		return (SMTPAUTH_WRONG);
	return (SMTPAUTH_DONE);
}

/* [identity] NUL user NUL password; to act for another user is not offered. */
static enum smtpauth_status
end_plain(struct smtpauth *a)
{
	struct bytes rest = { a->store, a->n };
	struct bytes identity;
	size_t nul;

	if (a->is_too_much)
		return (SMTPAUTH_WRONG);
	if (!bytes_find(rest, '\0', &nul))
		return (SMTPAUTH_BAD_TEXT);
	identity = bytes_cut(rest, 0, nul);
	rest = bytes_cut(rest, nul + 1, rest.n);
	if (!bytes_find(rest, '\0', &nul))
		return (SMTPAUTH_BAD_TEXT);
	a->user = bytes_cut(rest, 0, nul);
	a->password = bytes_cut(rest, nul + 1, rest.n);
	if (bytes_find(a->password, '\0', &nul))
		return (SMTPAUTH_BAD_TEXT);
	if (identity.n > 0 && !bytes_same(identity, a->user))
		return (SMTPAUTH_WRONG);
	return (judge(a));
}

static enum smtpauth_status
end_login(struct smtpauth *a)
{
	struct bytes got =
	    bytes_cut((struct bytes){ a->store, a->n }, a->user.n, a->n);
	size_t nul;

	if (bytes_find(got, '\0', &nul))
		return (SMTPAUTH_BAD_TEXT);
	if (a->step == USER) {
		a->user = got;
		begin_line(a, PASSWORD);
		return (SMTPAUTH_PROMPT);
	}
	a->password = got;
	return (judge(a));
}

/* A response, whole. */
static enum smtpauth_status
end_line(struct smtpauth *a)
{
	if (a->octets > SMTPAUTH_LINE_MAX)
		return (SMTPAUTH_TOO_LONG);
	if (a->is_star)
		return (SMTPAUTH_CANCELLED);
	if (!is_base64(a))
		return (SMTPAUTH_BAD_TEXT);
	return (a->is_login ? end_login(a) : end_plain(a));
}

/* A byte of a line that is not its end. */
static void
take_byte(struct smtpauth *a, char c)
{
	/* `*` alone; with anything else it is not base64. */
	a->is_star = c == '*' && a->digits + a->padding == 0 && !a->is_bad;
	decode(a, c);
}

enum smtpauth_status
smtpauth_feed(struct smtpauth *a, struct bytes in, size_t *used)
{
	size_t at = 0;

	while (at < in.n) {
		char c = in.p[at++];

		/* How much it is too long need not be known. */
		if (a->octets <= SMTPAUTH_LINE_MAX)
			a->octets++;
		if (c == '\n' && a->has_cr) {
			*used = at;
			return (end_line(a));
		}
		if (a->has_cr)
			take_byte(a, '\r');
		a->has_cr = c == '\r';
		if (c != '\r')
			take_byte(a, c);
	}
	*used = at;
	return (SMTPAUTH_MORE);
}

enum smtpauth_status
smtpauth_begin(struct smtpauth *a, struct bytes argument)
{
	struct bytes mechanism = argument;
	struct bytes response;
	size_t at;

	smtpauth_wipe(a);
	if (bytes_find(argument, ' ', &at))
		mechanism.n = at;
	response = bytes_cut(argument, mechanism.n, argument.n);
	while (response.n > 0 && response.p[0] == ' ')
		response = bytes_cut(response, 1, response.n);
	a->is_login = bytes_same_nocase(mechanism, bytes_of("LOGIN"));
	if (!a->is_login && !bytes_same_nocase(mechanism, bytes_of("PLAIN")))
		return (SMTPAUTH_UNKNOWN);
	begin_line(a, a->is_login ? USER : MESSAGE);
	if (response.n == 0)
		return (SMTPAUTH_PROMPT);
	/* `=` is an empty response (RFC 4954 4). */
	if (bytes_same(response, bytes_of("=")))
		return (end_line(a));
	for (at = 0; at < response.n; at++)
		decode(a, response.p[at]);
	return (end_line(a));
}

const char *
smtpauth_prompt(const struct smtpauth *a)
{
	switch (a->step) {
	case USER:
		return ("VXNlcm5hbWU6"); /* Username: */
	case PASSWORD:
		return ("UGFzc3dvcmQ6"); /* Password: */
	default:
		return ("");
	}
}

struct bytes
smtpauth_user(const struct smtpauth *a)
{
	return (a->user);
}

struct bytes
smtpauth_password(const struct smtpauth *a)
{
	return (a->password);
}

void
smtpauth_wipe(struct smtpauth *a)
{
	/* Not memset(): a compiler may leave that out. */
	explicit_bzero(a, sizeof(*a));
}
