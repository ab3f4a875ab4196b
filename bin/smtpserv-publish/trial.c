/* SPDX-License-Identifier: ISC */
#include "trial.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <time.h>

#include "amqp/amqplink.h"
#include "amqp/amqplogin.h"
#include "conf/amqp.h"

static enum result
wrong(const struct log *log, struct bytes key, const char *why)
{
	struct log_line line;

	log_begin(&line, log, "trial");
	log_text(&line, "key", key);
	log_text(&line, "why", bytes_of(why));
	log_end(&line);
	return (RES_PERM);
}

static enum result
wrong_key(const struct log *log, const char *key, const char *why)
{
	char store[CONF_KEY_MAX];
	struct buf name;

	buf_init(&name, store, sizeof(store));
	(void)buf_puts(&name, AMQP_PREFIX);
	(void)buf_puts(&name, key);
	return (wrong(log, buf_view(&name), why));
}

/* Its text begins with the key. */
static enum result
wrong_file(const struct log *log, const char *text)
{
	struct bytes rest = bytes_of(text);
	struct bytes key = rest;

	if (!bytes_take(&rest, ' ', &key))
		rest.n = 0;
	return (wrong(log, key, rest.n > 0 ? rest.p : text));
}

static enum result
try_login(const char *path, const struct log *log)
{
	char text[256];
	struct amqplogin login;
	struct fault why;
	struct buf b;

	if (path[0] == '\0')
		return (RES_OK);
	if (amqplogin_read(&login, path, &why) == RES_OK) {
		amqplogin_forget(&login);
		return (RES_OK);
	}
	buf_init(&b, text, sizeof(text));
	(void)buf_printf(
	    &b, "unable to %s %s: %s", why.op, why.name, strerror(why.err));
	return (wrong_key(log, "login", buf_cstr(&b) == NULL ? why.op : text));
}

/* The first in the file; the others are its chain. */
static enum result
try_dates(const char *key, const char *path, const struct log *log)
{
	time_t now = time(NULL);
	BIO *file = path[0] == '\0' ? NULL : BIO_new_file(path, "r");
	X509 *certificate =
	    file == NULL ? NULL : PEM_read_bio_X509(file, NULL, NULL, NULL);
	const char *why = NULL;

	ERR_clear_error();
	if (certificate != NULL &&
	    X509_cmp_time(X509_get0_notAfter(certificate), &now) <= 0)
		why = "expired";
	else if (certificate != NULL &&
	    X509_cmp_time(X509_get0_notBefore(certificate), &now) > 0)
		why = "not valid yet";
	X509_free(certificate);
	BIO_free(file);
	return (why == NULL ? RES_OK : wrong_key(log, key, why));
}

enum result
trial_run(
    const struct settings_amqp *amqp, bool has_dates, const struct log *log)
{
	struct amqpsite site;
	const char *key;
	const char *text = amqpsite_wrong(amqp, &key);
	enum result r;

	if (text != NULL)
		return (wrong_key(log, key, text));
	amqpsite_init(&site, amqp);
	text = amqplink_prepare(&site);
	if (text != NULL)
		return (wrong_file(log, text));
	r = try_login(amqp->login, log);
	if (r == RES_OK && has_dates)
		r = try_dates("ca", amqp->ca, log);
	if (r == RES_OK && has_dates)
		r = try_dates("cert", amqp->cert, log);
	return (r);
}
