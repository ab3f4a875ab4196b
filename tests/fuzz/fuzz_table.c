/* SPDX-License-Identifier: ISC */
/*
 * The table of recipients.
 *
 * Options: what the input is, and the length of the mailbox that begins it.
 * '0': the bytes of the file, which may be anything: nothing crashes, what is
 * answered is within bounds, and tinycdb's own look-up does not contradict.
 * '1': lines of `key instruction`, of which tinycdb makes a table: the answers
 * are those of a reader who goes through the lines.
 */
#include "table/table.h"

#include <cdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "fuzz.h"
#include "mail/idn.h"

#define HOST "gnat.example"

enum {
	LINES_MAX = 256,
	STEPS_MAX = 1 << 16
};

static struct {
	struct bytes key;
	struct bytes instruction;
} lines[LINES_MAX];
static size_t nlines;

static struct table table;
static struct table_match match;

static int
make_file(void)
{
	int fd = memfd_create("table", MFD_CLOEXEC);

	fuzz_must(fd >= 0, "there is memory for a file");
	return (fd);
}

/* False: it is none. */
static bool
open_table(int fd)
{
	struct fault why = { NULL, "", 0, false };
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (table_open(&table, path, &why) != RES_OK) {
		fuzz_must(why.op != NULL && why.name[0] == '/',
		    "it says what is wrong");
		return (false);
	}
	table_set_postmaster(&table, HOST, "ops@" HOST);
	return (true);
}

static void
check_failed(void)
{
	fuzz_must(table.file.why.op != NULL && table.file.why.name[0] == '/',
	    "a failure has a reason");
}

/* tinycdb's opinion of the key that ours found or missed. */
static void
compare(struct cdb *theirs, enum table_answer answer)
{
	struct cdb_find find;
	struct bytes text;
	int got =
	    cdb_findinit(&find, theirs, match.key.p, (unsigned int)match.key.n);

	if (got > 0)
		got = cdb_findnext(&find);
	fuzz_must(got < 0 || (got > 0) == (answer == TABLE_HIT),
	    "tinycdb finds the same key");
	while (got > 0 && answer == TABLE_HIT) {
		answer = table_next(&match, &text);
		if (answer == TABLE_HIT)
			fuzz_must(text.n == cdb_datalen(theirs) &&
				memcmp(text.p, cdb_getdata(theirs), text.n) ==
				    0,
			    "tinycdb finds the same instruction");
		got = cdb_findnext(&find);
	}
	fuzz_must(got <= 0 || answer == TABLE_FAILED, "and no more than ours");
}

static void
take_all(void)
{
	enum table_answer answer;
	struct bytes text;
	size_t n = 0;

	do {
		answer = table_next(&match, &text);
		fuzz_must(text.n <= INSTRUCTION_MAX, "a bounded instruction");
		fuzz_must(n++ < STEPS_MAX, "it comes to an end");
	} while (answer == TABLE_HIT);
	if (answer == TABLE_FAILED)
		check_failed();
}

static void
ask(struct cdb *theirs, struct bytes mailbox)
{
	enum table_answer answer = table_find(&table, mailbox, &match);

	if (answer == TABLE_FAILED)
		check_failed();
	else if (answer == TABLE_HIT && match.by != TABLE_BY_POSTMASTER)
		compare(theirs, answer);
	else if (answer == TABLE_HIT)
		take_all();
	answer = table_route(&table, mailbox, &match);
	if (answer == TABLE_FAILED)
		check_failed();
	else if (mailbox.n < TABLE_KEY_MAX)
		compare(theirs, answer);
}

/* Each key of the file, and the mailbox that the input names. */
static void
try_bytes(struct bytes file, struct bytes mailbox)
{
	static struct cdbfile_walk w;
	struct cdb theirs;
	size_t n = 0;
	int fd = make_file();

	fuzz_must(write(fd, file.p, file.n) == (ssize_t)file.n, "it is there");
	if (open_table(fd)) {
		fuzz_must(cdb_init(&theirs, fd) == 0, "tinycdb opens it, too");
		ask(&theirs, mailbox);
		ask(&theirs, bytes_of("postmaster@elsewhere.example"));
		cdbfile_walk_init(&w, &table.file);
		while (cdbfile_walk(&w) == TABLE_HIT) {
			fuzz_must(w.key.n + w.value.n <= sizeof(w.store),
			    "what is seen is bounded");
			if (n++ < LINES_MAX)
				ask(&theirs, w.key);
			fuzz_must(n < STEPS_MAX, "it comes to an end");
		}
		cdb_free(&theirs);
		table_close(&table);
	}
	(void)close(fd);
}

/* Lines as cdb -m would read them, but for keys that are too long for us. */
static void
read_lines(struct bytes text)
{
	nlines = 0;
	while (text.n > 0 && nlines < LINES_MAX) {
		struct bytes line = text;
		size_t at = text.n;

		(void)bytes_find(text, '\n', &at);
		line.n = at;
		text = bytes_cut(text, at + 1, text.n);
		at = line.n;
		(void)bytes_find(line, ' ', &at);
		lines[nlines].key = bytes_cut(line, 0, at);
		lines[nlines].instruction =
		    bytes_cut(line, at + 1, INSTRUCTION_MAX);
		if (at > 0 && at < TABLE_KEY_MAX)
			nlines++;
	}
}

static void
make_table(int fd)
{
	struct cdb_make maker;
	size_t i;

	fuzz_must(cdb_make_start(&maker, fd) == 0, "a table is begun");
	for (i = 0; i < nlines; i++)
		fuzz_must(
		    cdb_make_add(&maker, lines[i].key.p,
			(unsigned int)lines[i].key.n, lines[i].instruction.p,
			(unsigned int)lines[i].instruction.n) == 0,
		    "a line is added");
	fuzz_must(cdb_make_finish(&maker) == 0, "a table is made");
}

/* Is the line's key local@domain, in lower case? */
static bool
is_key_of(struct bytes key, struct bytes local, struct bytes domain)
{
	size_t i;

	if (domain.n == 0 || key.n != local.n + 1 + domain.n ||
	    key.p[local.n] != '@' ||
	    !bytes_same_nocase(bytes_cut(key, 0, local.n), local) ||
	    !bytes_same_nocase(bytes_cut(key, local.n + 1, key.n), domain))
		return (false);
	for (i = 0; i < key.n; i++)
		if (key.p[i] != bytes_lower(key.p[i]))
			return (false);
	return (true);
}

static bool
is_any_at(struct bytes domain)
{
	size_t i;

	for (i = 0; i < nlines; i++) {
		struct bytes tail = lines[i].key;
		size_t at;

		if (!bytes_find(tail, '@', &at))
			continue;
		while (bytes_find(tail, '@', &at))
			tail = bytes_cut(tail, at + 1, tail.n);
		if (idn_is_same(tail, domain))
			return (true);
	}
	return (false);
}

/* The lines of that key are what table_next() gives; none is a miss. */
static bool
expect_spelled(
    enum table_answer answer, struct bytes local, struct bytes domain)
{
	struct bytes text;
	bool any = false;
	size_t i;

	for (i = 0; i < nlines; i++) {
		if (!is_key_of(lines[i].key, local, domain))
			continue;
		any = true;
		fuzz_must(answer == TABLE_HIT &&
			table_next(&match, &text) == TABLE_HIT &&
			bytes_same(text, lines[i].instruction),
		    "each line of the key, in order");
	}
	if (any)
		fuzz_must(table_next(&match, &text) == TABLE_MISS,
		    "and no other line");
	return (any);
}

/* The domain as it came, then as ASCII, then as UTF-8. */
static bool
expect(enum table_answer answer, struct bytes local, struct bytes domain)
{
	char store[2][TABLE_KEY_MAX];
	struct buf ascii;
	struct buf unicode;

	buf_init(&ascii, store[0], sizeof(store[0]));
	buf_init(&unicode, store[1], sizeof(store[1]));
	if (expect_spelled(answer, local, domain))
		return (true);
	if (idn_put_ascii(domain, &ascii) &&
	    expect_spelled(answer, local, buf_view(&ascii)))
		return (true);
	return (idn_put_unicode(domain, &unicode) &&
	    expect_spelled(answer, local, buf_view(&unicode)));
}

/* By the manual's rules, for a mailbox without quotes. */
static void
check_find(struct bytes mailbox)
{
	static const struct bytes postmaster = { "postmaster", 10 };
	enum table_answer answer = table_find(&table, mailbox, &match);
	struct bytes none = bytes_cut(mailbox, 0, 0);
	struct bytes local = mailbox;
	struct bytes domain = none;
	struct bytes text;
	size_t at;

	fuzz_must(answer != TABLE_FAILED, "a sound table does not fail");
	for (at = mailbox.n; at > 0 && domain.p == none.p; at--) {
		if (mailbox.p[at - 1] != '@')
			continue;
		local = bytes_cut(mailbox, 0, at - 1);
		domain = bytes_cut(mailbox, at, mailbox.n);
		if (domain.n > 1 && domain.p[domain.n - 1] == '.')
			domain.n--;
	}
	if (domain.n == 0 && bytes_same_nocase(local, postmaster))
		domain = bytes_of(HOST);
	if (local.n > 0 && expect(answer, local, domain))
		return;
	if (bytes_same_nocase(local, postmaster) &&
	    (idn_is_same(domain, bytes_of(HOST)) || is_any_at(domain))) {
		fuzz_must(answer == TABLE_HIT &&
			match.by == TABLE_BY_POSTMASTER &&
			table_next(&match, &text) == TABLE_HIT &&
			bytes_same(text, bytes_of("&ops@" HOST)) &&
			table_next(&match, &text) == TABLE_MISS,
		    "postmaster");
		return;
	}
	if (bytes_find(local, '+', &at) && at > 0 &&
	    expect(answer, bytes_cut(local, 0, at), domain))
		return;
	if (!expect(answer, none, domain))
		fuzz_must(answer == TABLE_MISS, "nobody");
}

static void
try_lines(struct bytes text, struct bytes mailbox)
{
	int fd = make_file();
	bool has_route = false;
	size_t at;
	size_t i;

	read_lines(text);
	make_table(fd);
	fuzz_must(open_table(fd), "what tinycdb makes is a table");
	if (!bytes_find(mailbox, '"', &at))
		check_find(mailbox);
	for (i = 0; i < nlines; i++)
		has_route =
		    has_route || bytes_same(lines[i].key, bytes_of("@"));
	fuzz_must(table_route(&table, mailbox, &match) ==
		(has_route && mailbox.n < TABLE_KEY_MAX ? TABLE_HIT
							: TABLE_MISS),
	    "the route");
	table_close(&table);
	(void)close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	unsigned int is_lines = fuzz_option(&in, 2);
	unsigned int length = fuzz_option(&in, 256);
	struct bytes mailbox = bytes_cut(in, 0, length);

	in = bytes_cut(in, length, in.n);
	if (is_lines)
		try_lines(in, mailbox);
	else
		try_bytes(in, mailbox);
	return (0);
}
