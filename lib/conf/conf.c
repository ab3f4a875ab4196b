/* SPDX-License-Identifier: ISC */
#include "conf/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "conf/amqp.h"
#include "conf/keys.h"
#include "conf/pull.h"
#include "conf/remote.h"
#include "sys/sysio.h"

/* Where the configuration is looked for last: the Makefile's SYSCONFDIR. */
#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc/smtpserv"
#endif

/* One line of the file, byte by byte. */
struct line_scan {
	bool quoted;
	bool in_value;
	bool has_text;
	enum conf_status status;
	struct buf key;
	struct buf value;
};

/* Take the line off; CR LF, LF and CR end one, and so does the end. */
static struct bytes
next_line(struct bytes *rest)
{
	struct bytes line = *rest;
	size_t end = 0;
	size_t skip = 1;

	while (end < rest->n && rest->p[end] != '\n' && rest->p[end] != '\r')
		end++;
	if (end + 1 < rest->n && rest->p[end] == '\r' &&
	    rest->p[end + 1] == '\n')
		skip = 2;
	line.n = end;
	*rest = bytes_cut(*rest, end + skip, rest->n);
	return (line);
}

static void
scan_text(struct line_scan *s, char c)
{
	s->has_text = true;
	if (!s->in_value && c >= 'A' && c <= 'Z')
		c = (char)(c - 'A' + 'a');
	if (!buf_putc(s->in_value ? &s->value : &s->key, c))
		s->status = CONF_TOO_LONG;
}

static void
scan_equals(struct line_scan *s)
{
	s->has_text = true;
	if (s->in_value)
		s->status = CONF_SECOND_EQUALS;
	s->in_value = true;
}

/* False: the rest of the line is a comment. */
static bool
scan_byte(struct line_scan *s, char c)
{
	if (c == '"') {
		s->quoted = !s->quoted;
		s->has_text = true;
		return (true);
	}
	if (c != '\t' && ((unsigned char)c < ' ' || c == 0x7f)) {
		s->status = CONF_BAD_BYTE;
		return (true);
	}
	if (s->quoted) {
		scan_text(s, c);
		return (true);
	}
	if (c == '#' || c == ';')
		return (false);
	if (c == '=')
		scan_equals(s);
	else if (c != ' ' && c != '\t')
		scan_text(s, c);
	return (true);
}

static enum conf_status
verdict(struct line_scan *s, struct conf_pair *pair)
{
	if (s->status != CONF_PAIR)
		return (s->status);
	if (s->quoted)
		return (CONF_UNBALANCED);
	if (!s->in_value)
		return (CONF_NO_EQUALS);
	if (buf_cstr(&s->key) == NULL || buf_cstr(&s->value) == NULL)
		return (CONF_TOO_LONG);
	return (pair->key[0] == '\0' ? CONF_NO_KEY : CONF_PAIR);
}

enum conf_status
conf_next(struct bytes *rest, struct conf_pair *pair)
{
	while (rest->n > 0) {
		struct line_scan s = { .status = CONF_PAIR };
		struct bytes line;
		size_t i = 0;

		line = next_line(rest);
		/* Control-Z, where DOS editors end a file. */
		if (bytes_find(line, 0x1a, &line.n))
			*rest = bytes_cut(*rest, rest->n, 0);
		pair->line++;
		buf_init(&s.key, pair->key, sizeof(pair->key));
		buf_init(&s.value, pair->value, sizeof(pair->value));
		while (i < line.n && scan_byte(&s, line.p[i]))
			i++;
		if (s.has_text || s.status != CONF_PAIR)
			return (verdict(&s, pair));
	}
	return (CONF_END);
}

const char *
conf_status_text(enum conf_status status)
{
	switch (status) {
	case CONF_NO_EQUALS:
		return ("no `=' on the line: want key = value");
	case CONF_SECOND_EQUALS:
		return ("a second `=': put the value in double quotes");
	case CONF_UNBALANCED:
		return ("a double quote is not closed");
	case CONF_NO_KEY:
		return ("nothing before the `='");
	case CONF_TOO_LONG:
		return ("key or value too long");
	case CONF_BAD_BYTE:
		return ("a control byte: is this a text file?");
	case CONF_PAIR:
	case CONF_END:
		break;
	}
	return ("");
}

/* The state of loading a file and those it includes. */
struct loading {
	struct settings *settings;
	const struct keyset *more;
	conf_report_fn *report;
	void *ctx;
	unsigned int depth;
	unsigned int files;
	enum result result;
	uint64_t wrong; /* a bit for each of KEYS whose value was refused */
	bool has_gap;   /* a file was not read: it may set a missing key */
};

_Static_assert(
    sizeof(((struct loading *)0)->wrong) * 8 >= KEYS_MAX, "a bit for each key");

/* Remember the worst; a permanent problem outweighs a passing one. */
static void
complain(struct loading *l, enum result r, const char *file, unsigned int line,
    const char *key, const char *text)
{
	if (l->result != RES_PERM)
		l->result = r;
	l->report(l->ctx, CONF_ERROR, file, line, key, text);
}

static void
note(struct loading *l, const char *file, const struct conf_pair *pair,
    const char *text)
{
	l->report(l->ctx, CONF_NOTE, file, pair->line, pair->key, text);
}

/* The value is not one that the key takes. */
static void
refuse(struct loading *l, const char *file, const struct conf_pair *pair,
    const struct key *key, const char *wrong)
{
	char store[256];
	struct buf text;

	buf_init(&text, store, sizeof(store));
	(void)buf_puts(&text, wrong);
	key_put_range(key, &text);
	if (key == key_named(key->name))
		l->wrong |= UINT64_C(1) << (key - KEYS);
	complain(l, RES_PERM, file, pair->line, pair->key,
	    buf_cstr(&text) == NULL ? wrong : store);
}

/* Of a set that this program has nothing to do with. */
static bool
is_others(const struct loading *l, const struct conf_pair *pair)
{
	static const char *const prefixes[] = { REMOTE_PREFIX, AMQP_PREFIX,
		PULL_PREFIX };
	struct bytes name = bytes_of(pair->key);
	const struct keyset *set;
	size_t i;

	for (set = l->more; set != NULL; set = set->next)
		if (bytes_starts_nocase(name, bytes_of(set->prefix)))
			return (false);
	for (i = 0; i < ARRAY_LEN(prefixes); i++)
		if (bytes_starts_nocase(name, bytes_of(prefixes[i])))
			return (true);
	return (false);
}

static void
apply(struct loading *l, const char *file, const struct conf_pair *pair)
{
	const struct key *key = key_named_in(l->more, pair->key);
	const char *wrong = NULL;

	if (is_others(l, pair))
		return;
	if (key == NULL && strncmp(pair->key, "smtp.", 5) == 0) {
		complain(l, RES_PERM, file, pair->line, pair->key,
		    "no such key; smtpserv.conf(5) lists them");
	} else if (key == NULL) {
		note(l, file, pair, "unknown key, ignored");
	} else if (key->type == KEY_STACK) {
		note(l, file, pair,
		    "not used: the operating system does that now");
	} else {
		wrong = key_set(key, l->settings, pair->value);
		if (wrong != NULL)
			refuse(l, file, pair, key, wrong);
	}
	if (key != NULL && key->type == KEY_PATH && wrong == NULL &&
	    pair->value[0] != '/')
		note(l, file, pair, "a DOS path: name one of this machine");
}

static void load_file(struct loading *l, const char *file, bool may_miss,
    const char *from, unsigned int line);

/* NOLINTBEGIN(misc-no-recursion): CONF_DEPTH_MAX bounds it. */

/* include=FILE, include=?FILE */
static void
include(struct loading *l, const char *file, const struct conf_pair *pair)
{
	const char *name = pair->value;
	const char *slash = strrchr(file, '/');
	bool may_miss = name[0] == '?';
	char path[CONF_VALUE_MAX];
	struct buf b;

	if (may_miss)
		name++;
	buf_init(&b, path, sizeof(path));
	if (name[0] != '/' && slash != NULL)
		(void)buf_put(
		    &b, (struct bytes){ file, (size_t)(slash - file) + 1 });
	(void)buf_puts(&b, name);
	if (buf_cstr(&b) == NULL || name[0] == '\0')
		complain(l, RES_PERM, file, pair->line, pair->key,
		    "no good file name");
	else if (l->depth >= CONF_DEPTH_MAX)
		complain(l, RES_PERM, file, pair->line, pair->key,
		    "too many files within files");
	else if (l->files < CONF_FILES_MAX)
		load_file(l, path, may_miss, file, pair->line);
	/* Said once: a file that includes itself would repeat it. */
	else if (l->files++ == CONF_FILES_MAX)
		complain(l, RES_PERM, file, pair->line, pair->key,
		    "too many files in all");
}

static void
load_text(struct loading *l, const char *file, struct bytes text)
{
	struct conf_pair pair = { .line = 0 };
	enum conf_status status;

	while ((status = conf_next(&text, &pair)) != CONF_END) {
		if (status != CONF_PAIR)
			complain(l, RES_PERM, file, pair.line, "",
			    conf_status_text(status));
		else if (strcmp(pair.key, "include") == 0)
			include(l, file, &pair);
		else if (strcmp(pair.key, "print") != 0)
			apply(l, file, &pair);
	}
}

/* Opening does not wait, even for a FIFO; only a regular file has an end. */
static int
open_file(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
		return (fd);
	(void)close(fd);
	errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	return (-1);
}

/* If a file cannot be opened, the line that names it is at fault. */
static void
load_file(struct loading *l, const char *file, bool may_miss, const char *from,
    unsigned int line)
{
	char text[CONF_FILE_MAX];
	size_t n = 0;
	enum sysio_status status;
	int fd = open_file(file);

	l->files++;
	if (fd < 0 && errno == ENOENT && may_miss)
		return;
	if (fd < 0) {
		struct fault ignored;

		l->has_gap = true;
		complain(l, fault_set(&ignored, "open", file, errno), from,
		    line, line == 0 ? "" : file,
		    errno == EINVAL ? "not a regular file" : strerror(errno));
		return;
	}
	status = sysio_read_file(fd, text, sizeof(text), &n);
	if (status != SYSIO_OK)
		complain(l,
		    errno == EFBIG || errno == EISDIR ? RES_PERM : RES_TEMP,
		    file, 0, "", strerror(errno));
	(void)close(fd);
	if (status != SYSIO_OK) {
		l->has_gap = true;
		return;
	}
	l->depth++;
	load_text(l, file, (struct bytes){ text, n });
	l->depth--;
}

/* NOLINTEND(misc-no-recursion) */

/* The key is not set, well or badly; every file that may set it was read. */
static bool
is_missing(const struct loading *l, const char *key, const char *value)
{
	return (value[0] == '\0' && !l->has_gap &&
	    (l->wrong & UINT64_C(1) << (key_named(key) - KEYS)) == 0);
}

/* The mistakes that a key by itself does not show. */
static void
check_whole(struct loading *l, const char *file)
{
	const struct settings *s = l->settings;

	if (is_missing(l, "smtp.subdir", s->spool.dir))
		complain(l, RES_PERM, file, 0, "smtp.subdir",
		    "missing: name the spool directory, a full path");
	if (s->who.deliver[0] != '\0' &&
	    is_missing(l, "smtp.postmaster", s->who.postmaster))
		complain(l, RES_PERM, file, 0, "smtp.postmaster",
		    "missing: with smtp.deliver it must say where "
		    "postmaster's mail goes");
}

enum result
conf_load_more(const char *file, struct settings *settings,
    const struct keyset *more, conf_report_fn *report, void *ctx)
{
	struct loading l = {
		.settings = settings, .more = more, .report = report, .ctx = ctx
	};

	keys_init_more(settings, more);
	load_file(&l, file, false, file, 0);
	check_whole(&l, file);
	return (l.result);
}

enum result
conf_load(const char *file, struct settings *settings, conf_report_fn *report,
    void *ctx)
{
	return (conf_load_more(file, settings, NULL, report, ctx));
}

bool
conf_path(char *path, size_t cap, const char *option, const char *dir1,
    const char *dir2)
{
	struct buf b;

	buf_init(&b, path, cap);
	if (option != NULL) {
		(void)buf_puts(&b, option);
		return (buf_cstr(&b) != NULL);
	}
	if (dir1 == NULL || dir1[0] == '\0')
		dir1 = dir2;
	if (dir1 == NULL || dir1[0] == '\0')
		dir1 = SYSCONFDIR;
	(void)buf_puts(&b, dir1);
	(void)buf_puts(&b, "/" CONF_FILE_NAME);
	return (buf_cstr(&b) != NULL);
}
