/* SPDX-License-Identifier: ISC */
/*
 * qmail-queue's protocol: the envelope, the message and the words of exit
 * code 82, each equal to a reference on the whole text, however it is cut.
 *
 * Options: what the text is, two of the knife.  In an envelope 0x1e stands
 * for NUL.
 */
#include <string.h>

#include "fuzz.h"
#include "qmail/qqenv.h"
#include "qmail/qqexit.h"
#include "qmail/qqtext.h"

enum {
	KINDS = 3,
	ROOM_MIN = 2,
	OUT_MAX = 2 * FUZZ_TEXT_MAX + 16
};

static char plain[FUZZ_TEXT_MAX];
static char want_store[OUT_MAX];
static char got_store[OUT_MAX];

/* What the reader found, as one text: mailboxes in their form, the verdict. */
static void
note(struct buf *log, enum qqenv_status status, struct bytes mailbox)
{
	if (status == QQENV_SENDER || status == QQENV_RCPT)
		(void)qqenv_put(
		    log, status == QQENV_SENDER ? 'F' : 'T', mailbox);
	else if (status != QQENV_MORE)
		(void)buf_putc(log, (char)status);
}

static size_t
read_envelope(struct bytes in, struct fuzz_knife k, struct buf *log)
{
	enum qqenv_status status = QQENV_MORE;
	struct qqenv e;
	size_t at = 0;

	qqenv_init(&e);
	while (at < in.n && status <= QQENV_RCPT) {
		struct bytes piece =
		    bytes_cut(in, at, fuzz_knife_cut(&k, in.n - at));

		while (piece.n > 0 && status <= QQENV_RCPT) {
			struct bytes mailbox = { NULL, 0 };
			size_t used = 0;
			bool utf8 = false;

			status = qqenv_feed(&e, piece, &used, &mailbox);
			fuzz_must(used > 0 && used <= piece.n, "progress");
			fuzz_must(status != QQENV_MORE || used == piece.n,
			    "all is used");
			piece = bytes_cut(piece, used, piece.n);
			at += used;
			if (status == QQENV_SENDER || status == QQENV_RCPT)
				fuzz_must(mailbox.n <= QQENV_MAILBOX_MAX &&
					smtppath_is_harmless(mailbox, &utf8) &&
					!bytes_has_control(mailbox),
				    "a mailbox that N.WRK can hold");
			note(log, status, mailbox);
		}
	}
	return (at);
}

/* A good envelope is, written again, what was read. */
static void
check_envelope(struct bytes in, struct fuzz_knife k)
{
	struct fuzz_knife whole = { .way = 0 };
	struct buf want;
	struct buf got;
	struct bytes text;
	size_t used;

	buf_init(&want, want_store, sizeof(want_store));
	used = read_envelope(in, whole, &want);
	buf_init(&got, got_store, sizeof(got_store));
	fuzz_must(read_envelope(in, k, &got) == used, "the same end");
	fuzz_must(bytes_same(buf_view(&want), buf_view(&got)),
	    "the same, however it is cut");
	text = buf_view(&want);
	if (text.n > 0 && text.p[text.n - 1] == QQENV_END) {
		fuzz_must(text.n == used, "every byte has a meaning");
		fuzz_must(memcmp(text.p, in.p, used - 1) == 0,
		    "written again it is the same");
	}
}

/* The reference: on the whole text, line by line. */
static void
convert_plainly(struct bytes in, const char *eol, struct buf *out)
{
	size_t i;

	for (i = 0; i < in.n; i++) {
		size_t end = i;

		while (end < in.n && in.p[end] == '\r')
			end++;
		if (end == in.n)
			break;
		if (in.p[end] == '\n') {
			(void)buf_puts(out, eol);
			i = end;
		} else {
			(void)buf_putc(out,
			    in.p[i] == '\r' || in.p[i] == '\0' ? ' ' : in.p[i]);
		}
	}
	if (in.n > 0 && in.p[in.n - 1] != '\n')
		(void)buf_puts(out, eol);
}

static void
convert(struct bytes in, struct fuzz_knife k, enum smtpdata_eol eol,
    struct buf *all)
{
	char store[ROOM_MIN + 5];
	struct qqtext t;
	struct buf out;
	size_t at = 0;

	qqtext_init(&t, eol);
	buf_init(&out, store, sizeof(store));
	while (at < in.n) {
		struct bytes piece =
		    bytes_cut(in, at, fuzz_knife_cut(&k, in.n - at));

		at += piece.n;
		while (piece.n > 0) {
			size_t used = 0;

			qqtext_feed(&t, piece, &used, &out);
			fuzz_must(used > 0 || buf_view(&out).n > 0, "progress");
			piece = bytes_cut(piece, used, piece.n);
			(void)buf_put(all, buf_view(&out));
			buf_reset(&out);
		}
	}
	fuzz_must(qqtext_end(&t, &out), "room for the end");
	(void)buf_put(all, buf_view(&out));
	fuzz_must(eol == SMTPDATA_LF || t.size == buf_view(all).n,
	    "the size is what SMTP would carry");
}

static void
check_text(struct bytes in, struct fuzz_knife k, enum smtpdata_eol eol)
{
	struct buf want;
	struct buf got;

	buf_init(&want, want_store, sizeof(want_store));
	convert_plainly(in, eol == SMTPDATA_LF ? "\n" : "\r\n", &want);
	buf_init(&got, got_store, sizeof(got_store));
	convert(in, k, eol, &got);
	fuzz_must(!buf_overflowed(&want) && !buf_overflowed(&got), "room");
	fuzz_must(bytes_same(buf_view(&want), buf_view(&got)), "same text");
	fuzz_must(memchr(got_store, '\0', buf_view(&got).n) == NULL, "no NUL");
}

static void
check_words(struct bytes in)
{
	struct qqexit q;
	size_t i;
	size_t n;

	qqexit_reply(&q, QQEXIT_CUSTOM, in);
	n = strlen(q.reply.text) + strlen(q.reply.enhanced);
	fuzz_must(q.reply.code == 554 || q.reply.code == 451, "a code");
	fuzz_must(
	    q.reply.enhanced[0] == (char)('0' + (int)(q.reply.code / 100)),
	    "of the same class");
	fuzz_must(q.reply.text[0] != '\0', "some text");
	fuzz_must(n + strlen("554  \r\n") <= SMTPREPLY_LINE_MAX, "one line");
	for (i = 0; q.reply.text[i] != '\0'; i++)
		fuzz_must(q.reply.text[i] >= ' ' && q.reply.text[i] <= '~',
		    "printable");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	unsigned int kind = fuzz_option(&in, KINDS);
	struct fuzz_knife k;
	size_t i;

	fuzz_knife_init(&k, &in);
	switch (kind) {
	case 0:
		for (i = 0; i < in.n; i++)
			plain[i] = in.p[i] == 0x1e ? '\0' : in.p[i];
		in.p = plain;
		check_envelope(in, k);
		fuzz_knife_bytes(&k);
		check_envelope(in, k);
		break;
	case 1:
		check_text(in, k, SMTPDATA_LF);
		check_text(in, k, SMTPDATA_CRLF);
		break;
	default:
		check_words(in);
		break;
	}
	return (0);
}
