/* Subnets as JSON: schemas Subnet and SubnetNew. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "core/site/subnet.h"

/** subnet_from_json() - a new subnet, the caller's; 0, or -errno with a sentence and the member in
 * @ret_field. */
MUST_CHECK int subnet_from_json(const json_t *in, struct subnet **ret, const char **ret_field,
                                struct error *reterr);
json_t *subnet_to_json(const struct subnet *s);
