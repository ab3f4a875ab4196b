/* SPDX-License-Identifier: ISC */
/*
 * target: what smtpserv-mx is asked about.
 *
 * Pure.  A name that comes out can be asked of the DNS: labels of letters,
 * digits, `-` and `_`, in lower case; one in UTF-8 has become ASCII (RFC 5890).
 */
#ifndef SMTPSERV_MX_TARGET_H
#define SMTPSERV_MX_TARGET_H

#include <stdint.h>

#include "dns/dns.h"

enum target_kind {
	TARGET_DOMAIN, /* example.test: by its MX records */
	TARGET_RELAY,  /* [relay.test], [relay.test]:587: by its addresses */
	TARGET_ADDRESS /* [192.0.2.1], [IPv6:2001:db8::1]:587 */
};

enum target_status {
	TARGET_OK,
	TARGET_NO_DOMAIN, /* there cannot be such a domain */
	TARGET_MISUSED    /* it has another form */
};

struct target {
	enum target_kind kind;
	char name[DNS_NAME_SIZE]; /* TARGET_ADDRESS: that */
	bool is_v6;
	unsigned char ip[DNS_IP_SIZE];
	uint32_t port;
};

/* `port` is for what names none.  Unless MISUSED, the kind is set. */
enum target_status target_parse(
    struct bytes text, uint32_t port, struct target *target);

#endif
