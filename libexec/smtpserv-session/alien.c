/* SPDX-License-Identifier: ISC */
#include "alien.h"

#include "base/base.h"
#include "mail/field.h"
#include "smtp/smtpline.h"

const struct smtp_reply *
alien_hello(struct bytes in)
{
	/* RFC 8446 5.1: a record of the handshake, version 3.x. */
	static const struct bytes HELLO = { "\x16\x03", 2 };

	return (bytes_same(bytes_cut(in, 0, HELLO.n), HELLO)
		? &SMTPREPLY_ALIEN_TLS
		: NULL);
}

/* The verbs of RFC 9110 and RFC 5789, and how HTTP/2 begins. */
static bool
is_request(struct bytes line)
{
	static const char *const verbs[] = { "GET", "HEAD", "POST", "PUT",
		"DELETE", "OPTIONS", "CONNECT", "TRACE", "PATCH", "PRI" };
	struct bytes word = line;
	size_t i;

	(void)bytes_find(word, ' ', &word.n);
	for (i = 0; i < ARRAY_LEN(verbs); i++)
		if (bytes_same_nocase(word, bytes_of(verbs[i])))
			return (true);
	/* A request names its protocol, whatever its verb is. */
	for (i = word.n; i < line.n; i++)
		if (bytes_starts_nocase(
			bytes_cut(line, i, line.n), bytes_of(" HTTP/")))
			return (true);
	return (false);
}

/* `Host: ...': no command of ours has a colon in its first word. */
static bool
is_field(struct bytes line)
{
	(void)bytes_find(line, ' ', &line.n);
	return (field_begins(line));
}

const struct smtp_reply *
alien_line(struct bytes in)
{
	struct bytes line = bytes_cut(in, 0, SMTPLINE_MAX);

	(void)bytes_find(line, '\n', &line.n);
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (is_request(line))
		return (&SMTPREPLY_ALIEN_HTTP);
	if (bytes_starts_nocase(line, bytes_of("SSH-")))
		return (&SMTPREPLY_ALIEN_SSH);
	return (is_field(line) ? &SMTPREPLY_ALIEN_FIELD : NULL);
}
