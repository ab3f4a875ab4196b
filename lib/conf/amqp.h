/* SPDX-License-Identifier: ISC */
/*
 * amqp: the keys of mail that goes by way of a message broker, smtp.amqp.*.
 *
 * A table of its own, as remote.h's is, for the programs that talk to one.
 */
#ifndef CONF_AMQP_H
#define CONF_AMQP_H

#include "conf/keys.h"

/* What the names of all its keys begin with. */
#define AMQP_PREFIX "smtp.amqp."

/* Its settings are those of settings->amqp. */
extern const struct keyset AMQP_KEYS;

#endif
