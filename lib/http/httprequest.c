/* SPDX-License-Identifier: ISC */
#include "http/httprequest.h"

#include <string.h>

#include "base/base.h"
#include "bytes/num.h"

enum {
	PORT_DIGITS = 5
};

/* RFC 9110 5.6.2 */
static bool
is_token(struct bytes b)
{
	size_t i;

	for (i = 0; i < b.n; i++) {
		char c = b.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') ||
			(c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL)))
			return (false);
	}
	return (b.n > 0);
}

static bool
is_visible(struct bytes b)
{
	size_t i;

	for (i = 0; i < b.n; i++)
		if (b.p[i] <= ' ' || b.p[i] > '~')
			return (false);
	return (true);
}

enum line {
	LINE_WHOLE,
	LINE_TORN, /* its end is not there yet */
	LINE_BAD   /* an end that is not CR LF, or a NUL */
};

/* The next line of *rest, without its end. */
static enum line
take_line(struct bytes *rest, struct bytes *line)
{
	size_t i;

	for (i = 0; i < rest->n; i++) {
		char c = rest->p[i];

		if (c == '\n' || c == '\0')
			return (LINE_BAD);
		if (c != '\r')
			continue;
		if (i + 1 == rest->n)
			return (LINE_TORN);
		if (rest->p[i + 1] != '\n')
			return (LINE_BAD);
		*line = bytes_cut(*rest, 0, i);
		*rest = bytes_cut(*rest, i + 2, rest->n);
		return (LINE_WHOLE);
	}
	return (LINE_TORN);
}

static enum httprequest_status
read_first(struct bytes line, struct httprequest *r)
{
	struct bytes method;
	bool is_get;

	if (!bytes_take(&line, ' ', &method) ||
	    !bytes_take(&line, ' ', &r->target) || !is_token(method) ||
	    (!bytes_same(line, bytes_of("HTTP/1.1")) &&
		!bytes_same(line, bytes_of("HTTP/1.0"))))
		return (HTTPREQUEST_BAD);
	is_get = bytes_same(method, bytes_of("GET"));
	r->is_head = bytes_same(method, bytes_of("HEAD"));
	if (!is_get && !r->is_head)
		return (HTTPREQUEST_METHOD);
	if (r->target.n == 0 || r->target.p[0] != '/' || !is_visible(r->target))
		return (HTTPREQUEST_BAD);
	return (HTTPREQUEST_OK);
}

static struct bytes
trim(struct bytes b)
{
	while (b.n > 0 && (b.p[0] == ' ' || b.p[0] == '\t'))
		b = bytes_cut(b, 1, b.n);
	return (bytes_trim_end(b));
}

static bool
has_control(struct bytes value)
{
	size_t i;

	for (i = 0; i < value.n; i++)
		if (((unsigned char)value.p[i] < ' ' && value.p[i] != '\t') ||
		    value.p[i] == 0x7f)
			return (true);
	return (false);
}

/* A line that begins with a blank, as a folded one does, has no name. */
static bool
read_field(struct bytes line, struct httprequest *r)
{
	struct bytes value = line;
	struct bytes name;

	if (!bytes_take(&value, ':', &name) || !is_token(name) ||
	    has_control(value))
		return (false);
	if (!bytes_same_nocase(name, bytes_of("Host")))
		return (true);
	if (r->host.p != NULL)
		return (false);
	r->host = trim(value);
	return (true);
}

static enum httprequest_status
read_fields(struct bytes rest, struct httprequest *r)
{
	struct bytes line;
	enum line end;

	while ((end = take_line(&rest, &line)) == LINE_WHOLE) {
		if (line.n == 0)
			return (r->host.p == NULL ? HTTPREQUEST_BAD
						  : HTTPREQUEST_OK);
		if (!read_field(line, r))
			return (HTTPREQUEST_BAD);
	}
	return (end == LINE_BAD ? HTTPREQUEST_BAD : HTTPREQUEST_MORE);
}

enum httprequest_status
httprequest_parse(struct bytes text, struct httprequest *r)
{
	struct bytes rest = bytes_cut(text, 0, HTTPREQUEST_HEAD_MAX);
	struct bytes first = bytes_cut(text, 0, HTTPREQUEST_LINE_MAX);
	struct bytes line;
	enum httprequest_status status;
	enum line end = take_line(&first, &line);

	*r = (struct httprequest){ .host = { NULL, 0 } };
	if (end == LINE_BAD)
		return (HTTPREQUEST_BAD);
	if (end == LINE_TORN)
		return (text.n >= HTTPREQUEST_LINE_MAX ? HTTPREQUEST_LONG_LINE
						       : HTTPREQUEST_MORE);
	status = read_first(line, r);
	if (status != HTTPREQUEST_OK)
		return (status);
	status = read_fields(bytes_cut(rest, line.n + 2, rest.n), r);
	if (status == HTTPREQUEST_MORE && text.n >= HTTPREQUEST_HEAD_MAX)
		return (HTTPREQUEST_LONG_HEAD);
	return (status);
}

bool
httprequest_is_local(struct bytes host)
{
	static const char *const names[] = { "localhost", "127.0.0.1",
		"[::1]" };
	uint64_t port;
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		struct bytes name = bytes_of(names[i]);
		struct bytes rest = bytes_cut(host, name.n, host.n);

		if (!bytes_starts_nocase(host, name))
			continue;
		if (rest.n == 0)
			return (true);
		if (rest.p[0] == ':' && rest.n <= PORT_DIGITS + 1 &&
		    num_parse(bytes_cut(rest, 1, rest.n), UINT16_MAX, &port))
			return (true);
	}
	return (false);
}
