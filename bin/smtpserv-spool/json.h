/* SPDX-License-Identifier: ISC */
/*
 * json: values of a JSON object, printed to stdout.
 *
 * Any bytes become a valid string: a control byte is escaped, and a byte that
 * is not part of well-formed UTF-8 becomes U+FFFD.
 */
#ifndef SMTPSERV_SPOOL_JSON_H
#define SMTPSERV_SPOOL_JSON_H

#include <stdint.h>
#include <time.h>

#include "bytes/bytes.h"

/* "text" */
void json_put_string(struct bytes text);

/* ,"key":"text" where the text is not empty. */
void json_put_text(const char *key, struct bytes text);
void json_put_number(const char *key, uint64_t n);

/* RFC 3339. */
void json_put_time(const char *key, time_t when);

#endif
