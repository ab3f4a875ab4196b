/* SPDX-License-Identifier: ISC */
/*
 * shared: memory that a fork does not copy.
 *
 * An agent for each of 100,000 recipients would else take the longer the more
 * recipients the message has: with all memory that the worker has in use, its
 * page tables are copied, and the worker's next write to each page copies that.
 * Large pieces of such memory are not copied but shared.  So an agent must not
 * write to it, and the worker may change nothing in it that an agent reads.
 */
#ifndef SMTPSERV_WORK_SHARED_H
#define SMTPSERV_WORK_SHARED_H

#include <stddef.h>

/* n octets, all zero; NULL and errno: there is no memory. */
void *shared_get(size_t n);

/* May be NULL. */
void shared_put(void *p);

#endif
