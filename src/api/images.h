/* Images as JSON: schemas Image and ImageSummary. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "core/site/image.h"

json_t *image_to_json(const struct image *i, bool with_files);
