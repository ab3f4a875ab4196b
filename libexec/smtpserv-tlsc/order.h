/* SPDX-License-Identifier: ISC */
/*
 * order: what the command line demands of the server and of us.
 */
#ifndef SMTPSERV_TLSC_ORDER_H
#define SMTPSERV_TLSC_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlspolicy/tlspolicy.h"

enum {
	ORDER_NAMES_MAX = 16,
	ORDER_NAME_MAX = 255, /* octets of one, as in a DNS */
	ORDER_TLSA_MAX = 64,
	ORDER_DATA_MAX = 65536 /* octets of all of them */
};

/* A TLSA record that can be used. */
struct order_tlsa {
	uint8_t usage;
	uint8_t selector;
	uint8_t matching;
	const unsigned char *data;
	size_t n;
};

struct order {
	/* MAY, ENCRYPT, VERIFY or DANE. */
	enum tlspolicy_level level;
	const char *ca;
	const char *sni; /* NULL: none is sent */
	const char *cert;
	const char *key;
	uint32_t seconds; /* for the handshake */
	bool is_trial;    /* only look whether the files can be used */
	size_t nnames;
	char names[ORDER_NAMES_MAX][ORDER_NAME_MAX + 1];
	size_t ntlsa;
	struct order_tlsa tlsa[ORDER_TLSA_MAX];
	/* Private. */
	size_t ndata;
	unsigned char data[ORDER_DATA_MAX];
};

/* False: it is wrong. */
bool order_read(struct order *o, int argc, char **argv);

#endif
