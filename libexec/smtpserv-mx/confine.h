/* SPDX-License-Identifier: ISC */
/*
 * confine: before the first question, give up all but the asking.
 */
#ifndef SMTPSERV_MX_CONFINE_H
#define SMTPSERV_MX_CONFINE_H

#include <stddef.h>

/* The ports are the resolvers'.  What this kernel cannot do is left out. */
void confine_enter(const unsigned int *ports, size_t n);

#endif
