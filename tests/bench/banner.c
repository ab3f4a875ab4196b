/* SPDX-License-Identifier: ISC */
/*
 * banner: the floor for a connection.  Greets, waits for a line, is gone.
 * To be built like the session, and run under the same super-server.
 */
#include <string.h>
#include <unistd.h>

int
main(void)
{
	static const char banner[] = "220 floor ESMTP\r\n";
	char line[512];
	ssize_t n;

	if (write(1, banner, sizeof(banner) - 1) < 0)
		return (1);
	do
		n = read(0, line, sizeof(line));
	while (n > 0 && memchr(line, '\n', (size_t)n) == NULL);
	return (0);
}
