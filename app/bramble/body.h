/* From the options of a command line to the JSON that the API takes: each option's row says its member and
 * form. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "app/bramble/args.h"

/** body_of() - an object with a member for each option that has one; "none" of a change is null. NULL: out of
 * memory. */
json_t *body_of(const struct args *a);
