/* SPDX-License-Identifier: ISC */
/*
 * blame: whose a problem of a table is, and the words that tell it.
 *
 * Text of a table is shown without control bytes, and cut if it is long.
 */
#ifndef SMTPSERV_CONF_BLAME_H
#define SMTPSERV_CONF_BLAME_H

#include "bytes/buf.h"
#include "conf/conf.h"

enum {
	BLAME_TEXT_MAX = 4096 /* of a problem; longer ones are cut */
};

/* The origin of a problem: a key of the table, or one of the configuration. */
struct blame {
	const char *file;
	struct bytes key;
};

struct blame_ear {
	conf_report_fn *report;
	void *ctx;
	/* Private. */
	char key[BLAME_TEXT_MAX];
	char text[BLAME_TEXT_MAX];
};

/* `about` comes before the text, unless it is empty. */
void blame_tell(struct blame_ear *ear, enum conf_weight weight,
    const struct blame *blame, struct bytes about, const char *text);

void blame_show(struct buf *out, struct bytes text);

#endif
