/* SPDX-License-Identifier: ISC */
/*
 * engine: libtls, for a tunnel.
 */
#ifndef SMTPSERV_TLSD_ENGINE_H
#define SMTPSERV_TLSD_ENGINE_H

#include "tunnel/tunnel.h"

/* Of a struct tls. */
extern const struct tunnel_library ENGINE;

#endif
