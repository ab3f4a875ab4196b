/* SPDX-License-Identifier: ISC */
#include "style.h"

#include <stddef.h>

/* A test computes the contrast of each colour on both grounds. */
#define COLOURS                                                                \
	":root{color-scheme:light dark;"                                       \
	"--paper:#f5f6f4;--card:#ffffff;--ink:#1c2126;--soft:#535b64;"         \
	"--line:#d9dcd8;--link:#0a5586;--calm:#1d6640;--warn:#7d4c00;"         \
	"--bad:#a3231b;--curve:#0a5586;--other:#7d4c00;--fill:#d8e6f0}\n"      \
	"@media (prefers-color-scheme:dark){:root{"                            \
	"--paper:#14171a;--card:#1d2125;--ink:#e5e8ea;--soft:#a7b0b8;"         \
	"--line:#343a40;--link:#82beec;--calm:#7fcf9e;--warn:#e6b566;"         \
	"--bad:#f49c94;--curve:#82beec;--other:#e6b566;--fill:#233a4c}}\n"

#define BASE                                                                   \
	"*{box-sizing:border-box}\n"                                           \
	"html{background:var(--paper);color:var(--ink);"                       \
	"font:1rem/1.5 system-ui,sans-serif;-webkit-text-size-adjust:100%}\n"  \
	"body{margin:0 auto;max-width:76rem;padding:0 1.25rem 2rem}\n"         \
	"header{display:flex;flex-wrap:wrap;align-items:baseline;"             \
	"gap:.25rem 1.5rem;padding:1rem 0;border-bottom:1px solid "            \
	"var(--line)}\n"                                                       \
	".name{margin:0;font-weight:600}\n"                                    \
	"nav{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem}\n"                \
	"nav a{padding:.25rem 0}\n"                                            \
	"a{color:var(--link);text-underline-offset:.15em}\n"                   \
	"nav a[aria-current]{color:var(--ink);text-decoration:none;"           \
	"border-bottom:2px solid var(--curve)}\n"                              \
	":focus-visible{outline:3px solid var(--curve);"                       \
	"outline-offset:2px;border-radius:2px}\n"                              \
	".skip{position:absolute;left:-100rem}\n"                              \
	".skip:focus{left:1rem;top:.5rem;background:var(--card);"              \
	"padding:.5rem}\n"                                                     \
	"h1{font-size:1.75rem;line-height:1.2;margin:1.5rem 0 1rem;"           \
	"font-weight:600}\n"                                                   \
	"h2{font-size:1.2rem;line-height:1.3;margin:2.25rem 0 .75rem;"         \
	"font-weight:600}\n"                                                   \
	"p{margin:.5rem 0;max-width:46rem}\n"                                  \
	"code,pre{font-family:ui-monospace,monospace;font-size:.9em}\n"        \
	"code{overflow-wrap:anywhere}\n"                                       \
	".soft,.none,footer,.reason{color:var(--soft)}\n"                      \
	"footer{margin-top:3rem;border-top:1px solid var(--line);"             \
	"padding-top:.5rem;font-size:.9rem}\n"

#define FIGURES                                                                \
	".facts{display:grid;gap:1rem;margin:0;"                               \
	"grid-template-columns:repeat(auto-fit,minmax(9rem,1fr))}\n"           \
	".facts div,figure{background:var(--card);border:1px solid "           \
	"var(--line);border-radius:.5rem;padding:.75rem 1rem}\n"               \
	".facts dt,figcaption{color:var(--soft);font-size:.9rem}\n"            \
	".facts dd{margin:0;font-size:1.6rem;line-height:1.3;"                 \
	"font-variant-numeric:tabular-nums}\n"                                 \
	".curves{display:grid;gap:1rem;"                                       \
	"grid-template-columns:"                                               \
	"repeat(auto-fit,minmax(min(18rem,100%),1fr))}\n"                      \
	"figure{margin:0;min-width:0;display:flex;flex-direction:column}\n"    \
	"figcaption strong{color:var(--ink);font-weight:600;"                  \
	"display:block;font-size:1rem}\n"                                      \
	"svg{display:block;width:100%;height:8rem;margin:.5rem 0 .25rem;"      \
	"overflow:visible}\n"                                                  \
	".grid{stroke:var(--line);stroke-width:1}\n"                           \
	".area{fill:var(--fill)}\n"                                            \
	".curve,.other{fill:none;stroke:var(--curve);stroke-width:2;"          \
	"stroke-linejoin:round;stroke-linecap:round}\n"                        \
	".other{stroke:var(--other);stroke-dasharray:5 4}\n"                   \
	".curve,.other,.grid{vector-effect:non-scaling-stroke}\n"              \
	".key{display:block}\n"                                                \
	".axis{display:flex;justify-content:space-between;margin:0;"           \
	"color:var(--soft);font-size:.8rem}\n.axis.top{margin-top:auto}\n"     \
	".key-curve{color:var(--curve)}\n.key-other{color:var(--other)}\n"

#define TABLES                                                                 \
	"table{width:100%;border-collapse:collapse;background:var(--card);"    \
	"border:1px solid var(--line)}\n"                                      \
	"th,td{text-align:left;vertical-align:top;padding:.5rem .75rem;"       \
	"border-top:1px solid var(--line);overflow-wrap:anywhere}\n"           \
	"thead th{color:var(--soft);font-size:.85rem;font-weight:600;"         \
	"border-top:0;overflow-wrap:normal}\n"                                 \
	"tbody th{font-weight:600}\n"                                          \
	".n{text-align:right;white-space:nowrap;overflow-wrap:normal;"         \
	"font-variant-numeric:tabular-nums}\n"                                 \
	"ul{margin:0;padding:0;list-style:none}\n"                             \
	".reason{display:block;font-size:.9rem}\n"                             \
	".state{white-space:nowrap}\n.waiting{color:var(--ink)}\n"             \
	".claimed{color:var(--calm)}\n.held{color:var(--warn)}\n"              \
	".aside,.damaged,.unreadable{color:var(--bad)}\n"                      \
	".pages{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;"               \
	"margin:1rem 0}\n"

#define LETTER                                                                 \
	".fields{display:grid;gap:.375rem 1.5rem;margin:0;"                    \
	"background:var(--card);border:1px solid var(--line);"                 \
	"border-radius:.5rem;padding:.875rem 1rem;"                            \
	"grid-template-columns:max-content 1fr}\n"                             \
	".fields dt{color:var(--soft)}\n"                                      \
	".fields dd{margin:0;overflow-wrap:anywhere;min-width:0}\n"            \
	"pre{background:var(--card);border:1px solid var(--line);"             \
	"border-radius:.5rem;padding:1rem;margin:.5rem 0;max-width:100%;"      \
	"white-space:pre-wrap;overflow-wrap:anywhere;tab-size:8;"              \
	"unicode-bidi:plaintext}\n"                                            \
	"bdi{unicode-bidi:isolate}\n"                                          \
	".files li{padding:.125rem 0;overflow-wrap:anywhere}\n"                \
	"details{margin:1rem 0}\nsummary{color:var(--link);"                   \
	"padding:.25rem 0;cursor:pointer}\n"

/* On a telephone each row is a card, and each cell says what it is. */
#define NARROW                                                                 \
	"@media (max-width:44rem){\n"                                          \
	"body{padding:0 .875rem 2rem}\n"                                       \
	".facts{grid-template-columns:1fr 1fr;gap:.625rem}\n"                  \
	".facts div:first-child{grid-column:1/-1}\n"                           \
	".facts dd{font-size:1.35rem}\n"                                       \
	".fields{grid-template-columns:1fr;gap:0}\n"                           \
	".fields dd{margin-bottom:.5rem}\n"                                    \
	"table,tbody,tr,th,td{display:block}\n"                                \
	"table{background:none;border:0}\n"                                    \
	"thead{position:absolute;left:-100rem}\n"                              \
	"tr{background:var(--card);border:1px solid var(--line);"              \
	"border-radius:.5rem;margin:.625rem 0;padding:.5rem .875rem}\n"        \
	"th,td,.n{border:0;padding:.125rem 0;text-align:left;"                 \
	"white-space:normal}\n"                                                \
	"tbody th{font-size:1.1rem}\n"                                         \
	"td{display:grid;grid-template-columns:5.5rem 1fr;gap:.5rem}\n"        \
	"td::before{content:attr(data-label);color:var(--soft);"               \
	"font-size:.9rem}\n"                                                   \
	"td:empty{display:none}\n}\n"

const char *const STYLE_PARTS[] = { COLOURS, BASE, FIGURES, TABLES, LETTER,
	NARROW, NULL };
