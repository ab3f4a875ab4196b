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

/* clang-format off */
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
	/* OB-95, OB-174: then the next envelope goes with the dot. */
	HELLO PIPELINING FIRST
	"+ 2\n<mail 1 a@b x@y\n" GROUP "<mail 2 c@d z@y\n"
	"< 250 ok\n< 250 ok\n< 354 go\n! 1\n> hi 1\n> .\n"
	"> MAIL FROM:<c@d>\n> RCPT TO:<z@y>\n> DATA\n"
	"< 250 first\n+ 1\n"
	"< 250 ok\n< 250 ok\n< 354 go\n= 1 K 2.0.0 250 first\n! 2\n> hi 2\n> .\n"
	"< 250 second\n= 2 K 2.0.0 250 second\n+ 1\n" QUITS,
	/* A message that comes later goes behind a dot that was sent. */
	HELLO PIPELINING FIRST
	"+ 2\n<mail 1 a@b x@y\n" GROUP
	"< 250 ok\n< 250 ok\n< 354 go\n! 1\n> hi 1\n> .\n"
	"<mail 2 a@b x@y\n" GROUP "< 250 ok\n+ 1\n"
	"< 250 ok\n< 250 ok\n< 354 go\n= 1 K 2.0.0 250 ok\n! 2\n> hi 2\n> .\n< 250 ok\n"
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
	/* OB-90, OB-107, OB-109: what was offered in clear is forgotten. */
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

static const struct talk_settings REQUIRETLS = {
	.helo = { "me", 2 },
	.window = 16,
	.is_relay = true,
	.is_requiretls = true,
};

static const char *const REQUIRES[] = {
	/* OB-136: none has it, and all were reached; or one was not. */
	MUST "< 250 mx\n" MUST OFFERED "< 554 no\n" GIVE_UP
	"# D 5.7.10 554 no\n. no more addresses\n",
	/* A handshake that fails may be the network's. */
	MUST OFFERED "< 454 no\n" GIVE_UP "# Z 4.7.5 454 no\n"
	". no more addresses\n",
	MUST OFFERED "< 220 go\n? tls\n<close\n" GIVE_UP
	"# Z 4.7.5 connection closed at TLS\n. no more addresses\n",
	MUST "< 250 mx\n? next\n<missed Z 4.4.1 refused\n"
	"# Z 4.7.10 TLS is not offered\n. no more addresses\n",
	MUST "< 250 mx\n" NEXT "< 421 busy\n" GIVE_UP
	"# Z 4.0.0 421 busy\n. no more addresses\n",
	MUST "< 250 mx\n" MUST OFFERED "<close\n" GIVE_UP
	"# Z 4.7.5 connection closed at STARTTLS\n. no more addresses\n",
};

ATF_TC_WITHOUT_HEAD(talk__requires_tls);
ATF_TC_BODY(talk__requires_tls, tc)
{
	play_all(REQUIRES, ARRAY_LEN(REQUIRES), &REQUIRETLS);
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
	/* Nor if the reply never comes. */
	script_play(SAFE "< 250-mx\n< 250 AUTH PLAIN\n"
			 "> AUTH PLAIN AGFubgBzM2NyZXQ=\n<close\n? next\n",
	    &ACCOUNT, 0);
	for (i = 0; i + 8 < sizeof(play.out); i++)
		ATF_REQUIRE(memcmp(play.out + i, "AGFubgBz", 8) != 0);
}

static const char *const REFUSES[] = {
	/* OB-59: one recipient alone; OB-55. */
	LAST PIPELINING "<mail 1 a@b x@y,z@y,v@y\n> MAIL FROM:<a@b>\n"
	"> RCPT TO:<x@y>\n> RCPT TO:<z@y>\n> RCPT TO:<v@y>\n> DATA\n"
	"< 250 ok\n< 550 5.1.1 no such\n< 450 4.2.1 busy\n< 252 may be\n"
	"< 354 go\n! 1\n> hi 1\n> .\n< 250 ok\n- 1 h 5.1.1 550 5.1.1 no such\n"
	"- 1 s 4.2.1 450 4.2.1 busy\n= 1 K 2.0.0 250 ok\n+ 2\n",
	/* OB-5: all of them, and one for later. */
	LAST PIPELINING "<mail 1 a@b x@y,z@y\n> MAIL FROM:<a@b>\n"
	"> RCPT TO:<x@y>\n> RCPT TO:<z@y>\n> DATA\n"
	"< 250 ok\n< 550 no\n< 450 busy\n< 503 nobody\n"
	"- 1 h 5.0.0 550 no\n- 1 s 4.0.0 450 busy\n"
	"= 1 Z 4.0.0 no recipient was accepted\n+ 1\n> RSET\n@ rset\n< 250 ok\n@ idle\n"
	"<mail 2 a@b x@y\n" GROUP,
	/* OB-63: a text for nobody, which the server asks for. */
	LAST PIPELINING "<mail 1 a@b x@y\n" GROUP
	"< 250 ok\n< 550 no\n< 354 go\n> .\n@ final\n< 554 nobody\n"
	"- 1 h 5.0.0 550 no\n= 1 D 5.0.0 no recipient was accepted\n+ 1\n"
	"> RSET\n< 250 ok\n",
	LAST PIPELINING "<mail 1 a@b x@y\n" GROUP
	"< 550 5.7.1 no\n< 503 no\n< 354 go\n> .\n<mail 2 a@b x@y\n"
	"< 250 accepted\n= 1 D 5.7.1 550 5.7.1 no\n> RSET\n< 250 ok\n" GROUP,
	/* OB-100, OB-101: RSET behind a failure, and QUIT if it fails. */
	LAST PIPELINING "<mail 1 a@b x@y\n" GROUP "<mail 2 a@b x@y\n"
	"< 250 ok\n< 250 ok\n< 550 5.6.0 no\n= 1 D 5.6.0 550 5.6.0 no\n> RSET\n"
	"< 500 what\n> QUIT\n< 221 bye\n"
	"= 2 N 4.4.2 the connection was used up\n. done\n",
	LAST PIPELINING "<mail 1 a@b x@y\n" GROUP "< 550 no\n< 503 no\n< 503 no\n"
	"= 1 D 5.0.0 550 no\n+ 1\n> RSET\n<expired\n"
	"# Z 4.4.2 no answer in time at RSET\n. lost before the first message\n",
	/* OB-61: a sender or DATA for later goes to the next address. */
	HELLO PIPELINING "<mail 1 a@b x@y\n" GROUP
	"< 451 4.7.1 greylisted\n< 503 no\n< 503 no\n> QUIT\n< 221 bye\n" NEXT
	"< 220 mx\n> EHLO me\n< 250-mx\n< 250 PIPELINING\n+ 0\n" GROUP
	"< 451 4.7.1 there, too\n< 503 no\n< 503 no\n> QUIT\n< 221 bye\n"
	"? next\n<none Z 4.4.1 none\n= 1 Z 4.7.1 451 4.7.1 there, too\n"
	". no more addresses\n",
	LAST PIPELINING "<mail 1 a@b x@y\n" GROUP
	"< 451 4.7.1 greylisted\n< 503 no\n< 503 no\n"
	"= 1 Z 4.7.1 451 4.7.1 greylisted\n+ 1\n> RSET\n",
	HELLO PIPELINING "<mail 1 a@b x@y\n" GROUP
	"< 250 ok\n< 250 ok\n< 450 no\n> QUIT\n< 221 bye\n? next\n",
	/* Delivered there: such a connection is for those alone. */
	HELLO PIPELINING FIRST "+ 2\n<mail 1 a@b x@y\n" GROUP
	"< 451 no\n< 503 no\n< 503 no\n> QUIT\n< 221 bye\n" NEXT
	"< 220 mx\n> EHLO me\n< 250-mx\n< 250 PIPELINING\n+ 0\n" GROUP
	"< 250 ok\n< 250 ok\n< 354 go\n! 1\n> hi 1\n> .\n< 250 ok\n"
	"= 1 K 2.0.0 250 ok\n> QUIT\n< 221 bye\n. done\n",
	/* OB-62: recipients for later, at the next address once. */
	HELLO PIPELINING "<mail 1 a@b x@y,z@y\n> MAIL FROM:<a@b>\n"
	"> RCPT TO:<x@y>\n> RCPT TO:<z@y>\n> DATA\n"
	"< 250 ok\n< 250 ok\n< 450 later\n< 354 go\n! 1\n> hi 1\n> .\n"
	"< 250 first\n> QUIT\n< 221 bye\n" NEXT "< 220 mx\n> EHLO me\n"
	"< 250-mx\n< 250 PIPELINING\n+ 0\n> MAIL FROM:<a@b>\n> RCPT TO:<z@y>\n"
	"> DATA\n< 250 ok\n< 450 still\n< 503 no\n"
	"- 1 s 4.0.0 450 still\n= 1 K 2.0.0 250 first\n> QUIT\n",
	HELLO PIPELINING "<mail 1 a@b x@y\n" GROUP
	"< 250 ok\n< 450 later\n< 503 no\n> QUIT\n< 221 bye\n" GIVE_UP
	"- 1 s 4.0.0 450 later\n= 1 Z 4.0.0 no recipient was accepted\n"
	". no more addresses\n",
	/* OB-60: too many at once. */
	LAST PIPELINING "<mail 1 a@b x@y,z@y,v@y\n> MAIL FROM:<a@b>\n"
	"> RCPT TO:<x@y>\n> RCPT TO:<z@y>\n> RCPT TO:<v@y>\n> DATA\n"
	"< 250 ok\n< 250 ok\n< 452 4.5.3 too many\n< 552 too many\n< 354 go\n"
	"! 1\n> hi 1\n> .\n< 250 first\n+ 1\n> MAIL FROM:<a@b>\n> RCPT TO:<z@y>\n"
	"> RCPT TO:<v@y>\n> DATA\n< 250 ok\n< 250 ok\n< 552 5.2.2 full\n"
	"< 354 go\n! 1\n> hi 1\n> .\n< 250 second\n"
	"- 1 h 5.2.2 552 5.2.2 full\n= 1 K 2.0.0 250 second\n+ 1\n",
	LAST PIPELINING "<mail 1 a@b x@y\n" GROUP
	"< 250 ok\n< 452 4.5.3 too many\n< 503 no\n"
	"- 1 s 4.5.3 452 4.5.3 too many\n= 1 Z 4.5.3 no recipient was accepted\n"
	"+ 1\n> RSET\n",
	LAST PIPELINING "<mail 1 a@b x@y\n" GROUP
	"< 250 ok\n< 552 too many\n< 503 no\n"
	"- 1 h 5.0.0 552 too many\n= 1 D 5.0.0 no recipient was accepted\n+ 1\n"
	"> RSET\n",
	/* OB-145: no account. */
	HELLO PIPELINING "<mail 1 a@b x@y\n" GROUP
	"< 530 5.7.0 authenticate\n< 503 no\n< 503 no\n= 1 Z 4.7.0 5.7.0 "
	"authenticate (no account for this host in smtp.remote.auth?)\n+ 1\n"
	"> RSET\n",
	/* The verdict on a text. */
	LAST PIPELINING "<mail 1 a@b x@y,z@y\n> MAIL FROM:<a@b>\n"
	"> RCPT TO:<x@y>\n> RCPT TO:<z@y>\n> DATA\n"
	"< 250 ok\n< 250 ok\n< 250 ok\n< 354 go\n! 1\n> hi 1\n> .\n"
	"< 554-5.7.1 spam,\n< 550 5.7.1 really\n"
	"= 1 D 5.7.1 550 5.7.1 spam, 5.7.1 really\n+ 2\n@ idle\n",
	LAST PIPELINING "<mail 1 a@b x@y\n" GROUP
	"< 250 ok\n< 250 ok\n< 354 go\n! 1\n> hi 1\n> .\n< 451 disk\n"
	"= 1 Z 4.0.0 451 disk\n+ 2\n",
	/* One at a time: no text where nobody is. */
	LAST PLAIN "<mail 1 a@b x@y,z@y\n> MAIL FROM:<a@b>\n< 250 ok\n"
	"> RCPT TO:<x@y>\n< 550 no\n> RCPT TO:<z@y>\n< 551 no\n"
	"- 1 h 5.0.0 550 no\n- 1 h 5.0.0 551 no\n"
	"= 1 D 5.0.0 no recipient was accepted\n+ 1\n> RSET\n< 250 ok\n@ idle\n",
	LAST PLAIN "<mail 1 a@b x@y,z@y\n> MAIL FROM:<a@b>\n< 550 no\n"
	"= 1 D 5.0.0 550 no\n+ 1\n> RSET\n< 250 ok\n",
};

ATF_TC_WITHOUT_HEAD(talk__takes_no_for_an_answer);
ATF_TC_BODY(talk__takes_no_for_an_answer, tc)
{
	play_all(REFUSES, ARRAY_LEN(REFUSES), &SCRIPT_SETTINGS);
}

#define OFFER(words) LAST "< 250-mx\n< 250-" words "\n< 250 PIPELINING\n+ 1\n"
#define TO "> RCPT TO:<x@y>\n> DATA\n"

static const char *const OFFERS[] = {
	/* OB-64, OB-65: the size on the wire, and the limit. */
	OFFER("SIZE") "<text 1 .a\\n\\nb\n<mail 1 a@b x@y\n"
	"> MAIL FROM:<a@b> SIZE=9\n" TO,
	OFFER("SIZE 100") "<mail 1 a@b x@y unknown\n> MAIL FROM:<a@b>\n" TO,
	OFFER("SIZE 100") "<mail 1 a@b x@y size=100\n"
	"> MAIL FROM:<a@b> SIZE=100\n" TO,
	OFFER("SIZE 100") "<mail 1 a@b x@y size=101\n"
	"= 1 D 5.3.4 the message is larger than what the host takes\n+ 1\n@ idle\n",
	HELLO "< 250-mx\n< 250 SIZE 100\n+ 1\n<mail 1 a@b x@y size=101\n"
	"> QUIT\n< 221 bye\n" NEXT "< 421 no\n" GIVE_UP
	"= 1 Z 4.3.4 the message is larger than what the host takes\n"
	"# Z 4.0.0 421 no\n. no more addresses\n",
	HELLO "< 250-mx\n< 250 SIZE 100\n+ 1\n<mail 1 a@b x@y size=101\n"
	"> QUIT\n< 221 bye\n" LAST "< 250-mx\n< 250 SIZE 99\n+ 0\n"
	"= 1 D 5.3.4 the message is larger than what the host takes\n> QUIT\n",
	/* OB-66 */
	OFFER("8BITMIME") "<mail 1 a@b x@y 8bit\n"
	"> MAIL FROM:<a@b> BODY=8BITMIME\n" TO,
	OFFER("8BITMIME") "<mail 1 a@b x@y 8bitmime\n"
	"> MAIL FROM:<a@b> BODY=8BITMIME\n" TO,
	OFFER("8BITMIME") "<mail 1 a@b x@y\n> MAIL FROM:<a@b>\n" TO,
	OFFER("HELP") "<mail 1 a@b x@y 8bit\n> MAIL FROM:<a@b>\n" TO,
	/* OB-67 */
	OFFER("BINARYMIME") "<mail 1 a@b x@y binary\n"
	"= 1 D 5.6.1 BINARYMIME is not offered\n+ 1\n",
	LAST "< 250-mx\n< 250-BINARYMIME\n< 250-8BITMIME\n< 250-CHUNKING\n"
	"< 250 PIPELINING\n+ 1\n<text 1 .\\n\n<mail 1 a@b x@y binary 8bit\n"
	"> MAIL FROM:<a@b> BODY=BINARYMIME\n> RCPT TO:<x@y>\n"
	"< 250 ok\n< 250 ok\n! 1\n> BDAT 3 LAST\n> .\n< 250 ok\n"
	"= 1 K 2.0.0 250 ok\n+ 16\n",
	LAST "< 250-mx\n< 250-BINARYMIME\n< 250-CHUNKING\n"
	"< 250 PIPELINING\n+ 1\n<mail 1 a@b x@y binary\n"
	"> MAIL FROM:<a@b> BODY=BINARYMIME\n> RCPT TO:<x@y>\n"
	"< 250 ok\n< 550 no\n- 1 h 5.0.0 550 no\n"
	"= 1 D 5.0.0 no recipient was accepted\n+ 1\n> RSET\n",
	/* OB-68 */
	OFFER("SMTPUTF8") "<mail 1 a@b x@y\n> MAIL FROM:<a@b>\n" TO,
	OFFER("SMTPUTF8") "<mail 1 a@b x@y utf8\n"
	"> MAIL FROM:<a@b> SMTPUTF8\n" TO,
	OFFER("SMTPUTF8") "<mail 1 \303\266@b x@y\n"
	"> MAIL FROM:<\303\266@b> SMTPUTF8\n" TO,
	OFFER("SMTPUTF8") "<mail 1 a@b x@\303\266.y\n"
	"> MAIL FROM:<a@b> SMTPUTF8\n> RCPT TO:<x@\303\266.y>\n> DATA\n",
	OFFER("HELP") "<mail 1 a@b\303\274cher x@b\303\274cher.y\n"
	"> MAIL FROM:<a@xn--bcher-kva>\n> RCPT TO:<x@xn--bcher-kva.y>\n"
	"> DATA\n",
	OFFER("HELP") "<mail 1 a@b x@y utf8\n"
	"= 1 D 5.6.7 SMTPUTF8 is not offered\n+ 1\n",
	OFFER("HELP") "<mail 1 \303\266@b x@y\n"
	"= 1 D 5.6.7 SMTPUTF8 is not offered\n+ 1\n",
	OFFER("HELP") "<mail 1 a@b \303\266@y,x@y\n> MAIL FROM:<a@b>\n" TO
	"< 250 ok\n< 250 ok\n< 354 go\n! 1\n> hi 1\n> .\n< 250 ok\n"
	"- 1 h 5.6.7 SMTPUTF8 is not offered\n= 1 K 2.0.0 250 ok\n+ 2\n",
	HELLO "< 250-mx\n< 250 PIPELINING\n+ 1\n<mail 1 a@b \303\266@y,x@y\n"
	"> MAIL FROM:<a@b>\n" TO "< 250 ok\n< 250 ok\n< 354 go\n! 1\n> hi 1\n"
	"> .\n< 250 ok\n> QUIT\n< 221 bye\n" LAST "< 250-mx\n< 250 SMTPUTF8\n"
	"+ 0\n> MAIL FROM:<a@b> SMTPUTF8\n< 250 ok\n> RCPT TO:<\303\266@y>\n",
	/* OB-69 */
	OFFER("DSN") "<mail 1 a@b x@y/SUCCESS+delay envid=q+2B1 ret=full\n"
	"> MAIL FROM:<a@b> RET=FULL ENVID=q+2B1\n"
	"> RCPT TO:<x@y> NOTIFY=SUCCESS,delay\n> DATA\n"
	"< 250 ok\n< 250 ok\n< 354 go\n! 1\n> hi 1\n> .\n< 250 ok\n"
	"= 1 K 2.0.0 250 ok +dsn\n+ 2\n",
	/* OB-70: the success is ours to tell. */
	OFFER("HELP") "<mail 1 a@b x@y/SUCCESS envid=q ret=full\n"
	"> MAIL FROM:<a@b>\n" TO
	"< 250 ok\n< 250 ok\n< 354 go\n! 1\n> hi 1\n> .\n< 250 ok\n"
	"= 1 K 2.0.0 250 ok\n+ 2\n",
	/* OB-72 */
	OFFER("HELP") "<mail 1 list-@host-@[] user@dom,v@w\n"
	"> MAIL FROM:<list-user=dom@host>\n> RCPT TO:<user@dom>\n> DATA\n"
	"< 250 ok\n< 250 ok\n< 354 go\n! 1\n> hi 1\n> .\n< 250 ok\n+ 1\n"
	"> MAIL FROM:<list-v=w@host>\n> RCPT TO:<v@w>\n> DATA\n"
	"< 250 ok\n< 550 no\n< 503 no\n- 1 h 5.0.0 550 no\n"
	"= 1 K 2.0.0 250 ok\n+ 1\n> RSET\n",
	/* OB-8, OB-73: what is no mailbox is not sent. */
	LAST PIPELINING "<mail 1 a@b x@y>,z@y\n> MAIL FROM:<a@b>\n"
	"> RCPT TO:<z@y>\n> DATA\n< 250 ok\n< 250 ok\n< 354 go\n! 1\n> hi 1\n"
	"> .\n< 250 ok\n- 1 h 5.1.3 the recipient is no mailbox\n"
	"= 1 K 2.0.0 250 ok\n+ 2\n",
	LAST PIPELINING "<mail 1 a@b x@y>\n- 1 h 5.1.3 the recipient is no mailbox\n"
	"= 1 D 5.1.3 no recipient was accepted\n+ 1\n@ idle\n",
	LAST PIPELINING "<mail 1 a>@b x@y\n= 1 D 5.1.7 the sender is no mailbox\n"
	"+ 1\n",
	/* OB-58, OB-74: so many recipients at once, and of one domain. */
	OFFER("LIMITS RCPTMAX=2") "<mail 1 a@b x@y,z@y,v@y\n> MAIL FROM:<a@b>\n"
	"> RCPT TO:<x@y>\n> RCPT TO:<z@y>\n> DATA\n"
	"< 250 ok\n< 250 ok\n< 250 ok\n< 354 go\n! 1\n> hi 1\n> .\n"
	"< 550 5.7.1 no\n+ 1\n> MAIL FROM:<a@b>\n> RCPT TO:<v@y>\n> DATA\n"
	"< 250 ok\n< 250 ok\n< 354 go\n! 1\n> hi 1\n> .\n< 250 ok\n"
	"- 1 h 5.7.1 550 5.7.1 no\n- 1 h 5.7.1 550 5.7.1 no\n"
	"= 1 K 2.0.0 250 ok\n+ 1\n",
	OFFER("LIMITS RCPTDOMAINMAX=1") "<mail 1 a@b x@y,z@w,v@Y\n"
	"> MAIL FROM:<a@b>\n> RCPT TO:<x@y>\n> RCPT TO:<v@Y>\n> DATA\n"
	"< 250 ok\n< 250 ok\n< 250 ok\n< 354 go\n! 1\n> hi 1\n> .\n"
	"< 250 ok\n+ 1\n> MAIL FROM:<a@b>\n> RCPT TO:<z@w>\n> DATA\n",
	/* OB-135, OB-136, OB-137, OB-138 */
	"? next\n<connect mx 192.0.2.1 must verified named last\n< 220 mx\n"
	"> EHLO me\n< 250-mx\n< 250 REQUIRETLS\n+ 1\n<mail 1 a@b x@y requiretls\n"
	"> MAIL FROM:<a@b> REQUIRETLS\n",
	"? next\n<connect mx 192.0.2.1 must verified named last\n< 220 mx\n"
	"> EHLO me\n< 250 mx\n+ 1\n<mail 1 a@b x@y requiretls\n"
	"= 1 D 5.7.30 REQUIRETLS is not offered\n+ 1\n"
	"<mail 2 a@b x@y\n> MAIL FROM:<a@b>\n",
	"? next\n<connect mx 192.0.2.1 must verified last\n< 220 mx\n"
	"> EHLO me\n< 250-mx\n< 250 REQUIRETLS\n+ 1\n<mail 1 a@b x@y requiretls\n"
	"= 1 D 5.7.10 REQUIRETLS: the host is not verified by TLS\n+ 1\n",
	"? next\n<connect mx 192.0.2.1 may named last missed\n< 220 mx\n"
	"> EHLO me\n< 250-mx\n< 250 REQUIRETLS\n+ 1\n<mail 1 a@b x@y requiretls\n"
	"= 1 Z 4.7.10 REQUIRETLS: the host is not verified by TLS\n+ 1\n",
	OFFER("DSN") "<mail 1 - x@y requiretls ret=full\n"
	"> MAIL FROM:<> RET=HDRS\n" TO,
};

ATF_TC_WITHOUT_HEAD(talk__uses_what_is_offered);
ATF_TC_BODY(talk__uses_what_is_offered, tc)
{
	play_all(OFFERS, ARRAY_LEN(OFFERS), &SCRIPT_SETTINGS);
}

/* Four messages held, one of which has been delivered. */
#define CHUNKS                                                             \
	"<mail 0 a@b x@y\n<mail 1 a@b x@y\n<mail 2 a@b x@y\n<mail 3 a@b x@y\n" \
	LAST "< 250-mx\n< 250-PIPELINING\n< 250 CHUNKING\n+ 0\n" GROUP      \
	"< 250 ok\n< 250 ok\n< 354 go\n! 0\n> hi 0\n> .\n< 250 zero\n"       \
	"= 0 K 2.0.0 250 zero\n+ 13\n! 1\n! 2\n" WINDOW
#define BEGIN  "> MAIL FROM:<a@b>\n> RCPT TO:<x@y>\n"
#define WINDOW                                                            \
	BEGIN "> BDAT 6 LAST\n> hi 1\n> RSET\n" BEGIN                      \
	      "> BDAT 6 LAST\n> hi 2\n> RSET\n" BEGIN "> DATA\n"
#define OK2   "< 250 ok\n< 250 ok\n"
#define END3                                                          \
	"< 354 go\n! 3\n> hi 3\n> .\n< 250 three\n= 3 K 2.0.0 250 three\n"

static const char *const CHUNKED[] = {
	/* OB-96: a window in one group; its results stand when DATA's is in. */
	CHUNKS OK2 "@ final\n< 250 one\n< 250 reset\n" OK2
	"< 250 two\n< 250 reset\n" OK2 "@ data\n< 354 go\n"
	"= 1 K 2.0.0 250 one\n= 2 K 2.0.0 250 two\n+ 2\n! 3\n> hi 3\n> .\n"
	"@ final\n< 250 three\n= 3 K 2.0.0 250 three\n+ 1\n@ idle\n",
	/* The next window goes with the dot. */
	CHUNKS OK2 "< 250 one\n< 250 reset\n" OK2 "< 250 two\n< 250 reset\n" OK2
	"<mail 4 a@b x@y\n<mail 5 a@b x@y\n< 354 go\n"
	"= 1 K 2.0.0 250 one\n= 2 K 2.0.0 250 two\n+ 2\n! 3\n! 4\n> hi 3\n> .\n"
	BEGIN "> BDAT 6 LAST\n> hi 4\n> RSET\n" BEGIN "> DATA\n"
	"< 250 three\n" OK2
	"< 250 four\n< 250 reset\n" OK2 "< 354 go\n= 3 K 2.0.0 250 three\n"
	"= 4 K 2.0.0 250 four\n+ 2\n"
	"! 5\n> hi 5\n> .\n< 250 five\n= 5 K 2.0.0 250 five\n+ 1\n",
	/* OB-96: a refused one, and the others as they are answered. */
	CHUNKS OK2 "< 552 5.3.4 no\n< 250 reset\n" OK2
	"< 451 later\n< 250 reset\n" OK2 "< 354 go\n"
	"= 1 D 5.3.4 552 5.3.4 no\n= 2 Z 4.0.0 451 later\n+ 2\n! 3\n> hi 3\n"
	"> .\n< 250 three\n= 3 K 2.0.0 250 three\n+ 1\n",
	/* OB-97: nobody takes it, so the server takes no text. */
	CHUNKS "< 250 ok\n< 550 no\n< 503 nobody\n< 250 reset\n" OK2
	"< 250 two\n< 250 reset\n" OK2 "< 354 go\n- 1 h 5.0.0 550 no\n"
	"= 1 D 5.0.0 no recipient was accepted\n= 2 K 2.0.0 250 two\n+ 2\n"
	"! 3\n> hi 3\n> .\n< 250 three\n= 3 K 2.0.0 250 three\n+ 1\n",
	CHUNKS "< 550 5.7.1 no\n< 503 no\n< 503 no\n< 250 reset\n" OK2
	"< 250 two\n< 250 reset\n" OK2 "< 354 go\n= 1 D 5.7.1 550 5.7.1 no\n"
	"= 2 K 2.0.0 250 two\n+ 2\n! 3\n> hi 3\n> .\n< 250 three\n"
	"= 3 K 2.0.0 250 three\n+ 1\n",
	/* If the last one is refused, RSET shows that all is in its place. */
	CHUNKS OK2 "< 250 one\n< 250 reset\n" OK2 "< 250 two\n< 250 reset\n"
	"< 250 ok\n< 550 no\n< 554 nobody\n> RSET\n< 250 ok\n"
	"= 1 K 2.0.0 250 one\n= 2 K 2.0.0 250 two\n- 3 h 5.0.0 550 no\n"
	"= 3 D 5.0.0 no recipient was accepted\n+ 3\n@ idle\n",
	/* RSET refused: none can follow. */
	CHUNKS OK2 "< 250 one\n< 500 what\n"
	"= 1 Z 4.4.2 500 what; it may be a duplicate\n"
	"= 2 Z 4.4.2 500 what; it may be a duplicate\n"
	"= 3 N 4.0.0 500 what\n. lost\n",
	/* Lost: what was answered stands, what was sent is in doubt. */
	CHUNKS OK2 "< 250 one\n< 250 reset\n" OK2 "<close\n= 1 K 2.0.0 250 one\n"
	"= 2 Z 4.4.2 connection closed at the end of the text; it may be a "
	"duplicate\n= 3 N 4.4.2 connection closed at the end of the text\n. lost\n",
	CHUNKS OK2 "< 250 one\n< 250 reset\n< 421 4.3.2 enough\n"
	"= 1 K 2.0.0 250 one\n= 2 N 4.3.2 421 4.3.2 enough\n"
	"= 3 N 4.3.2 421 4.3.2 enough\n. lost\n",
	/* OB-93: a reply too many, or too few: no other's is its own. */
	CHUNKS OK2 "< 250 again\n< 250 one\n< 250 reset\n" OK2
	"< 250 two\n< 250 reset\n" OK2
	"= 1 Z 4.4.2 a reply that makes no sense at DATA; it may be a duplicate\n"
	"= 2 Z 4.4.2 a reply that makes no sense at DATA; it may be a duplicate\n"
	"= 3 N 4.5.0 a reply that makes no sense at DATA\n. lost\n",
	CHUNKS OK2 "< 250 reset\n" OK2 "< 250 two\n< 250 reset\n< 250 ok\n"
	"< 550 no\n< 554 nobody\n@ data\n<expired\n"
	"= 1 Z 4.4.2 no answer in time at DATA; it may be a duplicate\n"
	"= 2 Z 4.4.2 no answer in time at DATA; it may be a duplicate\n"
	"= 3 N 4.4.2 no answer in time at DATA\n. lost\n",
	CHUNKS OK2 "< 250 one\n" OK2 "< 250 two\n< 250 reset\n" OK2 "< 354 go\n"
	"= 1 Z 4.4.2 a reply that makes no sense at RCPT; it may be a duplicate\n"
	"= 2 Z 4.4.2 a reply that makes no sense at RCPT; it may be a duplicate\n"
	"= 3 N 4.5.0 a reply that makes no sense at RCPT\n. lost\n",
	CHUNKS "< 250 ok\n< 550 no\n< 550 no\n< 503 nobody\n< 250 reset\n" OK2
	"< 250 two\n< 250 reset\n" OK2
	"= 1 Z 4.4.2 503 nobody; it may be a duplicate\n"
	"= 2 Z 4.4.2 503 nobody; it may be a duplicate\n"
	"= 3 N 4.0.0 503 nobody\n. lost\n",
};

ATF_TC_WITHOUT_HEAD(talk__sends_a_window_by_chunks);
ATF_TC_BODY(talk__sends_a_window_by_chunks, tc)
{
	play_all(CHUNKED, ARRAY_LEN(CHUNKED), &SCRIPT_SETTINGS);
}

#define SENT "! 1\n> hi 1\n> .\n"
#define ONE  LAST PIPELINING "<mail 1 a@b x@y\n" GROUP OK2 "< 354 go\n"
#define TWO                                                         \
	LAST PIPELINING FIRST "+ 2\n<mail 1 a@b x@y\n" GROUP          \
	"<mail 2 a@b x@y\n" OK2 "< 354 go\n" SENT GROUP
#define DOUBT(why) "= 1 Z 4.4.2 " why "; it may be a duplicate\n"
#define CLOSED     "connection closed at the end of the text"

static const char *const ENDS[] = {
	/* OB-84: the end was sent, and nobody knows; no other address. */
	ONE SENT "<close\n" DOUBT(CLOSED) "# Z 4.4.2 " CLOSED "\n"
	". lost before the first message\n",
	ONE SENT "<expired\n" DOUBT("no answer in time at the end of the text")
	"# Z 4.4.2 no answer in time at the end of the text\n"
	". lost before the first message\n",
	ONE SENT "< what\n"
	DOUBT("a reply that makes no sense at the end of the text")
	"# Z 4.5.0 a reply that makes no sense at the end of the text\n"
	". lost before the first message\n",
	TWO "<close\n" DOUBT(CLOSED) "= 2 N 4.4.2 " CLOSED "\n. lost\n",
	/* OB-52, OB-94: what says nothing about a text. */
	TWO "< 354 go\n" DOUBT("a reply that makes no sense at the end of the text")
	"= 2 N 4.5.0 a reply that makes no sense at the end of the text\n. lost\n",
	TWO "< 221 bye\n" DOUBT("a reply that makes no sense at the end of the text")
	"= 2 N 4.5.0 a reply that makes no sense at the end of the text\n. lost\n",
	TWO "< 220 hi\n" DOUBT("a reply that makes no sense at the end of the text")
	"= 2 N 4.5.0 a reply that makes no sense at the end of the text\n. lost\n",
	/* OB-54: 421 is an answer. */
	TWO "< 421 4.3.2 no\n= 1 Z 4.3.2 421 4.3.2 no\n= 2 N 4.3.2 421 4.3.2 no\n"
	". lost\n",
	TWO "< 250 ok\n+ 1\n< 421 4.3.2 enough\n= 1 K 2.0.0 250 ok\n"
	"= 2 N 4.3.2 421 4.3.2 enough\n. lost\n",
	/* OB-89: a reply that came whole, and then the end. */
	TWO "< 250 ok\n+ 1\n<close\n= 1 K 2.0.0 250 ok\n"
	"= 2 N 4.4.2 connection closed at MAIL\n. lost\n",
	/* OB-85: lost before the end, the first of its connection. */
	HELLO PIPELINING "<mail 1 a@b x@y\n" GROUP "< 250 ok\n<close\n" LAST
	"< 250-mx\n< 250 PIPELINING\n+ 0\n" GROUP OK2 "< 354 go\n" SENT
	"< 250 ok\n= 1 K 2.0.0 250 ok\n+ 2\n",
	/* Every address: tried, and the next one is not charged. */
	HELLO PIPELINING "<mail 1 a@b x@y\n" GROUP "<mail 2 a@b x@y\n"
	"< 250 ok\n<close\n" GIVE_UP
	"= 1 Z 4.4.2 connection closed at RCPT\n"
	"= 2 N 4.4.2 connection closed at RCPT\n"
	"# Z 4.4.2 connection closed at RCPT\n. no more addresses\n",
	/* OB-54: what is not final is for the next address. */
	HELLO PIPELINING "<mail 1 a@b x@y\n" GROUP "< 421 4.3.2 no\n" GIVE_UP
	"= 1 Z 4.3.2 421 4.3.2 no\n# Z 4.3.2 421 4.3.2 no\n"
	". no more addresses\n",
	/* OB-57, OB-103: an idle connection that has ended, or speaks. */
	HELLO PIPELINING FIRST "+ 2\n<close\n. lost\n",
	HELLO PIPELINING FIRST "+ 2\n< 421 idle\n. lost\n",
	HELLO PIPELINING FIRST "+ 2\n< x\n. lost\n",
	HELLO PIPELINING FIRST "+ 2\n<mail 1 a@b x@y\n" GROUP "<close\n"
	"= 1 N 4.4.2 connection closed at MAIL\n. lost\n",
	HELLO PIPELINING FIRST "+ 2\n<mail 1 a@b x@y\n" GROUP "< 421 idle\n"
	"= 1 N 4.0.0 421 idle\n. lost\n",
	/* OB-86: a refusal while the text is on its way. */
	"<text 1 \\x\\x\\x\\x\\x\\x\\x\\x\\x\\x\n" LAST PIPELINING FIRST
	"+ 2\n<mail 1 a@b x@y\n" GROUP "<mail 2 a@b x@y\n" OK2 "<pause\n< 354 go\n"
	"< 552 5.3.4 too much\n= 1 D 5.3.4 552 5.3.4 too much\n"
	"= 2 N 4.3.4 552 5.3.4 too much\n. lost\n",
	/* What cannot be about it yet. */
	"<text 1 \\x\\x\\x\\x\\x\\x\\x\\x\\x\\x\n" LAST PIPELINING FIRST
	"+ 2\n<mail 1 a@b x@y\n" GROUP OK2 "<pause\n< 354 go\n< 250 ok\n"
	"= 1 N 4.5.0 a reply that makes no sense at the end of the text\n. lost\n",
	/* OB-87 */
	"<text 1 \\x\\x\\x\\x\\x\\x\\x\\x\\x\\x\n" HELLO PIPELINING
	"<mail 1 a@b x@y\n" GROUP OK2 "<pause\n< 354 go\n@ none\n<stuck\n" GIVE_UP
	"= 1 Z 4.4.2 no answer in time at the end of the text\n"
	"# Z 4.4.2 no answer in time at the end of the text\n. no more addresses\n",
	/* OB-79, OB-80: it cannot be read, or has changed: no end. */
	"<text 1 \\x\\x\\x\\x\\x\\x\\x\\x\\x\\x\n" LAST PIPELINING
	"<mail 1 a@b x@y\n" GROUP OK2 "<pause\n< 354 go\n<unreadable\n"
	"= 1 Z 4.3.0 unable to read the message: Input/output error\n. lost\n",
	LAST PIPELINING "<mail 1 a@b x@y size=5\n" GROUP OK2 "< 354 go\n"
	"= 1 Z 4.3.0 unable to read the message: the text has changed\n. lost\n",
	LAST PIPELINING "<mail 1 a@b x@y size=7\n" GROUP OK2 "< 354 go\n"
	"= 1 Z 4.3.0 unable to read the message: the text has changed\n. lost\n",
	/* OB-92, OB-93: a reply too many in the first of a connection. */
	LAST PIPELINING "<mail 1 a@b x@y\n" GROUP OK2 "< 250 again\n" GIVE_UP
	"= 1 Z 4.5.0 a reply that makes no sense at DATA\n"
	"# Z 4.5.0 a reply that makes no sense at DATA\n"
	". no more addresses\n",
	LAST PIPELINING "<mail 1 a@b x@y\n" GROUP "< 250 ok\n< 354 go\n" GIVE_UP
	"= 1 Z 4.5.0 a reply that makes no sense at RCPT\n"
	"# Z 4.5.0 a reply that makes no sense at RCPT\n"
	". no more addresses\n",
	ONE SENT "< 250 ok\n= 1 K 2.0.0 250 ok\n+ 2\n< 250 again\n. lost\n",
	/* Later it was found out with the next DATA. */
	TWO "< 250 ok\n+ 1\n< 250 again\n" OK2
	"= 1 Z 4.4.2 a reply that makes no sense at DATA; it may be a duplicate\n"
	"= 2 N 4.5.0 a reply that makes no sense at DATA\n. lost\n",
	/* RSET swallowed. */
	LAST PIPELINING FIRST "+ 2\n<mail 1 a@b x@y\n" GROUP
	"< 250 ok\n< 550 no\n< 503 no\n- 1 h 5.0.0 550 no\n"
	"= 1 D 5.0.0 no recipient was accepted\n+ 1\n> RSET\n<mail 2 a@b x@y\n"
	"@ rset\n<expired\n= 2 N 4.4.2 no answer in time at RSET\n. lost\n",
	/* The worker is gone: no other text is ended. */
	HELLO "<orphan\n. the worker is gone\n",
	LAST PIPELINING "<mail 1 a@b x@y\n" GROUP OK2 "<orphan\n"
	". the worker is gone\n",
	TWO "<orphan\n< 250 ok\n. the worker is gone\n",
	/* A reply too few: the next command's is not the text's. */
	TWO "< 250 mail\n+ 1\n< 250 rcpt\n< 354 go\n"
	"= 1 Z 4.4.2 a reply that makes no sense at RCPT; it may be a duplicate\n"
	"= 2 N 4.5.0 a reply that makes no sense at RCPT\n. lost\n",
	TWO "<orphan\n<close\n. the worker is gone\n",
	LAST PIPELINING FIRST "+ 2\n<mail 1 a@b x@y\n" GROUP OK2
	"<pause\n< 354 go\n! 1\n<orphan\n<go\n> hi 1\n> .\n< 250 ok\n"
	"= 1 K 2.0.0 250 ok\n. the worker is gone\n",
};

ATF_TC_WITHOUT_HEAD(talk__knows_what_is_in_doubt);
ATF_TC_BODY(talk__knows_what_is_in_doubt, tc)
{
	play_all(ENDS, ARRAY_LEN(ENDS), &SCRIPT_SETTINGS);
}

static const struct talk_settings SMALL = {
	.helo = { "me", 2 },
	.window = 16,
	.chunking = true,
	.chunk = 4,
};

/* Two held, one delivered; the first of them by pieces of four octets. */
#define PIECES                                                             \
	"<mail 0 a@b x@y\n<mail 1 a@b x@y\n<mail 2 a@b x@y\n" LAST          \
	"< 250-mx\n< 250-PIPELINING\n< 250 CHUNKING\n+ 0\n" GROUP OK2       \
	"< 354 go\n! 0\n> hi 0\n> .\n< 250 zero\n= 0 K 2.0.0 250 zero\n+ 14\n"

static const char *const PIECEMEAL[] = {
	/* OB-98, OB-99: each is as long as it says, and what follows is there. */
	PIECES "! 1\n" BEGIN "> BDAT 4\n> hi 1BDAT 2 LAST\n> \n> RSET\n" BEGIN
	"> DATA\n" OK2 "@ final\n< 250 four\n< 250 one\n< 250 reset\n" OK2
	"< 354 go\n= 1 K 2.0.0 250 one\n+ 1\n! 2\n> hi 2\n> .\n",
	/* Refused in the middle: no more of it, and no K. */
	PIECES "! 1\n" BEGIN "> BDAT 4\n> hi 1BDAT 2 LAST\n> \n> RSET\n" BEGIN
	"> DATA\n" OK2 "< 452 full\n< 503 no\n< 250 reset\n" OK2 "< 354 go\n"
	"= 1 Z 4.0.0 452 full\n+ 1\n! 2\n> hi 2\n> .\n",
	/* OB-80: longer or shorter than it was: the last octet is held back. */
	"<mail 0 a@b x@y\n<text 1 hi 12345\n<mail 1 a@b x@y size=6\n"
	"<mail 2 a@b x@y\n" LAST "< 250-mx\n< 250-PIPELINING\n< 250 CHUNKING\n"
	"+ 0\n" GROUP OK2 "< 354 go\n! 0\n> hi 0\n> .\n< 250 zero\n"
	"= 0 K 2.0.0 250 zero\n+ 14\n! 1\n"
	"= 1 Z 4.3.0 unable to read the message: the text has changed\n"
	"= 2 N 4.3.0 unable to read the message: the text has changed\n. lost\n",
	"<mail 0 a@b x@y\n<mail 1 a@b x@y size=7\n"
	"<mail 2 a@b x@y\n" LAST "< 250-mx\n< 250-PIPELINING\n< 250 CHUNKING\n"
	"+ 0\n" GROUP OK2 "< 354 go\n! 0\n> hi 0\n> .\n< 250 zero\n"
	"= 0 K 2.0.0 250 zero\n+ 14\n! 1\n"
	"= 1 Z 4.3.0 unable to read the message: the text has changed\n"
	"= 2 N 4.3.0 unable to read the message: the text has changed\n. lost\n",
};

ATF_TC_WITHOUT_HEAD(talk__sends_a_text_piecemeal);
ATF_TC_BODY(talk__sends_a_text_piecemeal, tc)
{
	ATF_CHECK_EQ(1024 * 1024, TALK_CHUNK_MAX);
	play_all(PIECEMEAL, ARRAY_LEN(PIECEMEAL), &SMALL);
}

/*
 * OB-80: a text that has become longer than BDAT has said, by its line end, and
 * that is sent before that is seen: all but an octet.
 */
ATF_TC_WITHOUT_HEAD(talk__holds_back_the_last_octet);
ATF_TC_BODY(talk__holds_back_the_last_octet, tc)
{
	script_play(
	    "<mail 0 a@b x@y\n<text 1 \\x\\x\\x\\x\\x\\x\\x\n"
	    "<mail 1 a@b x@y size=7168\n<mail 2 a@b x@y\n" LAST
	    "< 250-mx\n< 250-PIPELINING\n< 250 CHUNKING\n+ 0\n" GROUP OK2
	    "< 354 go\n! 0\n> hi 0\n> .\n< 250 zero\n= 0 K 2.0.0 250 zero\n"
	    "+ 14\n! 1\n" BEGIN "> BDAT 7168 LAST\n"
	    "= 1 Z 4.3.0 unable to read the message: the text has changed\n"
	    "= 2 N 4.3.0 unable to read the message: the text has changed\n"
	    ". lost\n",
	    &SCRIPT_SETTINGS, 0);
	ATF_CHECK_EQ(7167, play.nhalf);
}

/*
 * OB-58, OB-91: so many recipients that they do not fit in what is sent at
 * once, in groups of a hundred.
 */
ATF_TC_WITHOUT_HEAD(talk__takes_a_hundred_at_once);
ATF_TC_BODY(talk__takes_a_hundred_at_once, tc)
{
	static char text[65536];
	struct buf script;
	size_t i;

	buf_init(&script, text, sizeof(text));
	(void)buf_puts(&script, LAST PIPELINING "<mail 1 a@b "
		"100*a-mailbox-that-is-long-enough-that-all-do-not-fit@"
		"a-domain-that-is-so-likewise.example,"
		"last@y\n> MAIL FROM:<a@b>\n");
	for (i = 0; i < 100; i++)
		(void)buf_printf(&script,
		    "> RCPT TO:<a%zu-mailbox-that-is-long-enough-that-all-do-"
		    "not-fit@a-domain-that-is-so-likewise.example>\n", i);
	(void)buf_puts(&script, "> DATA\n");
	for (i = 0; i < 101; i++)
		(void)buf_puts(&script, "< 250 ok\n");
	(void)buf_puts(&script, "< 354 go\n! 1\n> hi 1\n> .\n< 250 ok\n"
		"+ 1\n> MAIL FROM:<a@b>\n> RCPT TO:<last@y>\n> DATA\n"
		"< 250 ok\n< 250 ok\n< 354 go\n! 1\n> hi 1\n> .\n< 250 ok\n"
		"= 1 K 2.0.0 250 ok\n+ 1\n");
	ATF_REQUIRE(buf_cstr(&script) != NULL);
	script_play(text, &SCRIPT_SETTINGS, 0);
}

static const struct talk_settings NARROW = {
	.helo = { "me", 2 },
	.window = 1,
	.messages = 3,
};

static const char *const NARROWED[] = {
	/* One message, and then the next; and no more than three. */
	LAST CHUNKING FIRST "+ 1\n<mail 1 a@b x@y\n" GROUP OK2 "< 354 go\n" SENT
	"< 250 ok\n= 1 K 2.0.0 250 ok\n+ 1\n<mail 2 a@b x@y\n" GROUP
	OK2 "< 354 go\n! 2\n> hi 2\n> .\n< 250 ok\n= 2 K 2.0.0 250 ok\n> QUIT\n",
};

ATF_TC_WITHOUT_HEAD(talk__keeps_to_its_settings);
ATF_TC_BODY(talk__keeps_to_its_settings, tc)
{
	play_all(NARROWED, ARRAY_LEN(NARROWED), &NARROW);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, talk__brings_messages);
	ATF_TP_ADD_TC(tp, talk__begins_a_conversation);
	ATF_TP_ADD_TC(tp, talk__secures_a_connection);
	ATF_TP_ADD_TC(tp, talk__text_behind_starttls_is_an_attack);
	ATF_TP_ADD_TC(tp, talk__requires_tls);
	ATF_TP_ADD_TC(tp, talk__logs_in);
	ATF_TP_ADD_TC(tp, talk__wipes_the_password);
	ATF_TP_ADD_TC(tp, talk__takes_no_for_an_answer);
	ATF_TP_ADD_TC(tp, talk__uses_what_is_offered);
	ATF_TP_ADD_TC(tp, talk__sends_a_window_by_chunks);
	ATF_TP_ADD_TC(tp, talk__knows_what_is_in_doubt);
	ATF_TP_ADD_TC(tp, talk__sends_a_text_piecemeal);
	ATF_TP_ADD_TC(tp, talk__holds_back_the_last_octet);
	ATF_TP_ADD_TC(tp, talk__takes_a_hundred_at_once);
	ATF_TP_ADD_TC(tp, talk__keeps_to_its_settings);
	return (atf_no_error());
}
