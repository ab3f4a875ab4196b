/* SPDX-License-Identifier: ISC */
/*
 * talkstate: where a conversation stands, for the files of the engine alone.
 */
#ifndef SMTPSERV_REMOTE_TALKSTATE_H
#define SMTPSERV_REMOTE_TALKSTATE_H

enum talkstate_phase {
	TALKSTATE_ABSENT,     /* a connection is to be asked for */
	TALKSTATE_CONNECTING, /* it was */
	TALKSTATE_GREETING,   /* up to the end of AUTH */
	TALKSTATE_SECURE,     /* TLS is to be asked for */
	TALKSTATE_SECURING,   /* it was */
	TALKSTATE_READY,
	TALKSTATE_QUITTING,
	TALKSTATE_OVER
};

/* What a reply that is to come replies to. */
enum talkstate_what {
	TALKSTATE_HELLO, /* the greeting */
	TALKSTATE_EHLO,
	TALKSTATE_HELO,
	TALKSTATE_STARTTLS,
	TALKSTATE_AUTH, /* the end of it */
	TALKSTATE_USER, /* AUTH LOGIN, which asks for both */
	TALKSTATE_PASSWORD,
	TALKSTATE_MAIL,
	TALKSTATE_RCPT,
	TALKSTATE_DATA,
	TALKSTATE_DOT,
	TALKSTATE_LONE_DOT, /* of a text for nobody */
	TALKSTATE_BDAT,
	TALKSTATE_LAST, /* BDAT LAST */
	TALKSTATE_RSET,
	TALKSTATE_QUIT
};

/* What of a transaction is composed next. */
enum talkstate_step {
	TALKSTATE_SAY_RSET,
	TALKSTATE_SAY_MAIL,
	TALKSTATE_SAY_RCPT,
	TALKSTATE_SAY_DATA,
	TALKSTATE_HEAR_DATA, /* nothing, before its reply has come */
	TALKSTATE_SAY_BDAT,  /* and LAST */
	TALKSTATE_SEND_TEXT,
	TALKSTATE_SEND_END,
	TALKSTATE_SAID /* all of it */
};

#endif
