/* SPDX-License-Identifier: ISC */
/*
 * sieve: a process between the worker and the talker, which lets each text go
 * through the administrator's filter.
 *
 * Only where there is one.  It never sees a byte of a peer, and a text has been
 * through it before its size is counted.
 */
#ifndef SMTPSERV_REMOTE_SIEVE_H
#define SMTPSERV_REMOTE_SIEVE_H

/*
 * Pass records from one socket to the other until either ends.  A text that
 * the filter does not take is left out, and the talker then says `later`.
 */
void sieve_run(int from, int to, const char *filter);

#endif
