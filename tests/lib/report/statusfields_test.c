/* SPDX-License-Identifier: ISC */
#include "report/statusfields.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"
#include "bytes/buf.h"

static bool
collect(void *ctx, struct bytes text)
{
	return (buf_put(ctx, text));
}

/* What is written of a recipient, but the dates, which are wording's. */
static const char *
fields_of(const struct plan_rcpt *r, char *store, size_t cap)
{
	struct buf out;
	struct report_port port = { collect, &out };
	struct wording w = { &port, "\n", true, true };
	char *end;

	buf_init(&out, store, cap);
	statusfields_recipient(&w, r, 0, 0);
	ATF_REQUIRE(w.good && buf_cstr(&out) != NULL);
	end = strstr(store, "Last-Attempt-Date: ");
	ATF_REQUIRE(end != NULL);
	*end = '\0';
	return (store);
}

ATF_TC_WITHOUT_HEAD(statusfields_recipient__tells_how_one_fared);
ATF_TC_BODY(statusfields_recipient__tells_how_one_fared, tc)
{
	struct plan_rcpt r = { .state = PLAN_FAILED,
		.mailbox = bytes_of("bruce@gnat"),
		.orcpt = bytes_of("rfc822;b+2Bx@gnat"),
		.status = bytes_of("5.1.1"),
		.diagnostic = bytes_of("550 5.1.1 no such user") };
	char store[1000];

	ATF_CHECK_STREQ("\nOriginal-Recipient: rfc822;b+x@gnat\n"
			"Final-Recipient: rfc822; bruce@gnat\n"
			"Action: failed\n"
			"Status: 5.1.1\n"
			"Diagnostic-Code: smtp; 550 5.1.1 no such user\n",
	    fields_of(&r, store, sizeof(store)));
	/* Our own words, and a mailbox that is UTF-8. */
	r = (struct plan_rcpt){ .state = PLAN_WAITING,
		.mailbox = bytes_of("j\xc3\xb6rg@gnat"),
		.diagnostic = bytes_of("cannot open it") };
	ATF_CHECK_STREQ("\nFinal-Recipient: utf-8; j\xc3\xb6rg@gnat\n"
			"Action: delayed\n"
			"Status: 4.0.0\n"
			"Diagnostic-Code: x-smtpserv; cannot open it\n",
	    fields_of(&r, store, sizeof(store)));
	/* Of a success only a server's words are worth it. */
	r.state = PLAN_DELIVERED;
	r.action = bytes_of("Relayed");
	ATF_CHECK_STREQ("\nFinal-Recipient: utf-8; j\xc3\xb6rg@gnat\n"
			"Action: relayed\n"
			"Status: 2.0.0\n",
	    fields_of(&r, store, sizeof(store)));
}

ATF_TC_WITHOUT_HEAD(statusfields_recipient__status_suits_the_action);
ATF_TC_BODY(statusfields_recipient__status_suits_the_action, tc)
{
	static const struct {
		enum plan_state state;
		struct bytes status;
		const char *want;
	} rows[] = {
#define STATUS(text) { text, sizeof(text) - 1 }
		{ PLAN_FAILED, STATUS("5.1.1"), "Status: 5.1.1\n" },
		{ PLAN_FAILED, STATUS("4.4.7"), "Status: 4.4.7\n" },
		{ PLAN_FAILED, STATUS("2.0.0"), "Status: 5.0.0\n" },
		{ PLAN_WAITING, STATUS("4.123.456"), "Status: 4.123.456\n" },
		{ PLAN_WAITING, STATUS("4.1234.1"), "Status: 4.0.0\n" },
		{ PLAN_WAITING, STATUS("5.1.1"), "Status: 4.0.0\n" },
		{ PLAN_DELIVERED, STATUS("2.1.5"), "Status: 2.1.5\n" },
		{ PLAN_DELIVERED, STATUS("2.1"), "Status: 2.0.0\n" },
		{ PLAN_DELIVERED, STATUS("2.1.5x"), "Status: 2.0.0\n" },
		{ PLAN_DELIVERED, STATUS(""), "Status: 2.0.0\n" },
		/* The end of a C string is no class. */
		{ PLAN_FAILED, STATUS("\0.1.1"), "Status: 5.0.0\n" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct plan_rcpt r = { .state = rows[i].state,
			.mailbox = bytes_of("a@b"), .status = rows[i].status };
		char store[1000];

		ATF_CHECK_MSG(strstr(fields_of(&r, store, sizeof(store)),
				  rows[i].want) != NULL,
		    "%zu: %s", i, store);
	}
}

ATF_TC_WITHOUT_HEAD(statusfields_xtext__is_decoded_where_it_can_be);
ATF_TC_BODY(statusfields_xtext__is_decoded_where_it_can_be, tc)
{
	char store[100];
	struct buf out;
	struct report_port port = { collect, &out };
	struct wording w = { &port, "\r\n", false, true };

	buf_init(&out, store, sizeof(store));
	statusfields_xtext(&w, "A: ", bytes_of("a+2Bb"));
	statusfields_xtext(&w, "B: ", bytes_of("a+b"));
	statusfields_xtext(&w, "C: ", bytes_of("a+0Ab"));
	ATF_CHECK_STREQ("A: a+b\r\nB: a+b\r\nC: a+0Ab\r\n", buf_cstr(&out));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, statusfields_recipient__tells_how_one_fared);
	ATF_TP_ADD_TC(tp, statusfields_recipient__status_suits_the_action);
	ATF_TP_ADD_TC(tp, statusfields_xtext__is_decoded_where_it_can_be);
	return (atf_no_error());
}
