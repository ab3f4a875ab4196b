/* SPDX-License-Identifier: ISC */
#include "notice.h"

#include "schedule.h"

bool
notice_is_due(const struct message *m)
{
	const struct plan *p = &m->plan;

	return (plan_in(p, PLAN_FAILED) > 0 || plan_in(p, PLAN_DELIVERED) > 0);
}

bool
notice_is_delay_due(const struct message *m, time_t now)
{
	const struct plan *p = &m->plan;
	size_t i;

	if (p->delay_reported || p->sender.n == 0 ||
	    now < m->born + SCHEDULE_DELAY)
		return (false);
	for (i = 0; i < p->nrcpt; i++)
		if (p->rcpt[i].state == PLAN_TRIED &&
		    plan_notifies(p->rcpt[i].notify, "DELAY"))
			return (true);
	return (false);
}

void
notice_commit(const struct carry_site *site, const struct message *m,
    bool is_delay, struct outcome *out)
{
	(void)site;
	(void)m;
	(void)is_delay;
	outcome_set(out, OUTCOME_TRY_AGAIN, "4.3.5",
	    "this version cannot write a report");
}
