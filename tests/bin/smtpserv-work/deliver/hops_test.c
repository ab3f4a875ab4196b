/* SPDX-License-Identifier: ISC */
#include "deliver/hops.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

/* The verdict, with the text cut everywhere in two. */
static const char *
verdict(const char *text, const char *recipient)
{
	size_t n = strlen(text);
	const char *first = NULL;
	size_t cut;

	for (cut = 0; cut <= n; cut++) {
		struct hops h;

		hops_init(&h, bytes_of(recipient));
		hops_feed(&h, (struct bytes) { text, cut });
		hops_feed(&h, (struct bytes) { text + cut, n - cut });
		if (cut == 0)
			first = hops_verdict(&h);
		ATF_CHECK_EQ_MSG(first, hops_verdict(&h), "cut %zu", cut);
	}
	return (first);
}

ATF_TC_WITHOUT_HEAD(hops_verdict__delivered_to_us);
ATF_TC_BODY(hops_verdict__delivered_to_us, tc)
{
	static const struct {
		const char *text;
		bool loops;
	} rows[] = {
		{ "Delivered-To: a@b\n\n", true },
		{ "Subject: x\nDELIVERED-TO:A@B  \r\n\n", true },
		{ "Delivered-To: a@b\r\n\r\nbody", true },
		{ "Delivered-To:\t a@b\n", true },
		{ "Delivered-To: c@b\nDelivered-To: a@b\n", true },
		{ "Delivered-To: a@bc\n", false },
		{ "Delivered-To: xa@b\n", false },
		{ "X-Delivered-To: a@b\n", false },
		{ "Delivered-To: a@b", false },
		{ "\nDelivered-To: a@b\n", false },
		{ "\r\nDelivered-To: a@b\n", false },
		{ "Subject: x\n\nDelivered-To: a@b\n", false },
		{ "Subject: Delivered-To: a@b\n", false },
		{ " Delivered-To: a@b\n", false },
		{ "", false },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_EQ_MSG(rows[i].loops,
		    verdict(rows[i].text, "a@b") != NULL, "row %zu", i);
}

ATF_TC_WITHOUT_HEAD(hops_verdict__a_line_has_any_length);
ATF_TC_BODY(hops_verdict__a_line_has_any_length, tc)
{
	char text[2 * HOPS_LINE_MAX + 64];

	memset(text, 'x', 2 * HOPS_LINE_MAX);
	strcpy(text + 2 * HOPS_LINE_MAX, "\nDelivered-To: a@b\n");
	ATF_CHECK(verdict(text, "a@b") != NULL);
	/* The beginning of a long one is not the whole. */
	memcpy(text, "Delivered-To: a@b", 17);
	memset(text + 17, ' ', HOPS_LINE_MAX + 100);
	text[2 * HOPS_LINE_MAX] = '\0';
	strcpy(text + HOPS_LINE_MAX + 100, "x\n");
	ATF_CHECK(verdict(text, "a@b") == NULL);
}

ATF_TC_WITHOUT_HEAD(hops_verdict__a_hundred_hosts_are_enough);
ATF_TC_BODY(hops_verdict__a_hundred_hosts_are_enough, tc)
{
	struct hops h;
	unsigned int i;

	hops_init(&h, bytes_of("a@b"));
	for (i = 0; i < SMTPHOPS_MAX; i++)
		hops_feed(&h, bytes_of("Received: x\n"));
	ATF_CHECK(hops_verdict(&h) == NULL);
	hops_feed(&h, bytes_of("Received: x\n"));
	ATF_CHECK(hops_verdict(&h) != NULL);
	ATF_CHECK(!h.is_over);
	hops_feed(&h, bytes_of("\n"));
	ATF_CHECK(h.is_over);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, hops_verdict__delivered_to_us);
	ATF_TP_ADD_TC(tp, hops_verdict__a_line_has_any_length);
	ATF_TP_ADD_TC(tp, hops_verdict__a_hundred_hosts_are_enough);
	return (atf_no_error());
}
