/* SPDX-License-Identifier: ISC */
#include "state.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
die(const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, "crash: ");
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "\n");
	exit(3);
}

void
arena_init(struct arena *a, size_t cap)
{
	a->base = malloc(cap);
	if (a->base == NULL)
		die("no memory");
	a->used = 0;
	a->cap = cap;
}

void *
arena_get(struct arena *a, size_t n)
{
	void *p = a->base + a->used;

	n = (n + 15) & ~(size_t)15;
	if (n > a->cap - a->used)
		die("an arena of %zu bytes is full", a->cap);
	a->used += n;
	return (p);
}

char *
arena_copy(struct arena *a, const char *p, size_t n)
{
	char *to = arena_get(a, n + 1);

	if (n > 0)
		memcpy(to, p, n);
	to[n] = '\0';
	return (to);
}

bool
numbers_has(const struct numbers *s, uint32_t number)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->list[i] == number)
			return (true);
	return (false);
}

void
numbers_add(struct numbers *s, uint32_t number)
{
	if (numbers_has(s, number))
		return;
	if (s->n == STATE_NUMBERS)
		die("too many numbers");
	s->list[s->n++] = number;
}

void
numbers_remove(struct numbers *s, uint32_t number)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->list[i] == number)
			s->list[i--] = s->list[--s->n];
}

void
state_add(struct state *s, const char *name, const char *p, size_t n,
    unsigned int inode)
{
	struct state_file *f;
	size_t at = s->n;

	if (s->n == STATE_FILES || strlen(name) >= STATE_NAME)
		die("%s: too many files, or too long a name", name);
	/* Sorted by name, so that equal states have equal hashes. */
	while (at > 0 && strcmp(s->file[at - 1].name, name) > 0)
		at--;
	memmove(
	    &s->file[at + 1], &s->file[at], (s->n - at) * sizeof(s->file[0]));
	s->n++;
	f = &s->file[at];
	memset(f, 0, sizeof(*f));
	(void)snprintf(f->name, sizeof(f->name), "%s", name);
	f->p = p;
	f->n = n;
	f->inode = inode;
}

const struct state_file *
state_find(const struct state *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (strcmp(s->file[i].name, name) == 0)
			return (&s->file[i]);
	return (NULL);
}

const struct state_file *
state_message(const struct state *s, uint32_t number, const char *suffix)
{
	char name[STATE_NAME];

	(void)snprintf(
	    name, sizeof(name), "%lu%s", (unsigned long)number, suffix);
	return (state_find(s, name));
}

void
state_remove(struct state *s, const char *name)
{
	const struct state_file *f = state_find(s, name);
	size_t at;

	if (f == NULL)
		return;
	at = (size_t)(f - s->file);
	memmove(&s->file[at], &s->file[at + 1],
	    (s->n - at - 1) * sizeof(s->file[0]));
	s->n--;
}

bool
state_is_mark(const char *suffix)
{
	return (strncmp(suffix, ".K", 2) == 0);
}

uint32_t
state_number(const char *name, const char **suffix)
{
	char *end;
	unsigned long n;

	if (!isdigit((unsigned char)name[0]) || name[0] == '0')
		return (0);
	n = strtoul(name, &end, 10);
	*suffix = end;
	if (strcmp(end, ".CMD") != 0 && strcmp(end, ".TMP") != 0 &&
	    strcmp(end, ".TXT") != 0 && strcmp(end, ".WRK") != 0 &&
	    strcmp(end, ".BAD") != 0 && strcmp(end, ".HLD") != 0 &&
	    strcmp(end, ".WHY") != 0 && !state_is_mark(end))
		return (0);
	return (n <= UINT32_MAX ? (uint32_t)n : 0);
}

/* d stands for any digit. */
static bool
has_shape(const char *p, const char *shape, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (shape[i] == 'd' ? !isdigit((unsigned char)p[i])
				    : p[i] != shape[i])
			return (false);
	return (true);
}

void
state_stop_clock(char *p, size_t n)
{
	/* The trace header's, and Received-At's. */
	static const char *const shapes[] = { " dd:dd:dd +0000", "Tdd:dd:ddZ" };
	size_t len;
	size_t i;
	size_t j;

	for (j = 0; j < 2; j++) {
		len = strlen(shapes[j]);
		for (i = 0; i + len <= n; i++)
			if (has_shape(p + i, shapes[j], len))
				memcpy(p + i + 1, "00:00:00", 8);
	}
}

/* A whole file; what is no regular file reads as empty. */
static char *
read_file(int fd, size_t size, struct arena *a, size_t *n)
{
	char *p = arena_get(a, size + 1);
	ssize_t r;

	*n = 0;
	while (*n < size && (r = read(fd, p + *n, size - *n)) > 0)
		*n += (size_t)r;
	p[*n] = '\0';
	state_stop_clock(p, *n);
	return (p);
}

static void
load_one(struct state *s, int dirfd, const char *name, struct arena *a)
{
	struct stat st;
	const char *p;
	size_t n = 0;
	int fd =
	    openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) != 0)
		die("%s: %s", name, strerror(errno));
	p = read_file(fd, (size_t)st.st_size, a, &n);
	(void)close(fd);
	state_add(s, name, p, n, (unsigned int)st.st_ino);
}

void
state_load(struct state *s, int dirfd, struct arena *a)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (dir == NULL)
		die("the spool: %s", strerror(errno));
	s->n = 0;
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			load_one(s, dirfd, entry->d_name, a);
	(void)closedir(dir);
}

static void
store_one(const struct state_file *f, int dirfd)
{
	int fd = openat(
	    dirfd, f->name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

	if (fd < 0 || (f->n > 0 && write(fd, f->p, f->n) != (ssize_t)f->n))
		die("unable to make %s: %s", f->name, strerror(errno));
	(void)close(fd);
}

void
state_store(const struct state *s, int dirfd)
{
	size_t i;
	size_t j;

	state_wipe(dirfd);
	for (i = 0; i < s->n; i++) {
		for (j = 0; j < i; j++)
			if (s->file[j].inode == s->file[i].inode)
				break;
		if (j == i)
			store_one(&s->file[i], dirfd);
		else if (linkat(dirfd, s->file[j].name, dirfd, s->file[i].name,
			     0) != 0)
			die("link %s: %s", s->file[i].name, strerror(errno));
	}
}

void
state_wipe(int dirfd)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (dir == NULL)
		die("the spool: %s", strerror(errno));
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.' &&
		    unlinkat(dirfd, entry->d_name, 0) != 0)
			die("%s: %s", entry->d_name, strerror(errno));
	(void)closedir(dir);
}

bool
state_same_file(const struct state_file *a, const struct state_file *b)
{
	return (a != NULL && b != NULL && a->n == b->n &&
	    memcmp(a->p, b->p, a->n) == 0);
}

bool
state_equal(const struct state *a, const struct state *b)
{
	size_t i;

	if (a->n != b->n)
		return (false);
	for (i = 0; i < a->n; i++)
		if (strcmp(a->file[i].name, b->file[i].name) != 0 ||
		    a->file[i].n != b->file[i].n ||
		    memcmp(a->file[i].p, b->file[i].p, a->file[i].n) != 0)
			return (false);
	return (true);
}

uint64_t
state_hash_bytes(uint64_t h, const void *p, size_t n)
{
	const unsigned char *c = p;
	size_t i;

	for (i = 0; i < n; i++)
		h = (h ^ c[i]) * 0x100000001b3U;
	/* A length too, or "ab" "c" would be "a" "bc". */
	return ((h ^ n) * 0x9e3779b97f4a7c15U);
}

uint64_t
state_hash(const struct state *s, uint64_t h)
{
	size_t i;
	size_t first;

	for (i = 0; i < s->n; i++) {
		const struct state_file *f = &s->file[i];

		for (first = 0; s->file[first].inode != f->inode; first++)
			continue;
		h = state_hash_bytes(h, f->name, strlen(f->name));
		h = state_hash_bytes(h, f->p, f->n);
		h = state_hash_bytes(h, &first, sizeof(first));
	}
	return (h);
}

void
state_print(const struct state *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct state_file *f = &s->file[i];
		int shown = f->n < 80 ? (int)f->n : 80;
		int at;

		(void)printf("\t%-14s %6zu  \"", f->name, f->n);
		for (at = 0; at < shown; at++)
			(void)putchar(isprint((unsigned char)f->p[at])
				? f->p[at]
				: f->p[at] == '\n' ? '|'
						   : '?');
		(void)printf("\"\n");
	}
}

static void
seen_grow(struct seen *s)
{
	struct seen bigger = { NULL, s->cap == 0 ? 1 << 16 : s->cap * 2, 0 };
	size_t i;

	bigger.slot = calloc(bigger.cap, sizeof(*bigger.slot));
	if (bigger.slot == NULL)
		die("no memory");
	for (i = 0; i < s->cap; i++)
		if (s->slot[i] != 0)
			(void)seen_add(&bigger, s->slot[i]);
	free(s->slot);
	*s = bigger;
}

bool
seen_add(struct seen *s, uint64_t h)
{
	size_t at;

	if (s->n * 2 >= s->cap)
		seen_grow(s);
	if (h == 0)
		h = 1;
	for (at = h & (s->cap - 1); s->slot[at] != 0;
	     at = (at + 1) & (s->cap - 1))
		if (s->slot[at] == h)
			return (false);
	s->slot[at] = h;
	s->n++;
	return (true);
}
