/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-proxy: read a PROXY header, name the client by it, and become the
 * program behind.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes/num.h"
#include "program/logged.h"
#include "proxy/prefix.h"
#include "proxy/proxy.h"
#include "sys/sysclock.h"
#include "sys/sysio.h"
#include "sys/syspeer.h"

enum {
	SECONDS = 30,
	SECONDS_MAX = 3600
};

struct order {
	uint32_t seconds;
	char **program;
};

static const struct program SELF = { "smtpserv-proxy",
	"[-t seconds] -a address[/bits] [...] program [argument ...]", NULL };

static struct log to_log;
static char header[PROXY_MAX];

static int
refused(const char *why, enum result r)
{
	log_why(&to_log, "refused", why);
	return (exit_code_of(r));
}

/* Is it in the list?  *good: the list is one. */
static bool
is_listed(const char *list, const char *ip, bool *good)
{
	struct bytes rest = bytes_of(list);
	struct prefix prefix;
	bool found = false;

	*good = rest.n > 0;
	while (rest.n > 0 && *good) {
		*good = prefix_next(&rest, &prefix);
		found = found || (*good && prefix_holds(&prefix, bytes_of(ip)));
	}
	return (found);
}

/* The options, and whether the peer is named by them; false: misused. */
static bool
read_options(int argc, char **argv, struct order *o, const char *ip, bool *may)
{
	bool good = false;
	uint64_t n;
	int opt;

	*may = false;
	o->seconds = SECONDS;
	while ((opt = getopt(argc, argv, "+a:t:")) != -1) {
		if (opt == 'a') {
			*may = is_listed(optarg, ip, &good) || *may;
			if (!good)
				return (false);
		} else if (opt == 't' &&
		    num_parse(bytes_of(optarg), SECONDS_MAX, &n) && n > 0) {
			o->seconds = (uint32_t)n;
		} else {
			return (false);
		}
	}
	o->program = argv + optind;
	return (good && optind < argc);
}

/* The peer that connects: the socket's; through pipes, the variable's. */
static void
find_peer(struct syspeer *peer)
{
	const char *ip = getenv("TCPREMOTEIP");

	if (syspeer_remote(peer, STDIN_FILENO) || ip == NULL ||
	    strlen(ip) >= sizeof(peer->ip))
		return;
	memcpy(peer->ip, ip, strlen(ip) + 1);
}

/* Why the header is not there; SYSIO_OK: it is, or it is not a header. */
static enum sysio_status
read_header(
    struct proxy *p, enum proxy_status *status, int64_t until_ms, size_t *got)
{
	size_t more = 0;
	size_t n = 0;

	*got = 0;
	while ((*status = proxy_parse(
		    (struct bytes){ header, *got }, p, &more)) == PROXY_MORE) {
		enum sysio_status s = sysio_read(
		    STDIN_FILENO, header + *got, more, &n, until_ms, NULL);

		if (s != SYSIO_OK)
			return (s);
		*got += n;
	}
	return (SYSIO_OK);
}

/* Variables that describe the proxy do not hold for the client. */
static bool
forget_proxy(void)
{
	static const char *const names[] = { "TCPREMOTEHOST", "TCPREMOTEINFO",
		"TCPLOCALHOST", "TCP6REMOTEIP", "TCP6REMOTEPORT",
		"TCP6REMOTEHOST", "TCP6REMOTEINFO", "TCP6LOCALIP",
		"TCP6LOCALPORT", "TCP6LOCALHOST", "TCP6INTERFACE",
		"SSLREMOTEIP", "SSLREMOTEPORT", "SSLREMOTEHOST",
		"SSLREMOTEINFO", "SSLLOCALIP", "SSLLOCALPORT", "SSLLOCALHOST",
		"REMOTE_ADDR", "REMOTE_PORT", "REMOTE_HOST" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++)
		if (unsetenv(names[i]) != 0)
			return (false);
	return (true);
}

/*
 * A balancer's address may be allowed to relay, but that never holds for the
 * clients it stands for: it would make an open relay of a rule for one's own
 * network.
 */
static bool
tell(const struct proxy *p, const char *proxy_ip)
{
	if (unsetenv("RELAYCLIENT") != 0)
		return (false);
	return (p->is_local ||
	    (forget_proxy() && setenv("SMTPSERV_PROXY", proxy_ip, 1) == 0 &&
		setenv("PROTO", "TCP", 1) == 0 &&
		setenv("TCPREMOTEIP", p->remote.ip, 1) == 0 &&
		setenv("TCPREMOTEPORT", p->remote.port, 1) == 0 &&
		setenv("TCPLOCALIP", p->local.ip, 1) == 0 &&
		setenv("TCPLOCALPORT", p->local.port, 1) == 0));
}

static int
serve(struct order *o, const char *proxy_ip)
{
	struct proxy p;
	enum proxy_status status = PROXY_MORE;
	size_t got;

	switch (read_header(
	    &p, &status, sysclock_after(sysclock_ms(), o->seconds), &got)) {
	case SYSIO_EOF:
		/* A look whether somebody is there is not an attack. */
		if (got == 0)
			return (XC_OK);
		return (refused("closed within the PROXY header", RES_TEMP));
	case SYSIO_TIMEOUT:
	case SYSIO_SIGNAL:
		return (refused("no PROXY header in time", RES_TEMP));
	case SYSIO_FAILED:
		return (logged_failure(&to_log, "read", "PROXY header"));
	case SYSIO_OK:
		break;
	}
	if (status != PROXY_DONE)
		return (refused("no PROXY header", RES_PERM));
	if (!tell(&p, proxy_ip))
		return (logged_failure(&to_log, "prepare", o->program[0]));
	(void)execvp(o->program[0], o->program);
	return (logged_failure(&to_log, "run", o->program[0]));
}

int
main(int argc, char **argv)
{
	struct syspeer peer;
	struct order o = { .seconds = SECONDS };
	bool may;
	int code;

	if (program_answers(&SELF, argc, argv, &code))
		return (code);
	if (!program_has_connection())
		return (XC_PERM);
	log_start(&to_log, SELF.name);
	find_peer(&peer);
	if (peer.ip[0] != '\0')
		log_set_peer(&to_log, bytes_of(peer.ip));
	opterr = 0;
	if (!read_options(argc, argv, &o, peer.ip, &may))
		return (logged_misuse(&to_log, &SELF));
	if (!may)
		return (refused("not a proxy that -a names", RES_PERM));
	return (serve(&o, peer.ip));
}
