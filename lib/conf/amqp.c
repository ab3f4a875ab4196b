/* SPDX-License-Identifier: ISC */
#include "conf/amqp.h"

#include "base/base.h"

#define TEXT(name, type, preset, member, meaning)                              \
	KEY_TEXT_ROW(AMQP_PREFIX name, type, preset, amqp.member, meaning)
#define NUMBER(name, preset, member, min, max, meaning)                        \
	KEY_NUMBER_ROW(AMQP_PREFIX name, preset, amqp.member, min, max, meaning)

static const struct key ROWS[] = {
	TEXT("nodes", KEY_NODES, "", nodes,
	    "host:port of the brokers, separated by commas; unset: none"),
	TEXT("socket", KEY_PATH, "/run/smtpserv/publish", socket,
	    "the Unix socket of smtpserv-publish, a full path"),
	TEXT("vhost", KEY_LABEL, "mail", vhost, "the broker's virtual host"),
	TEXT("exchange", KEY_LABEL, "smtpserv", exchange,
	    "where messages are published"),
	TEXT("queue", KEY_LABEL, "smtpserv", queue, "where they wait"),
	TEXT("ca", KEY_PATH, "", ca,
	    "who has signed the brokers' certificates; unset: no TLS"),
	TEXT("cert", KEY_PATH, "", cert,
	    "the certificate that we log in with, a PEM file; unset: none"),
	TEXT("key", KEY_PATH, "", key,
	    "its key, a PEM file; unset: it is in smtp.amqp.cert, too"),
	TEXT("login", KEY_PATH, "", login,
	    "user and password, a line each: a file for us alone"),
	NUMBER("workers", "8", workers, 1, 100,
	    "connections, and messages on their way at once"),
	NUMBER("time", "30", time, 1, 3600,
	    "seconds that the broker may take for a message"),
	NUMBER("refusal", "5", refusal, 1, 3600,
	    "seconds of refusals before a message is given up"),
	NUMBER("prefetch", "10", prefetch, 1, 1000,
	    "messages that smtpserv-pull is sent ahead"),
	TEXT("stat", KEY_PATH, "", stat,
	    "a textfile for Prometheus to be kept; unset: none"),
};

const struct keyset AMQP_KEYS = { AMQP_PREFIX, ROWS, ARRAY_LEN(ROWS), NULL };
