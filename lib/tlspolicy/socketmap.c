/* SPDX-License-Identifier: ISC */
#include "tlspolicy/socketmap.h"

#include "bytes/num.h"

bool
socketmap_put_question(struct buf *out, struct bytes map, struct bytes key)
{
	(void)buf_put_number(out, map.n + 1 + key.n);
	(void)buf_putc(out, ':');
	(void)buf_put(out, map);
	(void)buf_putc(out, ' ');
	(void)buf_put(out, key);
	return (buf_putc(out, ','));
}

enum socketmap_state
socketmap_take(struct bytes came, struct bytes *answer)
{
	enum {
		DIGITS = 5
	};
	uint64_t n = 0;
	size_t colon = came.n;

	if (!bytes_find(bytes_cut(came, 0, DIGITS + 1), ':', &colon) &&
	    came.n > DIGITS)
		return (SOCKETMAP_JUNK);
	/* What has come must be a length, or the beginning of one. */
	if (came.n > 0 &&
	    (!num_parse(bytes_cut(came, 0, colon), SOCKETMAP_ANSWER_MAX, &n) ||
		(colon > 1 && came.p[0] == '0')))
		return (SOCKETMAP_JUNK);
	if (came.n < colon + 1 || came.n - colon - 1 < n + 1)
		return (SOCKETMAP_MORE);
	*answer = bytes_cut(came, colon + 1, (size_t)n);
	/* We have asked once. */
	if (came.p[colon + 1 + n] != ',' || came.n != colon + n + 2)
		return (SOCKETMAP_JUNK);
	return (SOCKETMAP_WHOLE);
}

enum socketmap_word
socketmap_parse_answer(struct bytes answer, struct bytes *text)
{
	struct bytes word = answer;
	size_t blank = answer.n;

	(void)bytes_find(answer, ' ', &blank);
	word.n = blank;
	*text = bytes_cut(answer, blank + 1, answer.n);
	if (bytes_same(word, bytes_of("OK")))
		return (SOCKETMAP_OK);
	if (bytes_same(word, bytes_of("NOTFOUND")))
		return (SOCKETMAP_NOTFOUND);
	return (SOCKETMAP_FAILED);
}
