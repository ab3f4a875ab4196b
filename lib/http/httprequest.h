/* SPDX-License-Identifier: ISC */
/*
 * httprequest: the head of an HTTP/1 request (RFC 9112), strictly.
 *
 * Pure; views into the text.  Only GET and HEAD, by a path, are requests here;
 * lines end in CR LF, no field is folded, and there is one Host.  A body is not
 * looked at: nothing is read behind the head, and the connection ends.
 */
#ifndef HTTP_HTTPREQUEST_H
#define HTTP_HTTPREQUEST_H

#include "bytes/bytes.h"

enum {
	/* Octets, with the line ends. */
	HTTPREQUEST_LINE_MAX = 2048,
	HTTPREQUEST_HEAD_MAX = 32768
};

enum httprequest_status {
	HTTPREQUEST_OK,
	HTTPREQUEST_MORE, /* the head is not all there yet */
	HTTPREQUEST_BAD,
	HTTPREQUEST_METHOD, /* neither GET nor HEAD */
	HTTPREQUEST_LONG_LINE,
	HTTPREQUEST_LONG_HEAD
};

struct httprequest {
	bool is_head;
	struct bytes target; /* begins with a slash */
	struct bytes host;
};

enum httprequest_status httprequest_parse(
    struct bytes text, struct httprequest *r);

/*
 * Does the client mean this machine: localhost, 127.0.0.1 or [::1], perhaps
 * with a port?  A page of a stranger's whose name was made to lead here (DNS
 * rebinding) says that name.
 */
bool httprequest_is_local(struct bytes host);

#endif
