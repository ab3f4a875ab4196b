/* SPDX-License-Identifier: ISC */
#include "conf/remote.h"

#include "base/base.h"

#define TEXT(name, type, preset, member, meaning)                              \
	KEY_TEXT_ROW(REMOTE_PREFIX name, type, preset, remote.member, meaning)
#define NUMBER(name, preset, member, min, max, meaning)                        \
	KEY_NUMBER_ROW(                                                        \
	    REMOTE_PREFIX name, preset, remote.member, min, max, meaning)
#define WORD(name, preset, member, words, meaning)                             \
	{                                                                      \
		REMOTE_PREFIX name, KEY_CHOICE, preset, KEY_AT(remote.member), \
		    0, 0, words, meaning                                       \
	}
#define TIMEOUT(name, preset, meaning)                                         \
	NUMBER("timeout." #name, preset, timeout.name, 1, 3600, meaning)

static const struct key ROWS[] = {
	TEXT("helo", KEY_HELO, "", helo,
	    "what we say in EHLO; unset: hostname.domain"),
	TEXT("source", KEY_IPV4, "", source,
	    "our address where mail leaves by IPv4; unset: any of ours"),
	TEXT("source6", KEY_IPV6, "", source6, "the same, by IPv6"),
	WORD("tls", "dane", tls, "none may dane encrypt verify",
	    "what a host must show if no policy says it"),
	TEXT("policy", KEY_POLICY, "", policy,
	    "TLS by domain: a table made by cdb, or a socketmap; unset: none"),
	WORD("policy.unknown", "ignore", unknown, "ignore later",
	    "what happens if the socketmap does not answer"),
	TEXT("ca", KEY_PATH, "/etc/ssl/certs/ca-certificates.crt", ca,
	    "whose certificates are believed, a PEM file"),
	TEXT("cert", KEY_PATH, "", cert,
	    "the certificate that we show, a PEM file; unset: none"),
	TEXT("key", KEY_PATH, "", key,
	    "its key, a PEM file; unset: it is in smtp.remote.cert, too"),
	TEXT("auth", KEY_PATH, "", auth,
	    "accounts at relays: a file that nobody else can read"),
	WORD("mailauth", "no", mailauth, "no yes",
	    "after AUTH, MAIL has AUTH=<>"),
	TEXT("resolver", KEY_LISTEN, "", resolver,
	    "address:port of resolvers; unset: resolv.conf's"),
	NUMBER("perhost", "5", perhost, 1, 100, "connections to one hop"),
	NUMBER("window", "16", window, 1, 64,
	    "messages on their way on one connection"),
	NUMBER("inflight", "64", inflight, 1, 1000,
	    "messages on their way in all"),
	WORD("chunking", "yes", chunking, "no yes",
	    "send by BDAT where it is offered"),
	NUMBER("messages", "1000", messages, 1, 1000000,
	    "messages on one connection before it is closed"),
	NUMBER("idle", "5", idle, 0, 300,
	    "seconds that a connection without a message is kept"),
	NUMBER("addresses", "5", addresses, 2, 16,
	    "addresses of a domain that are tried in turn"),
	TEXT("self", KEY_PREFIXES, "", self,
	    "addresses that lead back to us, such as those of a NAT"),
	WORD("family", "any", family, "any 4 6", "send by IPv4 alone, or IPv6"),
	NUMBER("port", "25", port, 1, 65535,
	    "the port of hosts that an MX record names"),
	TEXT("filter", KEY_COMMAND, "", filter,
	    "a program that a message goes through, such as a signer"),
	TIMEOUT(connect, "30", "seconds to connect to one address"),
	TIMEOUT(greeting, "300", "seconds for the greeting"),
	TIMEOUT(ehlo, "300", "seconds for the reply to EHLO"),
	TIMEOUT(mail, "300", "seconds for the reply to MAIL"),
	TIMEOUT(rcpt, "300", "seconds for the reply to RCPT"),
	TIMEOUT(data, "120", "seconds for the reply to DATA"),
	TIMEOUT(text, "180", "seconds for a piece of the text to be taken"),
	TIMEOUT(final, "600", "seconds for the reply to the end of the text"),
	TIMEOUT(rset, "20", "seconds for the reply to RSET"),
	TIMEOUT(quit, "5", "seconds for the reply to QUIT"),
};

const struct keyset REMOTE_KEYS = { REMOTE_PREFIX, ROWS, ARRAY_LEN(ROWS),
	NULL };
