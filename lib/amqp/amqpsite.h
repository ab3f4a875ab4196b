/* SPDX-License-Identifier: ISC */
/*
 * amqpsite: the message brokers of this site, and how we show who we are.
 *
 * Pure.  Texts are views into the settings that it was made from.
 */
#ifndef AMQP_AMQPSITE_H
#define AMQP_AMQPSITE_H

#include "base/base.h"
#include "conf/settings.h"

/*
 * RES_OPTIONS, unless the operator has said otherwise: a resolver's usual
 * patience would outlast that of a client, or of a supervisor.
 */
#define AMQPSITE_RESOLVER "timeout:1 attempts:2"

enum {
	AMQPSITE_HOST_MAX = 256
};

struct amqpsite_node {
	char host[AMQPSITE_HOST_MAX];
	int port;
};

struct amqpsite {
	struct amqpsite_node nodes[SETTINGS_NODES_MAX];
	size_t nnodes;
	const char *vhost;
	const char *ca;    /* "": plain TCP */
	const char *cert;  /* "": none is shown */
	const char *key;   /* of cert */
	const char *login; /* "": SASL EXTERNAL, by the certificate */
};

/* From settings whose smtp.amqp.* were loaded. */
void amqpsite_init(struct amqpsite *site, const struct settings_amqp *amqp);

/*
 * What is wrong with the keys together, whatever the files hold: static text,
 * and its key, without AMQP_PREFIX; NULL: nothing.
 */
const char *amqpsite_wrong(const struct settings_amqp *amqp, const char **key);

#endif
