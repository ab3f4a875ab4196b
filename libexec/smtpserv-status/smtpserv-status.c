/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-status: a page about what waits, for one request of HTTP on
 * descriptors 0 and 1.
 *
 * This file is the wiring: what is opened before the sandbox is entered, and
 * which path leads to which page.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "guard.h"
#include "layout.h"
#include "letter.h"
#include "listing.h"
#include "mime.h"
#include "overview.h"
#include "program/configured.h"
#include "program/logged.h"
#include "program/program.h"
#include "route.h"
#include "sandbox.h"
#include "style.h"
#include "sys/sysclock.h"
#include "sys/sysfd.h"
#include "visitor.h"

enum {
	/* All pages fit: their parts are bounded. */
	PAGE_MAX = 4 << 20,
	STYLE_SECONDS = 300
};

#define HTML "text/html; charset=utf-8"

static const struct program SELF = { "smtpserv-status", "[-f file]", NULL };

static const struct program_signals SIGNALS = {
	.ignored = { SIGPIPE },
};

struct rooms {
	struct log log;
	struct settings settings;
	struct visitor visitor;
	struct page page;
	struct mime_charsets charsets;
	unsigned int code; /* of the answer */
	char store[PAGE_MAX];
};

/* Not on the stack: it is large, and touched only as far as it is used. */
static struct rooms rooms;

static void
send_page(struct rooms *r, unsigned int code)
{
	struct bytes text = buf_view(&r->page.out);
	struct httpanswer a = { .code = code, .type = HTML, .length = text.n };

	r->code = code;
	if (code == 405)
		a.allow = "GET, HEAD";
	if (visitor_begin(&r->visitor, &a))
		/* One that has gone needs no more. */
		(void)visitor_send(&r->visitor, text);
}

static const struct {
	unsigned int code;
	const char *text;
} PROBLEMS[] = {
	{ 400, "This is not a request that can be understood." },
	{ 404,
	    "There is no such page. A message that was here may "
	    "have been delivered." },
	{ 405, "A page can only be looked at." },
	{ 408, "The request did not come to its end in time." },
	{ 414, "The path is too long." },
	{ 421,
	    "This page is for browsers on its own machine: ask for "
	    "it by the name localhost, or by 127.0.0.1 or [::1]." },
	{ 431, "The header of the request is too long." },
	{ 500, "The page is longer than it can be." },
	{ 503, "The spool cannot be read; the log says why." },
};

/* A page that says what went wrong, and nothing of what was asked for. */
static void
send_problem(struct rooms *r, unsigned int code)
{
	const char *text = "";
	size_t i;

	for (i = 0; i < ARRAY_LEN(PROBLEMS); i++)
		if (PROBLEMS[i].code == code)
			text = PROBLEMS[i].text;
	buf_reset(&r->page.out);
	layout_note(&r->page, httpanswer_reason(code), text);
	send_page(r, code);
}

static void
send_style(struct rooms *r)
{
	struct httpanswer a = { .code = 200,
		.type = "text/css; charset=utf-8",
		.max_age = STYLE_SECONDS };
	size_t i;

	for (i = 0; STYLE_PARTS[i] != NULL; i++)
		(void)buf_puts(&r->page.out, STYLE_PARTS[i]);
	a.length = buf_view(&r->page.out).n;
	r->code = a.code;
	if (visitor_begin(&r->visitor, &a))
		/* One that has gone needs no more. */
		(void)visitor_send(&r->visitor, buf_view(&r->page.out));
}

static void
send_download(struct rooms *r, struct bytes name, uint64_t length)
{
	struct httpanswer a = {
		.code = 200, .type = "", .name = name, .length = length
	};

	r->code = 200;
	/* If it fails, so does the first piece. */
	(void)visitor_begin(&r->visitor, &a);
}

static bool
count_piece(void *ctx, struct bytes piece)
{
	uint64_t *n = ctx;

	*n += piece.n;
	return (true);
}

static bool
send_piece(void *ctx, struct bytes piece)
{
	return (visitor_send(ctx, piece));
}

/* Twice: the length goes before the part. */
static bool
put_part(struct rooms *r, const struct route *to)
{
	int fd = letter_open(&r->page, to->number);
	const struct mime *mime = fd < 0 ? NULL : mime_open(fd);
	uint64_t length = 0;

	if (mime == NULL ||
	    !mime_decode(mime, to->part - 1, count_piece, &length))
		return (false);
	send_download(r, mime_part(mime, to->part - 1).name, length);
	/* One that has gone needs no more. */
	(void)mime_decode(mime, to->part - 1, send_piece, &r->visitor);
	return (true);
}

static bool
put_text(struct rooms *r, const struct route *to)
{
	char piece[16384];
	char name[SCAN_NAME_MAX];
	struct stat st;
	int fd = letter_open(&r->page, to->number);
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) != 0)
		return (false);
	scan_name(name, to->number, SCAN_TXT);
	send_download(r, bytes_of(name), (uint64_t)st.st_size);
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		if (!visitor_send(
			&r->visitor, (struct bytes){ piece, (size_t)n }))
			break;
	(void)close(fd);
	return (true);
}

/* A page is sent when all of it is there, and was good. */
static void
end_page(struct rooms *r, enum result result, const struct fault *why)
{
	if (result != RES_OK) {
		log_fault(&r->log, why);
		send_problem(r, 503);
	} else if (buf_overflowed(&r->page.out)) {
		send_problem(r, 500);
	} else {
		send_page(r, 200);
	}
}

static bool
put_letter(struct rooms *r, const struct route *to)
{
	struct fault why = { .err = 0 };

	if (!letter_put(&r->page, to->number))
		return (false);
	end_page(r, RES_OK, &why);
	return (true);
}

static void
answer(struct rooms *r, const struct route *to)
{
	struct fault why = { .err = 0 };
	bool is_there = true;

	switch (to->page) {
	case ROUTE_OVERVIEW:
		end_page(r, overview_put(&r->page, &why), &why);
		break;
	case ROUTE_LIST:
		end_page(r, listing_put(&r->page, to->number, &why), &why);
		break;
	case ROUTE_MESSAGE:
		is_there = put_letter(r, to);
		break;
	case ROUTE_TEXT:
		is_there = put_text(r, to);
		break;
	case ROUTE_PART:
		is_there = put_part(r, to);
		break;
	case ROUTE_STYLE:
		send_style(r);
		break;
	}
	if (!is_there)
		send_problem(r, 404);
}

static void
log_request(const struct rooms *r)
{
	struct log_line line;

	log_begin(&line, &r->log, "request");
	log_number(&line, "code", r->code);
	if (r->visitor.request.target.n > 0)
		log_text(&line, "path", r->visitor.request.target);
	if (r->code == 421)
		log_text(&line, "host", r->visitor.request.host);
	log_end(&line);
}

/* What cannot be served is said in a page, too. */
static void
serve(struct rooms *r, bool is_ready)
{
	int64_t until = sysclock_after(sysclock_ms(), VISITOR_READ_SECONDS);
	struct route to;
	unsigned int code = 0;

	if (!visitor_read(&r->visitor, until, &code))
		return;
	if (code == 0 && !route_find(r->visitor.request.target, &to))
		code = 404;
	if (code == 0 && !is_ready && to.page != ROUTE_STYLE)
		code = 503;
	if (code != 0)
		send_problem(r, code);
	else
		answer(r, &to);
	visitor_end(&r->visitor);
	log_request(r);
}

static int
open_spool(struct rooms *r, const char *file)
{
	struct configured conf = { file, logged_conf, &r->log, "" };
	enum result loaded = configured_load(&conf, &r->settings);

	if (loaded != RES_OK)
		return (exit_code_of(loaded));
	r->page.dir = r->settings.spool.dir;
	r->page.queuelife = r->settings.work.queuelife;
	r->page.dirfd = open(r->page.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return (r->page.dirfd >= 0
		? XC_OK
		: logged_failure(&r->log, "open", r->page.dir));
}

static int
run(struct rooms *r, const char *file)
{
	int code;

	if (!guard_set())
		return (logged_failure(&r->log, "set", "signals"));
	r->page.dir = "";
	r->page.dirfd = -1;
	buf_init(&r->page.out, r->store, sizeof(r->store));
	code = open_spool(r, file);
	mime_prepare(&r->charsets);
	r->page.now = time(NULL);
	/* From here on strangers' bytes are read. */
	logged_unconfined(&r->log, sandbox_enter(r->page.dirfd));
	serve(r, code == XC_OK);
	return (code);
}

int
main(int argc, char **argv)
{
	struct rooms *r = &rooms;
	const char *file = NULL;
	int code;

	if (program_answers(&SELF, argc, argv, &code))
		return (code);
	if (!program_has_connection())
		return (XC_PERM);
	/* Other descriptors that the starter had open are not for us. */
	sysfd_close_others(NULL, 0);
	log_start(&r->log, SELF.name);
	program_set_signals(&SIGNALS, NULL);
	if (argc == 3 && strcmp(argv[1], "-f") == 0)
		file = argv[2];
	else if (argc != 1)
		return (logged_misuse(&r->log, &SELF));
	return (run(r, file));
}
