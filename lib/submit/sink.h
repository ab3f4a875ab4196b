/* SPDX-License-Identifier: ISC */
/*
 * sink: where a message goes that submit.h takes: the texts of N.TXT and N.WRK,
 * piece by piece, and no word that this was all.
 */
#ifndef SUBMIT_SINK_H
#define SUBMIT_SINK_H

#include "base/base.h"
#include "bytes/bytes.h"
#include "trace/trace.h"

struct sink {
	/*
	 * A message comes, whose trace will say what is in *facts: the sink
	 * adds its number, or its ID, which stays valid.  no_place is the exit
	 * code for its failure, if the errno does not say more.
	 */
	enum result (*begin)(
	    void *ctx, struct trace_facts *facts, struct fault *why);
	int no_place;
	enum result (*text)(void *ctx, struct bytes text, struct fault *why);
	enum result (*lines)(void *ctx, struct bytes lines, struct fault *why);
};

#endif
