/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-mx: print the addresses to which mail for a domain goes.
 *
 * It reads what strangers have written into the DNS, and so is a process that
 * sees no mail and no password, and ends soon.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bytes/num.h"
#include "conf/remote.h"
#include "confine.h"
#include "ours.h"
#include "print.h"
#include "program/configured.h"
#include "program/problem.h"
#include "resolver.h"
#include "search.h"
#include "sys/sysfd.h"
#include "sys/sysio.h"

enum {
	SECONDS_MAX = 29 /* for all questions: smtpserv-remote waits for 30 */
};

/* What is printed if the time is up. */
struct ready {
	char text[ROUTE_TEXT_MAX];
	size_t n;
	int code;
};

struct order {
	const char *conf;
	bool is_trial; /* -n: can the resolver be believed? */
	unsigned int seconds;
	const char *text;
};

static const struct program SELF = { "smtpserv-mx",
	"[-f file] [-t seconds] domain | [relay]:port\n"
	"       smtpserv-mx -n [-f file]",
	NULL };

static struct settings settings;
static struct search search;
static struct ours ours;
/* The one that is not `at` is being written. */
static struct ready ready[2];
static volatile sig_atomic_t at;

static void
make_ready(struct ready *r)
{
	struct buf out;

	buf_init(&out, r->text, sizeof(r->text));
	r->code = exit_code_of(print_route(&search, &out));
	r->n = buf_view(&out).n;
}

/*
 * A question has no deadline that holds by TCP; so it is cut short, and what is
 * known by then is printed.
 */
static void
hear_alarm(int sig)
{
	const struct ready *r = &ready[at];
	size_t done = 0;

	(void)sig;
	while (done < r->n) {
		ssize_t n = write(STDOUT_FILENO, r->text + done, r->n - done);

		if (n <= 0)
			_exit(XC_TEMP);
		done += (size_t)n;
	}
	_exit(r->code);
}

static void
ask(void *ctx, const char *name, enum dns_type type, struct dns_answer *a)
{
	(void)ctx;
	make_ready(&ready[!at]);
	atomic_signal_fence(memory_order_release);
	at = !at;
	resolver_ask(name, type, a);
}

static bool
is_ours(void *ctx, const struct place *place)
{
	(void)ctx;
	return (ours_has(&ours, place, search.target.port));
}

/* A socket for datagrams is connected without sending anything. */
static bool
is_routed(void *ctx, const struct place *place)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)search.target.port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)search.target.port) };
	const void *sa = place->is_v6 ? (const void *)&v6 : &v4;
	bool good;
	int fd;

	(void)ctx;
	memcpy(&v4.sin_addr, place->ip, sizeof(v4.sin_addr));
	memcpy(&v6.sin6_addr, place->ip, sizeof(v6.sin6_addr));
	fd = socket(
	    place->is_v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* Only what is certain is held against the address. */
	if (fd < 0)
		return (errno != EAFNOSUPPORT);
	good = connect(fd, sa, place->is_v6 ? sizeof(v6) : sizeof(v4)) == 0 ||
	    (errno != ENETUNREACH && errno != EHOSTUNREACH &&
		errno != EADDRNOTAVAIL);
	(void)close(fd);
	return (good);
}

static uint32_t
chance(void *ctx)
{
	uint32_t n = 0;

	(void)ctx;
	/* Without chance the order is the resolver's. */
	if (getrandom(&n, sizeof(n), GRND_NONBLOCK) != (ssize_t)sizeof(n))
		return (0);
	return (n);
}

static bool
read_options(int argc, char **argv, struct order *o)
{
	uint64_t n;
	int opt;

	while ((opt = getopt(argc, argv, "nf:t:")) != -1) {
		if (opt == 'f')
			o->conf = optarg;
		else if (opt == 'n')
			o->is_trial = true;
		else if (opt == 't' &&
		    num_parse(bytes_of(optarg), SECONDS_MAX, &n) && n > 0)
			o->seconds = (unsigned int)n;
		else
			return (false);
	}
	o->text = argv[optind];
	return (argc - optind == (o->is_trial ? 0 : 1));
}

/*
 * A message may be open in the program that starts us, on descriptor 0, too.
 * It is not for a process that reads what strangers write.
 */
static bool
forget_descriptors(void)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		return (false);
	sysfd_close_others(NULL, 0);
	return (true);
}

/* The resolvers, and whether DNSSEC's verdicts by them are believed. */
static int
print_trust(void)
{
	char store[512];
	struct buf out;

	buf_init(&out, store, sizeof(store));
	resolver_put_servers(&out);
	(void)buf_puts(
	    &out, resolver_is_trusted() ? " trusted\n" : " not trusted\n");
	if (sysio_write_file(STDOUT_FILENO, buf_view(&out)) != SYSIO_OK)
		return (XC_TEMP);
	return (resolver_is_trusted() ? XC_OK : XC_FOUND);
}

static int
print_found(void)
{
	static struct ready found;

	make_ready(&found);
	if (sysio_write_file(STDOUT_FILENO,
		(struct bytes){ found.text, found.n }) != SYSIO_OK)
		return (problem_fail(
		    &SELF, XC_TEMP, "unable to write: %s", strerror(errno)));
	return (found.code);
}

static int
find(enum target_status status, unsigned int seconds)
{
	static const struct search_ports through = { ask, is_ours, is_routed,
		chance, NULL };
	struct sigaction action = { .sa_handler = hear_alarm };
	unsigned int ports[RESOLVER_SERVERS_MAX];

	search.ports = &through;
	search.most = settings.remote.addresses;
	search.no_v4 = settings.remote.family == SETTINGS_FAMILY_6;
	search.no_v6 = settings.remote.family == SETTINGS_FAMILY_4;
	if (status == TARGET_NO_DOMAIN) {
		search_refuse(&search);
		return (print_found());
	}
	make_ready(&ready[at]);
	if (sigaction(SIGALRM, &action, NULL) != 0)
		return (problem_fail(
		    &SELF, XC_TEMP, "unable to be timed: %s", strerror(errno)));
	(void)alarm(seconds); /* there is none that it replaces */
	confine_enter(ports, resolver_ports(ports));
	search_run(&search);
	/* What is found is printed once. */
	(void)alarm(0); /* it stops */
	return (print_found());
}

int
main(int argc, char **argv)
{
	static const struct program_signals signals = { .ignored = { SIGPIPE },
		.usual = { SIGALRM } };
	struct order order = { .seconds = SECONDS_MAX };
	struct configured conf = { .report = problem_conf, .ctx = &SELF };
	enum target_status status = TARGET_OK;
	struct fault why;
	enum result r;
	int code;

	if (program_answers(&SELF, argc, argv, &code))
		return (code);
	if (!program_open_standard() || !forget_descriptors())
		return (XC_TEMP);
	program_set_signals(&signals, NULL);
	if (!read_options(argc, argv, &order))
		return (program_misused(&SELF));
	conf.option = order.conf;
	r = configured_load_bare(&conf, &settings, &REMOTE_KEYS);
	if (r != RES_OK)
		return (exit_code_of(r));
	if (!order.is_trial)
		status = target_parse(
		    bytes_of(order.text), settings.remote.port, &search.target);
	if (status == TARGET_MISUSED)
		return (program_misused(&SELF));
	r = resolver_open(settings.remote.resolver, &why);
	if (r == RES_OK)
		r = ours_find(&ours, &settings, &why);
	if (r != RES_OK)
		return (problem_fault(&SELF, &why));
	return (order.is_trial ? print_trust() : find(status, order.seconds));
}
