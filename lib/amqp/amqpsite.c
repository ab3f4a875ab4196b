/* SPDX-License-Identifier: ISC */
#include "amqp/amqpsite.h"

#include <string.h>

static void
add_node(struct amqpsite *site, struct bytes host, uint32_t port)
{
	struct amqpsite_node *node = &site->nodes[site->nnodes];

	if (host.n >= sizeof(node->host))
		return;
	memcpy(node->host, host.p, host.n);
	node->host[host.n] = '\0';
	node->port = (int)port;
	site->nnodes++;
}

void
amqpsite_init(struct amqpsite *site, const struct settings_amqp *amqp)
{
	struct bytes rest = bytes_of(amqp->nodes);
	struct bytes host;
	uint32_t port;

	*site = (struct amqpsite){ .vhost = amqp->vhost,
		.ca = amqp->ca,
		.cert = amqp->cert,
		.key = amqp->key[0] != '\0' ? amqp->key : amqp->cert,
		.login = amqp->login };
	while (rest.n > 0 && site->nnodes < ARRAY_LEN(site->nodes) &&
	    settings_next_node(&rest, &host, &port))
		add_node(site, host, port);
}

static bool
are_all_here(const struct settings_amqp *amqp)
{
	struct bytes rest = bytes_of(amqp->nodes);
	struct bytes host;
	uint32_t port;

	while (rest.n > 0 && settings_next_node(&rest, &host, &port))
		if (!settings_is_loopback(host))
			return (false);
	return (true);
}

const char *
amqpsite_wrong(const struct settings_amqp *amqp, const char **key)
{
	*key = "nodes";
	if (amqp->nodes[0] == '\0')
		return ("missing: name the brokers, host:port");
	*key = "ca";
	if (amqp->ca[0] == '\0' && !are_all_here(amqp))
		return ("missing: without TLS a node must be on this machine");
	*key = "cert";
	if (amqp->cert[0] != '\0' && amqp->ca[0] == '\0')
		return ("without smtp.amqp.ca there is no TLS to show it in");
	*key = "login";
	if (amqp->cert[0] == '\0' && amqp->login[0] == '\0')
		return ("missing: without smtp.amqp.cert somebody must log in");
	return (NULL);
}
