/* SPDX-License-Identifier: ISC */
/*
 * torn: what a power cut may leave of one file's data.
 */
#ifndef CRASH_TORN_H
#define CRASH_TORN_H

#include "model.h"

enum {
	TORN_MAX = 4096
};

/*
 * The texts that may be found, each once.  The first `ncoarse` are combined
 * with all of the other files', the others only with their simplest.
 */
struct torn {
	struct model_text text[TORN_MAX];
	size_t n;
	size_t ncoarse;
};

void torn_texts(
    struct torn *t, const struct model_inode *i, struct arena *scratch);

#endif
