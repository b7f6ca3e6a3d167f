/* Power as JSON; docs/api/openapi.yaml has the schemas. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "core/power/power.h"

/* Each is a new reference, or NULL when out of memory. */
json_t *power_driver_to_json(const struct power_driver *d);
json_t *power_result_to_json(int result, const struct power_outcome *outcome, const struct error *words);
