/*
 * A world for core/life: a keeper that writes decisions into a snapshot, power that a test plays, and a clock
 * that it sets.
 *
 * Nothing happens by itself: a call, then all that follows from it at once.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/life/life.h"

enum { WORLD_EVENTS_MAX = 256, WORLD_LINE = 200 };

struct world {
        struct site *site;
        struct life *life;
        int64_t now_s;
        unsigned power_can; /* of the driver "fake" */
        unsigned roots;     /* that are served; world_restart() makes a change seen */
        uint64_t next_id, n_tokens, n_lives;
        unsigned n_decided; /* decisions that changed something */

        struct pending *first, **last; /* decisions to come */

        /* The power's side: one thing at a time is enough. */
        uint64_t power_machine, power_job; /* asked for and not ended */
        enum life_power_action power_action;
        bool is_power_gone;
        char log[WORLD_EVENTS_MAX][WORLD_LINE]; /* what was done to the power: "boot pi4" */
        size_t n_log;

        char *inventory;           /* the last that was to be kept */
        char scripts[WORLD_LINE];  /* "memory:passed storage:failed " */
        char probed[IP_TEXT_SIZE]; /* who was to be asked for SSH */
};

/** world_open() - with a subnet 10.77.0.0/24, and the images "installed" (a disk) and "live" (a root), both
 * with cloud-init, "appliance" (a disk) and "bare" (a root), which say nothing, and "tool" (an initrd). Every
 * root is served. */
void world_open(struct world *w);
void world_close(struct world *w);

/** world_restart() - the daemon ends and begins anew: only what was committed is left. */
void world_restart(struct world *w);

void world_unknown(struct world *w, enum subnet_unknown policy); /* what the subnet says */

/** world_put() - @m as it is, in the place of the one with its id. */
void world_put(struct world *w, const struct machine *m);

/** world_add() - a machine registered by hand; @power: "" or "fake". */
void world_add(struct world *w, const char *name, uint8_t mac, const char *power);
const struct machine *world_machine(const struct world *w,
                                    const char *name); /* fails the test when there is none */

/** world_order() - @wish: JSON, NULL: {}. 0 or -errno with a sentence in @ret. */
int world_order(struct world *w, const char *name, const char *verb, const char *wish, struct error *ret);
void world_must(struct world *w, const char *name, const char *verb,
                const char *wish); /* and it must succeed */

/** world_say() - a report of the machine's agent (@name NULL: of the stranger with this @mac); its task's
 * number is put in unless @task says another one. @body: JSON, or NULL. */
void world_say(struct world *w, const char *name, enum agent_report_kind kind, const char *body);
void world_say_of(struct world *w, const char *name, enum agent_report_kind kind, uint64_t task,
                  const char *body);
void world_renew(struct world *w, const char *name); /* its system, the address that it had */
void world_stranger(struct world *w, uint8_t mac, enum agent_report_kind kind, uint64_t task,
                    const char *body);

void world_power_turn(struct world *w); /* the queue has come to what was asked for */
void world_power_end(struct world *w, int result, const char *words);
void world_power(struct world *w); /* both, and it is well */

void world_pass(struct world *w, int64_t s); /* time, and what runs out in it */
void world_pump(struct world *w);            /* decisions that wait */

/** world_is() - @name is in @state, for @reason (part of it; NULL: none is given). */
void world_is(const struct world *w, const char *name, enum machine_state state, const char *reason);

const char *world_task(const struct world *w, const char *name); /* the kind of its agent's task; "" none */
