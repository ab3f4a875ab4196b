/* SPDX-License-Identifier: ISC */
/*
 * letter: one message: what becomes of it, its header, its text, and its parts
 * to download.
 */
#ifndef SMTPSERV_STATUS_LETTER_H
#define SMTPSERV_STATUS_LETTER_H

#include "layout.h"
#include "mime.h"

enum {
	LETTER_HEAD_MAX = 64 * 1024, /* octets that are shown */
	LETTER_TEXT_MAX = 128 * 1024
};

/* The file of the text, open; -1: there is no such message, and errno. */
int letter_open(const struct page *p, uint32_t number);

/* False: there is no such message. */
bool letter_put(struct page *p, uint32_t number);

#endif
