/* SPDX-License-Identifier: ISC */
/*
 * Instructions: what is taken is bounded and clean, and means the same when
 * it is written down again.
 */
#include "table/instruction.h"

#include <stdio.h>
#include <string.h>

#include "bytes/buf.h"
#include "fuzz.h"

static bool
is_within(struct bytes part, struct bytes whole)
{
	return (part.p >= whole.p && part.n <= whole.n &&
	    (size_t)(part.p - whole.p) <= whole.n - part.n);
}

static bool
has_host(const struct instruction *in)
{
	return (in->kind == INSTRUCTION_LMTP_INET ||
	    in->kind == INSTRUCTION_SMTP_RELAY);
}

static void
print(const struct instruction *in, struct buf *out)
{
	static const char *const begins[] = { "|", "", "&",
		"lmtp:unix:", "lmtp:[", "pegasus:", "smtp:", "smtp:[" };

	(void)buf_puts(out, begins[in->kind]);
	(void)buf_put(out, in->target);
	if (has_host(in))
		(void)buf_printf(out, "]:%u", (unsigned int)in->port);
}

static void
check_target(const struct instruction *in)
{
	struct bytes target = in->target;
	bool has_tab;
	size_t at;

	fuzz_must((target.n > 0) == (in->kind != INSTRUCTION_SMTP_MX),
	    "there is a target");
	has_tab = bytes_find(target, '\t', &at);
	if (in->kind == INSTRUCTION_COMMAND) {
		fuzz_must(memchr(target.p, '\0', target.n) == NULL &&
			memchr(target.p, '\n', target.n) == NULL,
		    "a command is a line and a string");
		return;
	}
	fuzz_must(!has_tab && !bytes_has_control(target), "no control bytes");
	if (in->kind == INSTRUCTION_MAILDIR || in->kind == INSTRUCTION_PEGASUS)
		fuzz_must(target.p[0] == '/' && target.p[target.n - 1] == '/' &&
			target.n > 1 && target.n <= INSTRUCTION_PATH_MAX,
		    "a directory");
	if (in->kind == INSTRUCTION_LMTP_UNIX)
		fuzz_must(target.p[0] == '/' && target.n < 108, "a socket");
	if (has_host(in))
		fuzz_must(in->port > 0 && in->port < 65536 &&
			!bytes_find(target, ' ', &at),
		    "a host and a port");
	else
		fuzz_must(in->port == 0, "no port");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes text = fuzz_input(data, n);
	char store[INSTRUCTION_MAX + 16];
	struct instruction again;
	struct instruction in;
	struct buf out;
	const char *wrong = instruction_parse(text, &in);

	if (wrong != NULL) {
		fuzz_must(wrong[0] != '\0', "it says what is wrong");
		return (0);
	}
	fuzz_must(is_within(in.target, text), "the target is a view");
	check_target(&in);
	buf_init(&out, store, sizeof(store));
	print(&in, &out);
	fuzz_must(!buf_overflowed(&out), "it is bounded");
	fuzz_must(instruction_parse(buf_view(&out), &again) == NULL &&
		again.kind == in.kind && again.port == in.port &&
		bytes_same(again.target, in.target),
	    "written down again it is the same");
	return (0);
}
