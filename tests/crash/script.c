/* SPDX-License-Identifier: ISC */
#include "script.h"

#include <stdio.h>
#include <string.h>

enum {
	LONG_LINES = 500,
	LONG_SIZE = 40000
};

/* A message of several writes, filled by script_init(). */
static char long_body[LONG_SIZE];
static char long_input[LONG_SIZE + 2048];

#define HELLO          "EHLO maggot\r\n"
#define ENVELOPE       "MAIL FROM:<erick@maggot>\r\nRCPT TO:<bruce@gnat>\r\n"
#define QUEUE_ENVELOPE "Ferick@maggot|Tbruce@gnat|"
#define RCPTS          "RCPT TO:<ann@gnat>\r\nRCPT TO:<postmaster>\r\n"
#define THREE_RCPTS    SCRIPT_ENVELOPE "To: ann@gnat\nTo: postmaster\n"
#define QUIT           "QUIT\r\n"
#define FIRST_TEXT     "Subject: Beers?\r\n\r\n..Six?\r\n"
#define FIRST_BODY     "Subject: Beers?\n\n.Six?\n"
#define SECOND_TEXT    "Subject: Beers!\r\n\r\nSeven.\r\n"
#define SECOND_BODY    "Subject: Beers!\n\nSeven.\n"
#define FIRST          ENVELOPE "DATA\r\n" FIRST_TEXT ".\r\n"
#define SECOND         ENVELOPE "DATA\r\n" SECOND_TEXT ".\r\n"
/* The first message, in three chunks; and one that is given up. */
#define CHUNKS                                                                 \
	ENVELOPE "BDAT 16\r\nSubject: Beers?\r"                                \
		 "BDAT 0\r\nBDAT 10 LAST\r\n\n\r\n.Six?\r\n"
#define HALF ENVELOPE "BDAT 6\r\nhalf\r\n"
#define BIG                                                                    \
	"0123456789012345678901234567890123456789012345678901234567890123\r\n"

#define SEQ(next, limit, step)                                                 \
	{                                                                      \
		"sequence.seq", next " " limit " " limit " " step " @\n"       \
	}
#define OLD_SEQ(next, limit, step)                                             \
	{                                                                      \
		"sequence.seq",                                                \
		    next " " limit " " limit " " step                          \
			 " 11111111-2222-3333-4444-555555555555\n"             \
	}
#define PAIR(n) PAIR_AS(n, ".WRK")
#define PAIR_AS(n, suffix)                                                            \
	{ n suffix, SCRIPT_ENVELOPE },                                                \
	{                                                                             \
		n ".TXT",                                                             \
		    "Received: from maggot by gnat.example.test with ESMTP\n\tid A" n \
		    "; Mon, 23 Nov 2026 00:00:00 +0000\nSubject: old\n\nold " n       \
		    "\n"                                                              \
	}

/*
 * After a power cut, by number: whole; a text that is torn, and an envelope;
 * one whose WRK has fewer recipients by now; one without a text; and one that
 * is not marked yet.  Their names pin the form of a mark down, too.
 */
#define OLD_TEXT(n, old)                                                       \
	"Received: from maggot by gnat.example.test with ESMTP\n\tid A" n      \
	"; Mon, 23 Nov 2026 00:00:00 +0000\nSubject: " old "\n\nold " n "\n"
#define MARKS                                                                  \
	{ "41.K116-0da8e7b073acdb98", SCRIPT_ENVELOPE },                       \
	    { "41.TXT", OLD_TEXT("41", "old") },                               \
	    { "42.K116-9ef8ca9ca47bf2e6", SCRIPT_ENVELOPE },                   \
	    { "42.TXT", OLD_TEXT("42", "odd") },                               \
	    { "43.K116-8cdbb2b9ea03c2fa", "From: erick@maggot\n" },            \
	    { "43.TXT", OLD_TEXT("43", "old") },                               \
	    { "44.K116-bcf6d34d948063a5", SCRIPT_ENVELOPE "To: ann@gnat\n" },  \
	    PAIR("44"),                                                        \
	{                                                                      \
		"45.K116-d72e4ae5d27b8473", SCRIPT_ENVELOPE                    \
	}

static const char *const CLEAN[] = { "clean", NULL };
static const char *const REPAIR[] = { "repair", NULL };
static const char *const CLAIM[] = { "claim", "40", "--", "/usr/bin/touch",
	SCRIPT_DONE, NULL };
static const char *const REMOVE[] = { "remove", "40", NULL };
static const char *const HOLD[] = { "hold", "40", NULL };
static const char *const RELEASE[] = { "release", "40", NULL };
static const char *const GIVE_UP[] = { "fail", "40", NULL };
static const char *const RETRY[] = { "retry", "40", NULL };

#define GIVEN_UP                                                               \
	"From: erick@maggot\nFailed: bruce@gnat\nStatus: 5.0.0\n"              \
	"Diagnostic: given up by the administrator\n"

#define LEFT_OVERS                                                             \
	{ "41.CMD", SCRIPT_ENVELOPE }, { "41.TMP", "half" },                   \
	    { "42.TXT", "whole" },                                             \
	{                                                                      \
		"43.TMP", ""                                                   \
	}

const struct script SCRIPTS[] = {
	/* No sequence.seq: it is made. */
	{ .name = "first", .input = HELLO FIRST QUIT,
	    .body = { FIRST_BODY }, .accepted = 1 },
	/* A reserved number: one write of the counter, and no sync. */
	{ .name = "one", .before = { SEQ("0000000999", "0000001024", "0016"),
	    PAIR("40") }, .input = HELLO FIRST QUIT,
	    .body = { FIRST_BODY }, .accepted = 1, .socket = true },
	/* None reserved. */
	{ .name = "limit", .before = { SEQ("0000001999", "0000001999", "0016") },
	    .input = HELLO FIRST QUIT, .body = { FIRST_BODY }, .accepted = 1 },
	/* The machine went down since; with left-overs. */
	{ .name = "reboot", .before = {
	    OLD_SEQ("0000000044", "0000000099", "0064"), LEFT_OVERS },
	    .input = HELLO FIRST QUIT, .body = { FIRST_BODY }, .accepted = 1 },
	/* The first takes the last number reserved, the second more. */
	{ .name = "two", .before = { SEQ("0000000099", "0000000100", "0512") },
	    .input = HELLO FIRST SECOND QUIT,
	    .body = { FIRST_BODY, SECOND_BODY }, .accepted = 2 },
	/* NOS's counter: one number. */
	{ .name = "legacy", .before = { { "sequence.seq", "5321\n" } },
	    .input = HELLO FIRST QUIT, .body = { FIRST_BODY }, .accepted = 1 },
	/* Numbers in use are skipped; of one set aside the text is lost. */
	{ .name = "taken", .before = {
	    SEQ("0000000007", "0000000032", "0016"), { "7.TXT", "mine" },
	    { "8.TMP", "mine" }, { "9.BAD", SCRIPT_ENVELOPE } }, .input = HELLO FIRST QUIT,
	    .body = { FIRST_BODY }, .accepted = 1 },
	/* After 4294967295 comes 1. */
	{ .name = "wrap", .before = {
	    SEQ("4294967295", "4294967295", "0016") },
	    .input = HELLO FIRST SECOND QUIT,
	    .body = { FIRST_BODY, SECOND_BODY }, .accepted = 2 },
	/* A transaction given up, then a client that vanishes. */
	{ .name = "vanish", .before = {
	    SEQ("0000000099", "0000000100", "0002") }, .socket = true,
	    .input = HELLO ENVELOPE "RSET\r\n" FIRST ENVELOPE
	    "DATA\r\nSubject: half\r\n", .body = { FIRST_BODY },
	    .accepted = 1 },
	/* Too big, and a good one after it. */
	{ .name = "toobig", .conf = "smtp.maxsize = 1024\n", .before = {
	    SEQ("0000000099", "0000000900", "0002") },
	    .input = HELLO ENVELOPE "DATA\r\n" BIG BIG BIG BIG BIG BIG BIG BIG
	    BIG BIG BIG BIG BIG BIG BIG BIG BIG BIG ".\r\n" FIRST QUIT,
	    .body = { FIRST_BODY }, .accepted = 1, .refusals = "552" },
	/* Several writes. */
	{ .name = "long", .before = { SEQ("0000000099", "0000000900", "0002") },
	    .input = long_input, .body = { long_body }, .accepted = 1 },
	/* To several. */
	{ .name = "three", .before = {
	    SEQ("0000000099", "0000000900", "0002") },
	    .input = HELLO ENVELOPE RCPTS "DATA\r\n" FIRST_TEXT ".\r\n" QUIT,
	    .written = THREE_RCPTS, .body = { FIRST_BODY }, .accepted = 1 },
	/* In chunks, one message given up between them. */
	{ .name = "chunks", .before = {
	    SEQ("0000000099", "0000000900", "0002") },
	    .input = HELLO HALF "RSET\r\n" CHUNKS QUIT,
	    .body = { FIRST_BODY }, .accepted = 1 },
	/* In chunks, and gone within one. */
	{ .name = "chunks-vanish", .before = {
	    SEQ("0000000099", "0000000900", "0002") }, .socket = true,
	    .input = HELLO CHUNKS HALF "BDAT 100 LAST\r\nhalf",
	    .body = { FIRST_BODY }, .accepted = 1 },
	/* The envelope is added to in the end. */
	{ .name = "full",
	    .conf = "smtp.envelope = full\n",
	    .before = { SEQ("0000000099", "0000000900", "0002") },
	    .input = HELLO FIRST QUIT,
	    .body = { FIRST_BODY },
	    .accepted = 1,
	    .envelope_end = "\nSize: 26\n" },
	/* smtpserv-queue: no counter; several writes; facts; and given up. */
	{ .name = "queue", .envelope = QUEUE_ENVELOPE "|",
	    .before = { PAIR("40") }, .input = FIRST_BODY,
	    .body = { FIRST_BODY }, .accepted = 1 },
	{ .name = "queue-long", .envelope = QUEUE_ENVELOPE "|", .before = {
	    SEQ("0000000099", "0000000900", "0002") }, .input = long_body,
	    .body = { long_body }, .accepted = 1 },
	{ .name = "queue-full", .envelope = QUEUE_ENVELOPE "|",
	    .conf = "smtp.envelope = full\n", .before = {
	    OLD_SEQ("0000000044", "0000000099", "0064"), LEFT_OVERS },
	    .input = FIRST_BODY, .body = { FIRST_BODY }, .accepted = 1,
	    .envelope_end = "\nSize: 26\n" },
	{ .name = "queue-given-up", .envelope = QUEUE_ENVELOPE, .before = {
	    SEQ("0000000099", "0000000900", "0002") }, .input = FIRST_BODY,
	    .exits = 54 },
	{ .name = "queue-three", .envelope = QUEUE_ENVELOPE
	    "Tann@gnat|Tpostmaster||", .before = {
	    SEQ("0000000099", "0000000900", "0002") }, .input = FIRST_BODY,
	    .written = THREE_RCPTS, .body = { FIRST_BODY }, .accepted = 1 },
	{ .name = "clean", .tool = CLEAN, .before = {
	    SEQ("0000000050", "0000000064", "0016"), PAIR("40"), LEFT_OVERS,
	    }, .cleans = true },
	{ .name = "clean-marks", .tool = CLEAN, .before = {
	    OLD_SEQ("0000000050", "0000000099", "0064"), MARKS },
	    .owed = 41, .cleans = true },
	{ .name = "marks", .before = {
	    OLD_SEQ("0000000050", "0000000099", "0064"), MARKS },
	    .input = HELLO FIRST QUIT, .body = { FIRST_BODY },
	    .accepted = 1, .owed = 41 },
	{ .name = "repair", .tool = REPAIR, .before = {
	    { "sequence.seq", "garbage\n" }, PAIR("40"), LEFT_OVERS },
	    .bad_counter = true },
	{ .name = "repair-torn", .tool = REPAIR, .before = {
	    OLD_SEQ("0000000044", "0000000099", "0064"), PAIR("40") } },
	{ .name = "claim", .tool = CLAIM, .before = {
	    SEQ("0000000050", "0000000064", "0016"), PAIR("39"), PAIR("40") },
	    .consumed = 40 },
	{ .name = "remove", .tool = REMOVE, .before = {
	    SEQ("0000000050", "0000000064", "0016"), PAIR("39"), PAIR("40") },
	    .consumed = 40 },
	{ .name = "hold", .tool = HOLD, .before = {
	    SEQ("0000000050", "0000000064", "0016"), PAIR("39"), PAIR("40") },
	    .steered = 40 },
	{ .name = "release", .tool = RELEASE, .before = {
	    SEQ("0000000050", "0000000064", "0016"), PAIR("39"),
	    PAIR_AS("40", ".HLD") }, .steered = 40 },
	{ .name = "give-up", .tool = GIVE_UP, .before = {
	    SEQ("0000000050", "0000000064", "0016"), PAIR("39"), PAIR("40") },
	    .steered = 40, .steered_envelope = GIVEN_UP },
	{ .name = "give-up-held", .tool = GIVE_UP, .before = {
	    SEQ("0000000050", "0000000064", "0016"), PAIR("39"),
	    PAIR_AS("40", ".HLD") },
	    .steered = 40, .steered_envelope = GIVEN_UP },
	{ .name = "retry", .tool = RETRY, .before = {
	    SEQ("0000000050", "0000000064", "0016"), PAIR("39"), PAIR("40") },
	    .steered = 40 }
};

const size_t SCRIPTS_COUNT = sizeof(SCRIPTS) / sizeof(SCRIPTS[0]);

const struct script *
script_find(const char *name)
{
	size_t i;

	for (i = 0; strcmp(SCRIPTS[i].name, name) != 0; i++)
		continue;
	return (&SCRIPTS[i]);
}

void
script_init(void)
{
	size_t in = 0;
	size_t out = 0;
	int i;

	in += (size_t)snprintf(long_input, sizeof(long_input), "%s%s%s", HELLO,
	    ENVELOPE, "DATA\r\nSubject: long\r\n\r\n");
	out +=
	    (size_t)snprintf(long_body, sizeof(long_body), "Subject: long\n\n");
	for (i = 0; i < LONG_LINES; i++) {
		in += (size_t)snprintf(long_input + in, sizeof(long_input) - in,
		    "%05d %s\r\n", i,
		    "abcdefghijklmnopqrstuvwxyz 0123456789 "
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		out += (size_t)snprintf(long_body + out,
		    sizeof(long_body) - out, "%05d %s\n", i,
		    "abcdefghijklmnopqrstuvwxyz 0123456789 "
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	}
	(void)snprintf(long_input + in, sizeof(long_input) - in, ".\r\n" QUIT);
}
