/* SPDX-License-Identifier: ISC */
#include "waits.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "envelope/plan.h"
#include "spool/scan.h"
#include "sys/sysio.h"

struct waits {
	int dirfd;
	struct table *table;
	struct table_match match;
	uint64_t messages; /* with a recipient who has no key */
	uint64_t rcpts;
	uint64_t reports; /* that would be sent */
	uint64_t unread;
};

/* The text of N.WRK, malloc()ed; NULL: it cannot be read. */
static char *
read_text(const struct waits *w, const char *name, struct bytes *text)
{
	int fd = openat(
	    w->dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	enum sysio_status status = SYSIO_FAILED;
	char *store = NULL;
	size_t n = 0;
	struct stat st;

	if (fd < 0)
		return (NULL);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size <= PLAN_TEXT_MAX)
		store = malloc((size_t)st.st_size + 1);
	if (store != NULL)
		status = sysio_read_file(fd, store, (size_t)st.st_size + 1, &n);
	(void)close(fd);
	if (store != NULL && status != SYSIO_OK) {
		free(store);
		return (NULL);
	}
	*text = (struct bytes){ store, n };
	return (store);
}

/* A table that cannot be read is told of elsewhere. */
static bool
is_nobody(struct waits *w, struct bytes mailbox)
{
	return (table_find(w->table, mailbox, &w->match) == TABLE_MISS &&
	    table_route(w->table, mailbox, &w->match) == TABLE_MISS);
}

static void
look_at(struct waits *w, struct bytes text)
{
	struct bytes rest = text;
	struct plan_rcpt r;
	struct plan p;
	bool is_reported = false;
	uint64_t nobodies = 0;

	plan_read(&p, text);
	while (plan_next(&rest, &r)) {
		if (r.state != PLAN_WAITING || !is_nobody(w, r.mailbox))
			continue;
		nobodies++;
		r.state = PLAN_FAILED;
		if (p.sender.n > 0 && plan_asks_for_report(&r))
			is_reported = true;
	}
	w->rcpts += nobodies;
	w->messages += nobodies > 0;
	w->reports += is_reported;
}

static bool
visit(void *ctx, uint32_t number, enum scan_kind kind)
{
	struct waits *w = ctx;
	char name[SCAN_NAME_MAX];
	struct bytes text;
	char *store;

	if (kind != SCAN_WRK)
		return (true);
	scan_name(name, number, kind);
	store = read_text(w, name, &text);
	if (store != NULL)
		look_at(w, text);
	else
		w->unread++;
	free(store);
	return (true);
}

static const char *
plural(uint64_t n)
{
	return (n == 1 ? "" : "s");
}

void
waits_check(const struct settings *settings, const char *file,
    struct table *table, enum conf_weight weight, conf_report_fn *report,
    void *ctx)
{
	static struct waits w;
	struct fault ignored;
	char text[256];

	w = (struct waits){ .table = table };
	w.dirfd = settings->session.queue[0] != '\0'
	    ? -1
	    : open(settings->spool.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* A spool that cannot be read is told of elsewhere. */
	if (w.dirfd < 0)
		return;
	if (scan_each(w.dirfd, visit, &w, &ignored) != RES_OK)
		w.unread++;
	(void)close(w.dirfd);
	if (w.rcpts > 0) {
		(void)snprintf(text, sizeof(text),
		    "%llu message%s in the spool %s for %llu recipient%s that "
		    "have no key: smtpserv-work would give them up, and send "
		    "%llu report%s",
		    (unsigned long long)w.messages, plural(w.messages),
		    w.messages == 1 ? "is" : "are", (unsigned long long)w.rcpts,
		    plural(w.rcpts), (unsigned long long)w.reports,
		    plural(w.reports));
		report(ctx, weight, file, 0, "smtp.deliver", text);
	}
	if (w.unread > 0)
		report(ctx, CONF_NOTE, file, 0, "smtp.deliver",
		    "not all mail of the spool could be read, to tell whether "
		    "it has keys");
}
