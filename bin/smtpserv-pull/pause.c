/* SPDX-License-Identifier: ISC */
#include "pause.h"

void
pause_init(struct pause *p, uint32_t first_ms, uint32_t most_ms)
{
	*p = (struct pause){ first_ms, most_ms, first_ms };
}

uint32_t
pause_next(struct pause *p)
{
	uint32_t now = p->next_ms;

	p->next_ms = now < p->most_ms / 2 ? 2 * now : p->most_ms;
	return (now);
}

void
pause_reset(struct pause *p)
{
	p->next_ms = p->first_ms;
}
