/* SPDX-License-Identifier: ISC */
/*
 * place: can a key of the table match an address, and is the file or program
 * that its instruction names there?
 *
 * Looks at files, and changes nothing.  Problems are static text, or
 * strerror(3)'s, good until the next call.
 */
#ifndef SMTPSERV_CONF_PLACE_H
#define SMTPSERV_CONF_PLACE_H

#include "conf/conf.h"
#include "table/instruction.h"

/* Why an address can never equal the key; NULL: one can. */
const char *place_key_problem(struct bytes key);

/*
 * Why we could not carry out an instruction of good form, as far as files tell;
 * NULL: nothing is wrong.  *weight becomes CONF_NOTE if that may be otherwise
 * at another time, or, where we are not the worker, for the worker.
 */
const char *place_problem(
    const struct instruction *in, bool is_worker, enum conf_weight *weight);

/*
 * Why a command could not be run with the rights of the user that it names, as
 * far as we know; NULL if it names none.  *weight as above.
 */
const char *place_user_problem(
    struct bytes user, bool is_roots_table, enum conf_weight *weight);

/*
 * Does the command leave a variable to its shell to take apart, whose value a
 * client chooses, or a program that the client writes to?  If so, which.
 */
bool place_has_bare_variable(struct bytes command, struct bytes *name);

#endif
