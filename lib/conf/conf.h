/* SPDX-License-Identifier: ISC */
/*
 * conf: the grammar of WATTCP.CFG, and the loading of files written in it.
 *
 * conf_next() is pure.  conf_load() reads files, follows include=, and fills
 * a struct settings by the table of keys in keys.h.  Nothing here reads the
 * environment or prints: problems go to the caller's function.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "base/base.h"
#include "bytes/bytes.h"

struct keyset;
struct settings;

enum {
	CONF_KEY_MAX = 64,
	CONF_VALUE_MAX = 1024,
	CONF_FILE_MAX = 16384, /* bytes of one file */
	CONF_DEPTH_MAX = 8,    /* files within files */
	CONF_FILES_MAX = 64    /* in all, each as often as it is included */
};

#define CONF_FILE_NAME "wattcp.cfg"

enum conf_status {
	CONF_PAIR,          /* key and value are set */
	CONF_END,           /* no more lines */
	CONF_NO_EQUALS,     /* text, but no `=` */
	CONF_SECOND_EQUALS, /* another `=` outside quotes */
	CONF_UNBALANCED,    /* a quote is not closed on its line */
	CONF_NO_KEY,        /* nothing before the `=` */
	CONF_TOO_LONG,      /* key or value */
	CONF_BAD_BYTE       /* a control byte other than a tab */
};

/* One line, taken apart; key in lower case. */
struct conf_pair {
	unsigned int line; /* from 1 */
	char key[CONF_KEY_MAX];
	char value[CONF_VALUE_MAX];
};

/*
 * The next line of *rest that says anything; *rest moves on.  pair->line
 * counts from where the caller set it (0) and is right for every answer.
 * After an error the next call goes on with the next line.
 */
enum conf_status conf_next(struct bytes *rest, struct conf_pair *pair);

/* The message that goes with a status, static text. */
const char *conf_status_text(enum conf_status status);

enum conf_weight {
	CONF_ERROR, /* the configuration must not be used */
	CONF_NOTE   /* worth telling a person who asks */
};

/* Called for each problem; line 0: it concerns the file as a whole. */
typedef void conf_report_fn(void *ctx, enum conf_weight weight,
    const char *file, unsigned int line, const char *key, const char *text);

/*
 * Fill settings with the defaults, then from the file and those it includes
 * (a relative name is relative to the including file).  All errors are
 * reported.  RES_PERM if there was any; RES_TEMP if a file could not be read
 * for a reason that may pass.
 */
enum result conf_load(const char *file, struct settings *settings,
    conf_report_fn *report, void *ctx) MUST_CHECK;

/*
 * The same with the keys of the sets, if there are any.  Keys of a set that is
 * not given are not looked at: they are other programs'.
 */
enum result conf_load_more(const char *file, struct settings *settings,
    const struct keyset *more, conf_report_fn *report, void *ctx) MUST_CHECK;

/*
 * Where the configuration is: `option` (of -f) if it is not NULL, else
 * wattcp.cfg in the first of the directories that is not NULL (the values of
 * the environment's WATTCP.CFG and WATTCP_CFG), else in /etc/smtpserv.
 * False: the name is too long.
 */
bool conf_path(char *path, size_t cap, const char *option, const char *dir1,
    const char *dir2);

#endif
