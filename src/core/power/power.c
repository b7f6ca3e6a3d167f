/* Names of power's things; see power.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "core/power/power.h"

static const char *const action_names[] = {
        [POWER_TURN_ON] = "on",
        [POWER_TURN_OFF] = "off",
        [POWER_CYCLE] = "cycle",
        [POWER_QUERY] = "query",
        [POWER_NETWORK_ONCE] = "network-once",
        [POWER_BOOT] = "boot",
};
_Static_assert(ARRAY_LEN(action_names) == POWER_ACTIONS, "a name for each");

const char *power_action_name(enum power_action action) {
        return action_names[action];
}

int power_action_parse(const char *name, enum power_action *ret) {
        for (size_t i = 0; i < ARRAY_LEN(action_names); i++) {
                if (strcmp(action_names[i], name) == 0) {
                        *ret = (enum power_action)i;
                        return 0;
                }
        }
        return -EINVAL;
}

const char *power_state_name(enum power_state state) {
        static const char *const names[] = {
                [POWER_UNKNOWN] = "unknown", [POWER_ON] = "on", [POWER_OFF] = "off"
        };
        return names[state];
}

const struct power_driver *power_driver_by_name(const char *name) {
        size_t i = 0;

        while (power_drivers[i] && strcmp(power_drivers[i]->name, name) != 0)
                i++;
        return power_drivers[i];
}
