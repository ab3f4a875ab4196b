/* SPDX-License-Identifier: ISC */
/*
 * field: the fields of a message's header (RFC 5322 2.2).
 *
 * Pure.  Lines end in LF.
 */
#ifndef MAIL_FIELD_H
#define MAIL_FIELD_H

#include "bytes/bytes.h"

/* Views into the header. */
struct field {
	struct bytes whole; /* with all its line ends */
	struct bytes name;
	struct bytes body; /* behind the colon, folds and all */
};

/* Could a field begin with this line?  `Name:', also with blanks before it. */
bool field_begins(struct bytes line);

/* Does the line go on with the field before it? */
bool field_continues(struct bytes line);

/*
 * The next field of a header of such lines; *rest moves on.  False: no more.
 */
bool field_next(struct bytes *rest, struct field *f);

/* Is it the field of that name?  ASCII case does not matter. */
bool field_is(const struct field *f, const char *name);

#endif
