/* SPDX-License-Identifier: ISC */
#include "authorities.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/sysio.h"

enum {
	AUTHORITIES_MAX = 4096,
	TEXT_MAX = 1 << 24
};

static struct {
	X509_LOOKUP_METHOD *method;
	char *text;
	size_t n;
	size_t count;
	struct {
		unsigned long hash; /* of the subject */
		uint32_t at;        /* in the text */
	} of[AUTHORITIES_MAX];
} all;

/* The next certificate at or behind `at`, which moves on behind it. */
static X509 *
parse(size_t *at)
{
	BIO *in = BIO_new_mem_buf(all.text + *at, (int)(all.n - *at));
	X509 *cert;

	if (in == NULL)
		return (NULL);
	cert = PEM_read_bio_X509_AUX(in, NULL, NULL, NULL);
	*at = all.n - BIO_ctrl_pending(in);
	BIO_free(in);
	return (cert);
}

/* True: the last call found that there is no other, and nothing worse. */
static bool
is_end(void)
{
	unsigned long code = ERR_peek_last_error();

	if (ERR_GET_LIB(code) != ERR_LIB_PEM ||
	    ERR_GET_REASON(code) != PEM_R_NO_START_LINE)
		return (false);
	/* An empty file keeps its error. */
	if (all.count > 0)
		ERR_clear_error();
	return (all.count > 0);
}

static bool
make_index(void)
{
	size_t next = 0;

	while (all.count < AUTHORITIES_MAX) {
		size_t at = next;
		X509 *cert = parse(&next);

		if (cert == NULL)
			return (is_end());
		all.of[all.count].hash = X509_subject_name_hash(cert);
		all.of[all.count].at = (uint32_t)at;
		all.count++;
		X509_free(cert);
	}
	errno = EFBIG;
	return (false);
}

/* All with that subject go into the store. */
static void
add_all(X509_STORE *store, const X509_NAME *name)
{
	unsigned long hash = X509_NAME_hash_ex(name, NULL, NULL, NULL);
	size_t i;

	for (i = 0; i < all.count; i++) {
		size_t at = all.of[i].at;
		X509 *cert = all.of[i].hash == hash ? parse(&at) : (X509 *)NULL;

		if (cert != NULL &&
		    X509_NAME_cmp(X509_get_subject_name(cert), name) == 0)
			(void)X509_STORE_add_cert(store, cert);
		X509_free(cert);
	}
}

static int
find(X509_LOOKUP *lookup, X509_LOOKUP_TYPE type, const X509_NAME *name,
    X509_OBJECT *found)
{
	X509_STORE *store = X509_LOOKUP_get_store(lookup);
	X509_OBJECT *first;
	X509 *cert;

	if (type != X509_LU_X509)
		return (0);
	add_all(store, name);
	first = X509_OBJECT_retrieve_by_subject(
	    X509_STORE_get0_objects(store), type, name);
	if (first == NULL)
		return (0);
	cert = X509_OBJECT_get0_X509(first);
	if (X509_OBJECT_set1_X509(found, cert) != 1)
		return (0);
	/* The caller takes a reference of its own, and the store has one. */
	X509_free(cert);
	return (1);
}

static bool
read_text(const char *file)
{
	struct stat st;
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	bool is_read = false;

	if (fd < 0)
		return (false);
	if (fstat(fd, &st) == 0) {
		/* A pipe has no size, and is no place for them. */
		errno = st.st_size > TEXT_MAX ? EFBIG : EINVAL;
		if (S_ISREG(st.st_mode) && st.st_size <= TEXT_MAX)
			all.text = malloc((size_t)st.st_size + 1);
		if (all.text != NULL)
			is_read = sysio_read_file(fd, all.text,
				      (size_t)st.st_size, &all.n) == SYSIO_OK;
	}
	(void)close(fd);
	return (is_read);
}

bool
authorities_load(X509_STORE *store, const char *file)
{
	X509_LOOKUP *lookup;

	if (!read_text(file) || !make_index())
		return (false);
	all.method = X509_LOOKUP_meth_new("a file's text");
	if (all.method == NULL ||
	    X509_LOOKUP_meth_set_get_by_subject(all.method, find) != 1)
		return (false);
	lookup = X509_STORE_add_lookup(store, all.method);
	return (lookup != NULL);
}

void
authorities_free(void)
{
	X509_LOOKUP_meth_free(all.method);
	free(all.text);
	all.method = NULL;
	all.text = NULL;
	all.count = 0;
}
