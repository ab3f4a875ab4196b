/* SPDX-License-Identifier: ISC */
#include "http/httpanswer.h"

#include "base/base.h"

enum {
	NAME_MAX_CHARS = 100
};

const char *
httpanswer_reason(unsigned int code)
{
	static const struct {
		unsigned int code;
		const char *reason;
	} rows[] = { { 200, "OK" }, { 400, "Bad Request" },
		{ 404, "Not Found" }, { 405, "Method Not Allowed" },
		{ 408, "Request Timeout" }, { 414, "URI Too Long" },
		{ 421, "Misdirected Request" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 503, "Service Unavailable" } };
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].code == code)
			return (rows[i].reason);
	return ("");
}

/*
 * Of a stranger's file name only what is harmless on every system: letters,
 * digits, blanks inside and a few marks.  Others become an underscore, as does
 * a dot at the beginning.
 */
static void
put_name(struct buf *out, struct bytes name)
{
	size_t i;

	for (i = 0; i < name.n && i < NAME_MAX_CHARS; i++) {
		char c = name.p[i];
		bool is_good = (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    c == '-' || c == '_' || (i > 0 && (c == '.' || c == ' '));

		if (!is_good)
			c = '_';
		(void)buf_putc(out, c);
	}
	if (i == 0)
		(void)buf_puts(out, "part");
}

static void
put_type(struct buf *out, const struct httpanswer *a)
{
	if (a->type[0] != '\0') {
		(void)buf_printf(out, "Content-Type: %s\r\n", a->type);
		(void)buf_puts(out,
		    "Content-Security-Policy: default-src 'none'; "
		    "style-src 'self'; base-uri 'none'; form-action 'none'; "
		    "frame-ancestors 'none'\r\n");
		return;
	}
	(void)buf_puts(out,
	    "Content-Type: application/octet-stream\r\n"
	    "Content-Disposition: attachment; filename=\"");
	put_name(out, a->name);
	(void)buf_puts(out,
	    "\"\r\n"
	    "Content-Security-Policy: default-src 'none'; sandbox\r\n");
}

void
httpanswer_put(struct buf *out, const struct httpanswer *a)
{
	(void)buf_printf(out,
	    "HTTP/1.1 %u %s\r\n"
	    "Connection: close\r\n"
	    "Content-Length: %llu\r\n",
	    a->code, httpanswer_reason(a->code), (unsigned long long)a->length);
	put_type(out, a);
	if (a->allow != NULL)
		(void)buf_printf(out, "Allow: %s\r\n", a->allow);
	if (a->max_age > 0)
		(void)buf_printf(
		    out, "Cache-Control: max-age=%u\r\n", a->max_age);
	else
		(void)buf_puts(out, "Cache-Control: no-store\r\n");
	(void)buf_puts(out,
	    "X-Content-Type-Options: nosniff\r\n"
	    "Referrer-Policy: no-referrer\r\n"
	    "Cross-Origin-Resource-Policy: same-origin\r\n"
	    "Cross-Origin-Opener-Policy: same-origin\r\n"
	    "\r\n");
}
