/* SPDX-License-Identifier: ISC */
#include "waiting.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "envelope/envelope.h"
#include "envelope/plan.h"
#include "spool/scan.h"
#include "spool/schedule.h"
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
	uint32_t queuelife;
	size_t n;
	uint32_t numbers[NUMBERS_MAX];
	char chunk[CHUNK];
	char reasons[CHUNK];
};

/* What a line is made of: views into the chunks. */
struct facts {
	const char *state;
	struct bytes sender;
	size_t nrcpt; /* to be tried, as far as the chunk goes */
	struct stat text;
	struct stat envelope;
	struct plan_rcpt most; /* the one with the most tries, if it has any */
};

static bool
collect(void *ctx, uint32_t number, enum scan_kind kind)
{
	struct waiting *w = ctx;

	if ((kind == SCAN_WRK || kind == SCAN_HELD) && w->n < NUMBERS_MAX)
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

/* As much of a file as there is room for. */
static struct bytes
read_chunk(int fd, char chunk[CHUNK])
{
	ssize_t got = fd < 0 ? 0 : pread(fd, chunk, CHUNK, 0);

	return ((struct bytes){ chunk, got > 0 ? (size_t)got : 0 });
}

static void
find_most(struct bytes text, struct facts *f)
{
	struct plan_rcpt r;

	while (plan_next(&text, &r))
		if (r.state == PLAN_WAITING && r.tries > f->most.tries)
			f->most = r;
}

static void
read_envelope(struct bytes text, struct facts *f)
{
	struct bytes rest = text;
	struct bytes name;
	struct bytes value;

	while (envelope_next(&rest, &name, &value) == ENVELOPE_LINE) {
		if (bytes_same_nocase(name, bytes_of("From")))
			f->sender = value;
		else if (bytes_same_nocase(name, bytes_of("To")))
			f->nrcpt++;
	}
	find_most(text, f);
}

/* One that is older than the text is of another message. */
static void
read_reasons(struct waiting *w, uint32_t number, struct facts *f)
{
	struct stat st;
	int fd = open_one(w, number, SCAN_WHY);

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_mtime >= f->text.st_mtime)
		find_most(read_chunk(fd, w->reasons), f);
	(void)close(fd);
}

static void
put_next(
    struct buf *out, const struct waiting *w, const struct facts *f, time_t now)
{
	time_t born = f->text.st_mtime;

	if (strcmp(f->state, "held") == 0)
		(void)buf_putc(out, '-');
	else
		(void)buf_put_number(out,
		    (uint64_t)schedule_wait(born,
			schedule_tried(born, &f->envelope.st_mtim), now,
			w->queuelife));
}

/* As smtpserv-spool list has it.  False: nobody reads it any more. */
static bool
print(const struct waiting *w, uint32_t number, const struct facts *f)
{
	char store[2048];
	struct buf out;
	time_t now = time(NULL);
	time_t born = f->text.st_mtime;

	buf_init(&out, store, sizeof(store));
	(void)buf_printf(&out, "%lu\t%llu\t%lld\t%zu\t%s\t",
	    (unsigned long)number, (unsigned long long)f->text.st_size,
	    (long long)(now > born ? now - born : 0), f->nrcpt, f->state);
	put_shown(&out, f->sender.n == 0 ? bytes_of("<>") : f->sender);
	(void)buf_printf(&out, "\t%lu\t", (unsigned long)f->most.tries);
	put_next(&out, w, f, now);
	(void)buf_putc(&out, '\t');
	if (f->most.tries > 0) {
		put_shown(&out, f->most.status);
		(void)buf_putc(&out, ' ');
		put_shown(&out, f->most.diagnostic);
	} else {
		(void)buf_putc(&out, '-');
	}
	(void)buf_putc(&out, '\n');
	return (sysio_write_file(STDOUT_FILENO, buf_view(&out)) == SYSIO_OK);
}

static bool
list_one(struct waiting *w, uint32_t number)
{
	struct facts f = { .state = "waiting" };
	int txt = open_one(w, number, SCAN_TXT);
	int wrk = txt < 0 ? -1 : open_one(w, number, SCAN_WRK);
	bool good = true;

	if (txt >= 0 && wrk < 0) {
		wrk = open_one(w, number, SCAN_HELD);
		f.state = "held";
	}
	if (wrk >= 0 && is_mine(w, txt, &f.text) &&
	    fstat(wrk, &f.envelope) == 0) {
		read_envelope(read_chunk(wrk, w->chunk), &f);
		read_reasons(w, number, &f);
		good = print(w, number, &f);
	}
	if (wrk >= 0)
		(void)close(wrk);
	if (txt >= 0)
		(void)close(txt);
	return (good);
}

enum result
waiting_list(const char *dir, uint32_t queuelife, uid_t uid, struct fault *why)
{
	static struct waiting waiting;
	struct waiting *w = &waiting;
	size_t i;

	w->uid = uid;
	w->queuelife = queuelife;
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
