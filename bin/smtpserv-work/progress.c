/* SPDX-License-Identifier: ISC */
#include "progress.h"

#include "bytes/buf.h"
#include "sys/sysclock.h"
#include "sys/sysio.h"

enum {
	/* Milliseconds between two drawings. */
	PAUSE_MS = 100
};

void
progress_init(struct progress *p, int fd)
{
	*p = (struct progress){ .fd = fd };
}

static void
draw(struct progress *p, const struct queue *q, const char *end)
{
	char store[200];
	struct buf line;

	buf_init(&line, store, sizeof(store));
	(void)buf_printf(&line,
	    "\r\033[K%zu waiting, %llu running, %llu delivered, %llu failed, "
	    "%llu for later%s",
	    queue_waiting(q), (unsigned long long)p->running,
	    (unsigned long long)p->delivered, (unsigned long long)p->failed,
	    (unsigned long long)p->later, end);
	/* A terminal that is gone needs no progress. */
	if (sysio_write_file(p->fd, buf_view(&line)) != SYSIO_OK)
		p->fd = -1;
	p->is_shown = true;
	p->shown_ms = sysclock_ms();
}

void
progress_show(struct progress *p, const struct queue *q)
{
	if (p->fd < 0 ||
	    (p->is_shown && sysclock_ms() < p->shown_ms + PAUSE_MS))
		return;
	draw(p, q, "");
}

void
progress_hide(struct progress *p)
{
	if (p->fd < 0 || !p->is_shown)
		return;
	if (sysio_write_file(p->fd, bytes_of("\r\033[K")) != SYSIO_OK)
		p->fd = -1;
	p->is_shown = false;
}

void
progress_count(struct progress *p, const struct outcome *out)
{
	switch (out->kind) {
	case OUTCOME_DELIVERED:
		p->delivered++;
		break;
	case OUTCOME_TRY_AGAIN:
		p->later++;
		break;
	case OUTCOME_FAILED:
		p->failed++;
		break;
	}
}

void
progress_end(struct progress *p, const struct queue *q)
{
	if (p->fd >= 0)
		draw(p, q, "\n");
}
