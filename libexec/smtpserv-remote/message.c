/* SPDX-License-Identifier: ISC */
#include "message.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "helper.h"
#include "sys/sysclock.h"
#include "sys/sysio.h"

enum {
	PIECE = 65536,
	WORDS_MAX = 32,
	COMMAND_MAX = 1024,
	/* Of a filter. */
	SECONDS = 300
};

/* In a directory for such things; else in memory. */
static int
make_file(void)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);

	if (fd >= 0)
		return (fd);
	return (memfd_create("message", MFD_CLOEXEC));
}

static enum result
copy(int from, int to, struct fault *why)
{
	char piece[PIECE];
	ssize_t n;

	while ((n = read(from, piece, sizeof(piece))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return (fault_set(why, "read", "message", errno));
		if (sysio_write_file(to, (struct bytes){ piece, (size_t)n }) !=
		    SYSIO_OK)
			return (fault_set(why, "write", "message", errno));
	}
	return (RES_OK);
}

/* The words of a command, each with its NUL, in store.  False: too many. */
static bool
split(const char *command, char *store, char **argv)
{
	char *at = store;
	size_t n = 0;

	if (strlen(command) >= COMMAND_MAX)
		return (false);
	memcpy(store, command, strlen(command) + 1);
	for (;;) {
		while (*at == ' ' || *at == '\t')
			*at++ = '\0';
		if (*at == '\0' || n == WORDS_MAX)
			break;
		argv[n++] = at;
		while (*at != ' ' && *at != '\t' && *at != '\0')
			at++;
	}
	argv[n] = NULL;
	return (n > 0 && *at == '\0');
}

static enum result
run_filter(const char *filter, int from, int to, struct fault *why)
{
	struct helper_fd fds[] = { { from, STDIN_FILENO },
		{ to, STDOUT_FILENO } };
	char *argv[WORDS_MAX + 1];
	char store[COMMAND_MAX];
	int code = XC_TEMP;
	pid_t pid;

	if (!split(filter, store, argv))
		return (fault_set(why, "split", filter, E2BIG));
	pid = helper_start(argv[0], argv, fds, ARRAY_LEN(fds));
	if (pid < 0)
		return (fault_set(why, "run", argv[0], errno));
	if (!helper_wait(pid, sysclock_after(sysclock_ms(), SECONDS), &code))
		return (fault_set(why, "wait for", argv[0], ETIMEDOUT));
	if (code != 0)
		return (
		    fault_set(why, "use what was said by", argv[0], EPROTO));
	return (RES_OK);
}

/* A file with what fd gives, through the filter if there is one. */
static enum result
make(int fd, const char *filter, int *text, struct fault *why)
{
	enum result r;

	*text = make_file();
	if (*text < 0)
		return (fault_set(why, "make", "temporary file", errno));
	r = filter[0] == '\0' ? copy(fd, *text, why)
			      : run_filter(filter, fd, *text, why);
	if (r != RES_OK) {
		(void)close(*text);
		*text = -1;
	}
	return (r);
}

enum result
message_take(
    int fd, const char *filter, int *text, off_t *from, struct fault *why)
{
	struct stat st;

	*from = 0;
	if (fstat(fd, &st) != 0)
		return (fault_set(why, "read", "message", errno));
	if (filter[0] != '\0' || !S_ISREG(st.st_mode))
		return (make(fd, filter, text, why));
	*from = lseek(fd, 0, SEEK_CUR);
	if (*from < 0)
		return (fault_set(why, "read", "message", errno));
	*text = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (*text < 0)
		return (fault_set(why, "copy", "descriptor", errno));
	return (RES_OK);
}
