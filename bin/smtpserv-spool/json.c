/* SPDX-License-Identifier: ISC */
#include "json.h"

#include <stdio.h>

#include "bytes/buf.h"
#include "bytes/utf8.h"
#include "trace/trace.h"

void
json_put_string(struct bytes text)
{
	size_t i = 0;

	(void)putchar('"');
	while (i < text.n) {
		char c = text.p[i];
		size_t n = (unsigned char)c < 0x80
		    ? 1
		    : utf8_char(bytes_cut(text, i, text.n));

		if (n == 0)
			(void)fputs("\\ufffd", stdout);
		else if (n > 1)
			(void)fwrite(text.p + i, 1, n, stdout);
		else if (c == '"' || c == '\\')
			(void)printf("\\%c", c);
		else if (c < ' ' || c == 0x7f)
			(void)printf("\\u%04x", (unsigned int)c);
		else
			(void)putchar(c);
		i += n == 0 ? 1 : n;
	}
	(void)putchar('"');
}

void
json_put_text(const char *key, struct bytes text)
{
	if (text.n == 0)
		return;
	(void)printf(",\"%s\":", key);
	json_put_string(text);
}

void
json_put_number(const char *key, uint64_t n)
{
	(void)printf(",\"%s\":%llu", key, (unsigned long long)n);
}

void
json_put_time(const char *key, time_t when)
{
	char store[40];
	struct buf text;

	buf_init(&text, store, sizeof(store));
	if (trace_timestamp(&text, when))
		json_put_text(key, buf_view(&text));
}
