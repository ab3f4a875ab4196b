/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-inject: sendmail's command line, for local programs.
 */
#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <sysexits.h>
#include <unistd.h>

#include "conf/keys.h"
#include "handover.h"
#include "letter.h"
#include "mail/address.h"
#include "mail/mailbox.h"
#include "options.h"
#include "qmail/qqenv.h"
#include "service/site.h"
#include "smtp/smtppath.h"

#define PROGRAM "smtpserv-inject"
#define USAGE                                                                  \
	"usage: " PROGRAM " [-it] [-C file] [-F name] [-f sender] [-b mode] "  \
	"[-o option] [recipient ...]\n"

enum {
	/* As many as qmail-queue's protocol is given at once. */
	RCPTS_SIZE = 1 << 20,
	OUT_SIZE = LETTER_HEADER_MAX + 4096
};

/* Not on the stack: it is large. */
struct inject {
	struct options options;
	struct settings settings;
	struct site site;
	char host[256];
	char sender[SMTPPATH_MAX];
	size_t nsender;
	size_t nrcpt;
	struct buf envelope; /* for the protocol, without its end */
	struct letter letter;
	char queue[SITE_PATH_MAX];
	char envelope_store[RCPTS_SIZE];
	char out_store[OUT_SIZE];
};

static struct inject inject;

static PRINTF_LIKE(1, 2) void say(const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, PROGRAM ": ");
	va_start(ap, fmt);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is not. */
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "\n");
}

static int
failed(const struct fault *why)
{
	say("unable to %s %s: %s", why->op, why->name, strerror(why->err));
	return (EX_TEMPFAIL);
}

static void
print_problem(void *ctx, enum conf_weight weight, const char *file,
    unsigned int line, const char *key, const char *text)
{
	(void)ctx;
	if (weight == CONF_ERROR)
		say("%s:%u: %s%s%s", file, line, key,
		    key[0] == '\0' ? "" : ": ", text);
}

static int
configure(struct inject *in)
{
	char path[CONF_VALUE_MAX];
	struct utsname machine;
	struct fault why;
	struct buf host;

	buf_init(&host, in->host, sizeof(in->host));
	if (uname(&machine) != 0)
		machine.nodename[0] = '\0';
	if (!conf_path(path, sizeof(path), in->options.conf,
		getenv("WATTCP.CFG"), getenv("WATTCP_CFG"))) {
		say("file name too long");
		return (EX_USAGE);
	}
	if (conf_load(path, &in->settings, print_problem, NULL) != RES_OK)
		return (EX_CONFIG);
	if (!settings_host(&in->settings, machine.nodename, &host) ||
	    buf_cstr(&host) == NULL) {
		say("%s: hostname.domain is not a domain name", path);
		return (EX_CONFIG);
	}
	if (site_find(&in->site, path, &why) != RES_OK) {
		(void)failed(&why);
		return (EX_OSFILE);
	}
	return (EX_OK);
}

/* A mailbox as it is on the wire: with a domain, and in form. */
static bool
qualify(const struct inject *in, struct bytes mailbox, struct buf *out)
{
	char store[SMTPPATH_MAX + 2];
	struct smtppath path;
	struct buf wire;
	struct mailbox parts;
	size_t used;

	if (!mailbox_split(&parts, mailbox))
		return (false);
	buf_init(&wire, store, sizeof(store));
	(void)buf_putc(&wire, '<');
	(void)buf_put(&wire, mailbox);
	if (parts.host.n == 0) {
		(void)buf_putc(&wire, '@');
		(void)buf_puts(&wire, in->host);
	}
	(void)buf_putc(&wire, '>');
	return (!buf_overflowed(&wire) &&
	    smtppath_parse(buf_view(&wire), &path, &used) == SMTPPATH_OK &&
	    used == buf_view(&wire).n && buf_put(out, path.mailbox));
}

/* Is it in the envelope already?  There each one ends in a NUL. */
static bool
has_rcpt(const struct inject *in, struct bytes mailbox)
{
	struct bytes rest = buf_view(&in->envelope);
	size_t end;

	/* The first one is the sender. */
	while (bytes_find(rest, '\0', &end)) {
		if (rest.p[0] == 'T' &&
		    bytes_same_nocase(bytes_cut(rest, 1, end - 1), mailbox))
			return (true);
		rest = bytes_cut(rest, end + 1, rest.n);
	}
	return (false);
}

static bool
take_rcpt(void *ctx, struct bytes mailbox)
{
	struct inject *in = ctx;
	char store[SMTPPATH_MAX];
	struct buf whole;

	buf_init(&whole, store, sizeof(store));
	if (!qualify(in, mailbox, &whole)) {
		say("%.*s: not an address", (int)mailbox.n, mailbox.p);
		return (false);
	}
	if (has_rcpt(in, buf_view(&whole)))
		return (true);
	in->nrcpt++;
	if (in->nrcpt > in->settings.maxrcpts ||
	    !qqenv_put(&in->envelope, 'T', buf_view(&whole))) {
		say("too many recipients");
		return (false);
	}
	return (true);
}

/* One argument may be a list. */
static int
take_arguments(struct inject *in)
{
	char store[SMTPPATH_MAX];
	struct buf mailbox;
	int i;

	buf_init(&mailbox, store, sizeof(store));
	for (i = 0; i < in->options.nrecipients; i++) {
		struct bytes list = bytes_of(in->options.recipients[i]);
		enum address_status status;

		while (
		    (status = address_next(&list, &mailbox)) == ADDRESS_FOUND)
			if (!take_rcpt(in, buf_view(&mailbox)))
				return (EX_DATAERR);
		if (status == ADDRESS_BAD) {
			say("%s: not an address", in->options.recipients[i]);
			return (EX_DATAERR);
		}
	}
	return (EX_OK);
}

/* Who sends: what -f says, else who we are. */
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
		say("who are you? there is no user %lu",
		    (unsigned long)getuid());
		return (EX_NOUSER);
	}
	if (said == NULL)
		rest = bytes_of(pw->pw_name);
	if (rest.n > 0 && !bytes_same(rest, bytes_of("<>")) &&
	    (address_next(&rest, &mailbox) != ADDRESS_FOUND ||
		!qualify(in, buf_view(&mailbox), &whole))) {
		say("%s: not an address", said != NULL ? said : pw->pw_name);
		return (EX_DATAERR);
	}
	in->nsender = buf_view(&whole).n;
	return (qqenv_put(&in->envelope, 'F', buf_view(&whole)) ? EX_OK
								: EX_SOFTWARE);
}

static int
read_header(struct inject *in)
{
	struct bytes field = { NULL, 0 };

	switch (letter_read_header(&in->letter)) {
	case LETTER_OK:
	case LETTER_END:
		break;
	case LETTER_TOO_LONG:
		say("the header is longer than %d bytes", LETTER_HEADER_MAX);
		return (EX_DATAERR);
	case LETTER_FAILED:
		say("unable to read the message: %s", strerror(errno));
		return (EX_IOERR);
	}
	if (in->options.from_header &&
	    !letter_each_rcpt(&in->letter, take_rcpt, in, &field)) {
		say("%.*s: cannot be used", (int)field.n, field.p);
		return (EX_DATAERR);
	}
	if (in->nrcpt > 0)
		return (EX_OK);
	say(in->options.from_header ? "no recipients in the header"
				    : "no recipients");
	return (EX_USAGE);
}

/* Beside the session: PREFIX/libexec. */
static bool
put_queue(struct inject *in)
{
	struct buf b;
	size_t n = strlen(in->site.session);

	while (n > 0 && in->site.session[n - 1] != '/')
		n--;
	buf_init(&b, in->queue, sizeof(in->queue));
	(void)buf_put(&b, (struct bytes){ in->site.session, n });
	(void)buf_puts(&b, "smtpserv-queue");
	return (buf_cstr(&b) != NULL);
}

/* Of GECOS, what is before the first comma. */
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
send_header(
    struct inject *in, struct handover *h, struct passwd *pw, struct fault *why)
{
	struct letter_facts facts = { .name = full_name(in, pw),
		.sender = { in->sender, in->nsender },
		.host = in->host,
		.now = time(NULL) };
	struct buf out;

	buf_init(&out, in->out_store, sizeof(in->out_store));
	if (getrandom(&facts.chance, sizeof(facts.chance), 0) !=
	    (ssize_t)sizeof(facts.chance))
		return (fault_set(why, "get", "a random number", errno));
	if (!letter_put_header(&in->letter, &facts, &out))
		return (fault_set(why, "write", "the header", EFBIG));
	return (handover_text(h, buf_view(&out), why));
}

static enum result
send_rest(struct inject *in, struct handover *h, struct fault *why)
{
	enum letter_status status;
	struct bytes piece;

	while ((status = letter_next(&in->letter, &piece)) == LETTER_OK)
		if (handover_text(h, piece, why) != RES_OK)
			return (fault_class(why));
	if (status == LETTER_FAILED)
		return (fault_set(why, "read", "the message", errno));
	(void)buf_putc(&in->envelope, '\0');
	if (buf_overflowed(&in->envelope))
		return (fault_set(why, "write", "the envelope", EFBIG));
	return (handover_envelope(h, buf_view(&in->envelope), why));
}

static int
send_message(struct inject *in, struct passwd *pw)
{
	static char option[] = "-f";
	char *argv[] = { in->queue, option, in->site.conf, NULL };
	struct handover h;
	struct fault why;
	struct qqexit q;
	bool is_refused;
	enum result r;

	if (in->options.conf == NULL)
		argv[1] = NULL;
	if (!put_queue(in))
		return (EX_OSFILE);
	if (handover_begin(&h, argv, &why) != RES_OK)
		return (failed(&why));
	r = send_header(in, &h, pw, &why);
	if (r == RES_OK)
		r = send_rest(in, &h, &why);
	/* Without its end the envelope is none, so nothing is accepted. */
	is_refused = handover_is_refused(&h, &q);
	if (r != RES_OK)
		return (failed(&why));
	if (!is_refused)
		return (EX_OK);
	say("%s", q.reply.text);
	return (q.reply.code < 500 ? EX_TEMPFAIL : EX_UNAVAILABLE);
}

static int
send_mail(struct inject *in)
{
	struct passwd *pw = getpwuid(getuid());
	int code = configure(in);

	buf_init(&in->envelope, in->envelope_store, sizeof(in->envelope_store));
	letter_init(&in->letter, !in->options.dot_is_text);
	if (code == EX_OK)
		code = set_sender(in, pw);
	if (code == EX_OK)
		code = take_arguments(in);
	if (code == EX_OK && in->nrcpt == 0 && !in->options.from_header) {
		say("no recipients");
		code = EX_USAGE;
	}
	if (code == EX_OK)
		code = read_header(in);
	return (code == EX_OK ? send_message(in, pw) : code);
}

/* Become the program that does it. */
static int
become(struct inject *in, const char *tail, const char *word)
{
	char path[SITE_PATH_MAX];
	char *argv[5] = { path, NULL, NULL, NULL, NULL };
	static char option[] = "-f";
	struct buf b;
	size_t n;
	int code = configure(in);

	if (code != EX_OK)
		return (code);
	/* PREFIX/libexec/smtpserv-session without its last two parts. */
	n = strlen(in->site.session) - strlen("libexec/smtpserv-session");
	buf_init(&b, path, sizeof(path));
	(void)buf_put(&b, (struct bytes){ in->site.session, n });
	(void)buf_puts(&b, tail);
	if (buf_cstr(&b) == NULL)
		return (EX_OSFILE);
	argv[1] = option;
	argv[2] = in->site.conf;
	/* execv() changes no argument. */
	memcpy(&argv[3], &word, sizeof(word));
	(void)execv(path, argv);
	say("unable to run %s: %s", path, strerror(errno));
	return (EX_OSFILE);
}

static int
run(struct inject *in)
{
	switch (in->options.mode) {
	case OPTIONS_SEND:
		return (send_mail(in));
	case OPTIONS_SERVE:
		return (become(in, "libexec/smtpserv-session", NULL));
	case OPTIONS_LIST:
		return (become(in, "bin/smtpserv-spool", "list"));
	case OPTIONS_NOTHING:
		return (EX_OK);
	case OPTIONS_ABSENT:
		break;
	}
	say("this way of sendmail's is none of ours: see smtpserv(8) for a "
	    "server");
	return (EX_USAGE);
}

int
main(int argc, char **argv)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction usual = { .sa_handler = SIG_DFL };

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return (fputs(USAGE, stdout) < 0 ? EX_IOERR : EX_OK);
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return (
		    puts(PROGRAM " " SMTPSERV_VERSION) < 0 ? EX_IOERR : EX_OK);
	/* A program that is gone says why by its exit code.  Neither fails. */
	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)sigaction(SIGCHLD, &usual, NULL);
	if (argc < 1 || !options_read(argc, argv, &inject.options)) {
		(void)fputs(USAGE, stderr);
		return (EX_USAGE);
	}
	return (run(&inject));
}
