/* SPDX-License-Identifier: ISC */
#include <atf-c.h>
#include <string.h>

#include "entry.h"

ATF_TC_WITHOUT_HEAD(s6__serves_the_first_and_names_the_others);
ATF_TC_BODY(s6__serves_the_first_and_names_the_others, tc)
{
	const char *why;
	const char *text =
	    entry(service_s6, "127.0.0.1:25,[::1]:26", "/c", &why);

	ATF_REQUIRE(text != NULL);
	ATF_CHECK_EQ(text, strstr(text, "#!/bin/sh\n"));
	ATF_CHECK_EQ(1, count(text, "host=127.0.0.1\nport=25\n"));
	ATF_CHECK_EQ(1, count(text, "sessions=5\nbacklog=128\nuser=mail\n"));
	ATF_CHECK_EQ(1, count(text, "#\t[::1]:26 "));
	ATF_CHECK_EQ(1, count(text, " -C 2 "));
	ATF_CHECK_EQ(1, count(text, "exec tcpserver -H -R -l 0 "));
	ATF_CHECK_EQ(1, count(text, "smtp.persource (2) does not hold"));
}

ATF_TC_WITHOUT_HEAD(s6__ipv6_is_not_given_to_tcpserver);
ATF_TC_BODY(s6__ipv6_is_not_given_to_tcpserver, tc)
{
	const char *why;
	const char *text = entry(service_s6, "[::1]:26", "/c", &why);

	ATF_REQUIRE(text != NULL);
	ATF_CHECK_EQ(1, count(text, "host=::1\nport=26\n"));
	ATF_CHECK_EQ(0, count(text, "exec tcpserver"));
	ATF_CHECK_EQ(0, count(text, "Not served here"));
}

ATF_TC_WITHOUT_HEAD(tcpserver__serves_the_first_ipv4);
ATF_TC_BODY(tcpserver__serves_the_first_ipv4, tc)
{
	const char *why;
	const char *text =
	    entry(service_tcpserver, "[::1]:26,127.0.0.1:25", "/c", &why);

	ATF_REQUIRE(text != NULL);
	ATF_CHECK_EQ(1, count(text, "host=127.0.0.1\nport=25\n"));
	ATF_CHECK_EQ(1, count(text, "#\t[::1]:26 (but tcpserver has no IPv6"));
}

ATF_TC_WITHOUT_HEAD(tcpserver__ipv6_alone_is_refused);
ATF_TC_BODY(tcpserver__ipv6_alone_is_refused, tc)
{
	const char *why;

	ATF_CHECK(entry(service_tcpserver, "[::1]:26", "/c", &why) == NULL);
	ATF_CHECK(why != NULL);
}

ATF_TC_WITHOUT_HEAD(scripts__quote_what_the_shell_would_take_apart);
ATF_TC_BODY(scripts__quote_what_the_shell_would_take_apart, tc)
{
	const char *why;
	const char *text =
	    entry(service_s6, "127.0.0.1:25", "/a b'c$(d)", &why);

	ATF_REQUIRE(text != NULL);
	ATF_CHECK_EQ(1, count(text, "conf='/a b'\\''c$(d)'\n"));
	ATF_CHECK(entry(service_s6, "127.0.0.1:25", "/a\nid", &why) == NULL);
	ATF_CHECK(
	    entry(service_tcpserver, "127.0.0.1:25", "/a\nid", &why) == NULL);
}

/* Whoever makes the socket has to be the user already: see its group. */
ATF_TC_WITHOUT_HEAD(s6__lmtp_socket_is_made_by_the_user);
ATF_TC_BODY(s6__lmtp_socket_is_made_by_the_user, tc)
{
	const char *why;
	const char *text;

	role = SERVICE_LMTP;
	text = entry(service_s6, "127.0.0.1:25", "/c", &why);
	ATF_REQUIRE(text != NULL);
	ATF_CHECK_EQ(1, count(text, "mkdir -p "));
	ATF_CHECK_EQ(1, count(text, "set -- s6-setuidgid \"${user}\"\n"));
	ATF_CHECK_EQ(
	    1, count(text, "exec \"$@\" s6-ipcserver -a 0660 -c "));
	ATF_CHECK_EQ(0, count(text, " -u "));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, s6__lmtp_socket_is_made_by_the_user);
	ATF_TP_ADD_TC(tp, s6__serves_the_first_and_names_the_others);
	ATF_TP_ADD_TC(tp, s6__ipv6_is_not_given_to_tcpserver);
	ATF_TP_ADD_TC(tp, tcpserver__serves_the_first_ipv4);
	ATF_TP_ADD_TC(tp, tcpserver__ipv6_alone_is_refused);
	ATF_TP_ADD_TC(tp, scripts__quote_what_the_shell_would_take_apart);
	return (atf_no_error());
}
