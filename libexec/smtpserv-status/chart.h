/* SPDX-License-Identifier: ISC */
/*
 * chart: the last day as curves of SVG, with their axes in words.
 *
 * Pure: samples in, text out.
 */
#ifndef SMTPSERV_STATUS_CHART_H
#define SMTPSERV_STATUS_CHART_H

#include <time.h>

#include "bytes/buf.h"
#include "spool/samples.h"

/* Three figures: how many wait, how old the oldest is, and how many a minute
 * come and go. */
void chart_put(struct buf *out, const struct samples *all, time_t now);

#endif
