/*
 * The line protocol between Bramble and a program that switches power, bramble-power-exec(7). Pure: both
 * directions, for who asks and who answers.
 *
 * The program is asked on its standard input and answers on its standard output, a line for each thing: a
 * word, a space, a value. It is started for each action and ends with it.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "core/power/power.h"

enum { POWER_REQUEST_MAX = 65536, POWER_REQUEST_MACS_MAX = 8 }; /* octets; addresses */

/** power_request_write() - the question: the action, what is known of the machine, every parameter. Passwords
 * are in it. */
void power_request_write(struct text *out, const struct power_target *t, enum power_action action,
                         unsigned timeout_s);

/* A question as it was read. */
struct power_request {
        enum power_action action;
        unsigned timeout_s;
        char machine[64], interface[32];
        struct mac macs[POWER_REQUEST_MACS_MAX];
        size_t n_macs;
        struct power_neighbour neighbour;
        struct power_params *params;
};

/**
 * power_request_parse() - read a question for @driver, whose rows the parameters are checked by
 *
 * Return: 0, or -errno with a sentence; power_request_clear() in either case.
 */
MUST_CHECK int power_request_parse(const char *text, size_t len, const struct power_driver *driver,
                                   struct power_request *ret, struct error *reterr);
void power_request_clear(struct power_request *r); /* also for CLEANUP() on the stack */

/** power_answer_write() - the answer to what came of an action: @r as power_act() returns it. */
void power_answer_write(struct text *out, int r, const struct power_outcome *outcome,
                        const struct error *err);

/**
 * power_answer_parse() - read an answer
 * @text:       all that the program wrote; what is not of the protocol is for people, the last such line
 * stands in the sentence when it failed
 * @status:     its exit status
 *
 * Return: POWER_DONE, POWER_BY_HAND, or -errno with a sentence.
 */
MUST_CHECK int power_answer_parse(const char *text, size_t len, int status, enum power_action action,
                                  struct power_outcome *ret, struct error *reterr);

/** power_exec_each_word() - every word of both directions, and of what can go wrong: bramble-power-exec(7)
 * has to explain it. */
void power_exec_each_word(void (*fn)(void *ctx, const char *word), void *ctx);
