/* SPDX-License-Identifier: ISC */
#include "look/mail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/schedule.h"
#include "sys/sysfile.h"
#include "sys/sysio.h"

static const char *const WORDS[MAIL_STATES] = { "waiting", "claimed", "held",
	"aside", "damaged", "unreadable" };

const char *
mail_state_word(enum mail_state state)
{
	return (WORDS[state]);
}

static void
look_at_text(int dirfd, struct mail *m)
{
	char name[SCAN_NAME_MAX];
	struct stat st;

	scan_name(name, m->number, SCAN_TXT);
	m->born = m->written.tv_sec;
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		m->wrong = "there is no text beside it";
		return;
	}
	m->size = (uint64_t)st.st_size;
	m->born = st.st_mtime;
	/* As smtpserv-work has it: no text is empty. */
	if (!S_ISREG(st.st_mode))
		m->wrong = "its text is not a file";
	else if (st.st_size == 0)
		m->wrong = "its text is empty";
}

/* It cannot be read, and errno says why. */
static void
set_unreadable(struct mail *m)
{
	m->state = MAIL_UNREADABLE;
	m->wrong = errno == EACCES || errno == EPERM
	    ? "no right to read it"
	    : "the envelope cannot be read";
	if (errno != EACCES && errno != EPERM)
		m->state = MAIL_DAMAGED;
}

/* The whole file, or NULL and errno. */
static char *
read_all(int fd, const struct stat *st, struct bytes *text)
{
	size_t cap = (size_t)st->st_size + 1;
	char *store = NULL;

	if (!S_ISREG(st->st_mode) || st->st_size > PLAN_GROWN_MAX)
		errno = EINVAL;
	else
		store = malloc(cap);
	if (store != NULL &&
	    sysio_read_file(fd, store, cap, &text->n) != SYSIO_OK) {
		free(store);
		return (NULL);
	}
	text->p = store;
	return (store);
}

static int
open_one(int dirfd, const struct mail *m, enum scan_kind kind)
{
	char name[SCAN_NAME_MAX];

	scan_name(name, m->number, kind);
	return (openat(
	    dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
}

static void
read_reasons(int dirfd, struct mail *m)
{
	struct bytes text = { NULL, 0 };
	struct stat st;
	int fd = open_one(dirfd, m, SCAN_WHY);

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_mtime >= m->born)
		m->reasons = read_all(fd, &st, &text);
	if (m->reasons != NULL)
		plan_read_reasons(&m->plan, text);
	(void)close(fd);
}

/* Its envelope is open. */
static void
read_envelope(int dirfd, int fd, struct mail *m)
{
	struct bytes sender;
	struct bytes text = { NULL, 0 };
	struct stat st;
	const char *wrong;

	if (fstat(fd, &st) != 0) {
		set_unreadable(m);
		return;
	}
	m->written = st.st_mtim;
	look_at_text(dirfd, m);
	m->text = read_all(fd, &st, &text);
	if (m->text != NULL)
		m->store = calloc(plan_count(text) + 1, sizeof(*m->store));
	if (m->store == NULL) {
		set_unreadable(m);
		return;
	}
	wrong = plan_check(text, &sender, &m->nrcpt);
	if (wrong == NULL)
		wrong = plan_parse(&m->plan, text, m->store);
	else
		plan_read(&m->plan, text);
	m->wrong = wrong != NULL ? wrong : m->wrong;
	if (wrong == NULL)
		read_reasons(dirfd, m);
}

static enum mail_state
state_of(const struct mail *m, int fd)
{
	if (m->kind == SCAN_BAD)
		return (MAIL_ASIDE);
	if (m->wrong != NULL)
		return (m->state == MAIL_UNREADABLE ? m->state : MAIL_DAMAGED);
	if (m->kind == SCAN_HELD)
		return (MAIL_HELD);
	return (sysfile_is_locked(fd) ? MAIL_CLAIMED : MAIL_WAITING);
}

bool
mail_read(int dirfd, uint32_t number, enum scan_kind kind, struct mail *m)
{
	int fd;

	*m = (struct mail){ .number = number, .kind = kind };
	plan_read(&m->plan, bytes_of(""));
	fd = open_one(dirfd, m, kind);
	if (fd < 0 && errno == ENOENT)
		return (false);
	if (fd < 0) {
		set_unreadable(m);
		look_at_text(dirfd, m);
	} else {
		read_envelope(dirfd, fd, m);
	}
	m->state = state_of(m, fd);
	if (fd >= 0)
		(void)close(fd);
	return (true);
}

void
mail_free(struct mail *m)
{
	free(m->store);
	free(m->reasons);
	free(m->text);
}

uint64_t
mail_age(const struct mail *m, time_t now)
{
	/* A clock that was set back makes nothing negative. */
	return (now > m->born ? (uint64_t)(now - m->born) : 0);
}

bool
mail_next(
    const struct mail *m, uint32_t queuelife, time_t now, uint64_t *seconds)
{
	if (m->state != MAIL_WAITING && m->state != MAIL_CLAIMED)
		return (false);
	*seconds = (uint64_t)schedule_wait(
	    m->born, schedule_tried(m->born, &m->written), now, queuelife);
	return (true);
}

bool
mail_is_waiting(const struct plan_rcpt *r)
{
	return (r->state == PLAN_WAITING);
}

const struct plan_rcpt *
mail_most_tried(const struct mail *m)
{
	const struct plan_rcpt *most = NULL;
	size_t i;

	for (i = 0; i < m->plan.nrcpt; i++) {
		const struct plan_rcpt *r = &m->plan.rcpt[i];

		if (mail_is_waiting(r) &&
		    r->tries > (most == NULL ? 0 : most->tries))
			most = r;
	}
	return (most);
}
