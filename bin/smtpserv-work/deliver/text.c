/* SPDX-License-Identifier: ISC */
#include "deliver/text.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "mail/joint.h"
#include "sys/sysio.h"

enum {
	PIECE = 32768
};

/* Every line feed that has no CR before it gets one. */
static struct bytes
add_crs(struct bytes in, char *store, char *last)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < in.n; i++) {
		if (in.p[i] == '\n' && *last != '\r')
			store[n++] = '\r';
		store[n++] = in.p[i];
		*last = in.p[i];
	}
	return ((struct bytes){ store, n });
}

int
text_each(int fd, enum text_form form, text_piece_fn *piece, void *ctx,
    const char **op)
{
	char store[PIECE];
	char longer[2 * PIECE];
	char last = '\0';

	*op = "read";
	if (lseek(fd, 0, SEEK_SET) < 0)
		return (errno);
	for (;;) {
		ssize_t n = read(fd, store, sizeof(store));
		struct bytes text = { store, n > 0 ? (size_t)n : 0 };
		int err;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (n == 0 ? 0 : errno);
		if (form == TEXT_CRLF)
			text = add_crs(text, longer, &last);
		err = piece(ctx, text);
		if (err != 0) {
			*op = "write";
			return (err);
		}
	}
}

int
text_look(int fd, enum text_form form, struct text_top *top)
{
	char store[1024];
	struct bytes text = { store, 0 };
	ssize_t n = 1;
	size_t at;

	*top = (struct text_top){ "\n", bytes_of("") };
	/* Half a first line could mislead us: go on after a short read. */
	while (n != 0 && text.n < sizeof(store)) {
		n = pread(
		    fd, store + text.n, sizeof(store) - text.n, (off_t)text.n);
		if (n > 0)
			text.n += (size_t)n;
		else if (n < 0 && errno != EINTR)
			return (errno);
	}
	if (form == TEXT_CRLF ||
	    (bytes_find(text, '\n', &at) && at > 0 && text.p[at - 1] == '\r'))
		top->eol = "\r\n";
	top->joint = joint_between(text, top->eol);
	return (0);
}

bool
text_put_top(
    const struct delivery *d, const struct text_top *top, struct buf *out)
{
	(void)buf_puts(out, "Return-Path: <");
	(void)buf_put(out, d->sender);
	(void)buf_puts(out, ">");
	(void)buf_puts(out, top->eol);
	(void)buf_puts(out, "Delivered-To: ");
	(void)buf_put(out, d->recipient);
	(void)buf_puts(out, top->eol);
	return (buf_put(out, top->joint));
}

const char *
text_status(int err)
{
	switch (err) {
	case EDQUOT:
		return ("4.2.2");
	case ENOSPC:
		return ("4.3.1");
	default:
		return ("4.3.0");
	}
}

static int
write_piece(void *ctx, struct bytes piece)
{
	const int *fd = ctx;

	return (sysio_write_file(*fd, piece) == SYSIO_OK ? 0 : errno);
}

bool
text_write(const struct delivery *d, enum text_form form, int fd,
    const char *name, struct outcome *out)
{
	const char *op = "read";
	char store[TEXT_TOP_MAX];
	struct text_top top;
	struct buf fields;
	int err = text_look(d->txt_fd, form, &top);

	buf_init(&fields, store, sizeof(store));
	if (err == 0) {
		op = "write";
		err = text_put_top(d, &top, &fields)
		    ? write_piece(&fd, buf_view(&fields))
		    : EMSGSIZE;
	}
	if (err == 0)
		err = text_each(d->txt_fd, form, write_piece, &fd, &op);
	if (err == 0)
		return (true);
	outcome_fault(out, text_status(err), op, name, err);
	return (false);
}
