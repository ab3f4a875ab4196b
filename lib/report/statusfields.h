/* SPDX-License-Identifier: ISC */
/*
 * statusfields: the fields of message/delivery-status (RFC 3464 2.3, and
 * RFC 6533 in UTF-8) that tell how one recipient fared.
 *
 * Pure.  What a recipient's lines say is not believed further than the grammar
 * goes: a status of another class than the outcome is replaced by one of it.
 */
#ifndef REPORT_STATUSFIELDS_H
#define REPORT_STATUSFIELDS_H

#include <time.h>

#include "bytes/bytes.h"
#include "envelope/plan.h"
#include "report/wording.h"

/* What RFC 3464 2.3.3 calls how they fared: "failed", "relayed" and so on. */
const char *statusfields_action(const struct plan_rcpt *r);

/* A recipient's group, with the empty line before it. */
void statusfields_recipient(struct wording *out, const struct plan_rcpt *r,
    time_t attempted, time_t expires);

/* A field of which the value came in xtext; `name` with its colon and blank. */
void statusfields_xtext(
    struct wording *out, const char *name, struct bytes xtext);

#endif
