/* Power that nobody but a person switches: it is asked for in words. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/power/drivers.h"

static const struct power_key keys[] = { {} };

const struct power_driver power_manual = {
        .name = "manual",
        .title = "By hand",
        .keys = keys,
};
