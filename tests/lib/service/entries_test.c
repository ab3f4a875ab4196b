/* SPDX-License-Identifier: ISC */
#include <atf-c.h>
#include <string.h>

#include "entry.h"

ATF_TC_WITHOUT_HEAD(xinetd__one_service_for_a_pair);
ATF_TC_BODY(xinetd__one_service_for_a_pair, tc)
{
	const char *why;
	const char *text =
	    entry(service_xinetd, "0.0.0.0:25,[::]:25", "/c", &why);

	ATF_REQUIRE(text != NULL);
	ATF_CHECK_EQ(1, count(text, "service smtpserv\n"));
	ATF_CHECK_EQ(1, count(text, "flags           = IPv6 NODELAY\n"));
	ATF_CHECK_EQ(1, count(text, "bind            = ::\n"));
	ATF_CHECK_EQ(0, count(text, "v6only"));
	ATF_CHECK_EQ(1, count(text, "instances       = 5\n"));
	ATF_CHECK_EQ(1, count(text, "per_source      = 2\n"));
	ATF_CHECK_EQ(1, count(text, "banner_fail     = /p/busy.txt\n"));
	ATF_CHECK_EQ(1, count(text, "user            = mail\n"));
	ATF_CHECK_EQ(1, count(text, "server_args     = -f /c\n"));
}

ATF_TC_WITHOUT_HEAD(xinetd__else_one_service_per_address);
ATF_TC_BODY(xinetd__else_one_service_per_address, tc)
{
	const char *why;
	const char *text =
	    entry(service_xinetd, "127.0.0.1:25,[::1]:25,[::]:26", "/c", &why);

	ATF_REQUIRE(text != NULL);
	ATF_CHECK_EQ(3, count(text, "service smtpserv\n"));
	ATF_CHECK_EQ(1, count(text, "id              = smtpserv-1\n"));
	ATF_CHECK_EQ(1, count(text, "id              = smtpserv-3\n"));
	ATF_CHECK_EQ(2, count(text, "v6only          = yes\n"));
	ATF_CHECK_EQ(1, count(text, "flags           = NODELAY\n"));
	ATF_CHECK_EQ(1, count(text, "count for each service by itself"));
}

ATF_TC_WITHOUT_HEAD(systemd__names_every_address_and_limit);
ATF_TC_BODY(systemd__names_every_address_and_limit, tc)
{
	const char *why;
	const char *text =
	    entry(service_systemd, "127.0.0.1:25,[::1]:26", "/c", &why);

	ATF_REQUIRE(text != NULL);
	ATF_CHECK_EQ(text, strstr(text, "# smtpserv.socket\n"));
	ATF_CHECK_EQ(1, count(text, "\n# smtpserv@.service\n"));
	ATF_CHECK_EQ(1, count(text, "ListenStream=127.0.0.1:25\n"));
	ATF_CHECK_EQ(1, count(text, "ListenStream=[::1]:26\n"));
	ATF_CHECK_EQ(1, count(text, "MaxConnections=5\n"));
	ATF_CHECK_EQ(1, count(text, "MaxConnectionsPerSource=2\n"));
	ATF_CHECK_EQ(1, count(text, "TriggerLimitIntervalSec=0\n"));
	ATF_CHECK_EQ(1, count(text, "StandardError=journal\n"));
	ATF_CHECK_EQ(1, count(text, "ReadWritePaths=-/spool\n"));
	ATF_CHECK_EQ(1, count(text, "PrivateTmp=yes\n"));
	ATF_CHECK_EQ(1, count(text, "ExecStart=/p/session -f /c\n"));
}

ATF_TC_WITHOUT_HEAD(systemd__a_spool_in_tmp_stays_visible);
ATF_TC_BODY(systemd__a_spool_in_tmp_stays_visible, tc)
{
	const char *why;
	const char *text =
	    entry(service_systemd, "127.0.0.1:25", "/tmp/c", &why);

	ATF_REQUIRE(text != NULL);
	ATF_CHECK_EQ(1, count(text, "PrivateTmp=no\n"));
}

ATF_TC_WITHOUT_HEAD(inetd__a_line_per_address_and_the_missing_limit);
ATF_TC_BODY(inetd__a_line_per_address_and_the_missing_limit, tc)
{
	const char *why;
	const char *text = entry(service_inetd,
	    "0.0.0.0:25,[::]:25,127.0.0.1:26,[::1]:26", "/c", &why);

	ATF_REQUIRE(text != NULL);
	ATF_CHECK_EQ(1, count(text, "no limit on sessions at once"));
	ATF_CHECK_EQ(1, count(text, "\n25\tstream\ttcp4\tnowait."));
	ATF_CHECK_EQ(1, count(text, "\n25\tstream\ttcp6\tnowait."));
	ATF_CHECK_EQ(1, count(text, "\n127.0.0.1:26\tstream\ttcp4\t"));
	ATF_CHECK_EQ(1, count(text, "\n[::1]:26\tstream\ttcp6\t"));
}

ATF_TC_WITHOUT_HEAD(entries__refuse_what_they_cannot_quote);
ATF_TC_BODY(entries__refuse_what_they_cannot_quote, tc)
{
	static service_print_fn *const prints[] = { service_xinetd,
		service_systemd, service_inetd };
	const char *why;
	size_t i;

	for (i = 0; i < ARRAY_LEN(prints); i++) {
		ATF_CHECK(
		    entry(prints[i], "127.0.0.1:25", "/a b", &why) == NULL);
		ATF_CHECK(
		    entry(prints[i], "127.0.0.1:25", "/a\nb", &why) == NULL);
	}
}

/* With a certificate, and for each role. */
static const char *
role_entry(service_print_fn *print, enum service_role which, const char **why)
{
	const char *text;

	if (settings.spool.dir == NULL)
		keys_init(&settings);
	settings.tls.cert = "/cert";
	settings.service.lmtp = "/run/lmtp";
	settings.service.proxy = "10.0.0.1,::1/64";
	settings.service.submission = "1.2.3.4:587";
	settings.service.submissions = "1.2.3.4:465";
	role = which;
	text = entry(print, "1.2.3.4:25", "/c", why);
	role = SERVICE_SMTP;
	settings.tls.cert = "";
	settings.service.proxy = "";
	return (text);
}

ATF_TC_WITHOUT_HEAD(entries__have_what_each_role_runs);
ATF_TC_BODY(entries__have_what_each_role_runs, tc)
{
	const char *why;
	const char *text = role_entry(service_systemd, SERVICE_SMTP, &why);

	ATF_CHECK_EQ(1, count(text, "ExecStart=/p/tls -f /c -u mail"
	    " /p/proxy -a 10.0.0.1,::1/64 /p/session -f /c\n"));
	ATF_CHECK_EQ(1, count(text, "User=root\n"));
	ATF_CHECK_EQ(1, count(text, "\nCapabilityBoundingSet="
	    "CAP_DAC_READ_SEARCH CAP_SETUID CAP_SETGID\n"));
	text = role_entry(service_systemd, SERVICE_SUBMISSION, &why);
	ATF_CHECK_EQ(1, count(text, "ListenStream=1.2.3.4:587\n"));
	ATF_CHECK_EQ(1, count(text, "ExecStart=/p/tls -f /c -u mail"
	    " /p/proxy -a 10.0.0.1,::1/64 /p/session -s -f /c\n"));
	text = role_entry(service_systemd, SERVICE_SUBMISSIONS, &why);
	ATF_CHECK_EQ(1, count(text, "ListenStream=1.2.3.4:465\n"));
	ATF_CHECK_EQ(1, count(text, "ExecStart=/p/proxy -a 10.0.0.1,::1/64"
	    " /p/tls -i -f /c -u mail /p/session -s -f /c\n"));
	ATF_CHECK_EQ(1, count(text, "# smtpserv-submissions.socket\n"));
	ATF_CHECK_EQ(1, count(text, "# smtpserv-submissions@.service\n"));
	text = role_entry(service_systemd, SERVICE_LMTP, &why);
	ATF_CHECK_EQ(1, count(text, "ListenStream=/run/lmtp\n"));
	ATF_CHECK_EQ(1, count(text, "ExecStart=/p/session -l -f /c\n"));
	ATF_CHECK_EQ(1, count(text, "\nUser=mail\n"));
	text = role_entry(service_xinetd, SERVICE_SUBMISSION, &why);
	ATF_CHECK_EQ(1, count(text, "service smtpserv-submission\n"));
	ATF_CHECK_EQ(1, count(text, "user            = root\n"));
	ATF_CHECK_EQ(1, count(text, "server          = /p/tls\n"));
	text = role_entry(service_inetd, SERVICE_LMTP, &why);
	ATF_CHECK_EQ(1, count(text, "\n/run/lmtp\tstream\tunix\t"));
	ATF_CHECK_EQ(1, count(text, "\t/p/session\tsession -l -f /c\n"));
	ATF_CHECK_EQ(NULL, role_entry(service_xinetd, SERVICE_LMTP, &why));
}

/* Whatever the keys say, it is on loopback, and no root, TLS or proxy. */
ATF_TC_WITHOUT_HEAD(entries__status_is_for_this_machine);
ATF_TC_BODY(entries__status_is_for_this_machine, tc)
{
	const char *why;
	const char *text = role_entry(service_systemd, SERVICE_STATUS, &why);

	ATF_CHECK_EQ(1, count(text, "ListenStream="));
	ATF_CHECK_EQ(1, count(text, "\nListenStream=127.0.0.1:8025\n"));
	ATF_CHECK_EQ(1, count(text, "\nMaxConnections=8\n"));
	ATF_CHECK_EQ(1, count(text, "\nMaxConnectionsPerSource=8\n"));
	ATF_CHECK_EQ(1, count(text, "ExecStart=/p/session -f /c\n"));
	ATF_CHECK_EQ(1, count(text, "\nUser=mail\n"));
	ATF_CHECK_EQ(1, count(text, "\nPrivateNetwork=yes\n"));
	ATF_CHECK_EQ(0, count(text, "ReadWritePaths"));
	ATF_CHECK_EQ(0, count(text, "ExecStartPre"));
	ATF_CHECK_EQ(2, count(text, "man:smtpserv"));
	text = role_entry(service_xinetd, SERVICE_STATUS, &why);
	ATF_CHECK_EQ(1, count(text, "service smtpserv-status\n"));
	ATF_CHECK_EQ(1, count(text, "bind            = 127.0.0.1\n"));
	ATF_CHECK_EQ(1, count(text, "instances       = 8\n"));
	ATF_CHECK_EQ(0, count(text, "banner_fail"));
	text = role_entry(service_inetd, SERVICE_STATUS, &why);
	ATF_CHECK_EQ(1, count(text, "\n127.0.0.1:8025\tstream\ttcp4\t"));
	ATF_CHECK_EQ(1, count(text, "\tmail\t/p/session\tsession -f /c\n"));
	text = role_entry(service_s6, SERVICE_STATUS, &why);
	ATF_CHECK_EQ(1, count(text, "host=127.0.0.1\nport=8025\n"));
	ATF_CHECK_EQ(0, count(text, "clean"));
}

ATF_TC_WITHOUT_HEAD(entries__submission_needs_a_certificate);
ATF_TC_BODY(entries__submission_needs_a_certificate, tc)
{
	const char *why = NULL;

	role = SERVICE_SUBMISSION;
	ATF_CHECK(entry(service_systemd, "1.2.3.4:25", "/c", &why) == NULL);
	ATF_CHECK_STREQ("submission needs smtp.tls.cert", why);
	role = SERVICE_SMTP;
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, xinetd__one_service_for_a_pair);
	ATF_TP_ADD_TC(tp, xinetd__else_one_service_per_address);
	ATF_TP_ADD_TC(tp, systemd__names_every_address_and_limit);
	ATF_TP_ADD_TC(tp, systemd__a_spool_in_tmp_stays_visible);
	ATF_TP_ADD_TC(tp, inetd__a_line_per_address_and_the_missing_limit);
	ATF_TP_ADD_TC(tp, entries__refuse_what_they_cannot_quote);
	ATF_TP_ADD_TC(tp, entries__have_what_each_role_runs);
	ATF_TP_ADD_TC(tp, entries__status_is_for_this_machine);
	ATF_TP_ADD_TC(tp, entries__submission_needs_a_certificate);
	return (atf_no_error());
}
