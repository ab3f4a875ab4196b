/* SPDX-License-Identifier: ISC */
#include "single.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "report.h"
#include "sys/sysio.h"

/* What was printed. */
struct single {
	bool is_over; /* all of it */
	bool is_bad;  /* a part of it did not get out */
};

static bool
print(const struct buf *out)
{
	return (sysio_write_file(STDOUT_FILENO, buf_view(out)) == SYSIO_OK);
}

bool
single_say(char letter, const char *status, const char *words)
{
	char store[REPORT_MAX];
	struct buf out;

	buf_init(&out, store, sizeof(store));
	report_say(&out, letter, status, words);
	return (print(&out));
}

static struct report_peer
peer_of(const struct talker *t, const struct talkmail_outcome *o)
{
	struct report_peer peer = { talk_host(&t->talk, o),
		talk_numeric(&t->talk, o) };

	return (peer);
}

static void
print_one(struct talker *t, const struct talkmail_outcome *o,
    void (*put)(struct buf *, const struct talkmail_outcome *,
	const struct report_peer *))
{
	struct single *s = t->ctx;
	char store[REPORT_MAX];
	struct report_peer peer = peer_of(t, o);
	struct buf out;

	buf_init(&out, store, sizeof(store));
	put(&out, o, &peer);
	if (!print(&out))
		s->is_bad = true;
}

/*
 * One for each recipient, in their order.  Of a message that failed some may
 * have none: then their reports end there.
 */
static void
take_outcome(struct talker *t, struct letter *l)
{
	struct single *s = t->ctx;
	const struct talkmail_outcome *o = &l->mail.outcome;
	size_t i;

	s->is_over = true;
	for (i = 0; i < l->mail.nrcpt; i++) {
		if (l->mail.rcpt[i].outcome.letter == '\0')
			break;
		print_one(t, &l->mail.rcpt[i].outcome, report_rcpt);
	}
	/* It never came to a host: what is wrong is the hop. */
	if (o->letter == 'N' && t->talk.failure.letter != '\0')
		o = &t->talk.failure;
	print_one(t, o, report_mail);
}

bool
single_run(struct talker *t, struct letter *l)
{
	static const struct talker_ends ends = { .outcome = take_outcome };
	struct single s = { .is_over = false, .is_bad = false };

	if (!letter_weigh(l))
		return (single_say('Z', "4.3.0", strerror(errno)));
	t->input = -1;
	talker_init(t, &ends, &s);
	talk_mail(&t->talk, &l->mail);
	talk_finish(&t->talk);
	talker_run(t);
	return (s.is_over && !s.is_bad);
}
