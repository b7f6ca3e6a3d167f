/*
 * What can be asked of a deployment of Ubuntu Core, which is written as it is and makes itself at home.
 *
 * Pure. docs/decisions/ubuntu-core.md says why nothing is put into its partitions.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "core/site/image.h"

/** ubuntu_core_check() - whether @image, Ubuntu Core or not, can be deployed as @wish says; 0, or -EINVAL
 * with a sentence. */
MUST_CHECK int ubuntu_core_check(const struct image *image, const json_t *wish, struct error *reterr);

/** ubuntu_core_assertion() - {"text", "disk"} of a task to deploy; NULL: none was given. */
json_t *ubuntu_core_assertion(const json_t *wish);
