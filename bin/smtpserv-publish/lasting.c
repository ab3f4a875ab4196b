/* SPDX-License-Identifier: ISC */
#include "lasting.h"

#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "sys/sysclock.h"
#include "sys/sysfd.h"

enum {
	WEEK = 7 * 86400,
	HOST_SIZE = 256,
	PORT_SIZE = 8
};

static void
judge(const struct verdict *v, const char *whose, const X509 *certificate)
{
	time_t now = time(NULL);
	time_t soon = now + WEEK;

	if (X509_cmp_time(X509_get0_notAfter(certificate), &now) <= 0)
		verdict_say(v, VERDICT_CRITICAL,
		    "the certificate of %s is past its end", whose);
	else if (X509_cmp_time(X509_get0_notAfter(certificate), &soon) <= 0)
		verdict_say(v, VERDICT_WARNING,
		    "the certificate of %s ends within a week", whose);
}

/* All that are in the file. */
static void
judge_file(const struct verdict *v, const char *path)
{
	BIO *file = path[0] == '\0' ? NULL : BIO_new_file(path, "r");
	X509 *certificate;
	size_t n = 0;

	if (path[0] == '\0')
		return;
	while (file != NULL &&
	    (certificate = PEM_read_bio_X509(file, NULL, NULL, NULL)) != NULL) {
		judge(v, path, certificate);
		X509_free(certificate);
		n++;
	}
	if (n == 0)
		verdict_say(v, VERDICT_CRITICAL,
		    "%s: no certificate can be read", path);
	ERR_clear_error();
	BIO_free(file);
}

/* Wait for what the connection wants.  False: it is too late. */
static bool
wait_for(int fd, short events, int64_t until_ms)
{
	struct pollfd one = { fd, events, 0 };
	int64_t left = until_ms - sysclock_ms();

	return (left > 0 && poll(&one, 1, (int)left) == 1);
}

static int
connect_one(const struct addrinfo *at, int64_t until_ms)
{
	int fd = socket(
	    at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int wrong = 0;
	socklen_t size = sizeof(wrong);

	if (fd < 0)
		return (-1);
	if (connect(fd, at->ai_addr, at->ai_addrlen) == 0)
		return (fd);
	if (errno == EINPROGRESS && wait_for(fd, POLLOUT, until_ms) &&
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &wrong, &size) == 0 &&
	    wrong == 0)
		return (fd);
	(void)close(fd);
	return (-1);
}

static int
connect_to(const char *host, const char *port, int64_t until_ms)
{
	struct addrinfo want = { 0 };
	struct addrinfo *found = NULL;
	const struct addrinfo *at;
	int fd = -1;

	want.ai_socktype = SOCK_STREAM;
	if (getaddrinfo(host, port, &want, &found) != 0)
		return (-1);
	for (at = found; at != NULL && fd < 0; at = at->ai_next)
		fd = connect_one(at, until_ms);
	freeaddrinfo(found);
	return (fd);
}

/* The handshake, as far as it goes. */
static bool
shake_hands(SSL *tls, int64_t until_ms)
{
	int fd = SSL_get_fd(tls);
	int done;
	int wants;

	while ((done = SSL_connect(tls)) <= 0) {
		wants = SSL_get_error(tls, done);
		if (wants == SSL_ERROR_WANT_READ) {
			if (!wait_for(fd, POLLIN, until_ms))
				return (false);
		} else if (wants != SSL_ERROR_WANT_WRITE ||
		    !wait_for(fd, POLLOUT, until_ms))
			return (false);
	}
	return (true);
}

static void
judge_peer(
    const struct verdict *v, const char *whose, SSL *tls, int64_t until_ms)
{
	bool good = shake_hands(tls, until_ms);
	X509 *certificate = SSL_get1_peer_certificate(tls);

	if (certificate != NULL)
		judge(v, whose, certificate);
	if (!good)
		verdict_say(v, VERDICT_WARNING, "%s: no TLS: %s", whose,
		    SSL_get_verify_result(tls) == X509_V_OK
			? "the handshake fails"
			: X509_verify_cert_error_string(
			      SSL_get_verify_result(tls)));
	X509_free(certificate);
	ERR_clear_error();
}

static SSL_CTX *
make_context(const struct settings_amqp *settings)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (context == NULL)
		return (NULL);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	if (SSL_CTX_load_verify_locations(context, settings->ca, NULL) == 1 &&
	    (settings->cert[0] == '\0' ||
		(SSL_CTX_use_certificate_chain_file(context, settings->cert) ==
			1 &&
		    SSL_CTX_use_PrivateKey_file(context,
			settings->key[0] == '\0' ? settings->cert
						 : settings->key,
			SSL_FILETYPE_PEM) == 1)))
		return (context);
	SSL_CTX_free(context);
	return (NULL);
}

static void
judge_node(const struct verdict *v, SSL_CTX *context, struct bytes host,
    uint32_t port, int64_t until_ms)
{
	char name[HOST_SIZE];
	char digits[PORT_SIZE];
	char whose[HOST_SIZE + PORT_SIZE];
	SSL *tls = SSL_new(context);
	int fd;

	(void)snprintf(name, sizeof(name), "%.*s", (int)host.n, host.p);
	(void)snprintf(digits, sizeof(digits), "%u", port);
	(void)snprintf(whose, sizeof(whose), "%s:%s", name, digits);
	fd = connect_to(name, digits, until_ms);
	if (fd < 0 || tls == NULL || SSL_set_fd(tls, fd) != 1)
		verdict_say(v, VERDICT_WARNING, "%s: no connection", whose);
	else {
		if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), name) !=
		    1)
			(void)SSL_set1_host(tls, name);
		judge_peer(v, whose, tls, until_ms);
	}
	SSL_free(tls);
	if (fd >= 0)
		(void)close(fd);
}

void
lasting_check(const struct verdict *v, const struct settings_amqp *settings,
    int64_t until_ms)
{
	struct bytes rest = bytes_of(settings->nodes);
	struct bytes host;
	SSL_CTX *context;
	uint32_t port;

	judge_file(v, settings->cert);
	judge_file(v, settings->ca);
	if (settings->ca[0] == '\0')
		return;
	context = make_context(settings);
	if (context == NULL) {
		verdict_say(v, VERDICT_CRITICAL,
		    "smtp.amqp.ca, smtp.amqp.cert and smtp.amqp.key cannot be "
		    "used");
		ERR_clear_error();
		return;
	}
	while (rest.n > 0 && settings_next_node(&rest, &host, &port))
		judge_node(v, context, host, port, until_ms);
	SSL_CTX_free(context);
}
