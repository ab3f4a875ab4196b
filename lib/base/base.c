/* SPDX-License-Identifier: ISC */
#include "base/base.h"

#include <errno.h>
#include <string.h>

/* Errors that stay until a person changes a file, a path or a permission. */
static enum result
class_of(int err)
{
	switch (err) {
	case 0:
	case EACCES:
	case EINVAL:
	case EISDIR:
	case ELOOP:
	case EMSGSIZE:
	case ENAMETOOLONG:
	case ENOENT:
	case ENOTDIR:
	case ENOEXEC:
	case EPERM:
	case EROFS:
		return (RES_PERM);
	default:
		return (RES_TEMP);
	}
}

enum result
fault_set(struct fault *f, const char *op, const char *name, int err)
{
	size_t n = strlen(name);

	if (n >= sizeof(f->name))
		n = sizeof(f->name) - 1;
	f->op = op;
	memcpy(f->name, name, n);
	f->name[n] = '\0';
	f->err = err;
	f->broken = false;
	return (class_of(err));
}

enum result
fault_class(const struct fault *f)
{
	return (class_of(f->err));
}

int
exit_code_of(enum result r)
{
	switch (r) {
	case RES_OK:
		return (XC_OK);
	case RES_PERM:
		return (XC_PERM);
	case RES_TEMP:
		break;
	}
	return (XC_TEMP);
}
