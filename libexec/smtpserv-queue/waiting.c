/* SPDX-License-Identifier: ISC */
#include "waiting.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "envelope/envelope.h"
#include "spool/scan.h"
#include "sys/sysio.h"

enum {
	NUMBERS_MAX = 1 << 16, /* more are not shown */
	CHUNK = 65536,
	/* Received:, a host's name, and who called. */
	FIRST_LINE_MAX = 512
};

/* Not on the stack: it is large. */
struct waiting {
	int dirfd;
	uid_t uid;
	size_t n;
	uint32_t numbers[NUMBERS_MAX];
	char chunk[CHUNK];
};

static bool
collect(void *ctx, uint32_t number, enum scan_kind kind)
{
	struct waiting *w = ctx;

	if (kind == SCAN_WRK && w->n < NUMBERS_MAX)
		w->numbers[w->n++] = number;
	return (true);
}

static int
by_number(const void *a, const void *b)
{
	const uint32_t *x = a;
	const uint32_t *y = b;

	return (*x < *y ? -1 : *x > *y);
}

static int
open_one(const struct waiting *w, uint32_t number, enum scan_kind kind)
{
	char name[SCAN_NAME_MAX];

	scan_name(name, number, kind);
	return (openat(w->dirfd, name,
	    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
}

bool
waiting_is_of(struct bytes line, uid_t uid)
{
	char store[64];
	struct buf end;
	struct bytes want;

	buf_init(&end, store, sizeof(store));
	(void)buf_printf(
	    &end, " (smtpserv-queue, uid %lu)", (unsigned long)uid);
	want = buf_view(&end);
	line = bytes_trim_end(line);
	return (bytes_starts_nocase(line, bytes_of("Received: by ")) &&
	    line.n > want.n &&
	    bytes_same(bytes_cut(line, line.n - want.n, want.n), want));
}

/* Our trace is the first line of the text, whatever its sender wrote. */
static bool
is_mine(const struct waiting *w, int txt, struct stat *st)
{
	char line[FIRST_LINE_MAX];
	ssize_t n = pread(txt, line, sizeof(line), 0);
	size_t end;

	return (n > 0 && fstat(txt, st) == 0 &&
	    bytes_find((struct bytes){ line, (size_t)n }, '\n', &end) &&
	    waiting_is_of((struct bytes){ line, end }, w->uid));
}

/* A stranger's text may be shown on a terminal. */
static void
put_shown(struct buf *out, struct bytes text)
{
	size_t i;

	for (i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c < ' ' || c > '~')
			c = '?';
		(void)buf_putc(out, c);
	}
}

/* The sender; and how many are left to be tried, as far as the chunk goes. */
static size_t
read_envelope(struct waiting *w, int wrk, struct bytes *sender)
{
	ssize_t got = pread(wrk, w->chunk, sizeof(w->chunk), 0);
	struct bytes rest = { w->chunk, got > 0 ? (size_t)got : 0 };
	struct bytes name;
	struct bytes value;
	size_t nrcpt = 0;

	*sender = bytes_cut(rest, 0, 0);
	while (envelope_next(&rest, &name, &value) == ENVELOPE_LINE) {
		if (bytes_same_nocase(name, bytes_of("From")))
			*sender = value;
		else if (bytes_same_nocase(name, bytes_of("To")))
			nrcpt++;
	}
	return (nrcpt);
}

/* As smtpserv-spool list has it.  False: nobody reads it any more. */
static bool
list_one(struct waiting *w, uint32_t number)
{
	char store[1024];
	struct bytes sender;
	struct stat text;
	struct stat tried;
	struct buf out;
	size_t nrcpt;
	time_t now = time(NULL);
	int txt = open_one(w, number, SCAN_TXT);
	int wrk = txt < 0 ? -1 : open_one(w, number, SCAN_WRK);
	bool good = true;

	if (wrk >= 0 && is_mine(w, txt, &text) && fstat(wrk, &tried) == 0) {
		nrcpt = read_envelope(w, wrk, &sender);
		buf_init(&out, store, sizeof(store));
		(void)buf_printf(&out, "%lu\t%llu\t%lld\t%zu\twaiting\t",
		    (unsigned long)number, (unsigned long long)text.st_size,
		    (long long)(now > tried.st_mtime ? now - tried.st_mtime
						     : 0),
		    nrcpt);
		put_shown(&out, sender.n == 0 ? bytes_of("<>") : sender);
		(void)buf_putc(&out, '\n');
		good =
		    sysio_write_file(STDOUT_FILENO, buf_view(&out)) == SYSIO_OK;
	}
	if (wrk >= 0)
		(void)close(wrk);
	if (txt >= 0)
		(void)close(txt);
	return (good);
}

enum result
waiting_list(const char *dir, uid_t uid, struct fault *why)
{
	static struct waiting waiting;
	struct waiting *w = &waiting;
	size_t i;

	w->uid = uid;
	w->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->dirfd < 0)
		return (fault_set(why, "open", dir, errno));
	if (scan_each(w->dirfd, collect, w, why) != RES_OK)
		return (fault_class(why));
	qsort(w->numbers, w->n, sizeof(w->numbers[0]), by_number);
	for (i = 0; i < w->n; i++)
		if (!list_one(w, w->numbers[i]))
			return (fault_set(why, "write", "the list", errno));
	return (RES_OK);
}
