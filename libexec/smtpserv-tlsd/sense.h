/* SPDX-License-Identifier: ISC */
/*
 * sense: what is wrong with a certificate or a key, in words for a person.
 *
 * libtls often says only that it has failed, and sometimes gives the error of a
 * system call that did not fail.  Static text, good until the next call.
 */
#ifndef SMTPSERV_TLSD_SENSE_H
#define SMTPSERV_TLSD_SENSE_H

#include <stdbool.h>
#include <time.h>
#include <tls.h>

/* Why the file cannot hold such a thing; NULL: it has one, in PEM form. */
const char *sense_certificate(const char *path);
const char *sense_key(const char *path);

/* Why clients would not believe the server's certificate now; NULL: in time. */
const char *sense_dates(struct tls *server, time_t now);

#endif
