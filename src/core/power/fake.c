/* Power that is not there, for tests of what stands above: it does as its parameters say, and reaches nobody.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "core/power/drivers.h"
#include "core/power/keys.h"
#include "core/power/params.h"

static const struct power_key keys[] = {
        { .name = "outcome",
          .type = POWER_CHOICE,
          .choices = "done|by-hand|refused|silent|credentials",
          .fallback = "done",
          .help = "What comes of every action." },
        { .name = "state",
          .type = POWER_CHOICE,
          .choices = "on|off|unknown",
          .fallback = "unknown",
          .help = "What a query says." },
        { .name = "tries",
          .type = POWER_NUMBER,
          .fallback = "1",
          .least = 1,
          .most = 10,
          .help = "Attempts, when there is no answer." },
        {},
};

static const struct {
        const char *outcome;
        int result;
        const char *sentence;
} outcomes[] = {
        { "done", POWER_DONE, "" },
        { "by-hand", POWER_BY_HAND, "turn it by hand: this power is not there" },
        { "refused", -EREMOTEIO, "refused, as its parameters say" },
        { "silent", -ETIMEDOUT, "no answer, as its parameters say" },
        { "credentials", -EACCES, "wrong password, as its parameters say" },
};

static enum power_state state_after(const struct power_target *t, enum power_action action) {
        const char *state = power_param(t->params, "state");

        if (action == POWER_TURN_ON || action == POWER_TURN_OFF)
                return action == POWER_TURN_ON ? POWER_ON : POWER_OFF;
        return strcmp(state, "on") == 0 ? POWER_ON : strcmp(state, "off") == 0 ? POWER_OFF : POWER_UNKNOWN;
}

static int act(const struct power_target *t, enum power_action action, struct power_outcome *ret,
               struct error *reterr) {
        const char *outcome = power_param(t->params, "outcome");

        for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
                if (strcmp(outcomes[i].outcome, outcome) == 0 && outcomes[i].result != POWER_DONE)
                        return error_set(reterr, outcomes[i].result, "%s", outcomes[i].sentence);
        }
        ret->state = state_after(t, action);
        return POWER_DONE;
}

const struct power_driver power_fake = {
        .name = "fake",
        .title = "No power at all, for tests",
        .keys = keys,
        .can = 1u << POWER_TURN_ON | 1u << POWER_TURN_OFF | 1u << POWER_QUERY | 1u << POWER_NETWORK_ONCE,
        .at_once = 4,
        .act = act,
};
