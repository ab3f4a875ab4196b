/* SPDX-License-Identifier: ISC */
/*
 * pegasus: a delivery into the new-mail directory of a Pegasus Mail user: one
 * file with DOS line ends, which gets a name in .CNM once it is whole.  Only
 * the right to create files there is needed.
 */
#ifndef SMTPSERV_WORK_DELIVER_PEGASUS_H
#define SMTPSERV_WORK_DELIVER_PEGASUS_H

#include "deliver/delivery.h"

enum {
	PEGASUS_NAME_MAX = 13 /* "Y1234567.CNM" and its NUL */
};

/* dir is a full path. */
void pegasus_deliver(
    const struct delivery *d, struct bytes dir, struct outcome *out);

/* Pure.  Letter Y, seven of 0-9A-Z from the seed, and the extension. */
void pegasus_name(
    char name[PEGASUS_NAME_MAX], uint64_t seed, const char *extension);

#endif
