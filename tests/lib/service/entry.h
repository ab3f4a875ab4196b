/* SPDX-License-Identifier: ISC */
/*
 * entry: an entry for a site that the tests know, and what stands in it.
 */
#ifndef SERVICE_ENTRY_H
#define SERVICE_ENTRY_H

#include <atf-c.h>
#include <string.h>

#include "service/service.h"

static struct settings settings;
static enum service_role role = SERVICE_SMTP;
static struct service_listen listen_on;
static char store[SERVICE_TEXT_MAX];

/* The entry for a value of smtp.listen; NULL, and *why, if there is none. */
static const char *
entry(service_print_fn *print, const char *value, const char *conf,
    const char **why)
{
	struct service s = { &settings, &listen_on, conf, "/p/session",
		"/p/busy.txt", "mail", SERVICE_SYSLOG,
		role, "/p/tls", "/p/proxy", "/p/spool" };
	struct buf out;

	if (settings.spool.dir == NULL)
		keys_init(&settings);
	settings.service.sessions = 5;
	settings.service.persource = 2;
	settings.spool.dir = "/spool";
	ATF_REQUIRE_EQ(
	    NULL, key_set(key_named("smtp.listen"), &settings, value));
	service_get_listen(&settings, role, &listen_on);
	buf_init(&out, store, sizeof(store));
	*why = print(&s, &out);
	return (*why == NULL ? buf_cstr(&out) : NULL);
}

static size_t
count(const char *text, const char *part)
{
	size_t n = 0;

	for (text = strstr(text, part); text != NULL;
	     text = strstr(text + 1, part))
		n++;
	return (n);
}

#endif
