/* SPDX-License-Identifier: ISC */
/*
 * backlog: for LD_PRELOAD before OpenSMTPD, whose queue of connections has
 * place for five and no setting.  Without it the clients would wait whole
 * seconds for lost SYNs, and that is not what we want to measure.
 */
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int
listen(int fd, int backlog)
{
	return ((int)syscall(SYS_listen, fd, backlog < 256 ? 256 : backlog));
}
