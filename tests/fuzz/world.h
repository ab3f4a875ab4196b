/* SPDX-License-Identifier: ISC */
/*
 * world: a fake spool behind struct session_ports.
 *
 * Refuses what the plan says, checks that the session's calls pair as
 * session.h promises, and writes down every call, so that the calls of two
 * sessions can be compared.
 */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include "fuzz.h"
#include "session.h"

#define WORLD_HOST "gnat.example.test"

enum {
	WORLD_RCPTS_MAX = 8,
	WORLD_LOG_MAX = 16 * FUZZ_TEXT_MAX,
	WORLD_BODY_MAX = 2 * FUZZ_TEXT_MAX + 64,
	WORLD_ENVELOPE_MAX = 16384
};

enum world_phase {
	WORLD_NO_MESSAGE,
	WORLD_UNDER_WAY,
	WORLD_COMMIT_FAILED, /* an abort must follow */
	WORLD_ABORTED        /* once more does no harm */
};

struct world {
	/* The plan. */
	struct session_limits limits;
	uint64_t space;
	unsigned int refuse_at; /* the so-manieth call; 0: none */
	unsigned int refuse_for;
	/* Recipients whose mailbox begins with n are nobody's, with t not to
	 * be told now. */
	bool has_table;
	bool stop_at_end; /* a reason of ours, not the client's */
	bool refuse_is_broken;
	bool offers_tls;
	bool refuses_tls; /* when it is asked for */
	bool is_known;    /* has said who it is */
	size_t text_size;
	/* What became of it. */
	enum world_phase phase;
	bool is_broken; /* nothing more should be written */
	unsigned int calls;
	size_t begins;
	size_t commits;
	uint32_t number;
	struct buf log;
	struct buf body;     /* of the last message, with its trace */
	struct buf envelope; /* of the last message */
	size_t trace_size;
	uint64_t size;
	char log_store[WORLD_LOG_MAX];
	char body_store[WORLD_BODY_MAX];
	char envelope_store[WORLD_ENVELOPE_MAX];
};

extern const struct session_ports WORLD_PORTS;

/* Take the plan's options off the input. */
void world_plan(struct world *w, struct bytes *in);

/* Begin anew, by the same plan. */
void world_restart(struct world *w);

/* No message is half done. */
void world_check_end(const struct world *w);

/*
 * Each reply of several lines or one, its grammar checked: how many there are
 * in the text, and the code of the last.
 */
size_t world_count_replies(struct bytes text, unsigned int *code);

#endif
