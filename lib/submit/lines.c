/* SPDX-License-Identifier: ISC */
#include "submit/lines.h"

#include <string.h>

#include "bytes/buf.h"
#include "envelope/plan.h"

static int
refuse(struct lines *l, int code, const char *status, const char *text)
{
	return (refusal_set(l->no, code, status, text));
}

int
lines_pass_on(struct lines *l)
{
	struct bytes text = envelope_text(&l->text);
	struct fault why;

	l->n += text.n;
	/* An envelope that its readers would not take. */
	if (l->n > PLAN_TEXT_MAX)
		return (
		    refuse(l, QQEXIT_REFUSED, "5.3", "too many recipients"));
	if (l->sink->lines(l->ctx, text, &why) != RES_OK)
		return (refusal_fault(l->no, &why, QQEXIT_WRITE));
	envelope_init(&l->text, l->store, sizeof(l->store));
	return (QQEXIT_ACCEPTED);
}

int
lines_add(struct lines *l, const char *name, struct bytes value)
{
	int code = QQEXIT_ACCEPTED;

	if (envelope_add_fact(&l->text, name, value))
		return (code);
	code = lines_pass_on(l);
	if (code == QQEXIT_ACCEPTED &&
	    !envelope_add_fact(&l->text, name, value))
		return (refuse(l, QQEXIT_BUG, "3.0", "no room for a line"));
	return (code);
}

static int
bad_given(struct lines *l)
{
	return (refuse(l, QQEXIT_ENVELOPE, "5.4",
	    "the whole envelope is bad, or not this message's"));
}

static int
add_given(struct lines *l, struct bytes name, struct bytes value)
{
	char store[GIVEN_NAME_MAX + 1];
	struct buf cstr;
	const char *is;

	buf_init(&cstr, store, sizeof(store));
	(void)buf_put(&cstr, name);
	is = buf_cstr(&cstr);
	return (is == NULL ? bad_given(l) : lines_add(l, is, value));
}

static int
given_failed(struct lines *l)
{
	return (refusal_of_read(l->no, SYSIO_FAILED, "the whole envelope"));
}

/*
 * The lines of the whole envelope up to this one, which is to say the same as
 * the protocol's.
 */
static int
match_given(struct lines *l, enum given_status want, struct bytes mailbox)
{
	for (;;) {
		struct bytes name;
		struct bytes value;
		enum given_status is = given_next(l->given, &name, &value);
		int code;

		if (is == want && bytes_same(value, mailbox))
			return (add_given(l, name, value));
		if (is == GIVEN_FAILED)
			return (given_failed(l));
		/* Those of the recipient before this one. */
		if (is != GIVEN_OF_RCPT || l->nrcpt < 2)
			return (bad_given(l));
		code = add_given(l, name, value);
		if (code != QQEXIT_ACCEPTED)
			return (code);
	}
}

int
lines_finish_given(struct lines *l)
{
	int code = QQEXIT_ACCEPTED;

	while (code == QQEXIT_ACCEPTED) {
		struct bytes name;
		struct bytes value;

		switch (given_next(l->given, &name, &value)) {
		case GIVEN_END:
			return (code);
		case GIVEN_OF_RCPT:
		case GIVEN_PARAMETER:
			code = add_given(l, name, value);
			break;
		case GIVEN_FACT:
			if (!l->is_strangers)
				code = add_given(l, name, value);
			break;
		case GIVEN_FAILED:
			return (given_failed(l));
		case GIVEN_SENDER:
		case GIVEN_RCPT:
		case GIVEN_BAD:
			return (bad_given(l));
		}
	}
	return (code);
}

static bool
put_rcpt(struct lines *l, struct bytes mailbox)
{
	struct bytes none = { NULL, 0 };

	return (envelope_add_rcpt_dsn(&l->text, mailbox, l->notify, none));
}

static int
add_rcpt(struct lines *l, struct bytes mailbox)
{
	int code = QQEXIT_ACCEPTED;

	l->nrcpt++;
	if (l->given != NULL)
		return (match_given(l, GIVEN_RCPT, mailbox));
	if (put_rcpt(l, mailbox))
		return (code);
	code = lines_pass_on(l);
	if (code == QQEXIT_ACCEPTED && !put_rcpt(l, mailbox))
		return (
		    refuse(l, QQEXIT_BUG, "3.0", "no room for a recipient"));
	return (code);
}

static int
set_sender(struct lines *l, struct bytes mailbox)
{
	memcpy(l->sender, mailbox.p, mailbox.n);
	l->nsender = mailbox.n;
	if (l->given != NULL)
		return (match_given(l, GIVEN_SENDER, mailbox));
	if (!envelope_set_sender(&l->text, mailbox))
		return (refuse(l, QQEXIT_BUG, "3.0", "no room for the sender"));
	return (QQEXIT_ACCEPTED);
}

/* What the reader has found.  *is_whole: the last NUL has come. */
static int
take_item(struct lines *l, enum qqenv_status status, struct bytes mailbox,
    bool *is_whole)
{
	switch (status) {
	case QQENV_SENDER:
		return (set_sender(l, mailbox));
	case QQENV_RCPT:
		return (add_rcpt(l, mailbox));
	case QQENV_BAD:
		return (refuse(l, QQEXIT_ENVELOPE, "5.4", "bad envelope"));
	case QQENV_TOO_LONG:
		return (refuse(l, QQEXIT_TOO_LONG, "1.3", "mailbox too long"));
	case QQENV_BAD_BYTE:
		return (
		    refuse(l, QQEXIT_REFUSED, "1.3", "bad byte in a mailbox"));
	case QQENV_END:
		*is_whole = true;
		break;
	case QQENV_MORE:
		break;
	}
	return (QQEXIT_ACCEPTED);
}

int
lines_feed(struct lines *l, struct bytes in, bool *is_whole)
{
	int code = QQEXIT_ACCEPTED;

	while (in.n > 0 && !*is_whole && code == QQEXIT_ACCEPTED) {
		struct bytes mailbox = { NULL, 0 };
		size_t used;
		enum qqenv_status status =
		    qqenv_feed(&l->reader, in, &used, &mailbox);

		in = bytes_cut(in, used, in.n);
		code = take_item(l, status, mailbox, is_whole);
	}
	return (code);
}

void
lines_init(struct lines *l)
{
	l->nrcpt = l->nsender = l->n = 0;
	qqenv_init(&l->reader);
	envelope_init(&l->text, l->store, sizeof(l->store));
}
