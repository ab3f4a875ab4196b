/* SPDX-License-Identifier: ISC */
#include "filter.h"

#include <fnmatch.h>
#include <string.h>

#include "base/base.h"
#include "bytes/buf.h"
#include "bytes/num.h"

enum {
	/* Longer mailboxes and reasons match nothing. */
	TEXT_MAX = 2048
};

bool
filter_is_option(const char *name)
{
	static const char *const names[] = { "--to", "--from", "--older",
		"--state", "--reason" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(name, names[i]) == 0)
			return (true);
	return (false);
}

/* 90, 90s, 15m, 2h, 3d, 1w */
static bool
read_age(const char *text, uint64_t *seconds)
{
	static const struct {
		char unit;
		uint64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
		{ 'w', 604800 } };
	struct bytes number = bytes_of(text);
	uint64_t factor = 1;
	size_t i;

	for (i = 0; i < ARRAY_LEN(units); i++)
		if (number.n > 0 && number.p[number.n - 1] == units[i].unit) {
			factor = units[i].seconds;
			number.n--;
			break;
		}
	if (!num_parse(number, UINT32_MAX, seconds))
		return (false);
	*seconds *= factor;
	return (true);
}

static bool
read_state(const char *word, unsigned int *states)
{
	int i;

	for (i = 0; i < MAIL_STATES; i++)
		if (strcmp(word, mail_state_word((enum mail_state)i)) == 0) {
			*states |= 1U << i;
			return (true);
		}
	return (false);
}

const char *
filter_set(struct filter *f, const char *name, const char *value)
{
	f->is_set = true;
	if (strcmp(name, "--to") == 0)
		f->to = value;
	else if (strcmp(name, "--from") == 0)
		f->from = strcmp(value, "<>") == 0 ? "" : value;
	else if (strcmp(name, "--reason") == 0)
		f->reason = value;
	else if (strcmp(name, "--older") == 0)
		return (read_age(value, &f->older)
			? NULL
			: "want a number of seconds, or one with "
			  "m, h, d or w behind it");
	else
		return (read_state(value, &f->states)
			? NULL
			: "want waiting, claimed, held, aside, damaged or "
			  "unreadable");
	return (NULL);
}

/* Without case; @domain is all of the domain. */
static bool
matches(struct bytes mailbox, const char *pattern)
{
	char store[TEXT_MAX];
	struct buf text;
	const char *name;
	const char *at;

	buf_init(&text, store, sizeof(store));
	(void)buf_put(&text, mailbox);
	name = buf_cstr(&text);
	if (name == NULL)
		return (false);
	at = strrchr(name, '@');
	if (pattern[0] == '@')
		name = at == NULL ? "" : at;
	return (fnmatch(pattern, name, FNM_CASEFOLD) == 0);
}

/* Does it stand anywhere in `4.4.1 connection refused`? */
static bool
has_reason(const struct plan_rcpt *r, const char *reason)
{
	char store[TEXT_MAX];
	struct buf text;

	buf_init(&text, store, sizeof(store));
	(void)buf_put(&text, r->status);
	(void)buf_putc(&text, ' ');
	(void)buf_put(&text, r->diagnostic);
	return (buf_cstr(&text) != NULL && strcasestr(store, reason) != NULL);
}

bool
filter_has_rcpt(const struct filter *f, const struct plan_rcpt *r)
{
	return (mail_is_waiting(r) &&
	    (f->to == NULL || matches(r->mailbox, f->to)) &&
	    (f->reason == NULL || has_reason(r, f->reason)));
}

static bool
has_any_rcpt(const struct filter *f, const struct mail *m)
{
	size_t i;

	for (i = 0; i < m->plan.nrcpt; i++)
		if (filter_has_rcpt(f, &m->plan.rcpt[i]))
			return (true);
	return (false);
}

/* Of one that is damaged, no sender is not the null sender. */
static bool
has_sender(const struct mail *m)
{
	return (m->plan.sender.n > 0 || m->plan.nrcpt > 0);
}

bool
filter_has(const struct filter *f, const struct mail *m, time_t now)
{
	return ((f->states == 0 || (f->states >> m->state & 1) != 0) &&
	    mail_age(m, now) >= f->older &&
	    (f->from == NULL ||
		(has_sender(m) && matches(m->plan.sender, f->from))) &&
	    ((f->to == NULL && f->reason == NULL) || has_any_rcpt(f, m)));
}
