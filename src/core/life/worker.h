/*
 * What keeps core/life going: the clock that ends what took too long, tokens, and the question whether a
 * system answers by SSH. On the control thread's loop.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/life/life.h"
#include "io/loop.h"

struct life_worker;

struct life_worker_config {
        struct loop *loop; /* outlives the worker */
        struct life_keeper keeper;
        struct life_power power;
        struct life_storage storage;
        unsigned roots;    /* as in struct life_config */
        const char *lack;  /* likewise */
        uint16_t ssh_port; /* 0: 22 */
};

/** life_worker_start() - begin, with what was under way when the daemon ended. 0 or -ENOMEM with a sentence.
 */
MUST_CHECK int life_worker_start(const struct life_worker_config *config, struct life_worker **ret,
                                 struct error *reterr);

/** life_worker_stop() - after the keeper has stopped, which ends all decisions; NULL is a no-op. */
void life_worker_stop(struct life_worker *w);
DEFINE_CLEANUP(struct life_worker, life_worker_stop)

struct life *life_worker_life(struct life_worker *w);
