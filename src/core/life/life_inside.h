/* How core/life asks for decisions: life.c, and what it hands roll-outs of EEPROMs to, life_eeprom.c. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/map.h"
#include "core/life/life.h"

struct life {
        struct life_config config;
        struct map *watches; /* by id */
        uint64_t last_job;
        int64_t complained_s; /* about what was reported */
        int64_t rolled_s;     /* when the roll-outs of EEPROMs were looked at last */
};

/* What is to be decided, on its way to the keeper and back. */
struct question {
        struct life *life;
        uint64_t machine; /* 0: by the report, or by name */
        int (*decide)(struct question *q, const struct site *s, const struct machine *m,
                      const struct life_facts *f, struct life_outcome *ret, struct error *reterr);
        void (*done)(struct question *q, const struct machine *m, int result);

        struct agent_report *report;
        bool is_awaited;                   /* by a thread, whose all this is */
        const struct order *order;         /* borrowed from who waits */
        const struct eeprom_order *eeprom; /* likewise */
        const char *name, *driver;         /* likewise */
        uint64_t job;
        int result;
        char *words, *parameters;
};

/** life_question() - one about a machine, for life_ask(); NULL: out of memory, which is told. */
struct question *life_question(uint64_t machine, uint64_t job);

/** life_ask() - on its way; it belongs to the keeper until its answer is there. */
void life_ask(struct life *l, struct question *q);

/** life_ask_and_wait() - by another thread than the keeper's, whose @q is. 0, or -errno with a sentence. */
int life_ask_and_wait(struct life *l, struct question *q, struct error *reterr);

/* life_eeprom.c */
bool life_is_of_eeprom(const struct agent_report *r);
bool life_tells_eeprom(const struct machine *m,
                       const struct agent_report *r); /* a hello, anything new of it */
int life_decide_eeprom(struct question *q, const struct site *s, const struct machine *m,
                       const struct life_facts *f, struct life_outcome *ret, struct error *reterr);
void life_roll_on(struct life *l, int64_t now_s); /* what the passing of time does to them */
