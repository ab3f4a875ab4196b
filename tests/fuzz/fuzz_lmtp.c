/* SPDX-License-Identifier: ISC */
/*
 * The LMTP client: whatever a server says, and however that is cut, the same
 * commands are sent, each one line; only a whole acceptance of a text that
 * was sent is a delivery.  And whatever a text holds, only its end ends it.
 *
 * Options: the knife.  Then, a line each: sender, recipient, NOTIFY, ORCPT,
 * ENVID, RET, BODY; and what the server says, which is also the text.
 */
#include "deliver/lmtpdialog.h"

#include <string.h>

#include "base/base.h"
#include "dotted.h"
#include "fuzz.h"
#include "smtp/smtpstuff.h"

enum {
	STUFFED_MAX = 3 * FUZZ_TEXT_MAX,
	RCPT_MAX = 3
};

struct talk {
	struct outcome outcomes[RCPT_MAX];
	size_t n;
	size_t answers; /* of 2xx, to the text */
	bool sent_text;
	bool is_over;
	char said[8 * SMTPSAY_MAX];
};

static char stuffed[STUFFED_MAX];
static char whole_stuffed[STUFFED_MAX];

static struct bytes
next_item(struct bytes *rest)
{
	struct bytes item = *rest;
	size_t lf = rest->n;

	(void)bytes_find(*rest, '\n', &lf);
	item.n = lf;
	*rest = bytes_cut(*rest, lf + 1, rest->n);
	return (item);
}

static void
check_command(struct bytes command)
{
	static const char *const verbs[] = { "LHLO gnat\r\n", "MAIL FROM:<",
		"RCPT TO:<", "DATA\r\n" };
	size_t i;

	fuzz_must(command.n > 2 && command.p[command.n - 2] == '\r' &&
		command.p[command.n - 1] == '\n' &&
		!bytes_has_control(bytes_cut(command, 0, command.n - 2)),
	    "a command is one line");
	for (i = 0; i < ARRAY_LEN(verbs); i++)
		if (bytes_starts_nocase(command, bytes_of(verbs[i])))
			return;
	fuzz_must(false, "a command is one of ours");
}

static void
check_commands(struct bytes group)
{
	fuzz_must(group.n > 0, "a group is of commands");
	while (group.n > 0) {
		size_t lf = 0;

		fuzz_must(bytes_find(group, '\n', &lf), "a command has an end");
		check_command(bytes_cut(group, 0, lf + 1));
		group = bytes_cut(group, lf + 1, group.n);
	}
}

static void
converse(struct talk *t, const struct lmtpdialog_mail *mail, struct bytes in,
    struct fuzz_knife *knife)
{
	enum lmtpdialog_next next = LMTPDIALOG_READ;
	struct smtpanswer answer;
	struct lmtpdialog d;
	struct buf said;
	size_t i;

	*t = (struct talk){ .n = 0 };
	buf_init(&said, t->said, sizeof(t->said));
	smtpanswer_init(&answer);
	lmtpdialog_init(&d, mail);
	while (in.n > 0 && next != LMTPDIALOG_DONE) {
		struct bytes piece =
		    bytes_cut(in, 0, fuzz_knife_cut(knife, in.n));
		size_t used = 0;
		enum smtpanswer_status status =
		    smtpanswer_feed(&answer, piece, &used);

		fuzz_must(used > 0 && used <= piece.n, "progress");
		in = bytes_cut(in, used, in.n);
		if (t->sent_text && status == SMTPANSWER_LAST &&
		    answer.code < 300)
			t->answers++;
		next = lmtpdialog_line(&d, status, &answer);
		if (next == LMTPDIALOG_SEND) {
			check_commands(lmtpdialog_commands(&d));
			fuzz_must(buf_put(&said, lmtpdialog_commands(&d)),
			    "what is said is bounded");
		}
		fuzz_must(next != LMTPDIALOG_TEXT || !t->sent_text,
		    "the text is sent once");
		t->sent_text = t->sent_text || next == LMTPDIALOG_TEXT;
	}
	t->is_over = next == LMTPDIALOG_DONE;
	if (!t->is_over)
		lmtpdialog_lost(&d, "connection closed");
	for (i = 0; i < mail->nrcpt; i++) {
		fuzz_must(mail->rcpt[i].is_known, "everybody has an outcome");
		t->outcomes[i] = mail->rcpt[i].outcome;
	}
	t->n = buf_view(&said).n;
}

static void
check_outcome(const struct talk *t, const struct outcome *out)
{
	struct bytes text = bytes_of(out->text);

	fuzz_must(!bytes_has_control(text), "a printable text");
	fuzz_must(out->kind != OUTCOME_DELIVERED || t->sent_text,
	    "no delivery without a text");
	fuzz_must(out->status[0] ==
		(out->kind == OUTCOME_DELIVERED       ? '2'
			: out->kind == OUTCOME_FAILED ? '5'
						      : '4'),
	    "a status that suits");
	fuzz_must(!out->is_down || out->kind == OUTCOME_TRY_AGAIN,
	    "what is down is to be tried again");
}

/* Not more deliveries than answers behind the text, of which each is a line. */
static size_t
deliveries(const struct talk *t, size_t n)
{
	size_t delivered = 0;
	size_t i;

	for (i = 0; i < n; i++)
		if (t->outcomes[i].kind == OUTCOME_DELIVERED)
			delivered++;
	return (delivered);
}

static void
check_talk(const struct lmtpdialog_mail *mail, struct bytes in,
    struct fuzz_knife *knife)
{
	static struct talk whole;
	static struct talk cut;
	struct fuzz_knife none;
	size_t i;

	fuzz_knife_two(&none, in.n);
	converse(&whole, mail, in, &none);
	converse(&cut, mail, in, knife);
	fuzz_must(whole.n == cut.n &&
		memcmp(whole.said, cut.said, whole.n) == 0 &&
		whole.is_over == cut.is_over,
	    "a cut changes nothing");
	fuzz_must(deliveries(&whole, mail->nrcpt) <= whole.answers,
	    "no delivery without its answer");
	for (i = 0; i < mail->nrcpt; i++) {
		const struct outcome *a = &whole.outcomes[i];
		const struct outcome *b = &cut.outcomes[i];

		check_outcome(&whole, a);
		fuzz_must(a->kind == b->kind && a->is_down == b->is_down &&
			strcmp(a->status, b->status) == 0 &&
			strcmp(a->text, b->text) == 0,
		    "a cut changes no outcome");
	}
}

static struct bytes
stuff(char *to, struct bytes text, struct fuzz_knife *knife)
{
	struct smtpstuff s;
	struct buf out;

	buf_init(&out, to, STUFFED_MAX);
	smtpstuff_init(&s);
	while (text.n > 0) {
		size_t n = fuzz_knife_cut(knife, text.n);

		fuzz_must(smtpstuff_feed(&s, bytes_cut(text, 0, n), &out) == n,
		    "there is room");
		text = bytes_cut(text, n, text.n);
	}
	fuzz_must(smtpstuff_end(&s, &out), "and for the end");
	return (buf_view(&out));
}

static void
check_stuffing(struct bytes text, struct fuzz_knife *knife)
{
	static char model[STUFFED_MAX];
	static struct dotted read;
	struct fuzz_knife none;
	struct bytes whole;
	struct bytes cut;
	size_t at;

	text = bytes_cut(text, 0, FUZZ_TEXT_MAX / 2 - 4);
	fuzz_knife_two(&none, text.n);
	whole = stuff(whole_stuffed, text, &none);
	cut = stuff(stuffed, text, knife);
	fuzz_must(bytes_same(whole, cut), "a cut changes nothing");
	dotted_read(&read, whole, SMTPDATA_LF);
	fuzz_must(read.ended && read.used == whole.n && !read.irregular,
	    "it ends at its end, and is regular");
	if (bytes_find(text, '\r', &at) || bytes_find(text, '\0', &at) ||
	    (text.n > 0 && text.p[text.n - 1] != '\n'))
		return;
	at = dotted_write(model, sizeof(model), text);
	fuzz_must(bytes_same(whole, (struct bytes){ model, at }),
	    "a plain text is sent as it is");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	struct lmtpdialog_rcpt rcpt[RCPT_MAX] = { { .is_known = false } };
	struct lmtpdialog_mail mail = {
		.server = "lmtp:unix:/s",
		.host = bytes_of("gnat"),
		.rcpt = rcpt,
	};
	struct fuzz_knife knife;
	size_t i;

	fuzz_knife_init(&knife, &in);
	for (i = 0; i < 7; i++) {
		struct bytes *const parts[] = { &mail.sender, &rcpt[0].mailbox,
			&rcpt[0].notify, &rcpt[0].orcpt, &mail.envid, &mail.ret,
			&mail.body };

		*parts[i] = next_item(&in);
		/* N.WRK has none; its reader sees to that. */
		if (bytes_has_control(*parts[i]))
			parts[i]->n = 0;
	}
	mail.smtputf8 = mail.body.n > 8;
	/* Some share the text; the first may be one whom we refuse. */
	mail.nrcpt = 1 + mail.sender.n % RCPT_MAX;
	for (i = 1; i < mail.nrcpt; i++)
		rcpt[i].mailbox = i == 1 ? bytes_of("ann@gnat") : mail.sender;
	mail.size = in.n;
	check_talk(&mail, in, &knife);
	check_stuffing(in, &knife);
	return (0);
}
