/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-spool: look at the spool, and do what the sessions do not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/keys.h"
#include "tool.h"

#define SYNOPSIS "smtpserv-spool [-f file | -d directory] command ..."

static const struct command {
	const char *name;
	const char *arguments;
	int least;
	int most;
	tool_fn *run;
} COMMANDS[] = {
	{ "list", "", 0, 0, tool_list },
	{ "show", " number", 1, 1, tool_show },
	{ "remove", " number", 1, 1, tool_remove },
	{ "clean", "", 0, 0, tool_clean },
	{ "stat", " [--prometheus]", 0, 1, tool_stat },
	{ "check", "", 0, 0, tool_check },
	{ "wait", " [--after number]", 0, 2, tool_wait },
	{ "claim", " number -- command ...", 2, 10000, tool_claim },
	{ "repair", "", 0, 0, tool_repair },
	{ "probe", "", 0, 0, tool_probe },
};

static void
print_usage(FILE *to)
{
	size_t i;

	(void)fprintf(to, "usage: " SYNOPSIS "\ncommands:\n");
	for (i = 0; i < ARRAY_LEN(COMMANDS); i++)
		(void)fprintf(
		    to, "\t%s%s\n", COMMANDS[i].name, COMMANDS[i].arguments);
}

static int
misused(void)
{
	print_usage(stderr);
	return (XC_PERM);
}

static void
print_problem(void *ctx, enum conf_weight weight, const char *file,
    unsigned int line, const char *key, const char *text)
{
	(void)ctx;
	if (weight == CONF_ERROR && line > 0)
		(void)tool_complain(0, "%s:%u: %s%s%s", file, line, key,
		    key[0] == '\0' ? "" : ": ", text);
	else if (weight == CONF_ERROR)
		(void)tool_complain(0, "%s: %s%s%s", file, key,
		    key[0] == '\0' ? "" : ": ", text);
}

/* Where the spool is, by the configuration. */
static enum result
find_dir(const char *option, struct settings *settings)
{
	char path[CONF_VALUE_MAX];

	if (!conf_path(path, sizeof(path), option, getenv("WATTCP.CFG"),
		getenv("WATTCP_CFG"))) {
		(void)tool_complain(0, "%s: file name too long", option);
		return (RES_PERM);
	}
	return (conf_load(path, settings, print_problem, NULL));
}

static int
run(const struct command *command, struct tool *t)
{
	int code;

	t->dirfd = open(t->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->dirfd < 0) {
		struct fault why;

		(void)fault_set(&why, "open", t->dir, errno);
		return (tool_fail(&why));
	}
	code = command->run(t);
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		return (tool_complain(
		    XC_TEMP, "unable to write: %s", strerror(errno)));
	return (code);
}

/* The command of that name and so many arguments, or NULL. */
static const struct command *
command_named(const struct tool *t, const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(COMMANDS); i++)
		if (strcmp(name, COMMANDS[i].name) == 0 &&
		    t->argc >= COMMANDS[i].least && t->argc <= COMMANDS[i].most)
			return (&COMMANDS[i]);
	return (NULL);
}

int
main(int argc, char **argv)
{
	static struct settings settings;
	struct tool t = { .dirfd = -1 };
	const struct command *command;
	const char *file = NULL;
	int opt;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		print_usage(stdout);
		return (XC_OK);
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return (printf("smtpserv-spool " SMTPSERV_VERSION "\n") < 0);
	while ((opt = getopt(argc, argv, "+f:d:")) != -1) {
		if (opt == 'f')
			file = optarg;
		else if (opt == 'd')
			t.dir = optarg;
		else
			return (misused());
	}
	if (optind == argc || (file != NULL && t.dir != NULL))
		return (misused());
	t.argc = argc - optind - 1;
	t.argv = argv + optind + 1;
	command = command_named(&t, argv[optind]);
	if (command == NULL)
		return (misused());
	if (t.dir == NULL) {
		enum result r = find_dir(file, &settings);

		if (r != RES_OK)
			return (exit_code_of(r));
		t.dir = settings.subdir;
	}
	return (run(command, &t));
}
