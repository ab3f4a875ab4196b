/* SPDX-License-Identifier: ISC */
#include "broker/broker.h"

#include "bytes/num.h"

bool
broker_put_answer(struct buf *out, const struct broker_answer *a)
{
	(void)buf_putc(out, BROKER_ANSWER);
	(void)buf_put_number(out, a->code);
	(void)buf_putc(out, ' ');
	(void)buf_put_number(out, a->pid);
	(void)buf_putc(out, ' ');
	(void)buf_put(out, bytes_cut(a->said, 0, BROKER_SAID_MAX));
	return (!buf_overflowed(out));
}

/* A number and the blank behind it; *rest moves on. */
static bool
take_number(struct bytes *rest, uint64_t max, uint64_t *n)
{
	size_t blank;

	if (!bytes_find(*rest, ' ', &blank) ||
	    !num_parse(bytes_cut(*rest, 0, blank), max, n))
		return (false);
	*rest = bytes_cut(*rest, blank + 1, rest->n);
	return (true);
}

bool
broker_parse_answer(struct bytes record, struct broker_answer *a)
{
	struct bytes rest = bytes_cut(record, 1, record.n);
	uint64_t code;
	uint64_t pid;

	if (record.n == 0 || record.p[0] != BROKER_ANSWER ||
	    !take_number(&rest, BROKER_NO_PROCESS, &code) ||
	    !take_number(&rest, UINT32_MAX, &pid) || rest.n > BROKER_SAID_MAX)
		return (false);
	*a = (struct broker_answer){ (unsigned int)code, (uint32_t)pid, rest };
	return (true);
}

bool
broker_put_login(struct buf *out, struct bytes user, struct bytes password)
{
	(void)buf_putc(out, BROKER_LOGIN);
	(void)buf_put(out, user);
	(void)buf_putc(out, '\0');
	(void)buf_put(out, password);
	/* The third field is for a challenge, and we send none. */
	(void)buf_putc(out, '\0');
	(void)buf_putc(out, '\0');
	return (!buf_overflowed(out));
}

bool
broker_is_secret(struct bytes secret)
{
	size_t user;
	size_t password;

	return (secret.n <= BROKER_SECRET_MAX &&
	    bytes_find(secret, '\0', &user) && user > 0 &&
	    bytes_find(
		bytes_cut(secret, user + 1, secret.n), '\0', &password) &&
	    password > 0 && user + password + 3 == secret.n &&
	    secret.p[secret.n - 1] == '\0');
}
