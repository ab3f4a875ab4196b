/* SPDX-License-Identifier: ISC */
/*
 * script: what is run, on what spool, and what should come of it.
 */
#ifndef CRASH_SCRIPT_H
#define CRASH_SCRIPT_H

#include "state.h"

enum {
	SCRIPT_FILES = 12,
	SCRIPT_BODIES = 2
};

struct script {
	const char *name;
	/* smtpserv-spool's arguments, with DONE for a path; NULL: a session. */
	const char *const *tool;
	/*
	 * For smtpserv-queue, which is run then: the envelope, | for NUL; input
	 * is the message.
	 */
	const char *envelope;
	int exits; /* with this, if nothing goes wrong */
	/* What the messages' envelopes are to be, if not SCRIPT_ENVELOPE. */
	const char *written;
	const char *conf; /* more lines of configuration */
	bool socket;      /* the client is a socket, not a file */
	/* Before; @ in sequence.seq stands for this boot's id. */
	struct {
		const char *name;
		const char *text;
	} before[SCRIPT_FILES];
	/* What the client says before the first DATA's text, and so on. */
	const char *input;
	/* The messages, without the trace header. */
	const char *body[SCRIPT_BODIES];
	/* With smtp.envelope=full: the end of an envelope that is whole. */
	const char *envelope_end;
	size_t accepted;      /* messages answered 250 if nothing goes wrong */
	const char *refusals; /* 5xx codes that are right */
	uint32_t consumed;    /* the message that a consumer is to take */
	/*
	 * One that a person steers: it is there as WRK, HLD or both, with its
	 * envelope of before or this one (NULL: that of before only).
	 */
	uint32_t steered;
	const char *steered_envelope;
	/*
	 * A message of before that a power cut has left under its mark: it was
	 * answered 250.  Only where a commit has one stage.
	 */
	uint32_t owed;
	bool cleans;      /* left-overs are to be gone if it exits 0 */
	bool bad_counter; /* before: no session works, until it is repaired */
};

extern const struct script SCRIPTS[];
extern const size_t SCRIPTS_COUNT;

#define SCRIPT_ENVELOPE "From: erick@maggot\nTo: bruce@gnat\n"
#define SCRIPT_DONE     "DONE"

/* By its name, which is one of them. */
const struct script *script_find(const char *name);

/* Fills the parts that are made: the long texts. */
void script_init(void);

#endif
