/*
 * Power actions on threads: each waits for its turn (power_queue.h), is offered to who asked for it, and runs
 * when it is told to go.
 *
 * Between the turn and the going lies the moment to write down that it begins: what may not happen twice is
 * then known after a restart. Everything here is called, and calls, on the control thread.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/power/params.h"
#include "core/power/power.h"
#include "io/loop.h"

enum { POWER_NAME_MAX = 63, POWER_MACS_MAX = 8, POWER_INTERFACE_MAX = 15 };

/* An action with all that a driver may want to know. */
struct power_order {
        uint64_t job;     /* the caller's; no other order that waits or runs has it */
        uint64_t machine; /* the caller's id */
        enum power_action action;
        char name[POWER_NAME_MAX + 1]; /* of the machine */
        struct mac macs[POWER_MACS_MAX];
        size_t n_macs;
        char interface[POWER_INTERFACE_MAX + 1];
        struct power_neighbour neighbour; /* with an empty chassis: not known */
        struct ip_addr ip;           /* where it is to be asked whether it is alive; IP_NONE: not known */
        struct power_params *params; /* with their driver */
};

struct power_runner_config {
        struct loop *loop; /* outlives the runner */
        struct power_host host;
        unsigned at_once;    /* threads; 0: 16 */
        unsigned stagger_ms; /* as in power_queue_new() */

        /* It may start now: power_runner_go() or power_runner_drop(), at once or later. NULL: it goes by
         * itself. */
        void (*turn)(void *ctx, uint64_t machine, uint64_t job);

        /* It has ended, as power_act() returns it. @outcome with POWER_DONE, else @error. */
        void (*done)(void *ctx, const struct power_order *order, int result,
                     const struct power_outcome *outcome, const struct error *error);

        /* On the order's thread, while a cycle has its power off: whether the machine is alive. NULL: nobody
         * knows. */
        bool (*is_answering)(void *ctx, const struct power_order *order);
        void *ctx;
};

struct power_runner;

MUST_CHECK int power_runner_start(const struct power_runner_config *config, struct power_runner **ret,
                                  struct error *reterr);

/** power_runner_stop() - gives up what runs and waits for that, at most for one attempt at turning on what
 * was turned off; done() is called for every order, -ESHUTDOWN for those that did not run. When the loop has
 * ended; NULL is a no-op. */
void power_runner_stop(struct power_runner *r);
DEFINE_CLEANUP(struct power_runner, power_runner_stop)

/** power_runner_ask() - queue an order, whose params belong to the runner in every case. 0, or -errno with a
 * sentence. */
MUST_CHECK int power_runner_ask(struct power_runner *r, const struct power_order *order,
                                struct error *reterr);

void power_runner_go(struct power_runner *r, uint64_t job);   /* of an order whose turn it is; else a no-op */
void power_runner_drop(struct power_runner *r, uint64_t job); /* of one that does not run; else a no-op */
