/* SPDX-License-Identifier: ISC */
#include "program/configured.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* conf's ctx is not const: some reports change it; ours do not. */
static void *
context_of(const struct configured *c)
{
	void *ctx;

	memcpy(&ctx, &c->ctx, sizeof(ctx));
	return (ctx);
}

static enum result
report(const struct configured *c, const char *file, const char *key,
    const char *why)
{
	c->report(context_of(c), CONF_ERROR, file, 0, key, why);
	return (RES_PERM);
}

enum result
configured_find(struct configured *c)
{
	if (conf_path(c->path, sizeof(c->path), c->option,
		secure_getenv("WATTCP.CFG"), secure_getenv("WATTCP_CFG")))
		return (RES_OK);
	c->path[0] = '\0';
	return (report(
	    c, c->option == NULL ? "" : c->option, "", "file name too long"));
}

enum result
configured_load_more(
    struct configured *c, struct settings *settings, const struct keyset *more)
{
	enum result r = configured_find(c);

	if (r == RES_OK)
		return (conf_load_more(
		    c->path, settings, more, c->report, context_of(c)));
	/* Some programs go on all the same, with the settings there are. */
	keys_init_more(settings, more);
	return (r);
}

enum result
configured_load(struct configured *c, struct settings *settings)
{
	return (configured_load_more(c, settings, NULL));
}

/* What the mistakes that count make of it. */
struct bare {
	const struct configured *c;
	bool has_mistake;
};

/* A conf_report_fn: a key that is missing is of no line. */
static void
take_mistake(void *ctx, enum conf_weight weight, const char *file,
    unsigned int line, const char *key, const char *text)
{
	struct bare *bare = ctx;

	if (weight == CONF_ERROR && line == 0 && key[0] != '\0')
		return;
	bare->has_mistake = bare->has_mistake || weight == CONF_ERROR;
	bare->c->report(context_of(bare->c), weight, file, line, key, text);
}

enum result
configured_load_bare(
    struct configured *c, struct settings *settings, const struct keyset *more)
{
	struct bare bare = { .c = c };
	enum result r = configured_find(c);

	keys_init_more(settings, more);
	if (r != RES_OK)
		return (r);
	if (c->option == NULL && access(c->path, F_OK) != 0 && errno == ENOENT)
		return (RES_OK);
	r = conf_load_more(c->path, settings, more, take_mistake, &bare);
	return (bare.has_mistake ? r : RES_OK);
}

enum result
configured_wrong(const struct configured *c, const char *key, const char *why)
{
	return (report(c, c->path, key, why));
}

enum result
configured_host(const struct configured *c, const struct settings *settings,
    char *host, size_t cap)
{
	struct utsname machine;
	struct buf name;

	buf_init(&name, host, cap);
	if (uname(&machine) != 0)
		machine.nodename[0] = '\0';
	if (settings_host(settings, machine.nodename, &name) &&
	    buf_cstr(&name) != NULL)
		return (RES_OK);
	return (configured_wrong(
	    c, "hostname", "hostname.domain is not a domain name"));
}
