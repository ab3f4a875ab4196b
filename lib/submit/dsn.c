/* SPDX-License-Identifier: ISC */
#include "submit/dsn.h"

#include "smtp/smtpcmd.h"
#include "smtp/smtpnotify.h"
#include "smtp/smtpxtext.h"

static struct bytes
value_of(dsn_env_fn *env, const char *name)
{
	const char *value = env(name);

	return (bytes_of(value == NULL ? "" : value));
}

const char *
dsn_read(struct submit *s, dsn_env_fn *env)
{
	struct bytes notify = value_of(env, "SMTPSERV_NOTIFY");
	struct bytes ret = value_of(env, "SMTPSERV_RET");
	struct bytes envid = value_of(env, "SMTPSERV_ENVID");
	struct bytes full = value_of(env, "SMTPSERV_ENVELOPE");

	if (notify.n > 0 && !smtpnotify_is_valid(notify))
		return ("SMTPSERV_NOTIFY");
	if (bytes_same_nocase(ret, bytes_of("FULL")))
		ret = bytes_of("FULL");
	else if (bytes_same_nocase(ret, bytes_of("HDRS")))
		ret = bytes_of("HDRS");
	else if (ret.n > 0)
		return ("SMTPSERV_RET");
	if (envid.n > SMTPCMD_ENVID_MAX || !smtpxtext_decode(envid, NULL))
		return ("SMTPSERV_ENVID");
	if (full.n > 0 && !bytes_same(full, bytes_of("5")))
		return ("SMTPSERV_ENVELOPE");
	s->full = full.n > 0 ? DSN_FULL_FD : -1;
	s->notify = notify;
	s->ret = ret;
	s->envid = envid;
	return (NULL);
}
