/* SPDX-License-Identifier: ISC */
/*
 * message: a text that can be read as often as it is needed, made of what a
 * descriptor gives.
 */
#ifndef SMTPSERV_REMOTE_MESSAGE_H
#define SMTPSERV_REMOTE_MESSAGE_H

#include <sys/types.h>

#include "base/base.h"

/*
 * The text is read from where fd stands to its end; what cannot seek is copied
 * into a file without a name.  If filter is not "", the text is what that
 * program, a full path and arguments, makes of it.  *text is a descriptor of
 * its own, and *from where in it the text begins.
 */
enum result message_take(int fd, const char *filter, int *text, off_t *from,
    struct fault *why) MUST_CHECK;

#endif
