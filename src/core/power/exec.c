/* Power by an operator's own program, which speaks bramble-power-exec(7). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/power/drivers.h"
#include "core/power/keys.h"
#include "core/power/params.h"
#include "core/power/program.h"

static const struct power_key keys[] = {
        { .name = "program",
          .type = POWER_PROGRAM,
          .is_required = true,
          .help = "Name of the program, a file in the server's folder of power programs." },
        { .name = "password",
          .type = POWER_TEXT,
          .is_secret = true,
          .help = "Handed to the program, and shown to nobody." },
        { .name = "token",
          .type = POWER_TEXT,
          .is_secret = true,
          .help = "Handed to the program, and shown to nobody." },
        POWER_KEYS_TRYING("30"),
        POWER_KEYS_SWITCHING,
        {},
};

static int act(const struct power_target *t, enum power_action action, struct power_outcome *ret,
               struct error *reterr) {
        return power_program_run(t, action, t->host->programs_dir, power_param(t->params, "program"), false,
                                 ret, reterr);
}

const struct power_driver power_exec = {
        .name = "exec",
        .title = "Your own program",
        .keys = keys,
        .takes_any_key = true,
        .can = 1u << POWER_TURN_ON | 1u << POWER_TURN_OFF | 1u << POWER_QUERY | 1u << POWER_NETWORK_ONCE,
        .at_once = 4,
        .stagger_ms = 100,
        .peer = "program",
        .peer_key = "program",
        .act = act,
};
