/* SPDX-License-Identifier: ISC */
#include "smtp/smtpreply.h"

#define REPLY(name, code, enhanced, text)                                      \
	const struct smtp_reply SMTPREPLY_##name = { code, enhanced, text }

REPLY(SENDER_OK, 250, "2.1.0", "sender ok");
REPLY(RCPT_OK, 250, "2.1.5", "recipient ok");
REPLY(OK, 250, "2.0.0", "ok");
REPLY(BYE, 221, "2.0.0", "bye");
REPLY(START_TLS, 220, "2.0.0", "go ahead");
REPLY(VRFY, 252, "2.0.0", "send some mail and see");
REPLY(GO_AHEAD, 354, NULL, "end with CR LF . CR LF");
REPLY(AUTH_OK, 235, "2.7.0", "authenticated");
REPLY(CHUNK_OK, 250, "2.0.0", "chunk received");

REPLY(IDLE, 421, "4.4.2", "idle for too long, closing");
REPLY(TOO_LATE, 421, "4.4.2", "session lasted too long, closing");
REPLY(SHUTDOWN, 421, "4.3.2", "shutting down, try again later");
REPLY(ERRORS, 421, "4.7.0", "too many errors, closing");
REPLY(JUNK, 421, "4.7.0", "too many commands without a message, closing");
REPLY(ALIEN_HTTP, 421, "4.7.0", "this is SMTP, not HTTP, closing");
REPLY(ALIEN_TLS, 421, "4.7.0", "TLS begins with STARTTLS here, closing");
REPLY(ALIEN_SSH, 421, "4.7.0", "this is SMTP, not SSH, closing");
REPLY(ALIEN_FIELD, 421, "4.7.0", "a header field is no command, closing");
REPLY(BROKEN, 421, "4.3.0", "local fault, closing");
REPLY(BAD_SETUP, 421, "4.3.5", "not configured, try again later");

REPLY(DISK_FAULT, 451, "4.3.0", "disk fault, try again later");
REPLY(LOCAL_FAULT, 451, "4.3.0", "cannot store mail now, try again later");
REPLY(NO_TABLE, 451, "4.3.0", "cannot look up recipients now, try again later");
REPLY(NO_SPACE, 452, "4.3.1", "no space for mail now, try again later");
REPLY(TOO_MANY_RCPTS, 452, "4.5.3", "too many recipients");
REPLY(NO_TLS_NOW, 454, "4.7.0", "TLS is not available now, try again later");

REPLY(UNKNOWN, 500, "5.5.2", "unknown command");
REPLY(LINE_TOO_LONG, 500, "5.5.2", "line too long");
REPLY(BARE_LF, 500, "5.5.2", "a line must end with CR LF, not LF");
REPLY(BAD_BYTE, 500, "5.5.2", "control byte in command");
REPLY(BAD_ARGUMENT, 501, "5.5.4", "bad argument");
REPLY(BAD_SENDER, 501, "5.1.7", "bad sender address, want <user@domain>");
REPLY(BAD_RCPT, 501, "5.1.3", "bad recipient address, want <user@domain>");
REPLY(SENDER_NO_DOMAIN, 501, "5.1.7", "sender address lacks a domain");
REPLY(RCPT_NO_DOMAIN, 501, "5.1.3", "recipient address lacks a domain");
REPLY(PATH_TOO_LONG, 501, "5.5.4", "address too long");
REPLY(BAD_PARAMETER, 501, "5.5.4", "bad or repeated parameter");
REPLY(UNKNOWN_PARAMETER, 555, "5.5.4", "unknown parameter");
REPLY(ABSENT, 502, "5.5.1", "command not implemented");
REPLY(BAD_SEQUENCE, 503, "5.5.1", "bad sequence of commands");
REPLY(NEEDS_UTF8, 553, "5.6.7", "address needs SMTPUTF8");
REPLY(NEEDS_AUTH, 530, "5.7.0", "authentication required");
REPLY(NEEDS_TLS, 530, "5.7.10", "REQUIRETLS needs an encrypted session");
REPLY(TOO_BIG, 552, "5.3.4", "message too big");
REPLY(NOBODY, 550, "5.1.1", "nobody here by that name");
REPLY(BARE_EOL, 550, "5.6.0", "bare CR, bare LF or NUL in message");
REPLY(TOO_MANY_HOPS, 554, "5.4.6", "too many hops, this message is looping");

REPLY(AUTH_TRIES, 421, "4.7.0", "too many failed logins, closing");
REPLY(AUTH_LATER, 454, "4.7.0", "cannot check passwords now, try again later");
REPLY(AUTH_TOO_LONG, 500, "5.5.6", "line too long");
REPLY(AUTH_BAD_TEXT, 501, "5.5.2", "bad base64, or not what it should hold");
REPLY(AUTH_CANCELLED, 501, "5.7.0", "cancelled");
REPLY(AUTH_UNKNOWN, 504, "5.5.4", "unknown mechanism, use PLAIN or LOGIN");
REPLY(AUTH_WRONG, 535, "5.7.8", "wrong user or password");
REPLY(AUTH_NEEDS_TLS, 538, "5.7.11", "encryption needed, use STARTTLS first");

void
smtpreply_init(struct smtpreply *r, char *store, size_t cap)
{
	buf_init(&r->out, store, cap);
}

void
smtpreply_put(struct smtpreply *r, const struct smtp_reply *row)
{
	smtpreply_line(r, row->code, row->enhanced, bytes_of(row->text));
}

void
smtpreply_line(struct smtpreply *r, unsigned int code, const char *enhanced,
    struct bytes text)
{
	(void)buf_put_number(&r->out, code);
	(void)buf_putc(&r->out, ' ');
	if (enhanced != NULL) {
		(void)buf_puts(&r->out, enhanced);
		(void)buf_putc(&r->out, ' ');
	}
	(void)buf_put(&r->out, text);
	(void)buf_puts(&r->out, "\r\n");
}

void
smtpreply_part(
    struct smtpreply *r, unsigned int code, bool more, struct bytes text)
{
	(void)buf_put_number(&r->out, code);
	(void)buf_putc(&r->out, more ? '-' : ' ');
	(void)buf_put(&r->out, text);
	(void)buf_puts(&r->out, "\r\n");
}

bool
smtpreply_has_room(const struct smtpreply *r)
{
	return (buf_room(&r->out) >= SMTPREPLY_ROOM);
}

struct bytes
smtpreply_pending(const struct smtpreply *r)
{
	return (buf_view(&r->out));
}

void
smtpreply_sent(struct smtpreply *r)
{
	buf_reset(&r->out);
}
