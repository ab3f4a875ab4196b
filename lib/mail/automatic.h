/* SPDX-License-Identifier: ISC */
/*
 * automatic: was a message sent by a list or a program, so that nobody waits
 * for reports on it?
 *
 * Pure.
 */
#ifndef MAIL_AUTOMATIC_H
#define MAIL_AUTOMATIC_H

#include "bytes/bytes.h"

/*
 * By its header, or the beginning of that, in lines that end in LF or CR LF:
 * List-Id (RFC 2919), Precedence: bulk, list or junk, or Auto-Submitted (RFC
 * 3834) with another word than `no'.
 */
bool automatic_is(struct bytes header);

#endif
