/* SPDX-License-Identifier: ISC */
#include "hand.h"

#include "bytes/num.h"

enum {
	PORT_MAX = 65535
};

static void
put_field(struct buf *out, struct bytes field)
{
	(void)buf_put(out, field);
	(void)buf_putc(out, '\0');
}

/* The words are one letter each. */
static void
put_words(struct buf *out, const struct hand *h)
{
	static const char tls[] = { 'n', 'm', 'u' };

	(void)buf_putc(out, tls[h->tls]);
	if (h->is_first)
		(void)buf_putc(out, 'f');
	if (h->is_proven)
		(void)buf_putc(out, 'p');
	if (h->is_best)
		(void)buf_putc(out, 'b');
	if (h->is_last)
		(void)buf_putc(out, 'l');
	(void)buf_putc(out, '\0');
}

static bool
take_words(struct bytes *rest, struct hand *h)
{
	struct bytes words;
	size_t i;

	if (!bytes_take(rest, '\0', &words))
		return (false);
	for (i = 0; i < words.n; i++)
		switch (words.p[i]) {
		case 'n':
			h->tls = HAND_TLS_NONE;
			break;
		case 'm':
			h->tls = HAND_TLS_MAY;
			break;
		case 'u':
			h->tls = HAND_TLS_MUST;
			break;
		case 'f':
			h->is_first = true;
			break;
		case 'p':
			h->is_proven = true;
			break;
		case 'b':
			h->is_best = true;
			break;
		case 'l':
			h->is_last = true;
			break;
		default:
			return (false);
		}
	return (words.n > 0);
}

bool
hand_put(struct buf *out, const struct hand *h)
{
	char digits[NUM_DIGITS_MAX];

	(void)buf_putc(out, (char)h->kind);
	if (h->kind == HAND_ADDRESS) {
		put_field(out, h->host);
		put_field(out, h->address);
		put_field(out, num_print(digits, h->port));
		put_field(out, h->by);
		put_words(out, h);
	} else if (h->kind == HAND_NO) {
		(void)buf_putc(out, h->letter);
		put_field(out, bytes_of(h->is_unreached ? "u" : ""));
		put_field(out, h->status);
		put_field(out, h->text);
	}
	return (!buf_overflowed(out));
}

static bool
parse_address(struct bytes rest, struct hand *h)
{
	struct bytes port;
	uint64_t n;

	if (!bytes_take(&rest, '\0', &h->host) ||
	    !bytes_take(&rest, '\0', &h->address) ||
	    !bytes_take(&rest, '\0', &port) || !num_parse(port, PORT_MAX, &n) ||
	    !bytes_take(&rest, '\0', &h->by) || !take_words(&rest, h))
		return (false);
	h->port = (uint32_t)n;
	return (rest.n == 0);
}

static bool
parse_no(struct bytes rest, struct hand *h)
{
	struct bytes letter;

	if (!bytes_take(&rest, '\0', &letter) || letter.n < 1 || letter.n > 2 ||
	    !bytes_take(&rest, '\0', &h->status) ||
	    !bytes_take(&rest, '\0', &h->text))
		return (false);
	h->letter = letter.p[0];
	h->is_unreached = letter.n == 2;
	return (rest.n == 0 && (h->letter == 'Z' || h->letter == 'D'));
}

bool
hand_parse(struct bytes record, struct hand *h)
{
	struct bytes rest = bytes_cut(record, 1, record.n);

	*h = (struct hand){ .kind = HAND_TLS };
	if (record.n == 0)
		return (false);
	switch (record.p[0]) {
	case HAND_TLS:
		return (rest.n == 0);
	case HAND_ADDRESS:
		h->kind = HAND_ADDRESS;
		return (parse_address(rest, h));
	case HAND_NO:
		h->kind = HAND_NO;
		return (parse_no(rest, h));
	default:
		return (false);
	}
}
