/* SPDX-License-Identifier: ISC */
/*
 * place: does a key of the table stand for anybody, and is there what its
 * instruction names?
 *
 * Looks at files, and changes nothing.  Problems are static text, or
 * strerror(3)'s, good until the next call.
 */
#ifndef SMTPSERV_CONF_PLACE_H
#define SMTPSERV_CONF_PLACE_H

#include "conf/conf.h"
#include "table/instruction.h"

/* Why nobody's address equals the key; NULL: one may. */
const char *place_key_problem(struct bytes key);

/*
 * Why an instruction of good form could not be carried out by whoever we are,
 * as far as files tell; NULL: nothing is wrong.  *weight becomes CONF_NOTE
 * where it may be otherwise at another time, or, if we are not who carries it
 * out, for those.
 */
const char *place_problem(
    const struct instruction *in, bool is_worker, enum conf_weight *weight);

/*
 * Why a command could not be run with the rights of the user that it names, as
 * far as we know; of none nothing is wrong.  *weight as above.
 */
const char *place_user_problem(
    struct bytes user, bool is_roots_table, enum conf_weight *weight);

/*
 * The variable that a command's shell takes apart, and whose value a client
 * chooses, or one that such a program has; NULL: there is none.
 */
bool place_has_bare_variable(struct bytes command, struct bytes *name);

#endif
