/* SPDX-License-Identifier: ISC */
/*
 * confine: a process that parses a stranger's TLS can do nothing else.
 *
 * From then on it is confined (sysconfine.h) to no file at all, and to the
 * system calls that TLS between descriptors needs: no socket, no exec, no fork,
 * no executable memory.
 */
#ifndef TUNNEL_CONFINE_H
#define TUNNEL_CONFINE_H

#include <stdbool.h>

/* False: this kernel cannot do all of it, and has done the rest. */
bool confine_enter(void);

#endif
