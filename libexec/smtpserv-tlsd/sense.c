/* SPDX-License-Identifier: ISC */
#include "sense.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "bytes/buf.h"

/* Is there a line that begins with -----BEGIN and ends with KIND----- ? */
static bool
has_armour(struct bytes rest, struct bytes end)
{
	struct bytes begin = bytes_of("-----BEGIN ");

	while (rest.n > 0) {
		struct bytes line = rest;
		size_t at = rest.n;

		if (bytes_find(rest, '\n', &at))
			line.n = at;
		rest = bytes_cut(rest, at + 1, rest.n);
		while (line.n > 0 && strchr("\r \t", line.p[line.n - 1]))
			line.n--;
		if (line.n >= begin.n + end.n &&
		    memcmp(line.p, begin.p, begin.n) == 0 &&
		    memcmp(line.p + line.n - end.n, end.p, end.n) == 0)
			return (true);
	}
	return (false);
}

static const char *
look_for(const char *path, const char *end, const char *otherwise)
{
	size_t n = 0;
	uint8_t *text;
	bool is_there;

	errno = 0;
	text = tls_load_file(path, &n, NULL);
	if (text == NULL)
		return (errno == 0 ? otherwise : strerror(errno));
	is_there =
	    has_armour((struct bytes){ (const char *)text, n }, bytes_of(end));
	tls_unload_file(text, n);
	return (is_there ? NULL : otherwise);
}

const char *
sense_certificate(const char *path)
{
	return (look_for(
	    path, "CERTIFICATE-----", "no certificate in PEM form is in it"));
}

const char *
sense_key(const char *path)
{
	return (
	    look_for(path, "PRIVATE KEY-----", "no key in PEM form is in it"));
}

/* The bytes that one end has written and the other not read yet. */
struct wire {
	size_t n;
	char store[65536];
};

struct end {
	struct wire *in;
	struct wire *out;
};

static ssize_t
get(struct tls *tls, void *into, size_t n, void *arg)
{
	struct wire *in = ((struct end *)arg)->in;

	(void)tls;
	if (in->n == 0)
		return (TLS_WANT_POLLIN);
	if (n > in->n)
		n = in->n;
	memcpy(into, in->store, n);
	in->n -= n;
	memmove(in->store, in->store + n, in->n);
	return ((ssize_t)n);
}

static ssize_t
put(struct tls *tls, const void *from, size_t n, void *arg)
{
	struct wire *out = ((struct end *)arg)->out;

	(void)tls;
	if (n > sizeof(out->store) - out->n)
		n = sizeof(out->store) - out->n;
	if (n == 0)
		return (TLS_WANT_POLLOUT);
	memcpy(out->store + out->n, from, n);
	out->n += n;
	return ((ssize_t)n);
}

/* Both ends are ours: a few rounds, or never. */
static bool
shake_hands(struct tls *a, struct tls *b)
{
	int rounds;

	for (rounds = 0; rounds < 32; rounds++) {
		int one = tls_handshake(a);
		int other = tls_handshake(b);

		if (one == 0 && other == 0)
			return (true);
		if (one == -1 || other == -1)
			return (false);
	}
	return (false);
}

static const char *
judge(time_t from, time_t until, time_t now)
{
	static char text[64];
	bool is_early = now < from;
	time_t when = is_early ? from : until;
	struct tm tm;
	size_t n = 0;

	if (from <= now && now <= until)
		return (NULL);
	if (gmtime_r(&when, &tm) != NULL)
		n = is_early
		    ? strftime(text, sizeof(text), "not valid before %F", &tm)
		    : strftime(text, sizeof(text), "expired on %F", &tm);
	return (n > 0 ? text : is_early ? "not valid yet" : "expired");
}

/* libtls tells the dates of a peer's certificate, so there is a peer. */
const char *
sense_dates(struct tls *server, time_t now)
{
	static struct wire up;
	static struct wire down;
	struct end ends[] = { { &down, &up }, { &up, &down } };
	struct tls_config *config = tls_config_new();
	struct tls *client = tls_client();
	struct tls *conn = NULL;
	const char *why = NULL;

	if (config == NULL || client == NULL)
		goto done;
	tls_config_insecure_noverifycert(config);
	tls_config_insecure_noverifyname(config);
	tls_config_insecure_noverifytime(config);
	if (tls_configure(client, config) != 0 ||
	    tls_connect_cbs(client, get, put, &ends[0], "localhost") != 0 ||
	    tls_accept_cbs(server, &conn, get, put, &ends[1]) != 0)
		goto done;
	why = shake_hands(client, conn)
	    ? judge(tls_peer_cert_notbefore(client),
		  tls_peer_cert_notafter(client), now)
	    : "no client could use it";
done:
	tls_free(conn);
	tls_free(client);
	tls_config_free(config);
	return (why);
}
