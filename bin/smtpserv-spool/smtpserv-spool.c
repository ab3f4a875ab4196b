/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-spool: look at the spool, and do what the sessions do not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "filter.h"
#include "program/configured.h"
#include "spool/complete.h"
#include "tool.h"

/* `claim' waits for its command, even if SIGCHLD was ignored before us. */
static const struct program_signals SIGNALS = { .usual = { SIGCHLD } };

enum {
	ARGUMENTS_MAX = 100000,
	/* smtp.queuelife's default, where no configuration is read. */
	QUEUELIFE = 604800
};

#define MESSAGES " number ... | filter ... | --all"

static const struct command {
	const char *name;
	const char *arguments;
	int least;
	int most;
	tool_fn *run;
	bool completes; /* before it looks for messages */
} COMMANDS[] = {
	{ "list", " [--json] [filter ...]", 0, ARGUMENTS_MAX, tool_list, true },
	{ "show", " number", 1, 1, tool_show, true },
	{ "retry", MESSAGES, 1, ARGUMENTS_MAX, tool_retry, true },
	{ "hold", MESSAGES, 1, ARGUMENTS_MAX, tool_hold, true },
	{ "release", MESSAGES, 1, ARGUMENTS_MAX, tool_release, true },
	{ "fail", " [-y]" MESSAGES, 1, ARGUMENTS_MAX, tool_fail, true },
	{ "remove", " [-y]" MESSAGES, 1, ARGUMENTS_MAX, tool_remove, true },
	{ "clean", "", 0, 0, tool_clean, false },
	{ "stat", " [--prometheus]", 0, 1, tool_stat, false },
	{ "sample", " [--forever]", 0, 1, tool_sample, false },
	{ "check", "", 0, 0, tool_check, false },
	{ "wait", " [--after number]", 0, 2, tool_wait, true },
	{ "claim", " number -- command ...", 2, ARGUMENTS_MAX, tool_claim,
	    true },
	{ "repair", " [--above number]", 0, 2, tool_repair, false },
	{ "probe", "", 0, 0, tool_probe, false },
};

/* The commands, as --help has them. */
static const char *
name_commands(char *store, size_t cap)
{
	struct buf b;
	size_t i;

	buf_init(&b, store, cap);
	(void)buf_puts(&b, "commands:\n");
	for (i = 0; i < ARRAY_LEN(COMMANDS); i++)
		(void)buf_printf(
		    &b, "\t%s%s\n", COMMANDS[i].name, COMMANDS[i].arguments);
	(void)buf_puts(&b, "a filter is " FILTER_USAGE "\n");
	return (buf_cstr(&b));
}

/* Where the spool is, by the configuration. */
static int
find_dir(struct tool *t, struct configured *conf)
{
	static struct settings settings;
	enum result r = configured_load(conf, &settings);

	t->dir = settings.spool.dir;
	t->queuelife = settings.work.queuelife;
	return (exit_code_of(r));
}

/* A failure delays those messages, and is told; the others can be had. */
static void
complete(const struct tool *t)
{
	struct complete done;
	struct fault why;

	if (complete_first(t->dirfd, &done, &why) != RES_OK)
		(void)problem_fault(&TOOL_SELF, &why);
}

static int
run(const struct command *command, struct tool *t)
{
	int code;

	t->dirfd = open(t->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->dirfd < 0) {
		struct fault why;

		(void)fault_set(&why, "open", t->dir, errno);
		return (problem_fault(&TOOL_SELF, &why));
	}
	if (command->completes)
		complete(t);
	code = command->run(t);
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		return (problem_fail(&TOOL_SELF, XC_TEMP, "unable to write: %s",
		    strerror(errno)));
	return (code);
}

/* The command of that name and so many arguments, or NULL, which is told. */
static const struct command *
command_named(const struct tool *t, const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(COMMANDS); i++) {
		const struct command *c = &COMMANDS[i];

		if (strcmp(name, c->name) != 0)
			continue;
		if (t->argc >= c->least && t->argc <= c->most)
			return (c);
		problem_say(&TOOL_SELF,
		    "usage: %s [-f file | -d directory] "
		    "%s%s",
		    TOOL_SELF.name, c->name, c->arguments);
		return (NULL);
	}
	problem_say(&TOOL_SELF, "%s: no such command; --help lists them", name);
	return (NULL);
}

int
main(int argc, char **argv)
{
	struct tool t = { .dirfd = -1, .queuelife = QUEUELIFE };
	const struct command *command;
	char commands[1024];
	struct program self = TOOL_SELF;
	struct configured conf = { NULL, problem_conf, &TOOL_SELF, "" };
	int code;
	int opt;

	self.more = name_commands(commands, sizeof(commands));
	if (program_answers(&self, argc, argv, &code))
		return (code);
	if (!program_open_standard())
		return (XC_TEMP);
	program_set_signals(&SIGNALS, NULL);
	while ((opt = getopt(argc, argv, "+f:d:")) != -1) {
		if (opt == 'f')
			conf.option = optarg;
		else if (opt == 'd')
			t.dir = optarg;
		else
			return (program_misused(&self));
	}
	if (optind == argc || (conf.option != NULL && t.dir != NULL))
		return (program_misused(&self));
	t.argc = argc - optind - 1;
	t.argv = argv + optind + 1;
	command = command_named(&t, argv[optind]);
	if (command == NULL)
		return (XC_PERM);
	code = t.dir == NULL ? find_dir(&t, &conf) : XC_OK;
	return (code == XC_OK ? run(command, &t) : code);
}
