/* SPDX-License-Identifier: ISC */
/*
 * The head of a request of HTTP, whole and cut at every place; and its path
 * and host as texts of a page.
 */
#include <string.h>

#include "fuzz.h"
#include "html/html.h"
#include "http/httpanswer.h"
#include "http/httprequest.h"

static void
look_at_page(struct bytes text)
{
	static char store[HTML_GROWS * FUZZ_TEXT_MAX];
	struct buf b;
	struct bytes page;
	size_t at;

	buf_init(&b, store, sizeof(store));
	html_put(&b, text);
	fuzz_must(!buf_overflowed(&b), "a text grows as is said");
	page = buf_view(&b);
	fuzz_must(!bytes_find(page, '<', &at) && !bytes_find(page, '>', &at) &&
		!bytes_find(page, '"', &at) && !bytes_find(page, '\'', &at) &&
		!bytes_find(page, '\0', &at) && !bytes_find(page, '\r', &at),
	    "a text stays one");
}

static void
look_at_name(struct bytes name)
{
	char store[HTTPANSWER_HEAD_MAX];
	struct httpanswer a = { .code = 200, .type = "", .name = name };
	struct buf b;
	const char *text;
	size_t lines = 0;

	buf_init(&b, store, sizeof(store));
	httpanswer_put(&b, &a);
	text = buf_cstr(&b);
	fuzz_must(text != NULL, "a head fits");
	for (; text != NULL && *text != '\0'; text++)
		lines += *text == '\n';
	fuzz_must(lines == 12, "a name begins no line");
}

static void
look_at_request(struct bytes text, const struct httprequest *r)
{
	size_t at;
	size_t i;

	fuzz_must(r->target.n > 0 && r->target.p[0] == '/', "a path");
	for (i = 0; i < r->target.n; i++)
		fuzz_must(r->target.p[i] > ' ' && r->target.p[i] < 0x7f,
		    "a path can be seen");
	fuzz_must(r->target.p > text.p && r->host.p > r->target.p &&
		r->host.p + r->host.n <= text.p + text.n,
	    "they are parts of the text");
	fuzz_must(!bytes_find(r->host, '\r', &at) &&
		!bytes_find(r->host, '\n', &at),
	    "a host is within a line");
	if (httprequest_is_local(r->host))
		fuzz_must(r->host.n <= 15, "few names are local");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	struct httprequest r;
	struct httprequest part;
	enum httprequest_status status = httprequest_parse(in, &r);
	enum httprequest_status before = HTTPREQUEST_MORE;
	size_t cut;

	if (status == HTTPREQUEST_OK)
		look_at_request(in, &r);
	/* What is decided stays so, whatever comes behind it. */
	for (cut = 0; cut <= in.n && cut < 512; cut++) {
		enum httprequest_status now =
		    httprequest_parse(bytes_cut(in, 0, cut), &part);

		fuzz_must(before == HTTPREQUEST_MORE || now == before,
		    "an answer does not change");
		before = now;
	}
	if (before != HTTPREQUEST_MORE)
		fuzz_must(status == before, "nor in the end");
	look_at_page(in);
	look_at_name(in);
	return (0);
}
