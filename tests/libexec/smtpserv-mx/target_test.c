/* SPDX-License-Identifier: ISC */
#include "target.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

/* OB-7, OB-26, OB-188 */
ATF_TC_WITHOUT_HEAD(target_parse__by_its_rows);
ATF_TC_BODY(target_parse__by_its_rows, tc)
{
	static const struct {
		const char *text;
		enum target_status status;
		enum target_kind kind;
		const char *name;
		uint32_t port;
	} rows[] = {
		{ "a.test", TARGET_OK, TARGET_DOMAIN, "a.test", 25 },
		{ "A.Test.", TARGET_OK, TARGET_DOMAIN, "a.test", 25 },
		{ "a_b-c.1", TARGET_OK, TARGET_DOMAIN, "a_b-c.1", 25 },
		{ "gnat", TARGET_OK, TARGET_DOMAIN, "gnat", 25 },
		{ "192.0.2.1", TARGET_OK, TARGET_DOMAIN, "192.0.2.1", 25 },
		{ "caf\xc3\xa9.test", TARGET_OK, TARGET_DOMAIN,
		    "xn--caf-dma.test", 25 },
		{ "[a.test]", TARGET_OK, TARGET_RELAY, "a.test", 25 },
		{ "[A.test.]:587", TARGET_OK, TARGET_RELAY, "a.test", 587 },
		{ "[192.0.2.1]:1", TARGET_OK, TARGET_ADDRESS, "192.0.2.1", 1 },
		{ "[IPv6:::1]:65535", TARGET_OK, TARGET_ADDRESS, "::1", 65535 },
		{ "[ipv6:2001:db8::1]", TARGET_OK, TARGET_ADDRESS,
		    "2001:db8::1", 25 },
		{ "[2001:db8::1]", TARGET_OK, TARGET_ADDRESS, "2001:db8::1",
		    25 },
		{ ".", TARGET_NO_DOMAIN, TARGET_DOMAIN, "", 25 },
		{ "a..b", TARGET_NO_DOMAIN, TARGET_DOMAIN, "", 25 },
		{ ".a", TARGET_NO_DOMAIN, TARGET_DOMAIN, "", 25 },
		{ "a b", TARGET_NO_DOMAIN, TARGET_DOMAIN, "", 25 },
		{ "a;b", TARGET_NO_DOMAIN, TARGET_DOMAIN, "", 25 },
		{ "a\\b", TARGET_NO_DOMAIN, TARGET_DOMAIN, "", 25 },
		{ "a:25", TARGET_NO_DOMAIN, TARGET_DOMAIN, "", 25 },
		{ "a\xff", TARGET_NO_DOMAIN, TARGET_DOMAIN, "", 25 },
		{ "a\nb", TARGET_NO_DOMAIN, TARGET_DOMAIN, "", 25 },
		{ "[a..b]:587", TARGET_NO_DOMAIN, TARGET_RELAY, "", 587 },
		{ "[192.0.2.256]", TARGET_OK, TARGET_RELAY, "192.0.2.256", 25 },
		{ "[::g]", TARGET_NO_DOMAIN, TARGET_RELAY, "", 25 },
		{ "", TARGET_MISUSED, TARGET_DOMAIN, "", 25 },
		{ "[", TARGET_MISUSED, TARGET_DOMAIN, "", 25 },
		{ "[]", TARGET_MISUSED, TARGET_DOMAIN, "", 25 },
		{ "[a", TARGET_MISUSED, TARGET_DOMAIN, "", 25 },
		{ "[a]b", TARGET_MISUSED, TARGET_DOMAIN, "", 25 },
		{ "[a]:", TARGET_MISUSED, TARGET_DOMAIN, "", 25 },
		{ "[a]:0", TARGET_MISUSED, TARGET_DOMAIN, "", 25 },
		{ "[a]:65536", TARGET_MISUSED, TARGET_DOMAIN, "", 25 },
		{ "[a]:25:26", TARGET_MISUSED, TARGET_DOMAIN, "", 25 },
	};
	struct target t;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		enum target_status status =
		    target_parse(bytes_of(rows[i].text), 25, &t);

		ATF_CHECK_EQ_MSG(
		    rows[i].status, status, "\"%s\"", rows[i].text);
		if (status == TARGET_MISUSED)
			continue;
		ATF_CHECK_EQ_MSG(rows[i].kind, t.kind, "\"%s\"", rows[i].text);
		ATF_CHECK_EQ_MSG(rows[i].port, t.port, "\"%s\"", rows[i].text);
		ATF_CHECK_MSG(strcmp(rows[i].name, t.name) == 0,
		    "\"%s\": \"%s\"", rows[i].text, t.name);
	}
}

ATF_TC_WITHOUT_HEAD(target_parse__knows_how_long_a_name_may_be);
ATF_TC_BODY(target_parse__knows_how_long_a_name_may_be, tc)
{
	char name[300];
	struct target t;
	size_t n;

	for (n = 250; n < 260; n++) {
		memset(name, 'a', n);
		name[60] = name[120] = name[180] = name[240] = '.';
		ATF_CHECK_EQ_MSG(n <= 253 ? TARGET_OK : TARGET_NO_DOMAIN,
		    target_parse((struct bytes){ name, n }, 25, &t), "%zu", n);
	}
	for (n = 60; n < 70; n++) {
		memset(name, 'a', n);
		ATF_CHECK_EQ_MSG(n <= 63 ? TARGET_OK : TARGET_NO_DOMAIN,
		    target_parse((struct bytes){ name, n }, 25, &t), "%zu", n);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, target_parse__by_its_rows);
	ATF_TP_ADD_TC(tp, target_parse__knows_how_long_a_name_may_be);
	return (atf_no_error());
}
