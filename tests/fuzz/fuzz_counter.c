/* SPDX-License-Identifier: ISC */
/*
 * The counter: its line, and that no number is handed out twice, whatever
 * fails and whenever the power goes.
 *
 * Options: where the counter begins.  Then one byte for each thing that
 * happens, '0' being that a number is taken and nothing goes wrong; what cuts
 * the power has a second byte, for what the disk then holds.  The whole input
 * is also what the parser gets.
 */
#include "spool/counter.h"
#include "spool/sequence.h"

#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "fuzz.h"

enum {
	LINES_MAX = 64,
	RANGES_MAX = FUZZ_TEXT_MAX,
	TAKES_MAX = 6000, /* of one input, so that it ends soon */
	HISTORY = 1000000000,
	LIMIT_AT = 11, /* the first in the line; the second is behind it */
	LIMIT_SIZE = 11
};

/* From here on a mixture can be of more than 32 bits, and the line garbage. */
#define NEAR_THE_END 3900000000U

enum event {
	TAKE,
	TAKE_NOT_SYNCED,   /* killed before the sync of the first write, or
	                    * the sync fails */
	TAKE_NOT_SYNCED_2, /* the same of the second */
	TAKE_KILLED,       /* between the two */
	CUT_IN_FIRST,      /* the power, while the first is under way */
	CUT_AFTER_FIRST,
	CUT_IN_SECOND,
	CUT_IDLE,
	OTHER_HOST, /* takes turns on a shared directory */
	TAKE_MANY,
	CUT_UNSETTLED,  /* while what may not be durable is made so */
	CUT_UNEQUAL,    /* while the limits are made equal */
	TAKE_UNSETTLED, /* killed before the sync of that */
	EVENTS
};

struct disk {
	/* lines[0] is durable, the last is what everyone reads. */
	char lines[LINES_MAX][COUNTER_LINE];
	size_t n;
	/* How often the limits were moved since the last sync. */
	unsigned int moves;
};

static struct disk disk;
static char boot[COUNTER_BOOT_ID];
static unsigned int boots;
static unsigned int takes;

/* What was handed out, as ranges. */
static struct {
	uint32_t first;
	uint32_t last;
} handed[RANGES_MAX];
static size_t nhanded;
/* Nothing has gone wrong, and nobody else came; the power was cut. */
static bool is_quiet;
static bool is_torn;

/* Ids of which no mixture of two is a third. */
static void
boot_anew(void)
{
	memset(boot, (int)('!' + boots++ % 94), sizeof(boot));
}

static void
hand_out(uint32_t number)
{
	size_t i;

	fuzz_must(number != 0, "a number is not 0");
	if (nhanded > 0 && is_quiet)
		fuzz_must(handed[nhanded - 1].last == UINT32_MAX
			? number == 1
			: number == handed[nhanded - 1].last + 1,
		    "undisturbed, it is the next number");
	for (i = 0; i < nhanded; i++)
		fuzz_must(number < handed[i].first || number > handed[i].last,
		    "no number is handed out twice");
	if (nhanded > 0 && number != 1 &&
	    handed[nhanded - 1].last == number - 1) {
		handed[nhanded - 1].last = number;
		return;
	}
	fuzz_must(nhanded < RANGES_MAX, "the ranges have room");
	handed[nhanded].first = number;
	handed[nhanded++].last = number;
}

static void
disk_write(const struct counter *c)
{
	char line[COUNTER_LINE];
	size_t i;

	counter_print(c, line);
	for (i = 0; i < 2; i++)
		if (memcmp(line + LIMIT_AT + i * LIMIT_SIZE,
			disk.lines[disk.n - 1] + LIMIT_AT + i * LIMIT_SIZE,
			LIMIT_SIZE) != 0)
			fuzz_must(disk.moves++ == 0,
			    "one limit moves from sync to sync");
	/* Forgetting one of many unsynced lines loses only some mixtures. */
	if (disk.n == LINES_MAX)
		disk.n = LINES_MAX / 2;
	memcpy(disk.lines[disk.n++], line, sizeof(line));
}

static void
disk_sync(void)
{
	memcpy(disk.lines[0], disk.lines[disk.n - 1], COUNTER_LINE);
	disk.n = 1;
	disk.moves = 0;
}

/* Of each byte some version survives. */
static void
disk_cut(unsigned int seed)
{
	char line[COUNTER_LINE];
	struct fuzz_dice dice;
	unsigned int weight;
	size_t i;

	fuzz_dice_init(&dice, seed);
	weight = 1 + fuzz_dice_throw(&dice, 8);
	for (i = 0; i < COUNTER_LINE; i++) {
		unsigned int version = (unsigned int)disk.n - 1;

		if (fuzz_dice_throw(&dice, 9) < weight)
			version = fuzz_dice_throw(&dice, (unsigned int)disk.n);
		line[i] = disk.lines[version][i];
	}
	memcpy(disk.lines[0], line, COUNTER_LINE);
	disk.n = 1;
	disk.moves = 0;
	is_torn = true;
	boot_anew();
}

static struct bytes
disk_line(void)
{
	return ((struct bytes){ disk.lines[disk.n - 1], COUNTER_LINE });
}

/* Limits that are durable, and equal; false if the event prevents it. */
static bool
settle(struct counter *c, enum event event, unsigned int seed)
{
	/* No boot id: they may not be durable. */
	if (c->boot[0] == ' ') {
		disk_write(c);
		if (event == CUT_UNSETTLED)
			disk_cut(seed);
		if (event == CUT_UNSETTLED)
			return (false);
		disk_sync();
	}
	if (counter_settle(c)) {
		disk_write(c);
		if (event == CUT_UNEQUAL)
			disk_cut(seed);
		if (event == CUT_UNEQUAL || event == TAKE_UNSETTLED)
			return (false);
		disk_sync();
	}
	return (true);
}

/* sequence_next() as sequence.c has it, up to the event. */
static void
take(struct counter *c, enum event event, unsigned int seed)
{
	uint32_t number;

	if (counter_take(c, boot, &number)) {
		hand_out(number);
		/* Of many, the lines between do not matter. */
		while (event == TAKE_MANY && ++takes < TAKES_MAX &&
		    counter_take(c, boot, &number))
			hand_out(number);
		disk_write(c);
		return;
	}
	if (!settle(c, event, seed))
		return;
	counter_reserve(c, boot);
	disk_write(c);
	if (event == CUT_IN_FIRST)
		disk_cut(seed);
	if (event == CUT_IN_FIRST || event == TAKE_NOT_SYNCED)
		return;
	disk_sync();
	if (event == CUT_AFTER_FIRST)
		disk_cut(seed);
	if (event == CUT_AFTER_FIRST || event == TAKE_KILLED)
		return;
	counter_confirm(c, boot);
	fuzz_must(counter_take(c, boot, &number),
	    "behind a reservation there is a number");
	memset(c->boot, ' ', sizeof(c->boot));
	disk_write(c);
	if (event == CUT_IN_SECOND)
		disk_cut(seed);
	if (event == CUT_IN_SECOND || event == TAKE_NOT_SYNCED_2)
		return;
	disk_sync();
	counter_confirm(c, boot);
	disk_write(c);
	hand_out(number);
}

/* False: the line became garbage, and the counter stands still. */
static bool
happen(enum event event, unsigned int seed)
{
	unsigned int n = event == TAKE_MANY ? 12 : 1;
	struct counter c;

	is_quiet = is_quiet && (event == TAKE || event == TAKE_MANY);
	if (event == OTHER_HOST)
		boot_anew();
	if (event == CUT_IDLE)
		disk_cut(seed);
	while (n-- > 0 && takes++ < TAKES_MAX) {
		if (!counter_parse(disk_line(), &c)) {
			fuzz_must(is_torn && nhanded > 0 &&
				handed[nhanded - 1].last > NEAR_THE_END,
			    "no mixture is garbage");
			return (false);
		}
		take(&c, event, seed);
	}
	return (takes < TAKES_MAX);
}

static void
check_numbers(struct bytes in)
{
	static const uint32_t starts[] = { 1, 9, 95, 990, 9700, 98990, 999000,
		2147483640, 3999999000U, 4294967000U, 4294967285U };
	struct counter c = { .step = 1 };
	bool alive = true;

	c.next = starts[fuzz_option(&in, ARRAY_LEN(starts))];
	c.limit[0] = c.limit[1] = c.next;
	memset(c.boot, ' ', sizeof(c.boot));
	counter_print(&c, disk.lines[0]);
	disk.n = 1;
	disk.moves = 0;
	is_quiet = true;
	is_torn = false;
	nhanded = 0;
	/* What came before has been handed out, not so long ago. */
	if (c.next > 1) {
		handed[0].first = c.next > HISTORY ? c.next - HISTORY : 1;
		handed[nhanded++].last = c.next - 1;
	}
	boots = 0;
	takes = 0;
	boot_anew();
	while (alive && in.n > 0) {
		enum event event = (enum event)fuzz_option(&in, EVENTS);
		unsigned int seed = 0;

		if (event == CUT_IN_FIRST || event == CUT_AFTER_FIRST ||
		    event == CUT_IN_SECOND || event == CUT_IDLE ||
		    event == CUT_UNSETTLED || event == CUT_UNEQUAL)
			seed = fuzz_option(&in, 256);
		alive = happen(event, seed);
	}
}

/* What is accepted can be printed, and is then the same. */
static void
check_text(struct bytes text)
{
	struct counter c;
	struct counter again;
	char line[COUNTER_LINE];
	char next[16];

	memset(&c, 0, sizeof(c));
	memset(&again, 0, sizeof(again));
	if (!counter_parse(text, &c))
		return;
	fuzz_must(c.step >= 1 && c.step <= COUNTER_STEP_MAX &&
		(c.limit[0] != 0 || c.limit[1] != 0),
	    "a sane counter");
	counter_print(&c, line);
	fuzz_must(counter_parse((struct bytes){ line, sizeof(line) }, &again) &&
		memcmp(&c, &again, sizeof(c)) == 0,
	    "parse(print(c)) is c");
	(void)snprintf(next, sizeof(next), "%010u ", c.next);
	fuzz_must(memcmp(line, next, 11) == 0, "the next number comes first");
}

/* A number alone, as others write it. */
static void
check_alone(struct bytes in)
{
	struct counter c;
	char text[16];
	uint32_t n = 0;
	size_t i;
	int length;

	for (i = 0; i < 4 && i < in.n; i++)
		n = n << 8 | (unsigned char)in.p[i];
	length = snprintf(text, sizeof(text), "%u\r\n", n);
	for (i = 0; i < 3; i++) {
		struct bytes view = { text, (size_t)length - i };

		fuzz_must(counter_parse(view, &c) == (n != 0),
		    "a number of 32 bits, but not 0");
		if (n == 0)
			continue;
		fuzz_must(c.next == n && c.limit[0] == n && c.limit[1] == n,
		    "nothing is reserved behind a number alone");
		check_text(view);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);

	check_text(in);
	check_alone(in);
	check_numbers(in);
	return (0);
}
