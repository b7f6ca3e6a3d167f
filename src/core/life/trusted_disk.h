/* Whether a machine that requires trust could start what is written to its disk, as far as is known. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "core/site/site.h"

/** trusted_disk_check() - by what its agent told of its EEPROM; 0, also where it told nothing, or -EINVAL
 * with a sentence that names the ways on. */
MUST_CHECK int trusted_disk_check(const struct site *s, const struct machine *m, const struct image *image,
                                  struct error *reterr);
