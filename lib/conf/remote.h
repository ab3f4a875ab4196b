/* SPDX-License-Identifier: ISC */
/*
 * remote: the keys of mail that leaves, smtp.remote.*.
 *
 * A table of its own, which only the programs that send load with the others,
 * so that a session, which is started once a connection, does not pay for it.
 */
#ifndef CONF_REMOTE_H
#define CONF_REMOTE_H

#include "conf/keys.h"

/* What the names of all its keys begin with. */
#define REMOTE_PREFIX "smtp.remote."

/* Its settings are those of settings->remote. */
extern const struct keyset REMOTE_KEYS;

#endif
