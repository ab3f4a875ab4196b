/* SPDX-License-Identifier: ISC */
/*
 * amqplogin: the file of smtp.amqp.login: a user and a password, a line each.
 *
 * A file that everybody may read is refused, before it is read.
 */
#ifndef AMQP_AMQPLOGIN_H
#define AMQP_AMQPLOGIN_H

#include "base/base.h"

enum {
	AMQPLOGIN_MAX = 256
};

struct amqplogin {
	char user[AMQPLOGIN_MAX];
	char password[AMQPLOGIN_MAX];
};

enum result amqplogin_read(
    struct amqplogin *l, const char *path, struct fault *why) MUST_CHECK;

/* Let nothing of it stay in memory. */
void amqplogin_forget(struct amqplogin *l);

#endif
