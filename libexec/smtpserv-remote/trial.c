/* SPDX-License-Identifier: ISC */
#include "trial.h"

#include <unistd.h>

#include "sys/sysio.h"

enum {
	PRINTED_MAX = 4096
};

struct trial {
	bool is_there;
	struct buf out;
	char store[PRINTED_MAX];
};

static void
put_flag(struct buf *out, bool is_offered, const char *name)
{
	if (is_offered)
		(void)buf_printf(out, "offers %s\n", name);
}

static void
put_number(struct buf *out, uint64_t n, const char *name)
{
	if (n > 0)
		(void)buf_printf(
		    out, "offers %s %llu\n", name, (unsigned long long)n);
}

static void
put_offers(struct buf *out, const struct smtpehlo *e)
{
	put_flag(out, e->lines == 0, "nothing: it knows only HELO");
	put_flag(out, e->pipelining, "PIPELINING");
	put_flag(out, e->has_size && e->size == 0, "SIZE");
	put_number(out, e->has_size ? e->size : 0, "SIZE");
	put_flag(out, e->eightbit, "8BITMIME");
	put_flag(out, e->smtputf8, "SMTPUTF8");
	put_flag(out, e->dsn, "DSN");
	put_flag(out, e->chunking, "CHUNKING");
	put_flag(out, e->binarymime, "BINARYMIME");
	put_flag(out, e->starttls, "STARTTLS");
	put_flag(out, e->requiretls, "REQUIRETLS");
	put_flag(out, (e->auth & SMTPEHLO_PLAIN) != 0, "AUTH PLAIN");
	put_flag(out, (e->auth & SMTPEHLO_LOGIN) != 0, "AUTH LOGIN");
	put_number(out, e->rcptmax, "LIMITS RCPTMAX");
	put_number(out, e->mailmax, "LIMITS MAILMAX");
	put_number(out, e->rcptdomainmax, "LIMITS RCPTDOMAINMAX");
}

/* It is ready for mail: that is all that was to be known. */
static void
take_credit(struct talker *t, size_t n)
{
	struct trial *trial = t->ctx;

	(void)n;
	if (trial->is_there)
		return;
	trial->is_there = true;
	(void)buf_printf(&trial->out, "host %s\naddress %s\nport %u\ntls %s\n",
	    t->host, t->address, (unsigned int)t->port,
	    t->tls[0] == '\0' ? "no" : t->tls);
	if (t->settings->has_account)
		(void)buf_puts(&trial->out, "login yes\n");
	put_offers(&trial->out, &t->talk.ehlo);
	talk_finish(&t->talk);
}

static void
take_failure(struct talker *t, const struct talkmail_outcome *o)
{
	struct trial *trial = t->ctx;

	(void)buf_printf(&trial->out, "%s %s %s\n",
	    o->letter == 'D' ? "never" : "not now", o->status, o->words);
}

bool
trial_run(struct talker *t)
{
	static const struct talker_ends ends = { .credit = take_credit,
		.failed = take_failure };
	struct trial trial = { .is_there = false };

	buf_init(&trial.out, trial.store, sizeof(trial.store));
	t->input = -1;
	talker_init(t, &ends, &trial);
	talker_run(t);
	return (
	    sysio_write_file(STDOUT_FILENO, buf_view(&trial.out)) == SYSIO_OK &&
	    trial.is_there);
}
