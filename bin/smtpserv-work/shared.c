/* SPDX-License-Identifier: ISC */
#include "shared.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
	/* Less is copied as fast as a mapping is made. */
	LARGE = 65536
};

/* In front of each piece, which has the alignment that malloc(3) gives. */
union head {
	size_t mapped; /* octets; 0: it is malloc's */
	max_align_t align;
};

static void *
map(size_t n)
{
	void *p = mmap(
	    NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return (p == MAP_FAILED ? NULL : p);
}

void *
shared_get(size_t n)
{
	bool is_large = n >= LARGE;
	union head *head;

	if (n > SIZE_MAX - sizeof(*head)) {
		errno = ENOMEM;
		return (NULL);
	}
	n += sizeof(*head);
	head = is_large ? map(n) : calloc(1, n);
	if (head == NULL)
		return (NULL);
	head->mapped = is_large ? n : 0;
	return (head + 1);
}

void
shared_put(void *p)
{
	union head *head = p;

	if (p == NULL)
		return;
	head--;
	/* It is our own, whole. */
	if (head->mapped > 0)
		(void)munmap(head, head->mapped);
	else
		free(head);
}
