/* SPDX-License-Identifier: ISC */
#include "shared.h"

#include <atf-c.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"

ATF_TC_WITHOUT_HEAD(shared_get__of_any_size_is_zero_and_aligned);
ATF_TC_BODY(shared_get__of_any_size_is_zero_and_aligned, tc)
{
	static const size_t sizes[] = { 0, 1, 100, 65535, 65536, 1 << 20 };
	size_t i;
	size_t at;

	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		unsigned char *p = shared_get(sizes[i]);

		ATF_REQUIRE(p != NULL);
		ATF_CHECK_EQ(0, (uintptr_t)p % _Alignof(max_align_t));
		for (at = 0; at < sizes[i]; at++)
			ATF_REQUIRE_EQ(0, p[at]);
		memset(p, 0xff, sizes[i]);
		shared_put(p);
	}
	shared_put(NULL);
	errno = 0;
	ATF_CHECK_EQ(NULL, shared_get(SIZE_MAX));
	ATF_CHECK_EQ(ENOMEM, errno);
	ATF_CHECK_EQ(NULL, shared_get(SIZE_MAX - 4096));
}

/* What was not copied is seen on both sides. */
ATF_TC_WITHOUT_HEAD(shared_get__a_large_piece_is_not_copied_by_a_fork);
ATF_TC_BODY(shared_get__a_large_piece_is_not_copied_by_a_fork, tc)
{
	void *const pieces[] = { shared_get(1 << 20), shared_get(100) };
	volatile char *large = pieces[0];
	volatile char *small = pieces[1];
	int status;
	pid_t pid;

	ATF_REQUIRE(large != NULL && small != NULL);
	large[999999] = 'a';
	pid = fork();
	ATF_REQUIRE(pid >= 0);
	if (pid == 0) {
		large[0] = large[999999];
		small[0] = 'b';
		_exit(0);
	}
	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	ATF_CHECK_EQ('a', large[0]);
	ATF_CHECK_EQ(0, small[0]);
	shared_put(pieces[0]);
	shared_put(pieces[1]);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, shared_get__of_any_size_is_zero_and_aligned);
	ATF_TP_ADD_TC(tp, shared_get__a_large_piece_is_not_copied_by_a_fork);
	return (atf_no_error());
}
