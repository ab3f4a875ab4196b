/* SPDX-License-Identifier: ISC */
#include "service/service.h"

#include <atf-c.h>
#include <string.h>

static void
get_listen(struct service_listen *listen, const char *value)
{
	static struct settings settings;

	keys_init(&settings);
	ATF_REQUIRE_EQ_MSG(NULL,
	    key_set(key_named("smtp.listen"), &settings, value), "%s", value);
	service_get_listen(&settings, SERVICE_SMTP, listen);
}

ATF_TC_WITHOUT_HEAD(get_listen__keeps_order_and_families);
ATF_TC_BODY(get_listen__keeps_order_and_families, tc)
{
	struct service_listen listen;

	get_listen(&listen, "127.0.0.1:2525,[::1]:25,192.0.2.1:465");
	ATF_REQUIRE_EQ(3, listen.n);
	ATF_CHECK_STREQ("127.0.0.1", listen.at[0].host);
	ATF_CHECK_EQ(2525, listen.at[0].port);
	ATF_CHECK(!listen.at[0].is_v6);
	ATF_CHECK_STREQ("::1", listen.at[1].host);
	ATF_CHECK(listen.at[1].is_v6);
	ATF_CHECK_EQ(465, listen.at[2].port);
}

ATF_TC_WITHOUT_HEAD(get_listen__pairs_only_wildcards_of_one_port);
ATF_TC_BODY(get_listen__pairs_only_wildcards_of_one_port, tc)
{
	static const struct {
		const char *value;
		size_t paired;
	} rows[] = { { "0.0.0.0:25,[::]:25", 2 }, { "[::]:25,0.0.0.0:25", 2 },
		{ "[::]:25,192.0.2.1:25,0.0.0.0:25", 2 },
		{ "0.0.0.0:25,[::]:26", 0 }, { "127.0.0.1:25,[::]:25", 0 },
		{ "0.0.0.0:25,[::1]:25", 0 }, { "0.0.0.0:25,0.0.0.0:25", 0 },
		{ "[::]:25", 0 } };
	struct service_listen listen;
	size_t i;
	size_t k;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		size_t paired = 0;

		get_listen(&listen, rows[i].value);
		for (k = 0; k < listen.n; k++)
			paired += listen.at[k].is_paired ? 1 : 0;
		ATF_CHECK_EQ_MSG(rows[i].paired, paired, "%s", rows[i].value);
	}
}

ATF_TC_WITHOUT_HEAD(get_listen__takes_the_longest_value);
ATF_TC_BODY(get_listen__takes_the_longest_value, tc)
{
	static char text[CONF_VALUE_MAX];
	static struct settings settings;
	static struct service_listen listen;
	size_t n = 0;

	while (n + 10 < sizeof(text)) {
		memcpy(text + n, "0.0.0.0:1,", 10);
		n += 10;
	}
	text[n - 1] = '\0';
	settings.service.listen = text;
	service_get_listen(&settings, SERVICE_SMTP, &listen);
	ATF_CHECK_EQ(n / 10, listen.n);
}

ATF_TC_WITHOUT_HEAD(put_address__puts_ipv6_in_brackets);
ATF_TC_BODY(put_address__puts_ipv6_in_brackets, tc)
{
	struct service_listen listen;
	char store[64];
	struct buf b;

	get_listen(&listen, "127.0.0.1:25,[::1]:2525");
	buf_init(&b, store, sizeof(store));
	service_put_address(&b, &listen.at[0]);
	(void)buf_putc(&b, ' ');
	service_put_address(&b, &listen.at[1]);
	ATF_CHECK_STREQ("127.0.0.1:25 [::1]:2525", buf_cstr(&b));
}

ATF_TC_WITHOUT_HEAD(limits__follow_smtp_sessions);
ATF_TC_BODY(limits__follow_smtp_sessions, tc)
{
	static const struct {
		uint32_t sessions;
		uint32_t persource;
		uint32_t want_persource;
		uint32_t want_backlog;
	} rows[] = { { 8, 0, 8, 128 }, { 8, 3, 3, 128 }, { 8, 9, 8, 128 },
		{ 32, 0, 32, 128 }, { 33, 0, 33, 132 },
		{ 10000, 1, 1, 40000 } };
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct settings s = { .service.sessions = rows[i].sessions,
			.service.persource = rows[i].persource };

		ATF_CHECK_EQ_MSG(rows[i].want_persource, service_persource(&s),
		    "row %zu", i);
		ATF_CHECK_EQ_MSG(
		    rows[i].want_backlog, service_backlog(&s), "row %zu", i);
	}
}

ATF_TC_WITHOUT_HEAD(words__that_need_no_quoting);
ATF_TC_BODY(words__that_need_no_quoting, tc)
{
	ATF_CHECK(service_is_user("smtpserv"));
	ATF_CHECK(service_is_user("65534"));
	ATF_CHECK(!service_is_user(""));
	ATF_CHECK(!service_is_user("-u"));
	ATF_CHECK(!service_is_user("a b"));
	ATF_CHECK(!service_is_user("a\nuser = root"));
	ATF_CHECK(service_is_plain("/etc/smtpserv/wattcp.cfg"));
	ATF_CHECK(!service_is_plain(""));
	ATF_CHECK(!service_is_plain("/a b"));
	ATF_CHECK(!service_is_plain("/a%b"));
	ATF_CHECK(!service_is_plain("/a$b"));
	ATF_CHECK(!service_is_plain("/a\nb"));
}

ATF_TC_WITHOUT_HEAD(named__knows_each_kind);
ATF_TC_BODY(named__knows_each_kind, tc)
{
	ATF_CHECK(service_named("xinetd") == service_xinetd);
	ATF_CHECK(service_named("s6") == service_s6);
	ATF_CHECK(service_named("tcpserver") == service_tcpserver);
	ATF_CHECK(service_named("systemd") == service_systemd);
	ATF_CHECK(service_named("inetd") == service_inetd);
	ATF_CHECK(service_named("launchd") == NULL);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, get_listen__keeps_order_and_families);
	ATF_TP_ADD_TC(tp, get_listen__pairs_only_wildcards_of_one_port);
	ATF_TP_ADD_TC(tp, get_listen__takes_the_longest_value);
	ATF_TP_ADD_TC(tp, put_address__puts_ipv6_in_brackets);
	ATF_TP_ADD_TC(tp, limits__follow_smtp_sessions);
	ATF_TP_ADD_TC(tp, words__that_need_no_quoting);
	ATF_TP_ADD_TC(tp, named__knows_each_kind);
	return (atf_no_error());
}
