/* SPDX-License-Identifier: ISC */
/*
 * smtpparam: the parameters of MAIL and RCPT, each into its member of struct
 * smtp_cmd.
 *
 * Pure.  A new one is a row of PARAMETERS.
 */
#ifndef SMTP_SMTPPARAM_H
#define SMTP_SMTPPARAM_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes/bytes.h"
#include "smtp/smtpcmd.h"

/*
 * One parameter, KEYWORD or KEYWORD=value, without control bytes and blanks,
 * of the verb in cmd.  *seen, 0 before the first, tells of one that is
 * repeated.
 */
enum smtpcmd_status smtpparam_read(
    struct bytes word, struct smtp_cmd *cmd, unsigned int *seen);

/*
 * Up to 20 digits: what no 64 bits can hold is the most that they can.  False:
 * these are not digits.
 */
bool smtpparam_octets(struct bytes value, uint64_t *octets);

#endif
