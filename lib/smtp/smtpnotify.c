/* SPDX-License-Identifier: ISC */
#include "smtp/smtpnotify.h"

static const char *const WORDS[] = { "SUCCESS", "FAILURE", "DELAY" };

/* The next word of the list, which moves on, as a bit; 0: it is unknown. */
static unsigned int
take_word(struct bytes *list)
{
	struct bytes word = *list;
	unsigned int i;

	(void)bytes_find(*list, ',', &word.n);
	*list = bytes_cut(*list, word.n + 1, list->n);
	for (i = 0; i < ARRAY_LEN(WORDS); i++)
		if (bytes_same_nocase(word, bytes_of(WORDS[i])))
			return (1U << i);
	return (0);
}

bool
smtpnotify_is_valid(struct bytes list)
{
	unsigned int seen = 0;

	if (bytes_same_nocase(list, bytes_of("NEVER")))
		return (true);
	/* A comma has a word on each side. */
	if (list.n == 0 || list.p[list.n - 1] == ',')
		return (false);
	while (list.n > 0) {
		unsigned int event = take_word(&list);

		if (event == 0 || (seen & event) != 0)
			return (false);
		seen |= event;
	}
	return (true);
}

unsigned int
smtpnotify_read(struct bytes list)
{
	unsigned int events = 0;

	if (list.n == 0)
		return (SMTPNOTIFY_FAILURE | SMTPNOTIFY_DELAY);
	while (list.n > 0)
		events |= take_word(&list);
	return (events);
}

const char *
smtpnotify_without_success(struct bytes list)
{
	unsigned int events = smtpnotify_read(list);
	bool failure = (events & SMTPNOTIFY_FAILURE) != 0;
	bool delay = (events & SMTPNOTIFY_DELAY) != 0;

	if (list.n == 0)
		return ("");
	if (failure)
		return (delay ? "FAILURE,DELAY" : "FAILURE");
	return (delay ? "DELAY" : "NEVER");
}
