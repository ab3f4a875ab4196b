/* SPDX-License-Identifier: ISC */
#include "handover/handover.h"

#include "base/base.h"

static bool
is_of_id(char c)
{
	return ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '-');
}

bool
handover_is_id(struct bytes id)
{
	size_t i;

	for (i = 0; i < id.n; i++)
		if (!is_of_id(id.p[i]))
			return (false);
	return (id.n > 0 && id.n <= HANDOVER_ID_MAX);
}

bool
handover_put_id(struct buf *out, uint64_t ns, uint32_t pid, uint64_t chance,
    struct bytes host)
{
	char store[HANDOVER_ID_MAX];
	struct buf id;
	size_t i;

	buf_init(&id, store, sizeof(store));
	(void)buf_put_number(&id, ns);
	(void)buf_putc(&id, '.');
	(void)buf_put_number(&id, pid);
	(void)buf_printf(&id, ".%016llx.", (unsigned long long)chance);
	for (i = 0; i < host.n && buf_room(&id) > 0; i++)
		(void)buf_put(&id,
		    is_of_id(host.p[i]) ? bytes_cut(host, i, 1)
					: bytes_of("-"));
	return (buf_put(out, buf_view(&id)));
}

bool
handover_put_request(struct buf *out, const struct handover_request *r)
{
	if (!handover_is_id(r->id) || r->message > INT64_MAX ||
	    r->envelope > INT64_MAX || r->ends_ms > INT64_MAX)
		return (false);
	(void)buf_put(out, r->id);
	(void)buf_putc(out, ' ');
	(void)buf_put_number(out, r->message);
	(void)buf_putc(out, ' ');
	(void)buf_put_number(out, r->envelope);
	(void)buf_putc(out, ' ');
	(void)buf_put_number(out, r->ends_ms);
	(void)buf_putc(out, '\n');
	return (!buf_overflowed(out));
}

/* A number has one form: without a zero before it. */
static bool
parse_number(struct bytes text, uint64_t *n)
{
	return (
	    num_parse(text, INT64_MAX, n) && (text.n == 1 || text.p[0] != '0'));
}

enum handover_status
handover_parse_request(struct bytes in, struct handover_request *r)
{
	struct bytes line;
	struct bytes message;
	struct bytes envelope;

	if (in.n > HANDOVER_REQUEST_MAX)
		return (HANDOVER_BAD);
	if (!bytes_take(&in, '\n', &line))
		return (
		    in.n < HANDOVER_REQUEST_MAX ? HANDOVER_MORE : HANDOVER_BAD);
	if (in.n > 0 || !bytes_take(&line, ' ', &r->id) ||
	    !bytes_take(&line, ' ', &message) ||
	    !bytes_take(&line, ' ', &envelope) || !handover_is_id(r->id) ||
	    !parse_number(message, &r->message) ||
	    !parse_number(envelope, &r->envelope) ||
	    !parse_number(line, &r->ends_ms))
		return (HANDOVER_BAD);
	return (HANDOVER_DONE);
}

static bool
is_no(int code)
{
	static const int codes[] = { QQEXIT_MEMORY, QQEXIT_WRITE, QQEXIT_READ,
		QQEXIT_CONFIG, QQEXIT_NOT_NOW, QQEXIT_TIMED_OUT,
		QQEXIT_UNREACHABLE, QQEXIT_LOST, QQEXIT_BUG, QQEXIT_CUSTOM };
	size_t i;

	for (i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i] == code)
			return (true);
	return (false);
}

bool
handover_put_yes(struct buf *out, struct bytes id)
{
	return (handover_is_id(id) && buf_putc(out, '\0') && buf_put(out, id));
}

bool
handover_put_no(
    struct buf *out, int code, const char *status, struct bytes text)
{
	return (is_no(code) && buf_putc(out, (char)code) &&
	    qqexit_put_said(out, code, status, text));
}

/* Of the class of its code, and printable. */
static bool
is_said(int code, struct bytes text)
{
	const char *start = code == QQEXIT_CUSTOM ? "D5." : "Z4.";
	size_t i;

	for (i = 0; i < text.n; i++)
		if (text.p[i] < ' ' || text.p[i] > '~')
			return (false);
	return (text.n <= QQEXIT_TEXT_MAX &&
	    bytes_same(bytes_cut(text, 0, 3), bytes_of(start)));
}

bool
handover_parse_answer(
    struct bytes in, struct bytes id, struct handover_answer *a)
{
	if (in.n == 0)
		return (false);
	a->code = (unsigned char)in.p[0];
	a->text = bytes_cut(in, 1, in.n);
	if (a->code == QQEXIT_ACCEPTED)
		return (bytes_same(a->text, id));
	return (is_no(a->code) && is_said(a->code, a->text));
}
