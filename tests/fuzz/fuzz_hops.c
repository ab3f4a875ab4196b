/* SPDX-License-Identifier: ISC */
/*
 * Loops: however the text is cut, the verdict is the one that a look at the
 * whole header, line by line, comes to.
 *
 * Options: the knife.  Then the recipient, a line, and the text.
 */
#include "deliver/hops.h"

#include "base/base.h"
#include "fuzz.h"

/* One line off the rest, without its end; false: there is no whole one. */
static bool
next_line(struct bytes *rest, struct bytes *line)
{
	size_t at;

	if (!bytes_find(*rest, '\n', &at))
		return (false);
	*line = bytes_cut(*rest, 0, at);
	*rest = bytes_cut(*rest, at + 1, rest->n);
	return (true);
}

static bool
was_here(struct bytes text, struct bytes recipient)
{
	struct bytes line;

	while (next_line(&text, &line)) {
		bool is_long = line.n > HOPS_LINE_MAX;

		if (!is_long && line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (line.n == 0)
			return (false);
		if (is_long ||
		    !bytes_starts_nocase(line, bytes_of("delivered-to:")))
			continue;
		line = bytes_trim_end(bytes_cut(line, 13, line.n));
		while (line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t'))
			line = bytes_cut(line, 1, line.n);
		if (bytes_same_nocase(line, recipient))
			return (true);
	}
	return (false);
}

static const char *
verdict(struct bytes text, struct bytes recipient, struct fuzz_knife *knife)
{
	struct hops h;

	hops_init(&h, recipient);
	while (text.n > 0) {
		size_t n =
		    knife == NULL ? text.n : fuzz_knife_cut(knife, text.n);

		hops_feed(&h, bytes_cut(text, 0, n));
		text = bytes_cut(text, n, text.n);
	}
	return (hops_verdict(&h));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	struct fuzz_knife knife;
	struct smtphops received;
	struct bytes recipient = { "", 0 };
	bool loops;

	fuzz_knife_init(&knife, &in);
	if (!next_line(&in, &recipient))
		return (0);
	smtphops_init(&received);
	smtphops_feed(&received, in);
	loops = was_here(in, recipient) || received.count > SMTPHOPS_MAX;
	fuzz_must((verdict(in, recipient, NULL) != NULL) == loops,
	    "the verdict is the header's");
	fuzz_must((verdict(in, recipient, &knife) != NULL) == loops,
	    "however it is cut");
	return (0);
}
