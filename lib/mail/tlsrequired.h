/* SPDX-License-Identifier: ISC */
/*
 * tlsrequired: does a message's header say that it is to arrive rather than to
 * be protected on its way (RFC 8689 3)?
 *
 * Pure.
 */
#ifndef MAIL_TLSREQUIRED_H
#define MAIL_TLSREQUIRED_H

#include "bytes/bytes.h"

/*
 * By its header, or the beginning of that, in lines that end in LF or CR LF:
 * `TLS-Required: No'.  If the field is there more than once, or has another
 * value, it says nothing.
 */
bool tlsrequired_is_no(struct bytes header);

#endif
