/* SPDX-License-Identifier: ISC */
#include "verdict.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

#include "tlspolicy/tlsverdict.h"

/* OpenSSL gives no name to what an address has matched. */
static void
put_address(struct buf *out, SSL *ssl)
{
	char *ip = X509_VERIFY_PARAM_get1_ip_asc(SSL_get0_param(ssl));

	if (ip != NULL)
		(void)buf_puts(out, ip);
	OPENSSL_free(ip);
}

/* Which record it was, and the name, if that mattered. */
static void
put_match(struct buf *out, const struct engine *e)
{
	const char *name = SSL_get0_peername(e->ssl);
	uint8_t usage;
	uint8_t selector;
	uint8_t matching;

	if (e->has_dane &&
	    SSL_get0_dane_tlsa(
		e->ssl, &usage, &selector, &matching, NULL, NULL) >= 0)
		(void)buf_printf(out, "%u.%u.%u%s", usage, selector, matching,
		    name == NULL ? "" : " ");
	if (name != NULL)
		(void)buf_puts(out, name);
	else if (!e->has_dane)
		put_address(out, e->ssl);
}

bool
verdict_put_good(struct buf *out, const struct engine *e)
{
	const SSL_CIPHER *cipher = SSL_get_current_cipher(e->ssl);
	const char *name = SSL_CIPHER_standard_name(cipher);
	char store[TLSVERDICT_MAX];
	struct tlsverdict v = { .is_good = true };
	struct buf match;

	buf_init(&match, store, sizeof(store));
	v.protocol = bytes_of(SSL_get_version(e->ssl));
	v.cipher = bytes_of(name == NULL ? SSL_CIPHER_get_name(cipher) : name);
	v.bits = (uint32_t)SSL_CIPHER_get_bits(cipher, NULL);
	if (SSL_get_verify_mode(e->ssl) != SSL_VERIFY_NONE) {
		v.reached = e->has_dane ? TLSVERDICT_DANE : TLSVERDICT_NAME;
		put_match(&match, e);
		v.text = buf_view(&match);
	}
	return (tlsverdict_put(out, &v));
}

static enum tlsverdict_failure
class_of(long result)
{
	switch (result) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return (TLSVERDICT_MISMATCH);
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return (TLSVERDICT_EXPIRED);
	case X509_V_ERR_DANE_NO_MATCH:
		return (TLSVERDICT_TLSA);
	default:
		return (TLSVERDICT_NOT_TRUSTED);
	}
}

/* The words for a failure that is not the certificate's. */
static const char *
reason_of(int err)
{
	unsigned long code = ERR_peek_error();
	const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);

	if (reason != NULL)
		return (reason);
	return (err != 0 ? strerror(err) : "connection closed");
}

bool
verdict_put_bad(struct buf *out, const struct engine *e, const char *why)
{
	struct tlsverdict v = { .failure = TLSVERDICT_OTHER };
	long result = SSL_get_verify_result(e->ssl);
	int err = errno;

	if (why == NULL && SSL_get_verify_mode(e->ssl) != SSL_VERIFY_NONE &&
	    result != X509_V_OK) {
		v.failure = class_of(result);
		why = X509_verify_cert_error_string(result);
	}
	v.text = bytes_of(why == NULL ? reason_of(err) : why);
	return (tlsverdict_put(out, &v));
}
