/* SPDX-License-Identifier: ISC */
#include "mime.h"

#include <gmime/gmime.h>
#include <string.h>

enum {
	PIECE = 16384,
	/* Parts, and what parts are in. */
	STEPS_MAX = 5000
};

struct mime {
	GMimeMessage *message;
	GMimePart *part[MIME_PARTS_MAX];
	size_t n;
	bool is_cut;
};

/*
 * Modules of iconv are files that cannot be opened later, and those in use are
 * kept.  A charset that is not here is shown as far as it is ASCII.
 */
static void
load_charsets(struct mime_charsets *charsets)
{
	static const char *const names[] = { "iso-8859-1", "iso-8859-2",
		"iso-8859-5", "iso-8859-7", "iso-8859-9", "iso-8859-15",
		"windows-1250", "windows-1251", "windows-1252", "windows-1253",
		"windows-1254", "koi8-r", "koi8-u", "shift_jis", "euc-jp",
		"iso-2022-jp", "gb2312", "gbk", "gb18030", "big5", "euc-kr" };
	size_t i;

	/* One that this system lacks is left out. */
	for (i = 0; i < ARRAY_LEN(names) && i < MIME_CHARSETS_MAX; i++)
		charsets->list[i] = g_mime_iconv_open("UTF-8", names[i]);
}

void
mime_prepare(struct mime_charsets *charsets)
{
	const char *fallback[] = { "utf-8", "iso-8859-1", NULL };
	GMimeParserOptions *options;

	g_mime_init();
	options = g_mime_parser_options_get_default();
	g_mime_parser_options_set_fallback_charsets(options, fallback);
	load_charsets(charsets);
}

static bool
is_text(GMimePart *part, const char *subtype)
{
	GMimeContentType *type =
	    g_mime_object_get_content_type(GMIME_OBJECT(part));

	return (g_mime_content_type_is_type(type, "text", subtype));
}

/*
 * Every leaf is a part, in the order of the text, also within a message that
 * is one itself.
 */
static void
gather(struct mime *m)
{
	GMimePartIter *at = g_mime_part_iter_new(GMIME_OBJECT(m->message));
	size_t steps = 0;

	do {
		GMimeObject *object = g_mime_part_iter_get_current(at);

		m->is_cut = m->n == MIME_PARTS_MAX || ++steps > STEPS_MAX;
		if (!m->is_cut && object != NULL && GMIME_IS_PART(object))
			m->part[m->n++] = GMIME_PART(object);
	} while (!m->is_cut && g_mime_part_iter_next(at));
	g_mime_part_iter_free(at);
}

struct mime *
mime_open(int fd)
{
	static struct mime m;
	GMimeStream *stream = g_mime_stream_fs_new(fd);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);

	g_mime_parser_set_persist_stream(parser, TRUE);
	m = (struct mime){ .n = 0 };
	m.message = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	if (m.message == NULL)
		return (NULL);
	gather(&m);
	return (&m);
}

void
mime_close(struct mime *m)
{
	g_object_unref(m->message);
}

static struct bytes
bytes_or_none(const char *text)
{
	return (bytes_of(text == NULL ? "" : text));
}

struct bytes
mime_field(const struct mime *m, const char *name)
{
	return (bytes_or_none(
	    g_mime_object_get_header(GMIME_OBJECT(m->message), name)));
}

size_t
mime_count(const struct mime *m)
{
	return (m->n);
}

bool
mime_is_cut(const struct mime *m)
{
	return (m->is_cut);
}

static bool
is_attachment(GMimePart *part)
{
	const char *how = g_mime_object_get_disposition(GMIME_OBJECT(part));

	return (how != NULL && strcasecmp(how, "attachment") == 0);
}

struct mime_part
mime_part(const struct mime *m, size_t i)
{
	GMimePart *part = m->part[i];
	GMimeContentType *type =
	    g_mime_object_get_content_type(GMIME_OBJECT(part));
	struct mime_part p = { .number = (uint32_t)i + 1, .kind = MIME_FILE };

	p.type = bytes_or_none(g_mime_content_type_get_media_type(type));
	p.subtype = bytes_or_none(g_mime_content_type_get_media_subtype(type));
	p.name = bytes_or_none(g_mime_part_get_filename(part));
	if (is_attachment(part))
		return (p);
	if (is_text(part, "plain"))
		p.kind = MIME_TEXT;
	else if (is_text(part, "html"))
		p.kind = MIME_HTML;
	return (p);
}

static bool
pump(GMimeStream *from, mime_fn *piece, void *ctx)
{
	char store[PIECE];
	ssize_t n;

	while ((n = g_mime_stream_read(from, store, sizeof(store))) > 0)
		if (!piece(ctx, (struct bytes){ store, (size_t)n }))
			return (false);
	return (n == 0);
}

static void
add_filter(GMimeStream *stream, GMimeFilter *filter)
{
	/* A charset that iconv does not know has none. */
	if (filter == NULL)
		return;
	/* Its number is for taking it away again. */
	(void)g_mime_stream_filter_add(GMIME_STREAM_FILTER(stream), filter);
	g_object_unref(filter);
}

/* What is encoded, as it was before, and in UTF-8 if it has a charset. */
static bool
decode(const struct mime *m, size_t i, const char *charset, mime_fn *piece,
    void *ctx)
{
	GMimeDataWrapper *content;
	GMimeStream *stream;
	GMimeStream *source;
	bool good;

	if (i >= m->n)
		return (false);
	content = g_mime_part_get_content(m->part[i]);
	/* A part may end before its text begins. */
	if (content == NULL)
		return (true);
	source = g_mime_data_wrapper_get_stream(content);
	if (source == NULL || g_mime_stream_reset(source) != 0)
		return (false);
	stream = g_mime_stream_filter_new(source);
	add_filter(stream,
	    g_mime_filter_basic_new(
		g_mime_data_wrapper_get_encoding(content), FALSE));
	if (charset != NULL)
		add_filter(stream, g_mime_filter_charset_new(charset, "UTF-8"));
	good = pump(stream, piece, ctx);
	g_object_unref(stream);
	return (good);
}

bool
mime_decode(const struct mime *m, size_t i, mime_fn *piece, void *ctx)
{
	return (decode(m, i, NULL, piece, ctx));
}

bool
mime_decode_text(const struct mime *m, size_t i, mime_fn *piece, void *ctx)
{
	const char *charset = i < m->n
	    ? g_mime_object_get_content_type_parameter(
		  GMIME_OBJECT(m->part[i]), "charset")
	    : NULL;

	/* UTF-8 is looked at where it is shown. */
	if (charset != NULL && strcasecmp(charset, "utf-8") == 0)
		charset = NULL;
	return (decode(m, i, charset, piece, ctx));
}
