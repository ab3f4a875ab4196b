/* SPDX-License-Identifier: ISC */
#include "post.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "mail/address.h"
#include "sending.h"
#include "table/table.h"

/* The table of smtp.deliver, if there is one that the user can read. */
static struct table table;
static struct table_match match;
static char aliases[TABLE_ALIASES_MAX];
static bool has_table;

static void
open_table(const struct inject *in)
{
	const struct settings *s = &in->settings;
	struct fault why;

	has_table = s->who.deliver[0] != '\0' &&
	    table_open(&table, s->who.deliver, &why) == RES_OK;
	if (!has_table)
		return;
	table_set_postmaster(&table, in->host, s->who.postmaster);
	has_table = s->who.aliases[0] == '\0' ||
	    table_load_aliases(&table, s->who.aliases, aliases, &why) == RES_OK;
}

/* Would the worker say that the mailbox is nobody's? */
static bool
is_nobody(struct bytes mailbox)
{
	return (has_table &&
	    table_find(&table, mailbox, &match) == TABLE_MISS &&
	    table_route(&table, mailbox, &match) == TABLE_MISS);
}

static void
refuse_rcpt(void *ctx, struct bytes text)
{
	struct inject *in = ctx;

	recipients_refuse(&in->to, text, "not an address");
}

static bool
take_rcpt(void *ctx, struct bytes mailbox)
{
	struct inject *in = ctx;
	char store[SMTPPATH_MAX];
	struct buf whole;

	buf_init(&whole, store, sizeof(store));
	if (!recipients_qualify(&in->to, mailbox, &whole)) {
		refuse_rcpt(in, mailbox);
		return (true);
	}
	if (is_nobody(buf_view(&whole))) {
		recipients_refuse(
		    &in->to, buf_view(&whole), "there is nobody of that name");
		in->to.has_nobody = true;
		return (true);
	}
	if (recipients_add(&in->to, buf_view(&whole)))
		return (true);
	problem_say(&INJECT_SELF, "more than %d recipients", RECIPIENTS_MAX);
	return (false);
}

/* One argument may be a list. */
static bool
take_arguments(struct inject *in)
{
	char store[SMTPPATH_MAX];
	struct buf mailbox;
	int i;

	buf_init(&mailbox, store, sizeof(store));
	for (i = 0; i < in->options.nrecipients; i++) {
		struct bytes list = bytes_of(in->options.recipients[i]);
		struct bytes before = list;
		enum address_status status;

		for (; (status = address_next(&list, &mailbox)) != ADDRESS_END;
		     before = list)
			if (status == ADDRESS_BAD)
				refuse_rcpt(in,
				    bytes_cut(before, 0, before.n - list.n));
			else if (!take_rcpt(in, buf_view(&mailbox)))
				return (false);
	}
	return (true);
}

/* The sender: the one that -f names, else our user. */
static int
set_sender(struct inject *in, const struct passwd *pw)
{
	const char *said = in->options.sender;
	struct bytes rest = bytes_of(said != NULL ? said : "");
	char store[SMTPPATH_MAX];
	struct buf mailbox;
	struct buf whole;

	buf_init(&mailbox, store, sizeof(store));
	buf_init(&whole, in->sender, sizeof(in->sender));
	if (said == NULL && pw == NULL) {
		problem_say(&INJECT_SELF, "who are you? there is no user %lu",
		    (unsigned long)getuid());
		return (EX_NOUSER);
	}
	if (said == NULL)
		rest = bytes_of(pw->pw_name);
	if (rest.n > 0 && !bytes_same(rest, bytes_of("<>")) &&
	    (address_next(&rest, &mailbox) != ADDRESS_FOUND ||
		!recipients_qualify(&in->to, buf_view(&mailbox), &whole))) {
		problem_say(&INJECT_SELF, "%s: not an address",
		    said != NULL ? said : pw->pw_name);
		return (EX_DATAERR);
	}
	in->nsender = buf_view(&whole).n;
	return (EX_OK);
}

static int
read_header(struct inject *in)
{
	struct letter_rcpts to = { take_rcpt, refuse_rcpt, in };

	switch (letter_read_header(&in->letter)) {
	case LETTER_OK:
	case LETTER_END:
		break;
	case LETTER_TOO_LONG:
		problem_say(&INJECT_SELF, "the header is longer than %d bytes",
		    LETTER_HEADER_MAX);
		return (EX_DATAERR);
	case LETTER_FAILED:
		problem_say(&INJECT_SELF, "unable to read the message: %s",
		    strerror(errno));
		return (EX_IOERR);
	}
	if (in->options.from_header && !letter_each_rcpt(&in->letter, &to))
		return (EX_DATAERR);
	return (EX_OK);
}

/* The part of GECOS before the first comma. */
static const char *
full_name(const struct inject *in, struct passwd *pw)
{
	char *comma;

	if (in->options.name != NULL)
		return (in->options.name);
	if (pw == NULL || pw->pw_gecos == NULL)
		return ("");
	comma = strchr(pw->pw_gecos, ',');
	if (comma != NULL)
		*comma = '\0';
	return (pw->pw_gecos);
}

static enum result
make_header(
    struct inject *in, struct passwd *pw, struct sending *p, struct fault *why)
{
	struct letter_facts facts = { .name = full_name(in, pw),
		.sender = { in->sender, in->nsender },
		.host = in->host,
		.now = time(NULL) };
	struct buf out;

	buf_init(&out, in->out, sizeof(in->out));
	if (getrandom(&facts.chance, sizeof(facts.chance), 0) !=
	    (ssize_t)sizeof(facts.chance))
		return (fault_set(why, "get", "a random number", errno));
	if (!letter_put_header(&in->letter, &facts, &out))
		return (fault_set(why, "write", "the header", EFBIG));
	p->header = buf_view(&out);
	return (RES_OK);
}

static void
say_refused(const struct recipients *to)
{
	struct bytes rest = recipients_refused(to);
	size_t n;

	while (bytes_find(rest, '\n', &n)) {
		problem_say(&INJECT_SELF, "%.*s", (int)n, rest.p);
		rest = bytes_cut(rest, n + 1, rest.n);
	}
}

static int
send_message(struct inject *in, struct passwd *pw)
{
	struct sending out = { .in = in, .body = -1 };
	struct fault why;
	enum result r = make_header(in, pw, &out, &why);
	int code;

	if (r == RES_OK && in->to.n > in->settings.session.maxrcpts)
		r = sending_keep(&out, &why);
	if (r != RES_OK)
		return (inject_failed(&why));
	code = sending_all(&out);
	if (code == EX_OK && in->to.nrefused > 0)
		sending_report(in);
	return (code);
}

/* The variables of smtpserv-queue(8), whatever the caller's were. */
static bool
set_dsn(const struct options *o)
{
	const struct {
		const char *name;
		const char *value;
	} rows[] = { { "SMTPSERV_NOTIFY", o->notify },
		{ "SMTPSERV_RET", o->ret }, { "SMTPSERV_ENVID", o->envid },
		/* It is not our message's, if our caller has one. */
		{ "SMTPSERV_ENVELOPE", NULL } };
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		if ((rows[i].value == NULL
			    ? unsetenv(rows[i].name)
			    : setenv(rows[i].name, rows[i].value, 1)) != 0) {
			problem_say(&INJECT_SELF, "unable to set %s: %s",
			    rows[i].name, strerror(errno));
			return (false);
		}
	return (true);
}

/* Is there anybody to send it to? */
static int
check_recipients(const struct inject *in)
{
	say_refused(&in->to);
	if (in->to.n > 0)
		return (EX_OK);
	if (in->to.nrefused > 0)
		return (in->to.has_nobody ? EX_NOUSER : EX_DATAERR);
	problem_say(&INJECT_SELF,
	    in->options.from_header ? "no recipients in the header"
				    : "no recipients");
	return (EX_USAGE);
}

int
post_mail(struct inject *in)
{
	struct passwd *pw = getpwuid(getuid());
	int code;

	recipients_init(&in->to, in->host);
	letter_init(&in->letter, !in->options.dot_is_text);
	open_table(in);
	if (!set_dsn(&in->options))
		return (EX_OSERR);
	code = set_sender(in, pw);
	if (code == EX_OK && !take_arguments(in))
		code = EX_DATAERR;
	if (code == EX_OK && !in->options.from_header)
		code = check_recipients(in);
	if (code == EX_OK)
		code = read_header(in);
	if (code == EX_OK && in->options.from_header)
		code = check_recipients(in);
	return (code == EX_OK ? send_message(in, pw) : code);
}
