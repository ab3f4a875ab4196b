/* SPDX-License-Identifier: ISC */
#include "chart.h"

#include "layout.h"

enum {
	DAY = 86400,
	BINS = 240,     /* of six minutes */
	MEAN_BINS = 60, /* of 24 */
	WIDTH = 960,
	HEIGHT = 200,
	/* Two samples that are further apart have a gap between them. */
	GAP = 10 * SAMPLES_STEP,
	NONE = -1
};

/*
 * What a curve shows in each part of the day, NONE or a value: the highest of
 * the part; or the mean, of what jumps from minute to minute, in parts that are
 * longer.
 */
struct curve {
	bool is_mean;
	size_t bins;
	double at[BINS];
	unsigned int n[BINS];
	double most;
	double last;
	bool is_known;
};

static void
curve_clear(struct curve *c, bool is_mean)
{
	size_t i;

	*c = (struct curve){ .is_mean = is_mean,
		.bins = is_mean ? MEAN_BINS : BINS,
		.last = NONE };
	for (i = 0; i < BINS; i++)
		c->at[i] = NONE;
}

static void
curve_add(struct curve *c, time_t at, time_t now, double value)
{
	time_t ago = now - at;
	double *sum;
	size_t bin;

	if (ago < 0 || ago >= DAY)
		return;
	bin = (size_t)(DAY - 1 - ago) * c->bins / DAY;
	sum = &c->at[bin];
	c->n[bin]++;
	if (c->is_mean && c->n[bin] > 1)
		*sum += (value - *sum) / c->n[bin];
	else if (c->is_mean || value > *sum)
		*sum = value;
	c->last = c->is_mean ? *sum : value;
	c->is_known = true;
}

static void
curve_end(struct curve *c)
{
	size_t i;

	for (i = 0; i < c->bins; i++)
		if (c->at[i] > c->most)
			c->most = c->at[i];
}

/* The next number of those that can be read at a glance. */
static double
round_count(double most)
{
	static const double steps[] = { 10, 12, 15, 20, 25, 30, 40, 50, 60,
		80 };
	double unit = 1;
	size_t i = 0;

	if (most <= steps[0])
		return (most <= 1 ? 1 : (double)(int)(most + 0.999));
	while (steps[i] * unit < most) {
		i = (i + 1) % ARRAY_LEN(steps);
		if (i == 0)
			unit *= 10;
	}
	return (steps[i] * unit);
}

/* The same of times: whole minutes, hours or days. */
static double
round_span(double most)
{
	static const double steps[] = { 60, 120, 300, 600, 1200, 1800, 3600,
		7200, 10800, 14400, 21600, 28800, 43200 };
	size_t i;

	for (i = 0; i < ARRAY_LEN(steps); i++)
		if (steps[i] >= most)
			return (steps[i]);
	return (DAY * round_count(most / DAY));
}

static size_t
place_of(const struct curve *c, size_t bin)
{
	return ((2 * bin + 1) * WIDTH / (2 * c->bins));
}

static void
put_point(struct buf *out, const struct curve *c, size_t bin, double top)
{
	(void)buf_printf(out, "%zu %.1f", place_of(c, bin),
	    HEIGHT - c->at[bin] / top * HEIGHT);
}

/* Lines through what is there; where nothing is, there is a gap. */
static void
put_line(struct buf *out, const struct curve *c, double top, const char *class)
{
	bool is_drawing = false;
	size_t i;

	(void)buf_printf(out, "<path class=\"%s\" d=\"", class);
	for (i = 0; i < c->bins; i++) {
		if (c->at[i] >= 0) {
			(void)buf_puts(out, is_drawing ? "L" : "M");
			put_point(out, c, i, top);
			/* A point alone is to be seen, too. */
			(void)buf_puts(out, is_drawing ? "" : "h1");
		}
		is_drawing = c->at[i] >= 0;
	}
	(void)buf_puts(out, "\"/>\n");
}

static void
put_area(struct buf *out, const struct curve *c, double top)
{
	size_t i;
	size_t from = 0;

	(void)buf_puts(out, "<path class=\"area\" d=\"");
	for (i = 0; i < c->bins; i++) {
		if (c->at[i] < 0)
			continue;
		if (i == 0 || c->at[i - 1] < 0) {
			from = i;
			(void)buf_printf(
			    out, "M%zu %d", place_of(c, i), HEIGHT);
		}
		(void)buf_puts(out, "L");
		put_point(out, c, i, top);
		if (i + 1 == c->bins || c->at[i + 1] < 0)
			(void)buf_printf(out, "L%zu %dL%zu %dZ", place_of(c, i),
			    HEIGHT, place_of(c, from), HEIGHT);
	}
	(void)buf_puts(out, "\"/>\n");
}

struct figure {
	const char *id;
	const char *title;
	const struct curve *curve;
	const struct curve *other; /* or NULL */
	void (*put_value)(struct buf *out, double value);
	double (*round)(double most); /* up, to what the axis says */
};

static void
put_count(struct buf *out, double value)
{
	layout_put_count(out, (uint64_t)(value + 0.5));
}

static void
put_span(struct buf *out, double value)
{
	layout_put_span(out, (uint64_t)value);
}

static void
put_rate(struct buf *out, double value)
{
	if (value >= 10 || value == 0)
		put_count(out, value);
	else
		(void)buf_printf(out, "%.1f", value);
}

static void
put_key(struct buf *out, const struct figure *f, const struct curve *c,
    const char *key)
{
	(void)buf_printf(out, "<span class=\"key\">%snow ", key);
	f->put_value(out, c->last);
	(void)buf_puts(out, ", most ");
	f->put_value(out, c->most);
	(void)buf_puts(out, "</span>\n");
}

static void
put_words(struct buf *out, const struct figure *f)
{
	(void)buf_printf(out, "<figcaption id=\"%s\"><strong>%s</strong>\n",
	    f->id, f->title);
	if (!f->curve->is_known)
		(void)buf_puts(out, "nothing is known\n");
	else if (f->other == NULL)
		put_key(out, f, f->curve, "");
	else {
		put_key(out, f, f->curve,
		    "<span class=\"key-curve\">&#9473; come</span> ");
		put_key(out, f, f->other,
		    "<span class=\"key-other\">&#9477; go</span> ");
	}
	(void)buf_puts(out, "</figcaption>\n");
}

static void
put_figure(struct buf *out, const struct figure *f)
{
	double top = f->curve->most;

	if (f->other != NULL && f->other->most > top)
		top = f->other->most;
	top = f->round(top);
	(void)buf_puts(out, "<figure>\n");
	put_words(out, f);
	(void)buf_puts(out, "<p class=\"axis top\"><span>");
	f->put_value(out, top);
	(void)buf_printf(out,
	    "</span></p>\n"
	    "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" "
	    "role=\"img\" aria-labelledby=\"%s\">\n"
	    "<path class=\"grid\" d=\"M0 0H%dM0 %dH%dM0 %dH%d\"/>\n",
	    WIDTH, HEIGHT, f->id, WIDTH, HEIGHT / 2, WIDTH, HEIGHT, WIDTH);
	if (f->other == NULL)
		put_area(out, f->curve, top);
	put_line(out, f->curve, top, "curve");
	if (f->other != NULL)
		put_line(out, f->other, top, "other");
	(void)buf_puts(out,
	    "</svg>\n<p class=\"axis\"><span>24h ago</span>"
	    "<span>12h</span><span>now</span></p>\n</figure>\n");
}

/*
 * The counter says how many have come, and the difference to what waits how
 * many have gone.  After a crash numbers are left out; a counter that moves
 * back was repaired.
 */
static void
add_rates(const struct sample *a, const struct sample *b, time_t now,
    struct curve *come, struct curve *gone)
{
	double minutes = (double)(b->at - a->at) / SAMPLES_STEP;
	double came = (double)(uint32_t)(b->next - a->next);
	double went = came + (double)a->messages - (double)b->messages;

	if (a->next == 0 || b->next == 0 || b->at <= a->at ||
	    b->at - a->at > GAP || b->next < a->next)
		return;
	curve_add(come, b->at, now, came / minutes);
	curve_add(gone, b->at, now, went < 0 ? 0 : went / minutes);
}

void
chart_put(struct buf *out, const struct samples *all, time_t now)
{
	struct curve depth;
	struct curve age;
	struct curve come;
	struct curve gone;
	const struct figure figures[] = {
		{ "depth", "Messages that wait", &depth, NULL, put_count,
		    round_count },
		{ "age", "Age of the oldest", &age, NULL, put_span,
		    round_span },
		{ "rate", "Messages a minute", &come, &gone, put_rate,
		    round_count },
	};
	size_t i;

	curve_clear(&depth, false);
	curve_clear(&age, false);
	curve_clear(&come, true);
	curve_clear(&gone, true);
	for (i = 0; i < all->n; i++) {
		const struct sample *s = &all->list[i];

		curve_add(&depth, s->at, now, s->messages);
		curve_add(&age, s->at, now, s->oldest);
		if (i > 0)
			add_rates(s - 1, s, now, &come, &gone);
	}
	curve_end(&depth);
	curve_end(&age);
	curve_end(&come);
	curve_end(&gone);
	(void)buf_puts(out, "<div class=\"curves\">\n");
	for (i = 0; i < ARRAY_LEN(figures); i++)
		put_figure(out, &figures[i]);
	(void)buf_puts(out, "</div>\n");
}
