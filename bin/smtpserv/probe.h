/* SPDX-License-Identifier: ISC */
/*
 * probe: could a super-server listen on this address now?
 *
 * Binds a socket, listens to nobody, and closes it again.
 */
#ifndef SMTPSERV_PROBE_H
#define SMTPSERV_PROBE_H

#include "service/service.h"

/* 0, or the errno of what failed. */
int probe_address(const struct service_address *address);

#endif
