/* Machines as JSON: schemas Machine and MachineNew. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "core/machine/machine.h"

/** machine_from_json() - a new machine, the caller's; 0, or -errno with a sentence and the member in
 * @ret_field. */
MUST_CHECK int machine_from_json(const json_t *in, struct machine **ret, const char **ret_field,
                                 struct error *reterr);
extern const char *const machine_read_only[]; /* members that only the server sets; NULL-terminated */
json_t *machine_to_json(const struct machine *m);
