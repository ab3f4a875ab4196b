/* SPDX-License-Identifier: ISC */
/*
 * rabbitmq: librabbitmq's header, which has another name since 0.12.
 */
#ifndef AMQP_RABBITMQ_H
#define AMQP_RABBITMQ_H

#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#else
#include <amqp.h>
#endif

#endif
