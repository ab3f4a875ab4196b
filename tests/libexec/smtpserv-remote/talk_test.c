/* SPDX-License-Identifier: ISC */
#include "talk.h"

#include <atf-c.h>

#include "script.h"

/* Each whole, byte by byte, and cut into threes. */
static void
play_all(
    const char *const *rows, size_t n, const struct talk_settings *settings)
{
	size_t i;

	for (i = 0; i < n; i++) {
		script_play(rows[i], settings, 0);
		script_play(rows[i], settings, 1);
		script_play(rows[i], settings, 3);
	}
}

#define NEXT       "? next\n<connect mx 192.0.2.1 best\n"
#define HELLO      NEXT "< 220 mx\n> EHLO me\n"
#define LAST       "? next\n<connect mx 192.0.2.1 best last\n< 220 mx\n> EHLO me\n"
#define PLAIN      "< 250 mx\n+ 1\n"
#define PIPELINING "< 250-mx\n< 250 PIPELINING\n+ 1\n"
#define CHUNKING   "< 250-mx\n< 250-PIPELINING\n< 250 CHUNKING\n+ 1\n"
#define GROUP      "> MAIL FROM:<a@b>\n> RCPT TO:<x@y>\n> DATA\n"
/* A first message, so that more may go at once. */
#define FIRST                                                                  \
	"<mail 0 a@b x@y\n" GROUP "< 250 ok\n< 250 ok\n< 354 go\n! 0\n"        \
	"> hi 0\n> .\n< 250 ok\n= 0 K 2.0.0 250 ok\n"
#define GIVE_UP "? next\n<none Z 4.4.1 none left\n"
#define QUITS   "<finish\n> QUIT\n< 221 bye\n. done\n"

/* clang-format off: a line of the script is a line. */
static const char *const BRINGS[] = {
	/* OB-100: one command at a time; OB-41, OB-71, OB-83, OB-88. */
	HELLO PLAIN
	"@ idle\n<mail 1 a@b x@y,z@y\n"
	"> MAIL FROM:<a@b>\n@ mail\n< 250 ok\n> RCPT TO:<x@y>\n@ rcpt\n"
	"< 250 ok\n> RCPT TO:<z@y>\n< 251 ok\n> DATA\n@ data\n"
	"< 354 go\n! 1\n> hi 1\n> .\n@ final\n< 250 2.0.0 queued\n"
	"= 1 K 2.0.0 250 2.0.0 queued\n+ 1\n<mail 2 - x@y\n"
	"> MAIL FROM:<>\n< 250 ok\n> RCPT TO:<x@y>\n< 250 ok\n> DATA\n"
	"< 354 go\n! 2\n> hi 2\n> .\n< 250 ok\n= 2 K 2.0.0 250 ok\n+ 1\n"
	"@ idle\n<finish\n> QUIT\n@ quit\n< 221 bye\n. done\n",
	/* OB-91: in one group; OB-94: the first one's text is alone. */
	HELLO PIPELINING FIRST "+ 2\n" QUITS,
	"<mail 0 a@b x@y\n<mail 1 a@b x@y\n" HELLO
	"< 250-mx\n< 250 PIPELINING\n+ 0\n" GROUP
	"< 250 ok\n< 250 ok\n< 354 go\n! 0\n> hi 0\n> .\n"
	"< 250 ok\n= 0 K 2.0.0 250 ok\n+ 1\n" GROUP
	"< 250 ok\n< 250 ok\n< 354 go\n! 1\n> hi 1\n> .\n< 250 ok\n"
	"= 1 K 2.0.0 250 ok\n+ 1\n",
	/* OB-95: then the next envelope goes with the dot. */
	HELLO PIPELINING FIRST
	"+ 2\n<mail 1 a@b x@y\n" GROUP "<mail 2 c@d z@y\n"
	"< 250 ok\n< 250 ok\n< 354 go\n! 1\n> hi 1\n> .\n"
	"> MAIL FROM:<c@d>\n> RCPT TO:<z@y>\n> DATA\n"
	"< 250 first\n= 1 K 2.0.0 250 first\n+ 1\n"
	"< 250 ok\n< 250 ok\n< 354 go\n! 2\n> hi 2\n> .\n"
	"< 250 second\n= 2 K 2.0.0 250 second\n+ 1\n" QUITS,
	/* A message that comes later goes behind a dot that was sent. */
	HELLO PIPELINING FIRST
	"+ 2\n<mail 1 a@b x@y\n" GROUP
	"< 250 ok\n< 250 ok\n< 354 go\n! 1\n> hi 1\n> .\n"
	"<mail 2 a@b x@y\n" GROUP "< 250 ok\n= 1 K 2.0.0 250 ok\n+ 1\n"
	"< 250 ok\n< 250 ok\n< 354 go\n! 2\n> hi 2\n> .\n< 250 ok\n"
	"= 2 K 2.0.0 250 ok\n+ 1\n",
	/* OB-77, OB-75: whole lines, and dots. */
	"<text 0 .\\n..a\\n\\nb\\r\\nc\\rd\n" HELLO PIPELINING
	"<mail 0 a@b x@y\n" GROUP "< 250 ok\n< 250 ok\n< 354 go\n! 0\n"
	"> ..\n> ...a\n> \n> b\n> c d\n> .\n< 250 ok\n= 0 K 2.0.0 250 ok\n+ 2\n",
	/* Idle too long: QUIT, and nobody waits long for its reply. */
	HELLO PIPELINING FIRST "+ 2\n@ idle\n<expired\n> QUIT\n@ quit\n"
			       "<expired\n. done\n",
	HELLO PIPELINING FIRST "+ 2\n<expired\n> QUIT\n<close\n. done\n",
	HELLO PIPELINING FIRST "+ 2\n<expired\n> QUIT\n< nonsense\n. done\n",
	/* Given back if it has not begun. */
	HELLO PIPELINING FIRST
	"+ 2\n<mail 1 a@b x@y\n" GROUP "<drop 1\nkept\n"
	"<mail 2 a@b x@y\n<drop 2\ndropped\n+ 1\n"
	"< 250 ok\n< 250 ok\n< 354 go\n! 1\n> hi 1\n> .\n"
	"< 250 ok\n= 1 K 2.0.0 250 ok\n+ 1\n",
	/* OB-102: no more than the server says. */
	HELLO "< 250-mx\n< 250-LIMITS MAILMAX=2\n< 250 PIPELINING\n+ 1\n" FIRST
	      "+ 1\n<mail 1 a@b x@y\n" GROUP
	      "< 250 ok\n< 250 ok\n< 354 go\n! 1\n> hi 1\n> .\n< 250 ok\n"
	      "= 1 K 2.0.0 250 ok\n> QUIT\n< 221 bye\n. done\n",
	/* What it may not carry any more is given back. */
	"<mail 0 a@b x@y\n<mail 1 a@b x@y\n" HELLO
	"< 250-mx\n< 250-LIMITS MAILMAX=1\n< 250 PIPELINING\n+ 0\n" GROUP
	"< 250 ok\n< 250 ok\n< 354 go\n! 0\n> hi 0\n> .\n< 250 ok\n"
	"= 0 K 2.0.0 250 ok\n> QUIT\n< 221 bye\n"
	"= 1 N 4.4.2 the connection was used up\n. done\n",
};

ATF_TC_WITHOUT_HEAD(talk__brings_messages);
ATF_TC_BODY(talk__brings_messages, tc)
{
	play_all(BRINGS, ARRAY_LEN(BRINGS), &SCRIPT_SETTINGS);
}

static const char *const BEGINS[] = {
	/* OB-42: nothing before the greeting is complete. */
	NEXT
	"@ greeting\n< 220-one\n@ greeting\n< 220-two\n@ greeting\n"
	"< 220 three\n> EHLO me\n@ ehlo\n< 250-mx\n@ ehlo\n< 250 ok\n+ 1\n",
	/* OB-43: on to the next address; the words of the last. */
	NEXT "< 421 busy\n" NEXT "< 554 no\n" NEXT "<close\n" NEXT
	     "<expired\n" NEXT "< hello\n" NEXT "< 250 hello\n" NEXT
	     "< 450 4.3.2 later\n" GIVE_UP "# Z 4.3.2 450 4.3.2 later\n"
	     ". no more addresses\n",
	"<mail 1 a@b x@y\n" NEXT "<close\n" GIVE_UP
	"= 1 N 4.4.2 connection closed at its greeting\n"
	"# Z 4.4.2 connection closed at its greeting\n. no more addresses\n",
	NEXT "< 554 5.7.1 go away\n" GIVE_UP "# Z 4.7.1 554 5.7.1 go away\n"
	     ". no more addresses\n",
	/* OB-51, OB-52, OB-94: junk is never permanent. */
	NEXT
	"< 221 no\n" GIVE_UP
	"# Z 4.5.0 a reply that makes no sense at its greeting\n. no more addresses\n",
	/* Nobody could be reached: the dialer's words. */
	"<mail 1 a@b x@y\n" GIVE_UP "= 1 N 4.4.1 none left\n"
	"# Z 4.4.1 none left\n. no more addresses\n",
	"? next\n<none D 5.1.10 null MX\n# D 5.1.10 null MX\n"
	". no more addresses\n",
	/* 521 of all of them is permanent. */
	NEXT "< 521 no mail\n" NEXT "< 521 none here\n" GIVE_UP
	     "# D 5.3.2 521 none here\n. no more addresses\n",
	NEXT "< 554 no\n" NEXT "< 521 none here\n" GIVE_UP
	     "# Z 4.3.2 521 none here\n. no more addresses\n",
	NEXT "< 521 none here\n" NEXT "< 554 no\n" GIVE_UP
	     "# Z 4.0.0 554 no\n. no more addresses\n",
	NEXT "< 521 none here\n? next\n<missed Z 4.4.1 refused\n"
	     "# Z 4.3.2 521 none here\n. no more addresses\n",
	/* OB-44: HELO, where EHLO is not known; else the next address. */
	HELLO
	"< 500 what\n> HELO me\n@ ehlo\n< 250 mx\n+ 1\n"
	"<mail 0 a@b x@y size=77 8bit envid=q ret=full\n> MAIL FROM:<a@b>\n",
	HELLO "< 502 what\n> HELO me\n< 250-mx\n< 250 PIPELINING\n+ 1\n"
	      "<mail 0 a@b x@y\n> MAIL FROM:<a@b>\n",
	HELLO "< 421 no\n" GIVE_UP "# Z 4.0.0 421 no\n. no more addresses\n",
	HELLO "< 451 no\n? next\n",
	HELLO "<close\n? next\n",
	HELLO "< 500 what\n> HELO me\n< 550 no\n? next\n",
	HELLO "< 354 go\n? next\n",
	"? next\n<connect mx 192.0.2.1 must\n< 220 mx\n> EHLO me\n< 500 no\n"
	"? next\n",
	/* OB-48: ourselves. */
	NEXT "< 220 ME ESMTP\n# D 5.4.6 mail loops back to this host\n"
	     ". failed\n",
	"? next\n<connect mx 192.0.2.1\n< 220 me ESMTP\n"
	"# Z 4.4.6 no host that is better than this one can be had\n. failed\n",
	HELLO "< 250-me\n< 250 PIPELINING\n"
	      "# D 5.4.6 mail loops back to this host\n. failed\n",
	HELLO "< 250 met\n+ 1\n",
	/* Given up on, before it was ready. */
	NEXT "<finish\n< 220 mx\n> EHLO me\n"
	     "< 250 mx\n+ 0\n> QUIT\n"
	     "< 221 bye\n. done\n",
};

ATF_TC_WITHOUT_HEAD(talk__begins_a_conversation);
ATF_TC_BODY(talk__begins_a_conversation, tc)
{
	play_all(BEGINS, ARRAY_LEN(BEGINS), &SCRIPT_SETTINGS);
}

#define MAY     "? next\n<connect mx 192.0.2.1 may\n< 220 mx\n> EHLO me\n"
#define MUST    "? next\n<connect mx 192.0.2.1 must\n< 220 mx\n> EHLO me\n"
#define OFFERED "< 250-mx\n< 250-PIPELINING\n< 250 starttls\n> STARTTLS\n"

static const char *const SECURES[] = {
	/* OB-107, OB-109: what was offered in clear is forgotten. */
	HELLO "< 250-mx\n< 250 STARTTLS\n+ 1\n",
	MAY OFFERED
	"@ ehlo\n< 220 go\n? tls\n@ none\n<secured\n> EHLO me\n"
	"@ ehlo\n< 250 mx\n+ 1\n<mail 1 a@b x@y\n> MAIL FROM:<a@b>\n",
	MAY "< 250 mx\n+ 1\n",
	MAY OFFERED "< 220 go\n? tls\n<secured\n> EHLO me\n"
		    "< 250-mx\n< 250 STARTTLS\n+ 1\n",
	/* TLS was there before the greeting. */
	"? next\n<connect mx 192.0.2.1 must verified\n< 220 mx\n> EHLO me\n"
	"< 250-mx\n< 250 STARTTLS\n+ 1\n",
	/* OB-110: refused, failed, stalled, lost: once more in clear. */
	MAY OFFERED "< 454 no\n+ 1\n",
	MAY OFFERED "< 550 no\n+ 1\n",
	MAY OFFERED "< 421 no\n? clear\n<connect mx 192.0.2.1 may\n< 220 mx\n"
		    "> EHLO me\n< 250-mx\n< 250 STARTTLS\n+ 1\n",
	MAY OFFERED "<close\n? clear\n",
	MAY OFFERED "<expired\n? clear\n",
	MAY OFFERED "< 220 go\n? tls\n<close\n? clear\n",
	MAY OFFERED "< 220 go\n? tls\n<secured\n> EHLO me\n<close\n? clear\n"
		    "<connect mx 192.0.2.1 may\n<close\n? next\n",
	/* OB-111: not where it must be. */
	MUST "< 250 mx\n" GIVE_UP "# Z 4.7.4 TLS is not offered\n"
	     ". no more addresses\n",
	MUST OFFERED "< 454 no\n" GIVE_UP "# Z 4.7.5 454 no\n"
		     ". no more addresses\n",
	MUST OFFERED "<close\n? next\n",
	MUST OFFERED
	"< 220 go\n? tls\n<close\n" GIVE_UP
	"# Z 4.7.5 connection closed at TLS\n. no more addresses\n",
	MUST OFFERED "< 220 go\n? tls\n<secured\n> EHLO me\n<close\n? next\n",
	/* OB-94 */
	MUST OFFERED "< 221 go\n? next\n",
	MUST OFFERED "< 250 go\n? next\n",
};

ATF_TC_WITHOUT_HEAD(talk__secures_a_connection);
ATF_TC_BODY(talk__secures_a_connection, tc)
{
	play_all(SECURES, ARRAY_LEN(SECURES), &SCRIPT_SETTINGS);
}

/* OB-108: what comes with STARTTLS's reply was not said by TLS. */
ATF_TC_WITHOUT_HEAD(talk__text_behind_starttls_is_an_attack);
ATF_TC_BODY(talk__text_behind_starttls_is_an_attack, tc)
{
	script_play(MAY OFFERED "< 220 go\n< 250 CHUNKING\n" GIVE_UP
				"# Z 4.7.5 text was injected behind STARTTLS\n"
				". no more addresses\n",
	    &SCRIPT_SETTINGS, 0);
	script_play(
	    MUST OFFERED "< 220 go\n< x\n? next\n", &SCRIPT_SETTINGS, 0);
}

static const struct talk_settings ACCOUNT = {
	.helo = { "me", 2 },
	.window = 16,
	.chunking = true,
	.is_relay = true,
	.has_account = true,
	.user = { "ann", 3 },
	.password = { "s3cret", 6 },
};

#define SAFE                                                                   \
	"? next\n<connect mx 192.0.2.1 must verified\n< 220 mx\n> EHLO me\n"

static const char *const LOGS_IN[] = {
	/* OB-143 */
	SAFE "< 250-mx\n< 250 AUTH LOGIN PLAIN\n"
	     "> AUTH PLAIN AGFubgBzM2NyZXQ=\n@ ehlo\n< 235 ok\n+ 1\n",
	SAFE "< 250-mx\n< 250 AUTH=LOGIN\n> AUTH LOGIN\n< 334 VXNlcm5hbWU6\n"
	     "> YW5u\n< 334 UGFzc3dvcmQ6\n> czNjcmV0\n< 235 ok\n+ 1\n",
	SAFE "< 250-mx\n< 250 AUTH CRAM-MD5\n" GIVE_UP
	     "# Z 4.7.0 AUTH: neither PLAIN nor LOGIN is offered\n"
	     ". no more addresses\n",
	SAFE "< 250 mx\n? next\n",
	SAFE "< 500 what\n? next\n",
	/* OB-142: not to anybody. */
	HELLO "< 250-mx\n< 250 AUTH PLAIN\n" GIVE_UP
	      "# Z 4.7.0 AUTH: it is not known who would hear the password\n"
	      ". no more addresses\n",
	MUST OFFERED "< 220 go\n? tls\n<secured\n> EHLO me\n"
		     "< 250-mx\n< 250 AUTH PLAIN\n? next\n",
	MUST OFFERED
	"< 220 go\n? tls\n<secured verified\n> EHLO me\n"
	"< 250-mx\n< 250 AUTH PLAIN\n> AUTH PLAIN AGFubgBzM2NyZXQ=\n"
	"< 235 ok\n+ 1\n",
	/* OB-144, OB-145: one try, whatever other addresses there are. */
	SAFE "< 250-mx\n< 250 AUTH PLAIN\n> AUTH PLAIN AGFubgBzM2NyZXQ=\n"
	     "< 535 5.7.8 no\n# Z 4.7.8 535 5.7.8 no\n. failed\n",
	SAFE "< 250-mx\n< 250 AUTH PLAIN\n> AUTH PLAIN AGFubgBzM2NyZXQ=\n"
	     "< 454 4.7.0 later\n# Z 4.7.0 454 4.7.0 later\n. failed\n",
	SAFE "< 250-mx\n< 250 AUTH LOGIN\n> AUTH LOGIN\n"
	     "< 504 no\n# Z 4.7.8 504 no\n. failed\n",
	SAFE "< 250-mx\n< 250 AUTH LOGIN\n> AUTH LOGIN\n< 235 ok\n? next\n",
	SAFE "< 250-mx\n< 250 AUTH PLAIN\n> AUTH PLAIN AGFubgBzM2NyZXQ=\n"
	     "< 334 go\n? next\n",
	/* OB-149, OB-32: a relay's own failures are never permanent. */
	NEXT "< 521 no mail\n" GIVE_UP "# Z 4.3.2 521 no mail\n"
	     ". no more addresses\n",
};

ATF_TC_WITHOUT_HEAD(talk__logs_in);
ATF_TC_BODY(talk__logs_in, tc)
{
	static struct talk_settings clear;

	play_all(LOGS_IN, ARRAY_LEN(LOGS_IN), &ACCOUNT);
	clear = ACCOUNT;
	clear.may_login_in_clear = true;
	clear.says_auth = true;
	/* OB-148 */
	script_play(HELLO "< 250-mx\n< 250 AUTH PLAIN\n"
			  "> AUTH PLAIN AGFubgBzM2NyZXQ=\n< 235 ok\n+ 1\n"
			  "<mail 1 a@b x@y\n> MAIL FROM:<a@b> AUTH=<>\n",
	    &clear, 1);
}

/* OB-146: nothing of it is left in what was sent. */
ATF_TC_WITHOUT_HEAD(talk__wipes_the_password);
ATF_TC_BODY(talk__wipes_the_password, tc)
{
	size_t i;

	script_play(SAFE "< 250-mx\n< 250 AUTH PLAIN\n"
			 "> AUTH PLAIN AGFubgBzM2NyZXQ=\n< 235 ok\n+ 1\n",
	    &ACCOUNT, 0);
	for (i = 0; i + 8 < sizeof(play.out); i++)
		ATF_REQUIRE(memcmp(play.out + i, "AGFubgBz", 8) != 0);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, talk__brings_messages);
	ATF_TP_ADD_TC(tp, talk__begins_a_conversation);
	ATF_TP_ADD_TC(tp, talk__secures_a_connection);
	ATF_TP_ADD_TC(tp, talk__text_behind_starttls_is_an_attack);
	ATF_TP_ADD_TC(tp, talk__logs_in);
	ATF_TP_ADD_TC(tp, talk__wipes_the_password);
	return (atf_no_error());
}
