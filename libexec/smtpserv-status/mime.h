/* SPDX-License-Identifier: ISC */
/*
 * mime: the parts of a message, taken apart by GMime.
 *
 * Only this module knows GMime.  Memory does not grow with the text: parts are
 * read from the file where they lie.  There are bounds on parts, and on what is
 * read of one; what GMime itself takes is the sandbox's to bound, and GMime
 * ends the process if it gets no memory (guard.h).
 */
#ifndef SMTPSERV_STATUS_MIME_H
#define SMTPSERV_STATUS_MIME_H

#include <stdint.h>

#include "base/base.h"
#include "bytes/bytes.h"

enum {
	MIME_PARTS_MAX = 200,
	MIME_CHARSETS_MAX = 32
};

struct mime;

enum mime_kind {
	MIME_TEXT, /* text/plain, to be read where it stands */
	MIME_HTML,
	MIME_FILE /* any other, and what is marked as an attachment */
};

struct mime_part {
	uint32_t number; /* from 1 */
	enum mime_kind kind;
	struct bytes type; /* image, and png */
	struct bytes subtype;
	struct bytes name; /* "": it has none */
};

/* Converters to UTF-8; they are in use until the end of the process. */
struct mime_charsets {
	void *list[MIME_CHARSETS_MAX];
};

/* Before the sandbox: all that is loaded from elsewhere is loaded here. */
void mime_prepare(struct mime_charsets *charsets);

/*
 * Take the file apart, which is read until all is closed; NULL: it is not a
 * message.  There is one at a time.
 */
struct mime *mime_open(int fd);
void mime_close(struct mime *m);

/* The header field, decoded; empty: there is none.  As long as the mime. */
struct bytes mime_field(const struct mime *m, const char *name);

size_t mime_count(const struct mime *m);
struct mime_part mime_part(const struct mime *m, size_t i);

/* Are there more parts than are counted? */
bool mime_is_cut(const struct mime *m);

/* Called with the decoded octets of a part, piece by piece; false ends it. */
typedef bool mime_fn(void *ctx, struct bytes piece);

/* False: there is no such part, or it was ended. */
bool mime_decode(const struct mime *m, size_t i, mime_fn *piece, void *ctx);

/* The same with a text's charset made UTF-8, as far as it goes. */
bool mime_decode_text(
    const struct mime *m, size_t i, mime_fn *piece, void *ctx);

#endif
