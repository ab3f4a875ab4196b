/* SPDX-License-Identifier: ISC */
#include "submit/given.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "envelope/envelope.h"
#include "envelope/plan.h"
#include "smtp/smtpcmd.h"
#include "smtp/smtpnotify.h"
#include "smtp/smtppath.h"
#include "smtp/smtpxtext.h"

void
given_init(struct given *g, int fd)
{
	struct stat st;

	g->fd = fd;
	g->is_file = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	g->at = 0;
	g->n = g->used = 0;
}

enum sysio_status
given_open(struct given *g, int64_t until_ms, const sigset_t *open)
{
	enum sysio_status status = SYSIO_OK;
	int file = -1;
	size_t all = 0;
	size_t got = 0;

	if (g->is_file)
		return (SYSIO_OK);
	file = memfd_create("envelope", MFD_CLOEXEC);
	if (file < 0)
		return (SYSIO_FAILED);
	while (status == SYSIO_OK && all <= PLAN_TEXT_MAX) {
		status = sysio_read(
		    g->fd, g->chunk, sizeof(g->chunk), &got, until_ms, open);
		if (status == SYSIO_OK)
			status = sysio_write_file(
			    file, (struct bytes){ g->chunk, got });
		all += got;
	}
	/* It stays open: the process handles one message. */
	given_init(g, file);
	/* Of one that is too long there is enough to be refused. */
	return (status == SYSIO_EOF ? SYSIO_OK : status);
}

static bool
is_notify(struct bytes value)
{
	return (smtpnotify_is_valid(value));
}

static bool
is_orcpt(struct bytes value)
{
	size_t at;

	return (value.n <= SMTPCMD_ORCPT_MAX && bytes_find(value, ';', &at) &&
	    smtppath_is_atom(bytes_cut(value, 0, at)) && at + 1 < value.n);
}

static bool
is_body(struct bytes value)
{
	return (bytes_same(value, bytes_of("8BITMIME")) ||
	    bytes_same(value, bytes_of("BINARYMIME")));
}

static bool
is_yes(struct bytes value)
{
	return (bytes_same(value, bytes_of("yes")));
}

static bool
is_envid(struct bytes value)
{
	return (value.n > 0 && value.n <= SMTPCMD_ENVID_MAX &&
	    smtpxtext_decode(value, NULL));
}

static bool
is_ret(struct bytes value)
{
	return (bytes_same(value, bytes_of("FULL")) ||
	    bytes_same(value, bytes_of("HDRS")));
}

static bool
is_anything(struct bytes value)
{
	(void)value;
	return (true);
}

/* Nobody says it of a new message but who takes it from a queue. */
static bool
is_never(struct bytes value)
{
	(void)value;
	return (false);
}

static const struct {
	const char *name;
	enum given_status kind;
	bool (*is_valid)(struct bytes value);
} LINES[] = {
	{ "From", GIVEN_SENDER, is_anything },
	{ "To", GIVEN_RCPT, is_anything },
	{ "Notify", GIVEN_OF_RCPT, is_notify },
	{ "Orcpt", GIVEN_OF_RCPT, is_orcpt },
	{ "Body", GIVEN_PARAMETER, is_body },
	{ "Smtputf8", GIVEN_PARAMETER, is_yes },
	{ "Envid", GIVEN_PARAMETER, is_envid },
	{ "Ret", GIVEN_PARAMETER, is_ret },
	{ "Requiretls", GIVEN_PARAMETER, is_yes },
	{ "Queue-Id", GIVEN_BAD, is_never },
};

/* One that is unknown is a fact, unless the worker writes it. */
static enum given_status
kind_of(struct bytes name, struct bytes value)
{
	bool is_utf8 = false;
	size_t i;

	if (name.n > GIVEN_NAME_MAX || !smtppath_is_harmless(name, &is_utf8) ||
	    !smtppath_is_harmless(value, &is_utf8))
		return (GIVEN_BAD);
	for (i = 0; i < ARRAY_LEN(LINES); i++)
		if (bytes_same_nocase(name, bytes_of(LINES[i].name)))
			return (bytes_same(name, bytes_of(LINES[i].name)) &&
				    LINES[i].is_valid(value)
				? LINES[i].kind
				: GIVEN_BAD);
	return (plan_is_fact(name) ? GIVEN_FACT : GIVEN_BAD);
}

/* More behind what is there.  *got is 0 at the end. */
static bool
fill(struct given *g, size_t *got)
{
	ssize_t n;

	memmove(g->chunk, g->chunk + g->used, g->n - g->used);
	g->n -= g->used;
	g->used = 0;
	do
		n = pread(
		    g->fd, g->chunk + g->n, sizeof(g->chunk) - g->n, g->at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return (false);
	*got = (size_t)n;
	g->n += *got;
	g->at += n;
	return (true);
}

enum given_status
given_next(struct given *g, struct bytes *name, struct bytes *value)
{
	size_t got;

	for (;;) {
		struct bytes rest = { g->chunk + g->used, g->n - g->used };
		size_t before = rest.n;

		switch (envelope_next(&rest, name, value)) {
		case ENVELOPE_LINE:
			g->used += before - rest.n;
			return (kind_of(*name, *value));
		case ENVELOPE_BAD_LINE:
			return (GIVEN_BAD);
		case ENVELOPE_END:
		case ENVELOPE_NOT_ENDED:
			break;
		}
		if (before == sizeof(g->chunk))
			return (GIVEN_BAD);
		if (!fill(g, &got))
			return (GIVEN_FAILED);
		if (got == 0)
			return (before == 0 ? GIVEN_END : GIVEN_BAD);
	}
}

bool
given_is_binary(const struct given *g)
{
	enum given_status status = GIVEN_SENDER;
	struct given copy;
	struct bytes name;
	struct bytes value;

	if (!g->is_file)
		return (false);
	given_init(&copy, g->fd);
	while (status < GIVEN_END) {
		status = given_next(&copy, &name, &value);
		if (status == GIVEN_PARAMETER &&
		    bytes_same(value, bytes_of("BINARYMIME")))
			return (true);
	}
	return (false);
}
