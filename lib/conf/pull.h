/* SPDX-License-Identifier: ISC */
/*
 * pull: the keys of mail that is taken from a message broker, smtp.pull.*.
 *
 * A table of its own, as amqp.h's is, for the program that takes it.
 */
#ifndef CONF_PULL_H
#define CONF_PULL_H

#include "conf/keys.h"

/* What the names of all its keys begin with. */
#define PULL_PREFIX "smtp.pull."

/* Its settings are those of settings->pull. */
extern const struct keyset PULL_KEYS;

#endif
