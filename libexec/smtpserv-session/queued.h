/* SPDX-License-Identifier: ISC */
/*
 * queued: the intake's ports where a program of others decides: smtp.queue
 * takes the message, smtp.auth knows the password.
 *
 * Both are run by the helper.  One that is dead is a local fault: a message is
 * answered 451, a password 454.
 */
#ifndef SMTPSERV_SESSION_QUEUED_H
#define SMTPSERV_SESSION_QUEUED_H

#include "intake.h"
#include "trace/trace.h"

/* As in struct session_ports; the facts are for the trace. */
const struct smtp_reply *queued_begin(
    struct intake *i, const struct trace_facts *facts, struct buf *text);
const struct smtp_reply *queued_append(struct intake *i, struct bytes text);
const struct smtp_reply *queued_commit(
    struct intake *i, const struct session *s, uint32_t *number);
void queued_abort(struct intake *i);
const struct smtp_reply *queued_login(
    struct intake *i, struct bytes user, struct bytes password);

#endif
