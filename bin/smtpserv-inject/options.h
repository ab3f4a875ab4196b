/* SPDX-License-Identifier: ISC */
/*
 * options: sendmail's command line, as programs have called it since 1983.
 *
 * Pure.
 */
#ifndef SMTPSERV_INJECT_OPTIONS_H
#define SMTPSERV_INJECT_OPTIONS_H

#include <stdbool.h>

enum options_mode {
	OPTIONS_SEND,    /* -bm: a message on standard input */
	OPTIONS_SERVE,   /* -bs: SMTP on standard input and output */
	OPTIONS_LIST,    /* -bp, mailq */
	OPTIONS_VERIFY,  /* -bv: whose mail the recipients' would be */
	OPTIONS_NOTHING, /* -bi, newaliases, -q: done elsewhere, or never */
	OPTIONS_ABSENT   /* -bd, -q15m: not for us; `absent` says */
};

struct options {
	enum options_mode mode;
	const char *conf;   /* -C, or NULL */
	const char *sender; /* -f or -r, or NULL */
	const char *name;   /* -F, or NULL */
	const char *notify; /* -N, or NULL */
	const char *ret;    /* -R, or NULL */
	const char *envid;  /* -V, or NULL */
	const char *absent; /* what there is instead, static text */
	const char *wrong;  /* an option whose value is not of its form */
	bool from_header;   /* -t: recipients are in the header */
	bool dot_is_text;   /* -i, -oi: a line of one dot ends nothing */
	char **recipients;
	int nrecipients;
};

/* False: an option that getopt(3) does not know, or o->wrong. */
bool options_read(int argc, char **argv, struct options *o);

#endif
