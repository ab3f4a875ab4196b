/* SPDX-License-Identifier: ISC */
#include "blame.h"

void
blame_show(struct buf *out, struct bytes text)
{
	size_t i;

	for (i = 0; i < text.n && buf_room(out) > 8; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c < ' ' || c == 0x7f)
			(void)buf_printf(out, "\\x%02x", c);
		else
			(void)buf_putc(out, text.p[i]);
	}
	if (i < text.n)
		(void)buf_puts(out, "...");
}

void
blame_tell(struct blame_ear *ear, enum conf_weight weight,
    const struct blame *blame, struct bytes about, const char *text)
{
	struct buf key;
	struct buf out;

	buf_init(&key, ear->key, sizeof(ear->key));
	blame_show(&key, blame->key);
	buf_init(&out, ear->text, sizeof(ear->text));
	blame_show(&out, bytes_cut(about, 0, sizeof(ear->text) / 8));
	if (about.n > 0)
		(void)buf_puts(&out, ": ");
	(void)buf_puts(&out, text);
	ear->report(ear->ctx, weight, blame->file, 0, buf_cstr(&key),
	    buf_cstr(&out) == NULL ? text : ear->text);
}
