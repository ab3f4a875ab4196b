/* SPDX-License-Identifier: ISC */
/*
 * style: the style sheet of all pages, light and dark.
 */
#ifndef SMTPSERV_STATUS_STYLE_H
#define SMTPSERV_STATUS_STYLE_H

/* Its parts, one after the other; NULL ends them. */
extern const char *const STYLE_PARTS[];

#endif
