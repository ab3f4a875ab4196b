/* SPDX-License-Identifier: ISC */
/*
 * setup: what a session is to be, by the configuration and by what the
 * environment says of this client.
 *
 * Nothing in it changes once it is loaded.
 */
#ifndef SMTPSERV_SESSION_SETUP_H
#define SMTPSERV_SESSION_SETUP_H

#include "conf/keys.h"
#include "log/log.h"
#include "state.h"

enum setup_service {
	SETUP_SMTP,
	SETUP_LMTP,      /* -l */
	SETUP_SUBMISSION /* -s */
};

struct setup_options {
	const char *file;  /* -f, or NULL */
	const char *queue; /* -q, or NULL */
	enum setup_service service;
};

struct setup {
	struct settings settings;
	char host[256];      /* our name */
	const char *queue;   /* smtp.queue, or what is to run in its place */
	bool is_queued;      /* queue is set; else messages go to the spool */
	bool gives_whole;    /* the queue gets the whole envelope */
	const char *deliver; /* the table, "" if every recipient is welcome */
	const struct session_ports *ports;
	struct session_limits limits;
};

/* On failure the reason is in the log. */
enum result setup_load(struct setup *s, const struct setup_options *options,
    const struct log *log) MUST_CHECK;

#endif
