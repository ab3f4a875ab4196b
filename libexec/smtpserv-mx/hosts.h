/* SPDX-License-Identifier: ISC */
/*
 * hosts: the MX records of a domain, the best first.
 *
 * Pure.  Equal ones are in an order that the weights decide, which the caller
 * throws dice for (RFC 5321 5.1).
 */
#ifndef SMTPSERV_MX_HOSTS_H
#define SMTPSERV_MX_HOSTS_H

#include "dns/dns.h"

enum {
	HOSTS_MAX = 128 /* of more, the best; of equal ones, by the weight */
};

struct host {
	uint32_t preference;
	uint32_t weight;
	bool is_odd; /* its name cannot be asked for */
	char name[DNS_NAME_SIZE];
};

struct hosts {
	size_t n;
	struct host at[HOSTS_MAX];
};

/* A host that is there already with this preference is not added. */
void hosts_add(struct hosts *all, const struct host *host);

#endif
