/* What happens with machines as JSON: schemas Activity and ScriptResult. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "core/life/life.h"

json_t *activity_to_json(const struct machine *m, const struct life_view *v);

/** script_result_to_json() - @with_output: with what it wrote. */
json_t *script_result_to_json(const struct script_result *r, bool with_output);
