/* SPDX-License-Identifier: ISC */
/*
 * dns: an answer of the DNS, taken apart (RFC 1035, RFC 6698).
 *
 * Pure; bounded in time and memory whatever the bytes are.  An answer is what a
 * resolver sent for one question.  All of its answer section is looked at
 * before anything of it is believed; what is behind that is not looked at.
 * Names come out as text: lower case, without a last dot.
 */
#ifndef DNS_DNS_H
#define DNS_DNS_H

#include <stdint.h>

#include "bytes/bytes.h"

enum dns_type {
	DNS_A = 1,
	DNS_CNAME = 5,
	DNS_MX = 15,
	DNS_AAAA = 28,
	DNS_TLSA = 52
};

enum {
	DNS_MESSAGE_MAX = 65535,
	DNS_NAME_SIZE = 256,  /* of a name as text, with its NUL */
	DNS_ALIASES_MAX = 10, /* CNAMEs one after the other */
	DNS_IP_SIZE = 16,
	DNS_QUESTION_MAX = 12 + 255 + 4 + 11,
	DNS_UDP_SIZE = 1232 /* an answer that no network has to cut up */
};

enum dns_status {
	DNS_FOUND,    /* there are records */
	DNS_NODATA,   /* there is the name, but none of them */
	DNS_NXDOMAIN, /* there is no such name */
	DNS_FAILED    /* that is not known */
};

struct dns_answer {
	enum dns_status status;
	/* Static text for people, of DNS_FAILED. */
	const char *why;
	/* The resolver says that it is authentic (AD), be it yes or no. */
	bool is_secure;
	/* The name that has the records, or has them not, behind all CNAMEs. */
	char name[DNS_NAME_SIZE];
	unsigned int aliases; /* how many these are */
	/* Private. */
	struct bytes message;
	size_t at;
	unsigned int left;
	enum dns_type type;
};

/*
 * The answer to the question for that name and type.  The message has to stay
 * while records are taken from it.
 */
void dns_parse(struct bytes message, const char *name, enum dns_type type,
    struct dns_answer *answer);

struct dns_record {
	/* MX, CNAME: a name.  "" is the root. */
	char name[DNS_NAME_SIZE];
	bool is_odd; /* the name is not of letters, digits, `-` and `_` */
	uint32_t preference;
	unsigned char ip[DNS_IP_SIZE]; /* A: the first 4 */
	unsigned int usage;
	unsigned int selector;
	unsigned int matching;
	struct bytes data; /* TLSA; into the message */
};

/* The next record, in the resolver's order.  False: at the end. */
bool dns_next(struct dns_answer *answer, struct dns_record *record);

/*
 * Add the EDNS record to a question, which says that the answer may have
 * DNS_UDP_SIZE octets; returns the new size.  0: no room, or not a question.
 */
size_t dns_put_edns(unsigned char *question, size_t n, size_t cap);

/* What a response code means, static text. */
const char *dns_rcode_text(unsigned int rcode);

#endif
