/* SPDX-License-Identifier: ISC */
/*
 * html: a stranger's text in a page of HTML or SVG.
 *
 * Pure.  What is put stands for itself in a text and in a quoted attribute:
 * nothing of it can begin a tag, an entity or an attribute, or end one.  Bytes
 * that are not well-formed UTF-8, controls but tab and line end, and characters
 * that reorder the text around them become U+FFFD.  CR LF becomes LF.
 */
#ifndef HTML_HTML_H
#define HTML_HTML_H

#include "bytes/buf.h"
#include "bytes/bytes.h"

enum {
	/* As much room as one byte takes at most. */
	HTML_GROWS = 6
};

void html_put(struct buf *out, struct bytes text);
void html_puts(struct buf *out, const char *text);

/* At most so many characters of it; an ellipsis stands for the rest. */
void html_put_cut(struct buf *out, struct bytes text, size_t most);

#endif
