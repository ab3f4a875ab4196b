/* SPDX-License-Identifier: ISC */
/*
 * The parsers of a command line and of a path: what they accept is in form,
 * is a fixed point, and fits into an envelope.  No options.
 */
#include "smtp/smtpcmd.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "bytes/buf.h"
#include "envelope/envelope.h"
#include "fuzz.h"
#include "smtp/smtpline.h"

enum {
	LINE_LIMIT = 512,
	SIZE_TAG = 6, /* a blank, and SIZE= */
	/* SIZE, BODY, SMTPUTF8, REQUIRETLS, RET, ENVID, AUTH; NOTIFY, ORCPT */
	MAIL_LIMIT = LINE_LIMIT + 26 + 17 + 10 + 11 + 9 + 107 + 500,
	RCPT_LIMIT = LINE_LIMIT + 29 + 507
};

static bool
is_within(struct bytes part, struct bytes whole)
{
	return (part.n == 0 ||
	    (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

/* Where the local part ends: behind its closing quote, or at the @. */
static size_t
local_end(struct bytes mailbox)
{
	size_t i;

	if (mailbox.n == 0 || mailbox.p[0] != '"') {
		i = mailbox.n;
		(void)bytes_find(mailbox, '@', &i);
		return (i);
	}
	for (i = 1; i < mailbox.n && mailbox.p[i] != '"'; i++)
		if (mailbox.p[i] == '\\')
			i++;
	fuzz_must(i < mailbox.n, "a quote is closed");
	return (i + 1);
}

/* UTF-8 by the table of RFC 3629, 4, and nothing of C1 or a line's end. */
static size_t
utf8_char(const unsigned char *p, size_t n)
{
	size_t length = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	size_t i;

	fuzz_must(p[0] >= 0xc2 && p[0] <= 0xf4 && n >= length,
	    "a character's first byte");
	for (i = 1; i < length; i++)
		fuzz_must((p[i] & 0xc0) == 0x80, "a character's other bytes");
	fuzz_must(
	    !(p[0] == 0xe0 && p[1] < 0xa0) && !(p[0] == 0xf0 && p[1] < 0x90),
	    "no longer than it need be");
	fuzz_must(!(p[0] == 0xed && p[1] > 0x9f), "no surrogate");
	fuzz_must(!(p[0] == 0xf4 && p[1] > 0x8f), "no more than U+10FFFF");
	fuzz_must(!(p[0] == 0xc2 && p[1] < 0xa0), "no C1 control");
	fuzz_must(!(p[0] == 0xe2 && p[1] == 0x80 && (p[2] & 0xfe) == 0xa8),
	    "no line separator");
	return (length);
}

static bool
check_utf8(struct bytes text)
{
	const unsigned char *p = (const unsigned char *)text.p;
	bool found = false;
	size_t i = 0;

	while (i < text.n) {
		if (p[i] > 0x7f) {
			found = true;
			i += utf8_char(p + i, text.n - i);
		} else {
			i++;
		}
	}
	return (found);
}

static void
check_mailbox(const struct smtppath *path)
{
	struct bytes mailbox = path->mailbox;
	size_t local = local_end(mailbox);
	struct bytes domain = bytes_cut(mailbox, local + 1, mailbox.n);
	size_t at;

	fuzz_must(mailbox.n + 2 <= SMTPPATH_MAX, "no longer than its limit");
	fuzz_must(domain.n == 0 || domain.p[domain.n - 1] != '.',
	    "a domain does not end in a dot");
	fuzz_must(!bytes_has_control(mailbox), "no control byte");
	fuzz_must(
	    !bytes_find(domain, ' ', &at) && !bytes_find(domain, '>', &at),
	    "no blank and no bracket in a domain");
	fuzz_must(mailbox.n == 0 || mailbox.p[0] == '"' ||
		!bytes_find(mailbox, ' ', &at),
	    "no blank outside quotes");
	fuzz_must(!check_utf8(mailbox) || path->is_utf8, "UTF-8, and said so");
	fuzz_must(path->has_domain
		? local + 1 < mailbox.n && mailbox.p[local] == '@'
		: local == mailbox.n,
	    "a domain behind the @");
}

/* Printed and parsed again it is the same. */
static void
check_fixed_point(const struct smtppath *path)
{
	char store[SMTPPATH_MAX + 64];
	struct smtppath again;
	struct buf b;
	size_t used = 0;

	buf_init(&b, store, sizeof(store));
	(void)buf_putc(&b, '<');
	(void)buf_put(&b, path->mailbox);
	(void)buf_puts(&b, "> X=<y>\r\n");
	fuzz_must(smtppath_parse(buf_view(&b), &again, &used) == SMTPPATH_OK &&
		used == path->mailbox.n + 2,
	    "what was accepted is again");
	fuzz_must(bytes_same(path->mailbox, again.mailbox) &&
		path->has_domain == again.has_domain &&
		check_utf8(path->mailbox) == again.is_utf8,
	    "and is the same");
}

/* It can be stored, and read back. */
static void
check_storable(struct bytes mailbox)
{
	char store[1024];
	struct envelope e;
	struct bytes rest;
	struct bytes name;
	struct bytes value = { NULL, 0 };

	envelope_init(&e, store, sizeof(store));
	fuzz_must(envelope_set_sender(&e, mailbox), "a sender can be stored");
	fuzz_must(bytes_same(envelope_sender(&e), mailbox), "and read");
	fuzz_must(envelope_add_rcpt(&e, mailbox), "a recipient, too");
	rest = envelope_text(&e);
	fuzz_must(envelope_next(&rest, &name, &value) == ENVELOPE_LINE &&
		bytes_same(value, mailbox) &&
		envelope_next(&rest, &name, &value) == ENVELOPE_LINE &&
		bytes_same(value, mailbox) && rest.n == 0,
	    "in one line each");
}

static void
check_path(struct bytes in)
{
	struct smtppath path;
	struct smtppath again;
	size_t used = SIZE_MAX;
	size_t used_again = SIZE_MAX;
	enum smtppath_status status = smtppath_parse(in, &path, &used);

	if (status != SMTPPATH_OK)
		return;
	fuzz_must(used > 0 && used <= SMTPPATH_MAX && used <= in.n,
	    "as much as there is");
	fuzz_must((in.p[0] == '<') == (in.p[used - 1] == '>'),
	    "from bracket to bracket, or without");
	fuzz_must(in.p[0] == '<' || path.mailbox.n > 0, "nobody is <> only");
	fuzz_must(is_within(path.mailbox,
		      in.p[0] == '<' ? bytes_cut(in, 1, used - 2)
				     : bytes_cut(in, 0, used)),
	    "the mailbox is between them");
	fuzz_must(smtppath_parse(bytes_cut(in, 0, used), &again, &used_again) ==
		    SMTPPATH_OK &&
		used == used_again && bytes_same(path.mailbox, again.mailbox),
	    "what is behind the path does not matter");
	/* Also where only a source route, which is left out, is UTF-8. */
	fuzz_must(check_utf8(bytes_cut(in, 0, used)) == path.is_utf8,
	    "a path in UTF-8 is said to be one");
	check_mailbox(&path);
	check_fixed_point(&path);
	check_storable(path.mailbox);
}

static bool
is_same(const struct smtp_cmd *a, const struct smtp_cmd *b)
{
	return (a->verb == b->verb && a->has_size == b->has_size &&
	    a->size == b->size && a->body == b->body &&
	    a->smtputf8 == b->smtputf8 && a->requiretls == b->requiretls &&
	    a->ret == b->ret && bytes_same(a->envid, b->envid) &&
	    bytes_same(a->notify, b->notify) &&
	    bytes_same(a->orcpt, b->orcpt) && a->chunk == b->chunk &&
	    a->is_last_chunk == b->is_last_chunk &&
	    bytes_same(a->path.mailbox, b->path.mailbox));
}

static void
put_value(struct buf *b, const char *keyword, struct bytes value)
{
	if (value.n == 0)
		return;
	(void)buf_puts(b, keyword);
	(void)buf_put(b, value);
}

/* The command as we would write it means the same. */
static void
check_canonical(const struct smtp_cmd *cmd)
{
	static const char *const bodies[] = { "", " BODY=7BIT",
		" BODY=8BITMIME", " BODY=BINARYMIME" };
	static const char *const rets[] = { "", " RET=FULL", " RET=HDRS" };
	char store[2 * MAIL_LIMIT];
	struct smtp_cmd again;
	struct buf b;

	buf_init(&b, store, sizeof(store));
	(void)buf_puts(
	    &b, cmd->verb == SMTP_MAIL ? "mail from:<" : "rcpt to:<");
	(void)buf_put(&b, cmd->path.mailbox);
	(void)buf_putc(&b, '>');
	(void)buf_puts(&b, cmd->smtputf8 ? " smtputf8" : "");
	(void)buf_puts(&b, cmd->requiretls ? " requiretls" : "");
	(void)buf_puts(&b, bodies[cmd->body]);
	(void)buf_puts(&b, rets[cmd->ret]);
	put_value(&b, " EnvID=", cmd->envid);
	put_value(&b, " notify=", cmd->notify);
	put_value(&b, " ORCPT=", cmd->orcpt);
	if (cmd->has_size) {
		(void)buf_puts(&b, "  size=");
		(void)buf_put_number(&b, cmd->size);
	}
	fuzz_must(smtpcmd_parse(buf_view(&b), &again) == SMTPCMD_OK &&
		is_same(cmd, &again),
	    "written plainly it is the same");
}

/* Does a word begin here that states a size, with a blank before it? */
static bool
is_size(struct bytes text)
{
	return (text.n > SIZE_TAG && (text.p[0] == ' ' || text.p[0] == '\t') &&
	    bytes_starts_nocase(bytes_cut(text, 1, text.n), bytes_of("SIZE=")));
}

/* The size as it stands in the line, its words taken one by one. */
static void
check_size(struct bytes line, const struct smtp_cmd *cmd)
{
	struct bytes word = line;
	struct smtppath path;
	uint64_t size = 0;
	size_t used = 0;
	size_t i = 0;

	/* The parameters are behind the path, and that behind the colon. */
	(void)bytes_find(line, ':', &i);
	for (i++; line.p[i] == ' ' || line.p[i] == '\t'; i++)
		continue;
	fuzz_must(smtppath_parse(bytes_cut(line, i, line.n), &path, &used) ==
		SMTPPATH_OK,
	    "a path");
	i += used;
	while (i < line.n && !is_size(word))
		word = bytes_cut(line, i++, line.n);
	fuzz_must(is_size(word) == cmd->has_size, "a size where one is stated");
	if (!cmd->has_size)
		return;
	for (i = SIZE_TAG; i < word.n && word.p[i] != ' ' && word.p[i] != '\t';
	     i++)
		if (__builtin_mul_overflow(size, 10, &size) ||
		    __builtin_add_overflow(
			size, (uint64_t)(word.p[i] - '0'), &size))
			break;
	fuzz_must(cmd->size ==
		(i < word.n && word.p[i] != ' ' && word.p[i] != '\t'
			? UINT64_MAX
			: size),
	    "the size that is stated, or the most");
}

/* RFC 3461 4, and no byte that ends a line or does worse to one. */
static void
check_xtext(struct bytes text, size_t most)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t i;

	fuzz_must(text.n > 0 && text.n <= most, "of some length");
	for (i = 0; i < text.n; i++) {
		fuzz_must(
		    text.p[i] > ' ' && text.p[i] <= '~' && text.p[i] != '=',
		    "a byte of xtext");
		if (text.p[i] != '+')
			continue;
		fuzz_must(i + 2 < text.n && text.p[i + 1] != '\0' &&
			strchr(digits + 2, text.p[i + 1]) != NULL &&
			strchr(digits, text.p[i + 2]) != NULL,
		    "two digits, of a printable byte");
		i += 2;
	}
}

static void
check_dsn(const struct smtp_cmd *cmd)
{
	static const char *const events[] = { "NEVER", "SUCCESS", "FAILURE",
		"DELAY" };
	struct bytes rest = cmd->notify;
	size_t found = 0;
	size_t at = 0;
	size_t i;

	if (cmd->envid.n > 0)
		check_xtext(cmd->envid, 100);
	if (cmd->orcpt.n > 0) {
		fuzz_must(cmd->orcpt.n <= 500 &&
			bytes_find(cmd->orcpt, ';', &at) && at > 0,
		    "a type");
		check_xtext(bytes_cut(cmd->orcpt, at + 1, 500), 500);
	}
	while (rest.n > 0) {
		at = rest.n;
		(void)bytes_find(rest, ',', &at);
		for (i = 0; i < ARRAY_LEN(events); i++)
			if (bytes_same_nocase(
				bytes_cut(rest, 0, at), bytes_of(events[i])))
				break;
		fuzz_must(i < ARRAY_LEN(events), "an event that there is");
		fuzz_must((found & 1U << i) == 0, "each once");
		found |= 1U << i;
		fuzz_must(at + 1 != rest.n, "something behind a comma");
		rest = bytes_cut(rest, at + 1, rest.n);
	}
	fuzz_must((found & 1U) == 0 || found == 1U, "NEVER is alone");
}

static void
check_chunk(const struct smtp_cmd *cmd)
{
	char copy[LINE_LIMIT];
	char *end;

	memcpy(copy, cmd->argument.p, cmd->argument.n);
	copy[cmd->argument.n] = '\0';
	fuzz_must(
	    isdigit((unsigned char)copy[0]) && strspn(copy, "0123456789") <= 20,
	    "1 to 20 digits");
	fuzz_must(cmd->chunk == strtoull(copy, &end, 10), "its octets");
	fuzz_must(cmd->is_last_chunk ? *end == ' ' : *end == '\0',
	    "LAST or nothing behind a blank");
	end += strspn(end, " ");
	fuzz_must(!cmd->is_last_chunk ||
		bytes_same_nocase(bytes_of(end), bytes_of("last")),
	    "and only that");
}

/* Nothing in it ends or begins anything in a header field. */
static void
check_shown(struct bytes name)
{
	size_t i;

	for (i = 0; i < name.n; i++)
		fuzz_must(isalnum((unsigned char)name.p[i]) ||
			(name.p[i] != '\0' &&
			    strchr("-_.:[]", name.p[i]) != NULL),
		    "a byte of a name");
	fuzz_must(
	    name.n == 0 || (name.p[0] == '[') == (name.p[name.n - 1] == ']'),
	    "brackets in pairs");
	for (i = 1; i < name.n; i++)
		fuzz_must(name.p[i - 1] != '.' || name.p[i] != '.',
		    "dots are single");
}

static size_t
limit_of(enum smtp_verb verb)
{
	if (verb == SMTP_MAIL)
		return (MAIL_LIMIT);
	if (verb == SMTP_AUTH)
		return (SMTPLINE_MAX);
	return (verb == SMTP_RCPT ? RCPT_LIMIT : LINE_LIMIT);
}

static void
check_accepted(struct bytes line, const struct smtp_cmd *cmd)
{
	bool is_mail = cmd->verb == SMTP_MAIL;
	size_t at;

	fuzz_must(
	    line.n + 2 <= limit_of(cmd->verb), "no longer than its limit");
	for (at = 0; at < bytes_trim_end(line).n; at++)
		fuzz_must(!bytes_has_control(bytes_cut(line, at, 1)) ||
			(line.p[at] == '\t' &&
			    (is_mail || cmd->verb == SMTP_RCPT)),
		    "no control byte but a tab");
	fuzz_must(!bytes_has_control(cmd->envid) &&
		!bytes_has_control(cmd->orcpt) &&
		!bytes_has_control(cmd->notify) &&
		!bytes_has_control(cmd->dropped),
	    "and none in what is kept");
	if (is_mail || cmd->verb == SMTP_RCPT) {
		fuzz_must(is_within(cmd->path.mailbox, line), "a view");
		fuzz_must(is_mail || cmd->path.mailbox.n > 0, "someone");
		check_mailbox(&cmd->path);
		check_fixed_point(&cmd->path);
		check_storable(cmd->path.mailbox);
		check_canonical(cmd);
		check_size(line, cmd);
		check_dsn(cmd);
	} else if (cmd->verb == SMTP_BDAT) {
		check_chunk(cmd);
	} else if (cmd->verb == SMTP_EHLO || cmd->verb == SMTP_HELO ||
	    cmd->verb == SMTP_LHLO) {
		fuzz_must(cmd->argument.n > 0 &&
			cmd->argument.n <= SMTPPATH_DOMAIN_MAX &&
			!bytes_find(cmd->argument, ' ', &at),
		    "a name");
		(void)check_utf8(cmd->argument);
		check_shown(smtppath_greeting_name(cmd->argument));
	} else if (cmd->verb == SMTP_DATA || cmd->verb == SMTP_RSET ||
	    cmd->verb == SMTP_QUIT) {
		fuzz_must(cmd->argument.n == 0, "no argument");
	}
}

/* The case of the verb, and blanks at the end, are all one. */
static void
check_variants(
    struct bytes line, enum smtpcmd_status status, const struct smtp_cmd *cmd)
{
	char copy[LINE_LIMIT];
	struct smtp_cmd again;
	size_t i;

	if (line.n + 3 > LINE_LIMIT)
		return;
	for (i = 0; i < line.n && line.p[i] != ' '; i++)
		copy[i] = (char)((unsigned char)line.p[i] < 0x80 &&
			    isupper((unsigned char)line.p[i])
			? tolower((unsigned char)line.p[i])
			: toupper((unsigned char)line.p[i]));
	memcpy(copy + i, line.p + i, line.n - i);
	copy[line.n] = ' ';
	fuzz_must(
	    smtpcmd_parse((struct bytes){ copy, line.n + 1 }, &again) == status,
	    "the same in other letters");
	fuzz_must(again.verb == cmd->verb &&
		bytes_same(again.argument, cmd->argument),
	    "and as much");
	if (status == SMTPCMD_OK)
		fuzz_must(is_same(cmd, &again), "and means the same");
}

/* Numeric addresses, as inet_pton(3) has them. */
static void
check_numeric(struct bytes text)
{
	char cstr[64];
	struct in_addr v4;
	bool is_v4;
	size_t zeros;

	if (text.n >= sizeof(cstr))
		return;
	memcpy(cstr, text.p, text.n);
	cstr[text.n] = '\0';
	is_v4 = strlen(cstr) == text.n && inet_pton(AF_INET, cstr, &v4) == 1;
	fuzz_must(!is_v4 || smtppath_is_ipv4(text), "an address is one");
	for (zeros = 0; zeros + 1 < text.n; zeros++)
		if (text.p[zeros] == '0')
			return;
	fuzz_must(is_v4 || !smtppath_is_ipv4(text), "and what is none is not");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes line = fuzz_input(data, n);
	struct smtp_cmd cmd;
	enum smtpcmd_status status = smtpcmd_parse(line, &cmd);
	size_t at;

	fuzz_must(is_within(cmd.argument, line), "the argument is a view");
	fuzz_must(cmd.argument.n == 0 ||
		(cmd.argument.p[0] != ' ' &&
		    cmd.argument.p[cmd.argument.n - 1] != ' '),
	    "no blanks around the argument");
	if (status == SMTPCMD_OK)
		check_accepted(line, &cmd);
	check_variants(line, status, &cmd);
	check_path(line);
	if (bytes_find(line, '<', &at))
		check_path(bytes_cut(line, at, line.n));
	check_numeric(line);
	if (smtppath_is_domain(line))
		fuzz_must(smtppath_is_greeting(line) &&
			bytes_same(smtppath_greeting_name(line), line),
		    "a domain is a name, and shown");
	if (smtppath_is_greeting(line))
		check_shown(smtppath_greeting_name(line));
	return (0);
}
