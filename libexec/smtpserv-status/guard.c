/* SPDX-License-Identifier: ISC */
#include "guard.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/base.h"

enum {
	STACK_SIZE = 65536
};

#define BODY                                                                   \
	"This takes more memory or time than such a page may use.\n"           \
	"smtpserv-spool(1) shows it on a terminal.\n"
#define HEAD                                                                   \
	"HTTP/1.1 503 Service Unavailable\r\n"                                 \
	"Connection: close\r\n"                                                \
	"Content-Type: text/plain; charset=utf-8\r\n"                          \
	"X-Content-Type-Options: nosniff\r\n"                                  \
	"Cache-Control: no-store\r\n\r\n"

static volatile sig_atomic_t answered;

static void
give_up(int signo)
{
	static const char text[] = HEAD BODY;

	(void)signo;
	/* The client may be gone, and there is nobody else to tell. */
	if (!answered && write(STDOUT_FILENO, text, sizeof(text) - 1) < 0)
		_exit(XC_TEMP);
	_exit(XC_TEMP);
}

/* A stack of its own: the usual one may be what was used up. */
bool
guard_set(void)
{
	static const int signals[] = { SIGABRT, SIGTRAP, SIGSEGV, SIGBUS,
		SIGILL, SIGSYS, SIGXCPU, SIGALRM };
	struct sigaction action;
	stack_t stack = { .ss_size = STACK_SIZE };
	size_t i;

	stack.ss_sp = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (stack.ss_sp == MAP_FAILED || sigaltstack(&stack, NULL) != 0)
		return (false);
	memset(&action, 0, sizeof(action));
	action.sa_handler = give_up;
	action.sa_flags = SA_ONSTACK;
	(void)sigemptyset(&action.sa_mask);
	for (i = 0; i < ARRAY_LEN(signals); i++)
		if (sigaction(signals[i], &action, NULL) != 0)
			return (false);
	/* No alarm was set before, so there is none to come back to. */
	(void)alarm(GUARD_SECONDS);
	return (true);
}

void
guard_is_answered(void)
{
	answered = 1;
}
