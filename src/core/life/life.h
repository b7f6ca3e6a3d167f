/*
 * The life of all machines: takes orders, reports and the results of power, has decided what follows
 * (decide.h), sees that it is written down, and then does what the machine's job says.
 *
 * Owned by the control thread. What it keeps in memory (who is alive, how far a task is, what waits for its
 * power) may be lost: at start it goes on from the machines' jobs. A step of a job that was begun is never
 * begun again: switching a machine off and on, begun before a restart, is ended by switching it on.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/hash.h"
#include "core/life/decide.h"
#include "core/life/report.h"
#include "core/machine/eeprom_order.h"

struct life;

enum {
        LIFE_HEARTBEAT_S = 30, /* between two signs of an agent without work */
        LIFE_SILENCE_S = 100 /* after which an agent that was up counts as gone: three heartbeats, and some */
};

enum life_power_action {
        LIFE_POWER_BOOT, /* from the network, now: on, or off and on */
        LIFE_POWER_ON,
        LIFE_POWER_OFF
};

/* How power is switched. All of it on the control thread. */
struct life_power {
        void *ctx;

        unsigned (*can)(void *ctx, const char *driver); /* flags of enum life_can; 0: by hand */

        /* Queue an action; life_power_turn() is called when its turn has come. 0, or -errno with a sentence.
         */
        int (*ask)(void *ctx, const struct machine *m, uint64_t job, enum life_power_action action,
                   struct error *reterr);
        void (*go)(void *ctx, uint64_t job);   /* it is written down: do it, and call life_power_done() */
        void (*drop)(void *ctx, uint64_t job); /* forget it, where it was not told to go */
};

/* Where the roots of diskless machines are kept, that are neither in their memory nor on their disks. On the
 * control thread. */
struct life_storage {
        void *ctx;

        /* A machine is as @m says, in the database: see that its storage becomes so. At start for every
         * machine. What fails is told by life_storage_failed(). NULL: there is none. */
        void (*keep)(void *ctx, const struct machine *m);
};

/* Decides on @s, the newest state; may be called again, with a newer one, before it is committed. */
typedef int (*life_decide_fn)(void *ctx, const struct site *s, int64_t now_s, struct life_outcome *ret,
                              struct error *reterr);

/* On the control thread, once: it is committed and published as @s, or failed with a sentence. */
typedef void (*life_decided_fn)(void *ctx, const struct site *s, int result, const struct error *error);

/* Who writes decisions down: the region. */
struct life_keeper {
        void *ctx;

        struct site *(*site)(void *ctx); /* a reference to the newest snapshot */

        /* From the control thread. Out of memory it calls @done at once. */
        void (*decide)(void *ctx, life_decide_fn decide, life_decided_fn done, void *fn_ctx);

        /* From any other thread: the same, and waits for the end. */
        int (*decide_and_wait)(void *ctx, life_decide_fn decide, life_decided_fn done, void *fn_ctx,
                               struct error *reterr);
};

struct life_config {
        struct life_keeper keeper;
        struct life_power power;
        struct life_storage storage;

        void (*token)(void *ctx, char hex[static TOKEN_TEXT_SIZE],
                      uint8_t hash[static MACHINE_TOKEN_HASH_SIZE]);

        /* A deployed system that is to answer by SSH may be there now: ask it until it does, or life_probed()
         * was called, or the machine's state says otherwise. NULL: nobody asks. */
        void (*probe)(void *ctx, uint64_t machine, const struct ip_addr *ip);
        void *ctx; /* of both */

        unsigned roots;   /* bits 1 << enum root_kind: where systems can live, as far as it is served here */
        const char *lack; /* why others are not: a sentence, as long as life lasts; NULL or "": nothing is to
                             be said */
        struct hash_key hash_key; /* random */
        uint64_t first_job;       /* grows from one start to the next: Unix milliseconds */
};

/** life_new() - NULL: out of memory. */
struct life *life_new(const struct life_config *config);
void life_free(struct life *l);
DEFINE_CLEANUP(struct life, life_free)

/** life_resume() - at start: go on with what is under way. */
void life_resume(struct life *l, int64_t now_s);

/** life_report() - what a rack heard; borrowed for the call. */
void life_report(struct life *l, const struct agent_report *r);

/** life_order() - from any thread but the control thread: carry out a person's order on the machine called
 * @name. 0 when it is written down, or -errno with a sentence: -ENOENT, -EBUSY, -EINVAL, ... */
MUST_CHECK int life_order(struct life *l, const char *name, const struct order *o, struct error *reterr);

/** life_set_power() - likewise from any thread but the control thread: how the machine's power is switched
 * from now on.
 * @driver "": by hand. */
MUST_CHECK int life_set_power(struct life *l, const char *name, const char *driver, const char *parameters,
                              struct error *reterr);

/** life_set_eeprom() - likewise: the machine is part of a roll-out from now on. -EBUSY where it is part of
 * one that is not over. */
MUST_CHECK int life_set_eeprom(struct life *l, const char *name, const struct eeprom_order *o,
                               struct error *reterr);

/** life_stop_eeprom() - likewise: what is not fetched yet of its update is offered no more. */
MUST_CHECK int life_stop_eeprom(struct life *l, const char *name, struct error *reterr);

/** life_go_back_eeprom() - likewise: its EEPROM gets again what it had before its last update. -ENOENT with a
 * sentence where that cannot be, or no update was taken. */
MUST_CHECK int life_go_back_eeprom(struct life *l, const char *name, struct error *reterr);

/** life_tick() - give up what took too long. Return: when to call again, Unix time; INT64_MAX: not before
 * something else happened. */
int64_t life_tick(struct life *l, int64_t now_s);

/* The power's side of struct life_power. */
void life_power_turn(struct life *l, uint64_t machine, uint64_t job);
/** @parameters: of the driver, with what it has learnt on the way; NULL: as they were. */
void life_power_done(struct life *l, uint64_t machine, uint64_t job, int result, const char *words,
                     const char *parameters);

/** life_power_switched() - off, on, or both, by whoever asked for it: what ran there runs no more. */
void life_power_switched(struct life *l, uint64_t machine);

/** life_storage_failed() - what the machine's root needs cannot be had, for the reason that @words say. */
void life_storage_failed(struct life *l, uint64_t machine, const char *words);

/** life_storage_progress() - it is being made, and that takes time. */
void life_storage_progress(struct life *l, uint64_t machine, uint64_t done, uint64_t total, int64_t now_s);

/** life_probed() - the machine's system answers as SSH does. */
void life_probed(struct life *l, uint64_t machine);

/* What is known of one machine at the moment, beyond its state. */
struct life_view {
        int64_t heard_s; /* when its agent was heard last, Unix time; 0: not since the start */
        bool agent_is_up;
        bool has_progress;
        int64_t progress_s;
        struct progress_report progress; /* of its task */
};

/** life_view() - false: nothing is known. */
bool life_view(const struct life *l, const struct machine *m, int64_t now_s, struct life_view *ret);
