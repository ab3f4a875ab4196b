/* SPDX-License-Identifier: ISC */
#include "submit/refusal.h"

#include <errno.h>

int
refusal_set(struct refusal *no, int code, const char *status, const char *text)
{
	no->code = code;
	no->status = status;
	no->text = text;
	return (code);
}

int
refusal_fault(struct refusal *no, const struct fault *why, int otherwise)
{
	no->fault = *why;
	switch (why->err) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return (refusal_set(no, QQEXIT_WRITE, "3.0", NULL));
	case ENOMEM:
		return (refusal_set(no, QQEXIT_MEMORY, "3.0", NULL));
	default:
		return (refusal_set(no, otherwise, "3.0", NULL));
	}
}

int
refusal_of_read(struct refusal *no, enum sysio_status status, const char *name)
{
	struct fault why;

	switch (status) {
	case SYSIO_OK:
	case SYSIO_EOF:
		return (QQEXIT_ACCEPTED);
	case SYSIO_TIMEOUT:
		return (refusal_set(
		    no, QQEXIT_TIMEOUT, "3.0", "it took more than a day"));
	case SYSIO_SIGNAL:
		return (refusal_set(
		    no, QQEXIT_NOT_NOW, "3.2", "a signal asked to stop"));
	case SYSIO_FAILED:
		break;
	}
	(void)fault_set(&why, "read", name, errno);
	return (refusal_fault(no, &why, QQEXIT_READ));
}
