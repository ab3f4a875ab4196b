/* SPDX-License-Identifier: ISC */
#include "report/fates.h"

#include "bytes/utf8.h"
#include "envelope/envelope.h"

/* A view of nothing that may be cut all the same. */
static const struct bytes NONE = { "", 0 };

static bool
is_named(struct bytes name, const char *want)
{
	return (bytes_same_nocase(name, bytes_of(want)));
}

static bool
begins_recipient(struct bytes name, enum fate *fate)
{
	*fate = FATE_WAITS;
	if (is_named(name, "Failed"))
		*fate = FATE_FAILED;
	if (is_named(name, "Delivered"))
		*fate = FATE_DELIVERED;
	return (*fate != FATE_WAITS || is_named(name, "To"));
}

/* A line of this recipient; others are not ours. */
static void
take_line(struct fates_recipient *r, struct bytes name, struct bytes value)
{
	if (is_named(name, "Notify"))
		r->notify = value;
	if (is_named(name, "Orcpt"))
		r->orcpt = value;
	if (is_named(name, "Status"))
		r->status = value;
	if (is_named(name, "Diagnostic"))
		r->diagnostic = value;
	if (is_named(name, "Action"))
		r->action = value;
}

bool
fates_next(struct bytes *rest, struct fates_recipient *r)
{
	struct bytes ahead = *rest;
	struct bytes name;
	struct bytes value;
	enum fate fate;
	bool found = false;

	*r = (struct fates_recipient){ FATE_WAITS, NONE, NONE, NONE, NONE, NONE,
		NONE };
	while (envelope_next(&ahead, &name, &value) == ENVELOPE_LINE) {
		bool begins = begins_recipient(name, &fate);

		if (begins && found)
			return (true);
		if (begins) {
			found = true;
			r->fate = fate;
			r->mailbox = value;
		}
		take_line(r, name, value);
		*rest = ahead;
	}
	return (found);
}

struct fates_message
fates_message(struct bytes envelope)
{
	struct fates_message m = { .sender = NONE,
		.envid = NONE,
		.is_utf8 = utf8_is_needed(envelope) };
	struct bytes name;
	struct bytes value;

	while (envelope_next(&envelope, &name, &value) == ENVELOPE_LINE) {
		if (is_named(name, "From"))
			m.sender = value;
		if (is_named(name, "Envid"))
			m.envid = value;
		if (is_named(name, "Ret"))
			m.wants_headers = is_named(value, "HDRS");
		if (is_named(name, "Body"))
			m.is_binary = is_named(value, "BINARYMIME");
		if (is_named(name, "Smtputf8"))
			m.is_utf8 = m.is_utf8 || is_named(value, "yes");
	}
	return (m);
}

bool
fates_notifies(struct bytes notify, const char *word)
{
	while (notify.n > 0) {
		size_t end = notify.n;

		(void)bytes_find(notify, ',', &end);
		if (is_named(bytes_cut(notify, 0, end), word))
			return (true);
		notify = bytes_cut(notify, end + 1, notify.n);
	}
	return (false);
}

/* Who says nothing hears of failures, and may of delays. */
bool
fates_asks_for_report(const struct fates_recipient *r)
{
	bool is_unsaid = r->notify.n == 0;

	switch (r->fate) {
	case FATE_WAITS:
		return (is_unsaid || fates_notifies(r->notify, "DELAY"));
	case FATE_FAILED:
		return (is_unsaid || fates_notifies(r->notify, "FAILURE"));
	case FATE_DELIVERED:
		return (fates_notifies(r->notify, "SUCCESS"));
	}
	return (false);
}
