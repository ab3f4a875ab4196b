/* SPDX-License-Identifier: ISC */
/*
 * The records between the worker and smtpserv-remote: whatever comes, one that
 * is taken is one that was put, to the byte.
 *
 * Options: none.
 */
#include "feed/feed.h"

#include <string.h>

#include "fuzz.h"

static void
check_text(struct bytes text)
{
	fuzz_must(text.n <= FEED_TEXT_MAX && !bytes_has_control(text),
	    "a text is one line");
}

static void
check_record(struct bytes in)
{
	static char store[FEED_RECORD_MAX];
	struct feed_record r;
	struct buf out;

	if (!feed_parse(in, &r))
		return;
	fuzz_must(r.kind != 0 && strchr("MREXQCPhsKZDNF", (int)r.kind) != NULL,
	    "a kind");
	check_text(r.result.text);
	fuzz_must(r.result.index < FEED_RCPTS_MAX &&
		r.result.status.n <= FEED_STATUS_MAX &&
		r.credit.n <= FEED_CREDIT_MAX && r.credit.port <= 65535 &&
		r.credit.host.n <= FEED_NAME_MAX,
	    "within bounds");
	fuzz_must(r.kind != FEED_RCPT || r.rcpt.mailbox.n > 0, "a recipient");
	buf_init(&out, store, sizeof(store));
	fuzz_must(feed_put(&out, &r), "it can be put again");
	fuzz_must(bytes_same(in, buf_view(&out)), "and is the same");
}

static void
check_reply(struct bytes in)
{
	char store[FEED_TEXT_MAX];
	struct buf out;

	buf_init(&out, store, sizeof(store));
	feed_put_reply(
	    &out, in, bytes_of("mx.example.test"), bytes_of("192.0.2.1"));
	fuzz_must(!buf_overflowed(&out), "there is room");
	check_text(buf_view(&out));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);

	check_record(in);
	check_reply(in);
	return (0);
}
