/* SPDX-License-Identifier: ISC */
/*
 * crash: is the spool crash-safe?  Run the real programs into every trouble
 * there is, and look at what they leave.  crash_test.sh says what is tried.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases.h"
#include "pulled.h"
#include "leaving.h"
#include "worker.h"

static const struct {
	const char *name;
	case_fn *run;
} CASES[] = { { "kill", cases_kill }, { "fail", cases_fail },
	{ "power", cases_power }, { "twice", cases_twice },
	{ "kill-power", cases_kill_power }, { "kill-clean", cases_kill_clean },
	{ "others", cases_others } };

static const struct {
	const char *name;
	void (*run)(struct world *w);
} WHOLE_CASES[] = { { "work-kill", worker_kill }, { "work-fail", worker_fail },
	{ "work-kill-agent", worker_kill_agent },
	{ "work-fail-agent", worker_fail_agent },
	{ "work-others", worker_others }, { "work-power", worker_power },
	{ "leave-kill", leaving_kill }, { "leave-fail", leaving_fail },
	{ "leave-power", leaving_power }, { "queued", queued },
	{ "pull-kill", pulled_kill }, { "pull-fail", pulled_fail },
	{ "pull-power", pulled_power } };

enum {
	/* Numbers that the hammer takes before they begin anew. */
	BEFORE_WRAP = 60
};

static const char USAGE[] =
    "usage: crash [-1] [-s session] [-t tool] [-q queue] [-k worker] [-p pull] [-w directory] [-x text] "
    "case [script ...]\n"
    "cases: kill fail power twice kill-power kill-clean others hammer hammer-wrap full queued probe\n"
    "    work-kill work-fail work-kill-agent work-fail-agent work-others "
    "work-power work-hammer leave-kill leave-fail leave-power\n"
    "    pull-kill pull-fail pull-power\n";

/* May we trace here?  Some containers forbid it. */
static int
probe(void)
{
	static struct trace t;
	static const char *argv[] = { "/bin/true", NULL };
	struct trace_command command = { argv, 0, 1, 2 };
	struct arena a;

	arena_init(&a, 1 << 20);
	trace_init();
	trace_start(&t, &command, NULL, &a);
	(void)trace_go(&t);
	return (t.n > 0 && t.ended && t.status == 0 ? 0 : 2);
}

static bool
is_chosen(const struct script *s, int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++)
		if (strcmp(argv[i], s->name) == 0)
			return (true);
	return (argc == 0);
}

static void
run_case(struct world *w, case_fn *run, int argc, char **argv)
{
	size_t i;

	for (i = 0; i < SCRIPTS_COUNT; i++)
		if (is_chosen(&SCRIPTS[i], argc, argv) &&
		    (w->one || SCRIPTS[i].owed == 0))
			run(w, &SCRIPTS[i]);
}

/* A number among the arguments, or what it is without. */
static unsigned int
argument(int argc, char **argv, int at, unsigned int preset)
{
	return (argc > at ? (unsigned int)strtoul(argv[at], NULL, 10) : preset);
}

static int
report(struct world *w, const char *name)
{
	(void)printf("%s: %zu runs, %zu states checked, %zu of them with the "
		     "programs, %zu violations\n",
	    name, w->runs, w->checked_states, w->real_checks, w->violations);
	world_close(w);
	return (w->violations == 0 ? 0 : 1);
}

int
main(int argc, char **argv)
{
	static struct world w;
	char self[256] = "";
	const char *work = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : ".";
	const char *why = NULL;
	size_t i;
	int opt;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		die("/proc/self/exe cannot be read");
	w.session = "build/libexec/smtpserv-session";
	w.tool = "build/bin/smtpserv-spool";
	w.queue = "build/libexec/smtpserv-queue";
	w.worker = "build/bin/smtpserv-work";
	w.pull = "build/bin/smtpserv-pull";
	while ((opt = getopt(argc, argv, "1s:t:q:k:p:w:x:")) != -1) {
		if (opt == 'x')
			w.wanted = optarg;
		else if (opt == '1')
			w.one = true;
		else if (opt == 's')
			w.session = optarg;
		else if (opt == 't')
			w.tool = optarg;
		else if (opt == 'q')
			w.queue = optarg;
		else if (opt == 'k')
			w.worker = optarg;
		else if (opt == 'p')
			w.pull = optarg;
		else if (opt == 'w')
			work = optarg;
		else
			die("%s", USAGE);
	}
	argc -= optind;
	argv += optind;
	if (argc == 0)
		die("%s", USAGE);
	if (strcmp(argv[0], "consume") == 0 && argc == 2)
		return (hammer_consume(argv[1]));
	if (strcmp(argv[0], "probe") == 0)
		return (probe());
	script_init();
	world_open(&w, work);
	for (i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
		if (strcmp(argv[0], CASES[i].name) == 0) {
			run_case(&w, CASES[i].run, argc - 1, argv + 1);
			return (report(&w, argv[0]));
		}
	for (i = 0; i < sizeof(WHOLE_CASES) / sizeof(WHOLE_CASES[0]); i++)
		if (strcmp(argv[0], WHOLE_CASES[i].name) == 0) {
			WHOLE_CASES[i].run(&w);
			return (report(&w, argv[0]));
		}
	if (strcmp(argv[0], "work-hammer") == 0) {
		worker_hammer(&w, argument(argc, argv, 1, 30),
		    argument(argc, argv, 2, (unsigned int)getpid()));
		return (report(&w, argv[0]));
	}
	if (strcmp(argv[0], "hammer") == 0 ||
	    strcmp(argv[0], "hammer-wrap") == 0) {
		hammer(&w, self, argument(argc, argv, 1, 300),
		    argument(argc, argv, 2, (unsigned int)getpid()),
		    argv[0][6] == '\0' ? 1 : COUNTER_NUMBER_MAX - BEFORE_WRAP);
		return (report(&w, argv[0]));
	}
	if (strcmp(argv[0], "full") == 0) {
		if (full_disk(&w, &why))
			return (report(&w, argv[0]));
		(void)printf("skipped: %s\n", why);
		world_close(&w);
		return (2);
	}
	world_close(&w);
	die("%s", USAGE);
}
