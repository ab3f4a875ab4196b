/* SPDX-License-Identifier: ISC */
#include "message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reasons.h"
#include "shared.h"
#include "spool/scan.h"
#include "spool/schedule.h"
#include "sys/sysfile.h"
#include "sys/sysio.h"
#include "trace/trace.h"

enum {
	/* Notes of more recipients than this are kept in pages. */
	FEW = 100,
	PAGE = 1 << 18,
	/* So much of a header is looked at for its Message-ID. */
	ID_CHUNKS = 16,
	/* "2026-11-23T19:03:48Z" and its NUL. */
	TIMESTAMP_MAX = 24
};

/* Texts that the plan has views of, dropped with the message. */
struct page {
	struct page *next;
	size_t used;
	size_t cap;
	char text[];
};

static void
drop_memory(struct message *m)
{
	while (m->notes != NULL) {
		struct page *next = m->notes->next;

		shared_put(m->notes);
		m->notes = next;
	}
	shared_put(m->store);
	free(m->reasons);
	shared_put(m->text);
	m->store = NULL;
	m->reasons = NULL;
	m->text = NULL;
}

void
message_release(struct message *m)
{
	/*
	 * Not by the close alone: an agent of another message that was forked
	 * meanwhile may have the descriptor, too.
	 */
	struct flock none = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	if (m->claim.wrk_fd >= 0) {
		/* It cannot fail on a lock that we have. */
		(void)fcntl(m->claim.wrk_fd, F_OFD_SETLK, &none);
		claim_release(&m->claim);
	}
	drop_memory(m);
}

bool
message_is_claimed(const struct message *m)
{
	return (m->claim.wrk_fd >= 0);
}

/* The whole envelope, by the descriptor that holds the lock. */
static enum message_status
read_envelope(struct message *m, struct bytes *text, struct fault *why)
{
	char name[SCAN_NAME_MAX];
	struct stat st;
	size_t cap;

	scan_name(name, m->claim.number, SCAN_WRK);
	if (fstat(m->claim.wrk_fd, &st) != 0) {
		(void)fault_set(why, "look at", name, errno);
		return (MESSAGE_FAILED);
	}
	if (st.st_size > PLAN_GROWN_MAX) {
		(void)fault_set(why, "too large", name, 0);
		return (MESSAGE_DAMAGED);
	}
	m->written = st.st_mtim;
	m->tried = schedule_tried(m->born, &st.st_mtim);
	m->noted = (uint64_t)st.st_size;
	cap = (size_t)st.st_size + 1;
	m->text = shared_get(cap);
	if (m->text == NULL ||
	    sysio_read_file(m->claim.wrk_fd, m->text, cap, &text->n) !=
		SYSIO_OK) {
		(void)fault_set(why, "read", name, errno);
		return (MESSAGE_FAILED);
	}
	text->p = m->text;
	return (MESSAGE_OK);
}

static enum message_status
make_plan(struct message *m, struct bytes text, struct fault *why)
{
	char name[SCAN_NAME_MAX];
	size_t n = plan_count(text);
	const char *wrong;

	scan_name(name, m->claim.number, SCAN_WRK);
	/* An envelope is far too small for this to overflow. */
	m->store = shared_get((n + 1) * (sizeof(*m->store) + sizeof(*m->news)));
	if (m->store == NULL) {
		(void)fault_set(why, "read", name, errno);
		return (MESSAGE_FAILED);
	}
	m->news = (size_t *)(m->store + n + 1);
	wrong = plan_parse(&m->plan, text, m->store);
	if (wrong == NULL)
		return (MESSAGE_OK);
	(void)fault_set(why, wrong, name, 0);
	return (MESSAGE_DAMAGED);
}

/*
 * When the text was written.  If that is in the future, the clock has been set
 * back since: the message's age begins now.
 */
static time_t
time_of_birth(const struct message *m, const char *name, const struct stat *st)
{
	static const struct timespec times[2] = { { 0, UTIME_OMIT },
		{ 0, UTIME_NOW } };
	time_t now = time(NULL);

	if (!schedule_is_ahead(st->st_mtime, now))
		return (st->st_mtime);
	/* If it cannot be mended in the file, it holds for this try only. */
	(void)utimensat(m->claim.dirfd, name, times, AT_SYMLINK_NOFOLLOW);
	return (now);
}

/* The text must be there, a file, and not empty, as no text is. */
static enum message_status
look_at_text(struct message *m, struct fault *why)
{
	char name[SCAN_NAME_MAX];
	struct stat st;
	const char *wrong = NULL;

	scan_name(name, m->claim.number, SCAN_TXT);
	if (fstatat(m->claim.dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (!S_ISREG(st.st_mode))
			wrong = "its text is not a file";
		else if (st.st_size == 0)
			wrong = "its text is empty";
		m->octets = (uint64_t)st.st_size;
		if (wrong == NULL)
			m->born = time_of_birth(m, name, &st);
	} else if (errno == ENOENT) {
		wrong = "there is no text beside it";
	} else {
		(void)fault_set(why, "look at", name, errno);
		return (MESSAGE_FAILED);
	}
	if (wrong == NULL)
		return (MESSAGE_OK);
	(void)fault_set(why, wrong, name, 0);
	return (MESSAGE_DAMAGED);
}

/*
 * A claim failed.  If the name is not a file, it has failed for good: then it
 * can be set aside without a claim.
 */
static enum message_status
look_at_failure(int dirfd, uint32_t number, struct fault *why)
{
	char name[SCAN_NAME_MAX];
	struct stat st;

	scan_name(name, number, SCAN_WRK);
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return (errno == ENOENT ? MESSAGE_GONE : MESSAGE_FAILED);
	if (S_ISREG(st.st_mode))
		return (MESSAGE_FAILED);
	(void)fault_set(why,
	    S_ISLNK(st.st_mode) ? "a symbolic link" : "not a file", name, 0);
	return (MESSAGE_DAMAGED);
}

/*
 * Does somebody hold it?  The descriptor is not for writing: closing one that
 * is would wake all that wait for the end of a claim, us included.
 */
static bool
is_busy(int dirfd, uint32_t number)
{
	char name[SCAN_NAME_MAX];
	bool busy;
	int fd;

	scan_name(name, number, SCAN_WRK);
	fd =
	    openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return (false);
	busy = sysfile_is_locked(fd);
	(void)close(fd);
	return (busy);
}

enum message_status
message_take(
    int dirfd, uint32_t number, bool sync, struct message *m, struct fault *why)
{
	enum message_status status;
	struct bytes text;

	*m = (struct message){ .sync = sync,
		.claim = { .wrk_fd = -1, .dirfd = dirfd, .number = number } };
	if (is_busy(dirfd, number))
		return (MESSAGE_BUSY);
	switch (claim_take(dirfd, number, &m->claim, why)) {
	case CLAIM_OK:
		break;
	case CLAIM_BUSY:
		return (MESSAGE_BUSY);
	case CLAIM_GONE:
		return (MESSAGE_GONE);
	case CLAIM_FAILED:
		return (look_at_failure(dirfd, number, why));
	}
	status = look_at_text(m, why);
	if (status == MESSAGE_OK)
		status = read_envelope(m, &text, why);
	if (status == MESSAGE_OK)
		status = make_plan(m, text, why);
	if (status == MESSAGE_OK)
		m->has_reasons =
		    reasons_read(&m->claim, m->born, &m->plan, &m->reasons);
	if (status != MESSAGE_OK && status != MESSAGE_DAMAGED)
		message_release(m);
	return (status);
}

struct bytes
message_id(struct message *m)
{
	char chunk[4096];
	struct fault why;
	ssize_t n = 1;
	int fd;
	int i;

	if (m->has_id)
		return (messageid_view(&m->id));
	m->has_id = true;
	messageid_init(&m->id);
	fd = claim_open_text(&m->claim, &why);
	for (i = 0; fd >= 0 && i < ID_CHUNKS && n > 0; i++) {
		n = read(fd, chunk, sizeof(chunk));
		if (n > 0 &&
		    !messageid_feed(&m->id, (struct bytes){ chunk, (size_t)n }))
			break;
	}
	if (fd >= 0)
		(void)close(fd);
	return (messageid_view(&m->id));
}

int
message_open_text(const struct message *m, struct fault *why)
{
	return (claim_open_text(&m->claim, why));
}

/* Room for a text that lives as long as the message; NULL: no memory. */
static char *
make_room(struct message *m, size_t n)
{
	struct page *page = m->notes;
	size_t cap = m->plan.nrcpt > FEW && n < PAGE ? PAGE : n;

	if (page == NULL || page->cap - page->used < n) {
		page = shared_get(sizeof(*page) + cap);
		if (page == NULL)
			return (NULL);
		page->cap = cap;
		page->next = m->notes;
		m->notes = page;
	}
	page->used += n;
	return (page->text + page->used - n);
}

/*
 * A copy that lives as long as the message; without memory, the fallback.  If
 * recipients that follow each other have the same text, it is kept once.
 */
static struct bytes
keep(struct message *m, const char *text, const char *fallback)
{
	size_t n = strlen(text) + 1;
	char *copy;
	size_t i;

	for (i = 0; i < MESSAGE_LOOK_BACK && i < m->nlast; i++)
		if (strcmp(m->last[i], text) == 0)
			return (bytes_of(m->last[i]));
	copy = make_room(m, n);
	if (copy == NULL)
		return (bytes_of(fallback));
	memcpy(copy, text, n);
	m->last[m->nlast++ % MESSAGE_LOOK_BACK] = copy;
	return (bytes_of(copy));
}

/* A result to be recorded; there is room for one of each recipient. */
static void
add_news(struct message *m, size_t i)
{
	if (m->nnews < m->plan.nrcpt)
		m->news[m->nnews++] = i;
	else
		m->has_more_news = true;
}

/* Keep the reason, and what is done: the outcome itself does not last. */
static void
keep_reasons(struct message *m, struct plan_rcpt *r, const struct outcome *out)
{
	/* Once the reasons are too long together, only the status is told. */
	bool is_noted = m->noted + strlen(out->text) <= PLAN_NOTED_MAX;

	r->status = keep(m, out->status, "5.0.0");
	r->diagnostic = keep(m, is_noted ? out->text : "", "");
	m->noted += r->diagnostic.n;
}

void
message_try(struct message *m, size_t i)
{
	char store[TIMESTAMP_MAX];
	struct buf now;

	buf_init(&now, store, sizeof(store));
	/* A clock that is far off gives no time. */
	if (!trace_timestamp(&now, time(NULL)))
		buf_reset(&now);
	plan_try(&m->plan, i, keep(m, buf_cstr(&now), ""));
}

bool
message_settle(struct message *m, size_t i, const struct outcome *out)
{
	static const char *const actions[] = {
		[OUTCOME_FINAL] = "",
		[OUTCOME_RELAYED] = "relayed",
		[OUTCOME_EXPANDED] = "expanded",
		[OUTCOME_PASSED] = "",
	};
	static const enum plan_state states[] = {
		[OUTCOME_DELIVERED] = PLAN_DELIVERED,
		[OUTCOME_TRY_AGAIN] = PLAN_TRIED,
		[OUTCOME_FAILED] = PLAN_FAILED,
	};
	struct plan_rcpt *r = &m->plan.rcpt[i];
	bool is_news = out->kind != OUTCOME_TRY_AGAIN;

	plan_settle(&m->plan, i, states[out->kind], bytes_of(""), bytes_of(""),
	    bytes_of(actions[out->action]));
	/* The report is the next host's. */
	if (r->state == PLAN_DELIVERED && out->action == OUTCOME_PASSED)
		plan_set(&m->plan, i, PLAN_GONE);
	if (r->state != PLAN_GONE)
		keep_reasons(m, r, out);
	if (out->done[0] != '\0' && !bytes_same(r->done, bytes_of(out->done))) {
		/* Without memory they stay as they were: done once more. */
		r->done = keep(m, out->done, "");
		is_news = true;
	}
	if (is_news)
		add_news(m, i);
	return (is_news);
}

void
message_settle_reported(struct message *m)
{
	struct plan *p = &m->plan;
	size_t i;

	for (i = 0; i < p->nrcpt; i++)
		if (p->rcpt[i].state == PLAN_FAILED ||
		    p->rcpt[i].state == PLAN_DELIVERED)
			plan_set(p, i, PLAN_GONE);
	m->has_more_news = true;
}

enum result
message_finish(const struct message *m, struct fault *why)
{
	char wrk[SCAN_NAME_MAX];
	int err;

	scan_name(wrk, m->claim.number, SCAN_WRK);
	err = sysfile_remove(m->claim.dirfd, wrk);
	/* Without this everything would be done once more. */
	return (err == 0 ? RES_OK : fault_set(why, "remove", wrk, err));
}

enum result
message_end(struct message *m, int err, struct fault *why)
{
	char txt[SCAN_NAME_MAX];
	const char *op = "sync the end of";

	scan_name(txt, m->claim.number, SCAN_TXT);
	if (err == 0) {
		if (m->has_reasons)
			reasons_remove(&m->claim);
		op = "remove";
		err = sysfile_remove(m->claim.dirfd, txt);
	}
	message_release(m);
	return (err == 0 ? RES_OK : fault_set(why, op, txt, err));
}

enum result
message_set_aside(struct message *m, struct fault *why)
{
	char wrk[SCAN_NAME_MAX];
	char bad[SCAN_NAME_MAX];
	int err;

	scan_name(wrk, m->claim.number, SCAN_WRK);
	scan_name(bad, m->claim.number, SCAN_BAD);
	err = sysfile_rename_new(m->claim.dirfd, wrk, bad, m->claim.wrk_fd);
	if (err == 0 && m->sync)
		err = sysfile_sync_names(m->claim.dirfd);
	message_release(m);
	return (err == 0 ? RES_OK : fault_set(why, "set aside", wrk, err));
}
