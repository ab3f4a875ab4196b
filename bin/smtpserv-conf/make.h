/* SPDX-License-Identifier: ISC */
/*
 * make: the command `table`: a text becomes the table, if nothing is wrong.
 */
#ifndef SMTPSERV_CONF_MAKE_H
#define SMTPSERV_CONF_MAKE_H

#include "conf/keys.h"
#include "eyes.h"
#include "program/program.h"

struct make {
	const struct program *self; /* who tells what fails */
	const char *conf;           /* the file */
	const char *host;           /* who we are */
	const char *text; /* file of the table's text; "-": descriptor 0 */
	const char *path; /* of the table */
	const struct eyes *eyes;
	/* Is told each problem as by `check`, with the text's line. */
	conf_report_fn *report;
	void *ctx;
};

/*
 * Make it anew.  After an error the old table is left as it was.  Returns the
 * exit code; settings is used up.
 */
int make_table(const struct make *m, struct settings *settings);

#endif
