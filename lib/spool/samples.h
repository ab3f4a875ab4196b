/* SPDX-License-Identifier: ISC */
/*
 * samples: samples.txt, how much waited in each minute of the last day.
 *
 * A ring of fixed size, whose owner is the spool's.  A minute's record has its
 * place by its time alone, so there is no head that a crash could tear from the
 * records, and no lock: programs that write the same minute write the same
 * place, each in one piece.  Nothing hangs on a record, so none is synced, and
 * a reader skips what is not one.  smtpserv-spool(5) has the form.
 */
#ifndef SPOOL_SAMPLES_H
#define SPOOL_SAMPLES_H

#include <stdint.h>
#include <time.h>

#include "base/base.h"
#include "bytes/bytes.h"

#define SAMPLES_FILE "samples.txt"

enum {
	SAMPLES_STEP = 60, /* seconds */
	SAMPLES_MAX = 1440,
	/* "1790000000 0000000012 00000000000000004096 0000000099 0000005321" */
	SAMPLES_LINE = 65 /* with its line end */
};

struct sample {
	time_t at;
	uint32_t messages; /* that wait */
	uint64_t bytes;    /* of their text */
	uint32_t oldest;   /* seconds */
	uint32_t next;     /* the counter's number; 0: not known */
};

/* Pure. */
void samples_print(const struct sample *s, char line[SAMPLES_LINE]);

/* Pure.  False: not a record. */
bool samples_parse(struct bytes line, struct sample *s);

/* Write one into its place; a file that is missing is made. */
enum result samples_put(
    int dirfd, const struct sample *s, struct fault *why) MUST_CHECK;

struct samples {
	struct sample list[SAMPLES_MAX];
	size_t n;
};

/*
 * Those of the day before `now`, the earliest first.  RES_PERM with why->err
 * ENOENT: there is not a file.
 */
enum result samples_read(
    int dirfd, time_t now, struct samples *all, struct fault *why) MUST_CHECK;

#endif
