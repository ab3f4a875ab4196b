/* SPDX-License-Identifier: ISC */
#include "engine.h"

#include <errno.h>
#include <malloc.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "authorities.h"

/* What is left to do, or that nothing can be done. */
static ssize_t
judge(SSL *ssl, int ret)
{
	switch (SSL_get_error(ssl, ret)) {
	case SSL_ERROR_WANT_READ:
		return (TUNNEL_WANTS_IN);
	case SSL_ERROR_WANT_WRITE:
		return (TUNNEL_WANTS_OUT);
	case SSL_ERROR_ZERO_RETURN:
		return (TUNNEL_OVER);
	default:
		return (TUNNEL_BROKEN);
	}
}

static ssize_t
read_clear(void *tls, void *into, size_t n)
{
	size_t got;

	ERR_clear_error();
	if (SSL_read_ex(tls, into, n, &got) == 1)
		return ((ssize_t)got);
	return (judge(tls, 0));
}

static ssize_t
write_clear(void *tls, const void *from, size_t n)
{
	size_t done;

	ERR_clear_error();
	if (SSL_write_ex(tls, from, n, &done) == 1)
		return ((ssize_t)done);
	return (judge(tls, 0));
}

static ssize_t
shake_hands(void *tls)
{
	ssize_t left;
	int ret;

	ERR_clear_error();
	ret = SSL_connect(tls);
	if (ret == 1)
		return (0);
	left = judge(tls, ret);
	return (left == TUNNEL_OVER ? TUNNEL_BROKEN : left);
}

/* To have said it is enough: nobody waits for the answer. */
static ssize_t
say_end(void *tls)
{
	int ret;

	ERR_clear_error();
	ret = SSL_shutdown(tls);
	return (ret >= 0 ? 0 : judge(tls, ret));
}

const struct tunnel_library ENGINE_LIBRARY = { .read = read_clear,
	.write = write_clear,
	.handshake = shake_hands,
	.close = say_end };

/* The first error is the cause of the others. */
static const char *
reason_of(void)
{
	unsigned long code = ERR_peek_error();
	const char *reason = ERR_reason_error_string(code);

	if (ERR_SYSTEM_ERROR(code))
		return (strerror(ERR_GET_REASON(code)));
	if (reason != NULL)
		return (reason);
	return (errno == 0 ? "no memory" : strerror(errno));
}

static bool
fail(struct buf *why, const char *what, const char *name)
{
	(void)buf_puts(why, what);
	if (name != NULL) {
		(void)buf_putc(why, ' ');
		(void)buf_put_text(why, bytes_of(name));
	}
	(void)buf_puts(why, ": ");
	(void)buf_puts(why, reason_of());
	return (false);
}

/* A key with a passphrase has nobody to ask for it. */
static int
no_passphrase(char *into, int size, int writes, void *ctx)
{
	(void)into;
	(void)size;
	(void)writes;
	(void)ctx;
	return (-1);
}

/*
 * Where clear text would do, any TLS that the library still speaks is better.
 * Where it would not, the library's own idea of what is safe holds.
 */
static bool
set_strength(SSL_CTX *ctx, bool is_any)
{
	return (SSL_CTX_set_min_proto_version(
		    ctx, is_any ? TLS1_VERSION : TLS1_2_VERSION) == 1 &&
	    SSL_CTX_set_cipher_list(ctx,
		is_any ? "DEFAULT:!aNULL:!eNULL:!EXPORT:@SECLEVEL=0"
		       : "DEFAULT:!aNULL:!eNULL:!EXPORT") == 1);
}

static bool
set_up(SSL_CTX *ctx, const struct order *o, struct buf *why)
{
	(void)SSL_CTX_set_options(
	    ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	(void)SSL_CTX_set_mode(ctx,
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	/* Tickets are for another connection, and there will not be one. */
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_read_ahead(ctx, 1);
	SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
	if (!set_strength(ctx, o->level == TLSPOLICY_MAY))
		return (fail(why, "choose ciphers", NULL));
	errno = 0;
	if (o->level == TLSPOLICY_VERIFY &&
	    !authorities_load(SSL_CTX_get_cert_store(ctx), o->ca))
		return (fail(why, "read", o->ca));
	if (o->level == TLSPOLICY_DANE && SSL_CTX_dane_enable(ctx) <= 0)
		return (fail(why, "use DANE", NULL));
	return (true);
}

/* The names are those of RFC 6125, a wildcard being a whole label. */
static bool
set_names(SSL *ssl, const struct order *o)
{
	size_t i;

	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	for (i = 0; i < o->nnames; i++)
		if ((i == 0 ? SSL_set1_host(ssl, o->names[i])
			    : SSL_add1_host(ssl, o->names[i])) != 1)
			return (false);
	return (true);
}

/* *has: there is a record to go by. */
static bool
set_tlsa(SSL *ssl, const struct order *o, bool *has)
{
	size_t i;

	*has = false;
	if (SSL_dane_enable(ssl, o->names[0]) <= 0)
		return (false);
	/* RFC 7672 3.1.1: what the record says is all. */
	(void)SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	for (i = 0; i < o->ntlsa; i++) {
		const struct order_tlsa *t = &o->tlsa[i];
		int added = SSL_dane_tlsa_add(
		    ssl, t->usage, t->selector, t->matching, t->data, t->n);

		if (added < 0)
			return (false);
		*has = *has || added > 0;
	}
	return (true);
}

/* Whom the server must be. */
static bool
set_demands(struct engine *e, const struct order *o)
{
	int mode = SSL_VERIFY_NONE;

	if (o->sni != NULL && SSL_set_tlsext_host_name(e->ssl, o->sni) != 1)
		return (false);
	/* Without any that can be used, anybody will do (RFC 7672 2.2). */
	if (o->level == TLSPOLICY_DANE && o->ntlsa > 0 &&
	    !set_tlsa(e->ssl, o, &e->has_dane))
		return (false);
	if (o->level == TLSPOLICY_VERIFY || e->has_dane) {
		mode = SSL_VERIFY_PEER;
		if (!set_names(e->ssl, o))
			return (false);
	}
	SSL_set_verify(e->ssl, mode, NULL);
	return (true);
}

bool
engine_open(struct engine *e, const struct order *o, struct buf *why)
{
	e->ctx = SSL_CTX_new(TLS_client_method());
	if (e->ctx == NULL)
		return (fail(why, "start OpenSSL", NULL));
	if (!set_up(e->ctx, o, why))
		return (false);
	e->ssl = SSL_new(e->ctx);
	if (e->ssl == NULL || SSL_set_fd(e->ssl, ENGINE_NET) != 1)
		return (fail(why, "start OpenSSL", NULL));
	if (o->cert != NULL &&
	    SSL_use_certificate_chain_file(e->ssl, o->cert) != 1)
		return (fail(why, "read", o->cert));
	if (o->cert != NULL &&
	    (SSL_use_PrivateKey_file(e->ssl, o->key, SSL_FILETYPE_PEM) != 1 ||
		SSL_check_private_key(e->ssl) != 1))
		return (fail(why, "use", o->key));
	if (!set_demands(e, o))
		return (fail(why, "set what is demanded", NULL));
	return (true);
}

bool
engine_is_in_time(
    const struct engine *e, const struct order *o, struct buf *why)
{
	X509 *own = SSL_get_certificate(e->ssl);

	if (own == NULL || X509_cmp_current_time(X509_get0_notAfter(own)) > 0)
		return (true);
	(void)buf_puts(why, "use ");
	(void)buf_put_text(why, bytes_of(o->cert));
	(void)buf_puts(why, ": it has expired");
	return (false);
}

void
engine_settle(struct engine *e)
{
	X509_STORE *none = X509_STORE_new();

	SSL_certs_clear(e->ssl);
	/* Whose place it takes is freed. */
	if (none != NULL) {
		SSL_CTX_set_cert_store(e->ctx, none);
		authorities_free();
	}
	/* How much that was does not matter. */
	(void)malloc_trim(0);
}

void
engine_close(struct engine *e)
{
	SSL_free(e->ssl);
	SSL_CTX_free(e->ctx);
	authorities_free();
	e->ssl = NULL;
	e->ctx = NULL;
}
