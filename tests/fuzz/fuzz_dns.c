/* SPDX-License-Identifier: ISC */
/*
 * Answers of the DNS: whatever comes, what is taken is sound, and all that is
 * not FOUND, NODATA or NXDOMAIN is FAILED, with a reason.
 *
 * Options: the type (0 MX, 1 A, 2 AAAA, 3 TLSA, 4 CNAME); what the text is
 * (0 the message, 1 what is behind the question of a good answer, whose number
 * of records is the first octet).
 */
#include "dns/dns.h"

#include <string.h>

#include "fuzz.h"

static const enum dns_type TYPES[] = { DNS_MX, DNS_A, DNS_AAAA, DNS_TLSA,
	DNS_CNAME };

static const char NAME[] = "a.test";

static void
check_name(const char *name, bool is_odd)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";

	fuzz_must(memchr(name, '\0', DNS_NAME_SIZE) != NULL, "a name ends");
	fuzz_must(is_odd || strspn(name, good) == strlen(name), "a plain name");
}

static void
check(struct bytes message, enum dns_type type)
{
	struct dns_answer a;
	struct dns_record r;
	size_t n = 0;

	dns_parse(message, NAME, type, &a);
	fuzz_must((a.status == DNS_FAILED) == (a.why != NULL), "a reason");
	if (a.status == DNS_FAILED)
		return;
	check_name(a.name, false);
	fuzz_must(a.aliases <= DNS_ALIASES_MAX, "no circle");
	fuzz_must(a.aliases > 0 || strcmp(a.name, NAME) == 0, "the same name");
	for (; dns_next(&a, &r); n++) {
		check_name(r.name, r.is_odd);
		fuzz_must(r.data.n == 0 ||
			(r.data.p > message.p &&
			    r.data.p + r.data.n <= message.p + message.n),
		    "data in the message");
		fuzz_must(r.preference <= 65535 && r.usage <= 255 &&
			r.selector <= 255 && r.matching <= 255,
		    "numbers of their size");
	}
	fuzz_must(
	    a.status == DNS_NXDOMAIN || (a.status == DNS_FOUND) == (n > 0),
	    "records, if they were found");
	fuzz_must(!dns_next(&a, &r), "the end stays the end");
}

/* A good answer up to behind its question. */
static struct bytes
complete(struct bytes in, enum dns_type type)
{
	static char message[FUZZ_TEXT_MAX + 64];
	static const char start[] =
	    "\0\0\x81\xa0\0\1\0\0\0\0\0\0\1a\4test\0\0\0"
	    "\0\1";
	size_t n = sizeof(start) - 1;

	memcpy(message, start, n);
	message[21] = (char)type;
	if (in.n > 0)
		message[7] = in.p[0];
	in = bytes_cut(in, 1, in.n);
	if (in.n > 0)
		memcpy(message + n, in.p, in.n);
	return ((struct bytes){ message, n + in.n });
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	enum dns_type type = TYPES[fuzz_option(&in, 5)];

	if (fuzz_option(&in, 2) == 1)
		in = complete(in, type);
	check(in, type);
	return (0);
}
