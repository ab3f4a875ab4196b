/* SPDX-License-Identifier: ISC */
/*
 * layout: what all pages share: head and foot, and how times and sizes look.
 *
 * The page is gathered in memory of a fixed size, and each part of it is
 * bounded, so that it fits; one that does not is not sent.
 */
#ifndef SMTPSERV_STATUS_LAYOUT_H
#define SMTPSERV_STATUS_LAYOUT_H

#include <stdint.h>
#include <time.h>

#include "bytes/buf.h"
#include "look/mail.h"

/* What is looked at, and where the page is gathered. */
struct page {
	struct buf out;
	const char *dir;
	int dirfd;
	uint32_t queuelife;
	time_t now;
};

enum layout_place {
	LAYOUT_OVERVIEW,
	LAYOUT_LIST,
	LAYOUT_ELSEWHERE
};

/* The title is ours. */
void layout_begin(struct page *p, const char *title, enum layout_place place);
void layout_end(struct page *p);

/* A page with one sentence of ours. */
void layout_note(struct page *p, const char *title, const char *text);

/* 1,234,567 */
void layout_put_count(struct buf *out, uint64_t n);

/* 30 Nov 2026, 20:45 UTC */
void layout_put_time(struct buf *out, time_t when);

/* 12m, and the same in a form for programs. */
void layout_put_span(struct buf *out, uint64_t seconds);
void layout_put_size(struct buf *out, uint64_t octets);

/* When it is tried next, and its state. */
void layout_put_next(
    const struct page *p, struct buf *out, const struct mail *m);
void layout_put_state(struct buf *out, enum mail_state state);

/* The sender, or the word for none; at most so many characters. */
void layout_put_sender(struct buf *out, struct bytes sender, size_t most);

/* "4.4.1 connection refused", or nothing. */
void layout_put_reason(struct buf *out, const struct plan_rcpt *r, size_t most);

#endif
