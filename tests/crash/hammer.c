/* SPDX-License-Identifier: ISC */
/*
 * Sessions, cleaners and consumers at once on one spool, and repairs if that
 * is wanted, any of which may be killed at any time.  What systematic trials
 * find one by one must not be found by chance either.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cases.h"
#include "check.h"
#include "spool/sequence.h"
#include "sys/sysclock.h"
#include "sys/sysfile.h"

enum {
	SLOTS = 10,
	MESSAGES = 2, /* in a session */
	SESSIONS_MAX = 10000,
	NUMBERS = 65536,
	SECONDS_MAX = 60,
	/* Each makes a gap of COUNTER_STEP_MAX. */
	REPAIRS_MAX = NUMBERS / 2 / COUNTER_STEP_MAX,
	/* Microseconds: about what a session takes. */
	KILL_WITHIN = 3000
};

enum kind {
	FREE,
	SESSION,
	CLEANER,
	CONSUMER,
	REPAIR
};

struct slot {
	enum kind kind;
	pid_t pid;
	int64_t kill_at; /* us; SYSCLOCK_NEVER */
	bool killed;
	unsigned int id; /* of the session; the consumer's number */
	int out;
};

/* By number, from the first. */
static struct fate {
	unsigned int acked; /* 1 + the session's id * MESSAGES + which */
	unsigned int ends;  /* of consumers' commands */
	unsigned int begins;
	unsigned int claims; /* that exited 0 */
	unsigned int claims_killed;
	bool is_busy;
} fates[NUMBERS];

struct hammer {
	struct world *w;
	const char *self;
	char log[192];
	unsigned int seed;
	unsigned int sessions;
	unsigned int started;
	unsigned int killed;
	uint32_t first;       /* number that is handed out */
	unsigned int repairs; /* still to come */
	struct slot slot[SLOTS];
};

static int64_t
now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return ((int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

static unsigned int
chance(struct hammer *h, unsigned int n)
{
	return ((unsigned int)rand_r(&h->seed) / 16 % n);
}

static struct fate *
fate_of(struct hammer *h, unsigned long number)
{
	/* After the last number comes 1. */
	uint64_t at = ((uint64_t)number + COUNTER_NUMBER_MAX - h->first) %
	    COUNTER_NUMBER_MAX;

	if (number == 0 || number > COUNTER_NUMBER_MAX || at >= NUMBERS) {
		violation(h->w, NULL, "a strange number: %lu", number);
		at = 0;
	}
	return (&fates[at]);
}

static unsigned long
number_of(const struct hammer *h, size_t at)
{
	return (
	    (unsigned long)(((uint64_t)h->first - 1 + at) % COUNTER_NUMBER_MAX +
		1));
}

int
hammer_consume(const char *log)
{
	const char *number = getenv("SMTPSERV_NUMBER");
	const char *wrk = getenv("SMTPSERV_WRK");
	char text[512];
	char line[128];
	char head[64];
	char envelope[64];
	unsigned int id = 0;
	FILE *f = wrk == NULL ? NULL : fopen(wrk, "r");
	size_t n = f == NULL ? 0 : fread(envelope, 1, sizeof(envelope), f);
	size_t got = fread(text, 1, sizeof(text) - 1, stdin);
	const char *at = strstr(text, "\n\nmessage ");
	int fd = open(log, O_WRONLY | O_APPEND);

	text[got] = '\0';
	(void)snprintf(head, sizeof(head), "\tid A%s; ", number);
	(void)snprintf(line, sizeof(line), "begin %s\n", number);
	if (fd < 0 || write(fd, line, strlen(line)) < 0)
		return (111);
	if (n == strlen(SCRIPT_ENVELOPE) &&
	    memcmp(envelope, SCRIPT_ENVELOPE, n) == 0 && at != NULL &&
	    strstr(text, head) != NULL &&
	    strcmp(text + got - 5, "\nend\n") == 0)
		id = (unsigned int)strtoul(at + 10, NULL, 10);
	(void)snprintf(line, sizeof(line), "end %s %u\n", number, id);
	return (write(fd, line, strlen(line)) < 0 ? 111 : 0);
}

static void
start(struct hammer *h, struct slot *s, enum kind kind, const char *const *argv,
    const char *in)
{
	int input = world_input(in);

	s->kind = kind;
	s->out = memfd_create("output", MFD_CLOEXEC);
	s->killed = false;
	s->pid = world_spawn(argv, input, s->out);
	s->kill_at = chance(h, 2) == 0
	    ? now_us() + (int64_t)chance(h, KILL_WITHIN)
	    : SYSCLOCK_NEVER;
	(void)close(input);
	h->w->runs++;
}

static void
start_session(struct hammer *h, struct slot *s)
{
	const char *argv[] = { h->w->session, "-f", h->w->spool_conf, NULL };
	char in[1024];
	int n = snprintf(in, sizeof(in), "EHLO maggot\r\n");
	unsigned int i;

	s->id = h->started++;
	for (i = 0; i < MESSAGES; i++)
		n += snprintf(in + n, sizeof(in) - (size_t)n,
		    "MAIL FROM:<erick@maggot>\r\nRCPT TO:<bruce@gnat>\r\n"
		    "DATA\r\nSubject: x\r\n\r\nmessage %u\r\nend\r\n.\r\n",
		    1 + s->id * MESSAGES + i);
	(void)snprintf(in + n, sizeof(in) - (size_t)n, "QUIT\r\n");
	start(h, s, SESSION, argv, in);
}

static void
start_cleaner(struct hammer *h, struct slot *s)
{
	const char *argv[] = { h->w->tool, "-f", h->w->spool_conf, "clean",
		NULL };

	start(h, s, CLEANER, argv, "");
}

typedef void message_fn(void *ctx, unsigned long number, const char *path);

static void
each_message(const struct hammer *h, message_fn *fn, void *ctx)
{
	DIR *dir = opendir(h->w->spool);
	const struct dirent *entry;

	if (dir == NULL)
		die("%s: %s", h->w->spool, strerror(errno));
	while ((entry = readdir(dir)) != NULL) {
		char path[192 + sizeof(entry->d_name)];
		const char *suffix;
		uint32_t n = state_number(entry->d_name, &suffix);

		(void)snprintf(
		    path, sizeof(path), "%s/%s", h->w->spool, entry->d_name);
		if (n != 0 && strcmp(suffix, ".WRK") == 0)
			fn(ctx, n, path);
	}
	(void)closedir(dir);
}

/* One of all that are seen, each as likely as the other. */
struct pick {
	struct hammer *h;
	unsigned int seen;
	unsigned long number;
};

static void
pick_one(void *ctx, unsigned long number, const char *path)
{
	struct pick *p = ctx;

	(void)path;
	if (chance(p->h, ++p->seen) == 0)
		p->number = number;
}

/* Of any message that is there. */
static void
start_consumer(struct hammer *h, struct slot *s)
{
	char number[24];
	const char *argv[] = { h->w->tool, "-f", h->w->spool_conf, "claim",
		number, "--", h->self, "consume", h->log, NULL };
	struct pick pick = { .h = h };

	each_message(h, pick_one, &pick);
	if (pick.number == 0)
		return;
	(void)snprintf(number, sizeof(number), "%lu", pick.number);
	s->id = (unsigned int)pick.number;
	start(h, s, CONSUMER, argv, "");
}

static void
start_repair(struct hammer *h, struct slot *s)
{
	const char *argv[] = { h->w->tool, "-f", h->w->spool_conf, "repair",
		NULL };

	h->repairs--;
	start(h, s, REPAIR, argv, "");
}

/* What the client of this session has heard. */
static void
end_session(struct hammer *h, struct slot *s)
{
	char out[4096];
	ssize_t n = pread(s->out, out, sizeof(out) - 1, 0);
	const char *at = out;
	unsigned int heard = 0;
	unsigned long number;

	out[n < 0 ? 0 : n] = '\0';
	while ((at = strstr(at, "\n250 2.0.0 A")) != NULL) {
		at += 12;
		number = strtoul(at, NULL, 10);
		if (strstr(at, "accepted\r\n") == NULL)
			break;
		if (fate_of(h, number)->acked != 0)
			violation(
			    h->w, NULL, "%lu is answered 250 twice", number);
		fate_of(h, number)->acked = 1 + s->id * MESSAGES + heard++;
	}
	if (!s->killed && heard != MESSAGES)
		violation(h->w, NULL,
		    "a session that nobody kills accepts %u "
		    "messages:\n%s",
		    heard, out);
}

static void
end(struct hammer *h, struct slot *s, int status)
{
	if (s->kind == SESSION)
		end_session(h, s);
	if (s->kind == CLEANER && !s->killed && status != 0)
		violation(h->w, NULL, "clean fails: %#x", (unsigned int)status);
	if (s->kind == REPAIR && !s->killed && status != 0)
		violation(
		    h->w, NULL, "repair fails: %#x", (unsigned int)status);
	if (s->kind == CONSUMER) {
		/* Killed, it may have been done all the same. */
		if (s->killed)
			fate_of(h, s->id)->claims_killed++;
		else if (status == 0)
			fate_of(h, s->id)->claims++;
	}
	(void)close(s->out);
	s->kind = FREE;
}

static size_t
running(const struct hammer *h, enum kind kind)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < SLOTS; i++)
		if (h->slot[i].kind == kind)
			n++;
	return (n);
}

/* One process more, if there is room. */
static void
start_one(struct hammer *h)
{
	size_t i;

	for (i = 0; i < SLOTS && h->slot[i].kind != FREE; i++)
		continue;
	if (i == SLOTS || h->started == h->sessions)
		return;
	if (h->repairs > 0 && chance(h, 20) == 0) {
		start_repair(h, &h->slot[i]);
		return;
	}
	switch (chance(h, 4)) {
	case 0:
	case 1:
		start_session(h, &h->slot[i]);
		break;
	case 2:
		start_cleaner(h, &h->slot[i]);
		break;
	default:
		start_consumer(h, &h->slot[i]);
		break;
	}
}

static void
reap(struct hammer *h)
{
	int64_t now = now_us();
	size_t i;

	for (i = 0; i < SLOTS; i++) {
		struct slot *s = &h->slot[i];
		int status;

		if (s->kind == FREE)
			continue;
		if (waitpid(s->pid, &status, WNOHANG) == s->pid) {
			end(h, s, status);
		} else if (now >= s->kill_at && !s->killed) {
			(void)kill(s->pid, SIGKILL);
			s->killed = true;
			h->killed++;
		}
	}
}

static void
look_at_lock(void *ctx, unsigned long number, const char *path)
{
	bool *is_claimed = ctx;
	int fd = open(path, O_RDWR | O_CLOEXEC);

	(void)number;
	if (fd < 0)
		return;
	if (sysfile_is_locked(fd))
		*is_claimed = true;
	(void)close(fd);
}

static bool
is_any_claimed(const struct hammer *h)
{
	bool is_claimed = false;

	each_message(h, look_at_lock, &is_claimed);
	return (is_claimed);
}

/* The commands of killed consumers go on, and hold their locks. */
static void
wait_for_commands(const struct hammer *h)
{
	int64_t until = sysclock_ms() + 60000;

	while (is_any_claimed(h) && sysclock_ms() < until)
		sysclock_sleep_ms(5);
}

static void
read_log(struct hammer *h)
{
	FILE *f = fopen(h->log, "r");
	char line[128];

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		unsigned long number;
		unsigned int id;
		struct fate *fate;

		if (sscanf(line, "begin %lu", &number) == 1) {
			fate = fate_of(h, number);
			if (fate->is_busy)
				violation(h->w, NULL,
				    "two consumers have %lu "
				    "at once",
				    number);
			fate->is_busy = true;
			fate->begins++;
		} else if (sscanf(line, "end %lu %u", &number, &id) == 2) {
			fate = fate_of(h, number);
			fate->is_busy = false;
			fate->ends++;
			if (id == 0 || (fate->acked != 0 && fate->acked != id))
				violation(h->w, NULL,
				    "a consumer gets %lu as "
				    "message %u; it is %u",
				    number, id, fate->acked);
		}
	}
	if (f != NULL)
		(void)fclose(f);
}

static void
judge(struct hammer *h)
{
	struct world *w = h->w;
	unsigned int acked = 0;
	char path[192];
	size_t at;

	for (at = 0; at < NUMBERS; at++) {
		const struct fate *f = &fates[at];
		unsigned long i = number_of(h, at);
		bool is_there;

		(void)snprintf(path, sizeof(path), "%s/%lu.WRK", w->spool, i);
		is_there = f->acked != 0 && access(path, F_OK) == 0;
		acked += f->acked != 0;
		if (f->acked != 0 && f->ends == 0 && !is_there)
			violation(w, NULL,
			    "%lu was answered 250 and is gone, "
			    "and no consumer had it",
			    i);
		if (f->claims > 1)
			violation(w, NULL, "%lu was consumed twice", i);
		if (f->begins > 1 + f->claims_killed)
			violation(w, NULL,
			    "%lu was given to %u consumers, of "
			    "whom %u were killed",
			    i, f->begins, f->claims_killed);
	}
	(void)printf("hammer: %u sessions, %u processes killed, %u messages "
		     "accepted\n",
	    h->started, h->killed, acked);
}

/* After the last clean: pairs, all whole. */
static void
check_end(struct hammer *h)
{
	const char *argv[] = { h->w->tool, "-f", h->w->spool_conf, "clean",
		NULL };
	const char *check[] = { h->w->tool, "-f", h->w->spool_conf, "check",
		NULL };
	char command[512];
	const char *shell[] = { "/bin/sh", "-c", command, NULL };
	char out[4096];

	if (world_run(argv, "", out, sizeof(out)) != 0)
		violation(h->w, NULL, "the last clean fails");
	if (world_run(check, "", out, sizeof(out)) != 0)
		violation(h->w, NULL, "check finds: %s", out);
	/* Each name stands once as TXT and once as WRK, and else there is none. */
	(void)snprintf(command, sizeof(command),
	    "ls '%s' | "
	    "sed 's/\\.TXT$//;s/\\.WRK$//' | grep -v '^sequence' | sort | "
	    "uniq -c | awk '$1 != 2'",
	    h->w->spool);
	(void)world_run(shell, "", out, sizeof(out));
	if (out[0] != '\0')
		violation(h->w, NULL, "after clean there is: %s", out);
}

void
hammer(struct world *w, const char *self, unsigned int sessions,
    unsigned int seed, uint32_t first)
{
	static struct hammer h;
	struct state before = { .n = 0 };
	char counter[16];
	int64_t until = sysclock_ms() + SECONDS_MAX * 1000;
	int fd;

	h.w = w;
	h.self = self;
	h.seed = seed;
	h.sessions = sessions < SESSIONS_MAX ? sessions : SESSIONS_MAX;
	h.first = first;
	if (first != 1) {
		h.repairs = REPAIRS_MAX;
		(void)snprintf(
		    counter, sizeof(counter), "%lu\n", (unsigned long)first);
		state_add(&before, SEQUENCE_FILE, counter, strlen(counter), 0);
		state_store(&before, w->spoolfd);
	}
	(void)snprintf(h.log, sizeof(h.log), "%s", w->done);
	fd = open(h.log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	(void)close(fd);
	(void)snprintf(w->where, sizeof(w->where), "hammer %u %u, from %lu",
	    sessions, seed, (unsigned long)first);
	while ((h.started < h.sessions || running(&h, FREE) < SLOTS) &&
	    sysclock_ms() < until) {
		start_one(&h);
		reap(&h);
	}
	if (running(&h, FREE) < SLOTS)
		violation(w, NULL, "something hangs");
	wait_for_commands(&h);
	read_log(&h);
	check_end(&h);
	judge(&h);
}
