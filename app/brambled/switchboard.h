/*
 * Power for the daemon: what core/life and the API want switched, with what is known of the machine, to
 * core/power's runner.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/db/reader.h"
#include "core/life/life.h"
#include "core/power/runner.h"
#include "rack/rack.h"

struct switchboard;

struct switchboard_config {
        struct loop *loop;
        struct db_reader *reader; /* where parameters are */
        struct life_keeper keeper;
        const char *programs_dir; /* an operator's, for the driver exec */
};

MUST_CHECK int switchboard_start(const struct switchboard_config *config, struct switchboard **ret,
                                 struct error *reterr);

/** switchboard_stop() - when the loop has ended, and before life and the API's threads do: who waits gets an
 * answer. */
void switchboard_stop(struct switchboard *s);
void switchboard_free(struct switchboard *s); /* when nobody asks any more; NULL is a no-op */

struct life_power switchboard_table(struct switchboard *s);

/* Those that are made after it; before the loop runs. */
void switchboard_set_life(struct switchboard *s, struct life *life);
void switchboard_set_rack(struct switchboard *s, struct rack *rack);

/** switchboard_act() - from an API's thread: as power_act(), after its turn has come. */
MUST_CHECK int switchboard_act(struct switchboard *s, const struct machine *m, enum power_action action,
                               struct power_outcome *ret, struct error *reterr);
