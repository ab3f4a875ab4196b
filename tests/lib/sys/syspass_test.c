/* SPDX-License-Identifier: ISC */
#include "sys/syspass.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base.h"

static void
make_pair(int *pair)
{
	ATF_REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
}

/* The lowest descriptor that is free. */
static int
lowest(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	ATF_REQUIRE(fd >= 0 && close(fd) == 0);
	return (fd);
}

ATF_TC_WITHOUT_HEAD(syspass_receive__gets_the_record_and_its_descriptor);
ATF_TC_BODY(syspass_receive__gets_the_record_and_its_descriptor, tc)
{
	int pair[2];
	int ends[2];
	char in[16];
	int fd;

	make_pair(pair);
	ATF_REQUIRE(pipe(ends) == 0);
	ATF_REQUIRE(syspass_send(pair[0], bytes_of("with"), ends[1]));
	ATF_REQUIRE(syspass_send(pair[0], bytes_of("without"), -1));
	ATF_REQUIRE_EQ(4, syspass_receive(pair[1], in, sizeof(in), &fd));
	ATF_CHECK(memcmp(in, "with", 4) == 0);
	ATF_REQUIRE(fd >= 0 && fd != ends[1]);
	ATF_CHECK_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	ATF_REQUIRE(write(fd, "x", 1) == 1 && read(ends[0], in, 1) == 1);
	ATF_CHECK_EQ('x', in[0]);
	ATF_REQUIRE_EQ(7, syspass_receive(pair[1], in, sizeof(in), &fd));
	ATF_CHECK_EQ(-1, fd);
}

ATF_TC_WITHOUT_HEAD(syspass_receive__says_when_the_other_side_is_gone);
ATF_TC_BODY(syspass_receive__says_when_the_other_side_is_gone, tc)
{
	int pair[2];
	char in[16];
	int fd;

	make_pair(pair);
	ATF_REQUIRE(close(pair[0]) == 0);
	ATF_CHECK_EQ(0, syspass_receive(pair[1], in, sizeof(in), &fd));
	ATF_CHECK(!syspass_send(pair[1], bytes_of("x"), -1));
	ATF_CHECK_EQ(EPIPE, errno);
}

/* Nor does it leave a descriptor behind. */
ATF_TC_WITHOUT_HEAD(syspass_receive__refuses_what_is_too_much);
ATF_TC_BODY(syspass_receive__refuses_what_is_too_much, tc)
{
	union {
		struct cmsghdr first;
		char store[CMSG_SPACE(3 * sizeof(int))];
	} control = { .store = "" };
	char x[] = "x";
	struct iovec piece = { x, 1 };
	struct msghdr m = { .msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = control.store,
		.msg_controllen = sizeof(control.store) };
	int three[3] = { 0, 1, 2 };
	int fds[SYSPASS_FDS_MAX];
	size_t n = SYSPASS_FDS_MAX;
	int pair[2];
	char in[4];
	int free_before;
	int fd;

	make_pair(pair);
	control.first.cmsg_level = SOL_SOCKET;
	control.first.cmsg_type = SCM_RIGHTS;
	control.first.cmsg_len = CMSG_LEN(sizeof(three));
	memcpy(CMSG_DATA(&control.first), three, sizeof(three));
	ATF_REQUIRE(sendmsg(pair[0], &m, 0) == 1);
	ATF_REQUIRE(sendmsg(pair[0], &m, 0) == 1);
	ATF_REQUIRE(syspass_send(pair[0], bytes_of("12345"), pair[0]));
	free_before = lowest();
	ATF_CHECK_EQ(-1, syspass_receive_all(pair[1], in, sizeof(in), fds, &n));
	ATF_CHECK(errno == EMSGSIZE && n == 0);
	ATF_CHECK_EQ(-1, syspass_receive(pair[1], in, sizeof(in), &fd));
	ATF_CHECK_EQ(EMSGSIZE, errno);
	ATF_CHECK_EQ(-1, syspass_receive(pair[1], in, sizeof(in), &fd));
	ATF_CHECK_EQ(EMSGSIZE, errno);
	ATF_CHECK_EQ(free_before, lowest());
}

ATF_TC_WITHOUT_HEAD(syspass_receive_all__gets_each_in_its_order);
ATF_TC_BODY(syspass_receive_all__gets_each_in_its_order, tc)
{
	int pair[2];
	int ends[4];
	int fds[SYSPASS_FDS_MAX] = { -1, -1 };
	size_t n = SYSPASS_FDS_MAX;
	char in[16];

	ATF_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	ATF_REQUIRE(pipe(ends) == 0 && pipe(ends + 2) == 0);
	ATF_REQUIRE(syspass_send_all(
	    pair[0], bytes_of("two"), (int[]){ ends[1], ends[3] }, 2));
	ATF_REQUIRE_EQ(
	    3, syspass_receive_all(pair[1], in, sizeof(in), fds, &n));
	ATF_REQUIRE_EQ(2, n);
	ATF_CHECK_EQ(FD_CLOEXEC, fcntl(fds[1], F_GETFD));
	ATF_REQUIRE(write(fds[0], "a", 1) == 1 && write(fds[1], "b", 1) == 1);
	ATF_REQUIRE(read(ends[0], in, 1) == 1 && read(ends[2], in + 1, 1) == 1);
	ATF_CHECK(in[0] == 'a' && in[1] == 'b');
	/* One is not two, and two are more than one. */
	ATF_REQUIRE(syspass_send(pair[0], bytes_of("x"), ends[0]));
	ATF_REQUIRE_EQ(
	    1, syspass_receive_all(pair[1], in, sizeof(in), fds, &n));
	ATF_CHECK_EQ(1, n);
	ATF_REQUIRE(syspass_send_all(pair[0], bytes_of("x"), ends, 2));
	ATF_CHECK_EQ(-1, syspass_receive_all(pair[1], in, sizeof(in), fds, &n));
	ATF_CHECK_EQ(0, n);
	ATF_CHECK(!syspass_send_all(pair[0], bytes_of("x"), ends, 3));
}

ATF_TC_WITHOUT_HEAD(syspass_send__does_not_wait_where_the_socket_does_not);
ATF_TC_BODY(syspass_send__does_not_wait_where_the_socket_does_not, tc)
{
	int pair[2];

	make_pair(pair);
	ATF_REQUIRE(fcntl(pair[0], F_SETFL, O_NONBLOCK) == 0);
	while (syspass_send(pair[0], bytes_of("record"), -1))
		continue;
	ATF_CHECK_EQ(EAGAIN, errno);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, syspass_receive__gets_the_record_and_its_descriptor);
	ATF_TP_ADD_TC(tp, syspass_receive__says_when_the_other_side_is_gone);
	ATF_TP_ADD_TC(tp, syspass_receive__refuses_what_is_too_much);
	ATF_TP_ADD_TC(tp, syspass_receive_all__gets_each_in_its_order);
	ATF_TP_ADD_TC(
	    tp, syspass_send__does_not_wait_where_the_socket_does_not);
	return (atf_no_error());
}
