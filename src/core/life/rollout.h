/*
 * Roll-outs of EEPROM updates, wave by wave: what comes next for one machine's part of one.
 *
 * Pure. The canaries are the first wave; a wave begins when all of the waves before it are done, and none
 * does any more once one machine has failed. What is decided is kept with each machine, so that nothing else
 * has to outlast a restart.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/machine/agent_report.h"
#include "core/machine/eeprom_found.h"
#include "core/machine/eeprom_order.h"
#include "core/site/site.h"

enum {
        ROLLOUT_RETURN_S = 300, /* from the end of its download until it reads its tree again */
        ROLLOUT_TELL_S = 900,   /* and from then on until its agent tells what it has */
        ROLLOUT_EVERY_S = 2     /* how often open roll-outs are looked at */
};

/* How far one roll-out is. */
struct rollout {
        uint64_t id;
        unsigned first_open;               /* the first wave that is not done */
        char failed[MACHINE_NAME_MAX + 1]; /* a machine whose update failed; "": none */
};

struct rollout rollout_of(const struct site *s, uint64_t id);

/** rollout_is_open() - whether time may change this machine's part. */
bool rollout_is_open(const struct eeprom_order *o);

/** rollout_on_time() - 1: @ret is what the order of @m becomes; 0: it stays. @ret's configurations are of @m.
 */
int rollout_on_time(const struct rollout *r, const struct machine *m, int64_t now_s,
                    struct eeprom_order *ret);

/** rollout_wants_agent() - whether its agent is to be told to write it, once one is up: it has nothing else
 * to do. */
bool rollout_wants_agent(const struct machine *m, const struct eeprom_order *o);

/** rollout_on_written() - what becomes of it when the agent is done; @error: a sentence, "": it is written.
 */
void rollout_on_written(struct eeprom_order *o, const char *error, int64_t now_s);

/** rollout_on_report() - the same for what its rack saw. */
int rollout_on_report(const struct machine *m, enum agent_report_kind kind, int64_t now_s,
                      struct eeprom_order *ret);

/** rollout_wants_found() - whether it hangs on what an agent reads in the EEPROM. */
bool rollout_wants_found(const struct eeprom_order *o);

/** rollout_on_found() - the same for what its agent reads in its EEPROM. */
int rollout_on_found(const struct machine *m, const struct eeprom_found *found, int64_t now_s,
                     struct eeprom_order *ret);

/** rollout_stop() - the same for a person who gives it up: what is still waiting or offered is offered no
 * more; what its agent writes already is not broken off. */
int rollout_stop(const struct machine *m, int64_t now_s, struct eeprom_order *ret);

/** rollout_go_back() - the same for what it had before, where its flash was written; -errno with a sentence:
 * that cannot be given back. */
MUST_CHECK int rollout_go_back(const struct machine *m, int64_t now_s, struct eeprom_order *ret,
                               struct error *reterr);

struct life_outcome; /* decide.h */

/** rollout_decide() - @m with this order, as what a decision comes to; @o NULL: with none. 0 or -errno with a
 * sentence. */
MUST_CHECK int rollout_decide(const struct machine *m, const struct eeprom_order *o, struct life_outcome *ret,
                              struct error *reterr);
