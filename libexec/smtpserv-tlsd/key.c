/* SPDX-License-Identifier: ISC */
#include "key.h"

#include <string.h>
#include <time.h>

#include "program/configured.h"
#include "sense.h"

static void
log_key(const struct log *log, const char *file, const char *why)
{
	struct log_line line;

	log_begin(&line, log, "nokey");
	log_text(&line, "file", bytes_of(file));
	log_text(&line, "why",
	    bytes_of(why == NULL ? "unknown, perhaps no memory" : why));
	log_end(&line);
}

static void
log_conf(void *ctx, enum conf_weight weight, const char *file,
    unsigned int line_number, const char *key, const char *text)
{
	const struct log *log = ctx;
	struct log_line line;

	if (weight == CONF_NOTE)
		return;
	log_begin(&line, log, "configuration");
	log_text(&line, "at", bytes_of(file));
	log_number(&line, "line", line_number);
	log_text(&line, "key", bytes_of(key));
	log_text(&line, "why", bytes_of(text));
	log_end(&line);
}

/* The configuration names what the options do not. */
static enum result
find_files(
    struct key_files *f, struct settings *settings, const struct log *log)
{
	struct configured conf = { f->conf, log_conf, log, "" };
	enum result r;

	if (f->cert == NULL) {
		r = configured_load(&conf, settings);
		if (r != RES_OK)
			return (r);
		if (settings->tls.cert[0] == '\0') {
			log_key(log, conf.path, "smtp.tls.cert is not set");
			return (RES_PERM);
		}
		f->cert = settings->tls.cert;
		if (f->key == NULL && settings->tls.key[0] != '\0')
			f->key = settings->tls.key;
	}
	if (f->key == NULL)
		f->key = f->cert;
	return (RES_OK);
}

/*
 * TLS 1.2 and up, which is libtls's choice.  Its ciphers are all that are not
 * broken, because a mail client of today that finds none sends in the clear.
 */
static struct tls *
load(
    const struct key_files *f, struct tls_config *config, const struct log *log)
{
	struct tls *server;
	const char *why = sense_certificate(f->cert);

	if (why != NULL) {
		log_key(log, f->cert, why);
		return (NULL);
	}
	why = sense_key(f->key);
	if (why != NULL) {
		log_key(log, f->key, why);
		return (NULL);
	}
	if (tls_config_set_cert_file(config, f->cert) != 0) {
		log_key(log, f->cert, tls_config_error(config));
		return (NULL);
	}
	if (tls_config_set_key_file(config, f->key) != 0 ||
	    tls_config_set_ciphers(config, "compat") != 0) {
		log_key(log, f->key, tls_config_error(config));
		return (NULL);
	}
	server = tls_server();
	if (server != NULL && tls_configure(server, config) == 0) {
		tls_config_clear_keys(config);
		return (server);
	}
	/* A failure that is left is mostly that, and libtls does not say so. */
	why = server == NULL ? NULL : tls_error(server);
	if (why != NULL && strstr(why, "private key") != NULL)
		why = "damaged, or not the key of the certificate";
	log_key(log, f->key, why);
	tls_free(server);
	return (NULL);
}

struct tls *
key_load(const struct key_files *files, const struct log *log, enum result *r,
    uint32_t *seconds)
{
	static struct settings settings;
	struct key_files f = *files;
	struct tls_config *config;
	struct tls *server;
	const char *why;

	*r = find_files(&f, &settings, log);
	if (*r != RES_OK)
		return (NULL);
	*seconds = settings.session.maxtime == 0
	    ? 0
	    : settings.session.maxtime + settings.session.programtime;
	*r = RES_TEMP;
	config = tls_config_new();
	if (config == NULL) {
		log_key(log, f.cert, NULL);
		return (NULL);
	}
	server = load(&f, config, log);
	tls_config_free(config);
	if (server != NULL)
		*r = RES_OK;
	if (server == NULL || !f.is_trial)
		return (server);
	why = sense_dates(server, time(NULL));
	if (why == NULL)
		return (server);
	log_key(log, f.cert, why);
	tls_free(server);
	*r = RES_PERM;
	return (NULL);
}
