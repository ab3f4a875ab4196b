/* SPDX-License-Identifier: ISC */
/*
 * watch: how long a reply, or room for what is sent, is waited for.
 *
 * Pure: it is told the time.  A reply's time begins anew with each byte, but
 * all in all it is no longer than twice that, so that a byte now and then does
 * not do.
 */
#ifndef SMTPSERV_REMOTE_WATCH_H
#define SMTPSERV_REMOTE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/settings.h"
#include "talk.h"

struct watch {
	const struct settings_remote *remote;
	/*
	 * Of this connection.  Before the first message it is kept for a
	 * moment, whatever smtp.remote.idle says, for it was made for one.
	 */
	bool was_used;
	/* Private. */
	uint32_t turn;
	int64_t begun;
	int64_t heard;
	bool is_writing;
	int64_t wrote;
};

/* When each is over; INT64_MAX: never. */
int64_t watch_reply(
    struct watch *w, const struct talk_waits *waits, int64_t now_ms);
int64_t watch_write(
    struct watch *w, const struct talk_waits *waits, int64_t now_ms);

/* Something was read, or written. */
void watch_heard(struct watch *w, int64_t now_ms);
void watch_wrote(struct watch *w);

#endif
