/* SPDX-License-Identifier: ISC */
#include "visitor.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guard.h"
#include "sys/sysclock.h"
#include "sys/sysio.h"

enum {
	/* Of what is thrown away at the end. */
	WASTE_MAX = 1 << 20,
	WASTE_SECONDS = 2
};

static unsigned int
code_of(enum httprequest_status status)
{
	switch (status) {
	case HTTPREQUEST_OK:
		return (0);
	case HTTPREQUEST_MORE:
		return (408);
	case HTTPREQUEST_BAD:
		return (400);
	case HTTPREQUEST_METHOD:
		return (405);
	case HTTPREQUEST_LONG_LINE:
		return (414);
	case HTTPREQUEST_LONG_HEAD:
		return (431);
	}
	return (400);
}

bool
visitor_read(struct visitor *v, int64_t until, unsigned int *code)
{
	enum httprequest_status status = HTTPREQUEST_MORE;
	enum sysio_status read = SYSIO_OK;

	while (status == HTTPREQUEST_MORE && read == SYSIO_OK) {
		size_t got = 0;

		read = sysio_read(STDIN_FILENO, v->store + v->n,
		    sizeof(v->store) - v->n, &got, until, NULL);
		if (read != SYSIO_OK)
			break;
		v->n += got;
		status = httprequest_parse(
		    (struct bytes){ v->store, v->n }, &v->request);
	}
	/* A browser opens connections that it may never need. */
	if (v->n == 0 || (read != SYSIO_OK && read != SYSIO_TIMEOUT))
		return (false);
	*code = code_of(status);
	if (*code == 0 && !httprequest_is_local(v->request.host))
		*code = 421;
	return (true);
}

static bool
send_all(struct visitor *v, struct bytes text)
{
	return (sysio_write(STDOUT_FILENO, text, v->ends_at, NULL) == SYSIO_OK);
}

bool
visitor_begin(struct visitor *v, const struct httpanswer *a)
{
	char store[HTTPANSWER_HEAD_MAX];
	struct buf head;

	buf_init(&head, store, sizeof(store));
	httpanswer_put(&head, a);
	v->ends_at = sysclock_after(sysclock_ms(), VISITOR_WRITE_SECONDS);
	v->left = v->request.is_head ? 0 : a->length;
	guard_is_answered();
	return (send_all(v, buf_view(&head)));
}

bool
visitor_send(struct visitor *v, struct bytes part)
{
	if (part.n > v->left)
		part.n = (size_t)v->left;
	v->left -= part.n;
	return (part.n == 0 || send_all(v, part));
}

void
visitor_end(struct visitor *v)
{
	int64_t until = sysclock_after(sysclock_ms(), WASTE_SECONDS);
	size_t wasted = 0;
	size_t got = 0;

	/* A pipe or a terminal has no such end, and needs none. */
	if (shutdown(STDOUT_FILENO, SHUT_WR) != 0)
		return;
	while (wasted < WASTE_MAX &&
	    sysio_read(STDIN_FILENO, v->store, sizeof(v->store), &got, until,
		NULL) == SYSIO_OK)
		wasted += got;
}
