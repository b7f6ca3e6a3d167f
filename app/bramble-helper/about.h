/* What a volume is made of, in a file beside it: the sign that it is whole. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble-helper/helper.h"

struct about {
        uint8_t content[32];
        uint64_t size;
        uint64_t deployment;
        uint64_t boot; /* the last that it was made as new for; 0: none yet */
};

/** about_path() - "nfs/m-7/root.about"; the caller's. */
char *about_path(const struct volume *v);

/** about_read() - false: there is none that makes sense. */
bool about_read(const struct volume *v, struct about *ret);
MUST_CHECK int about_write(const struct volume *v, const struct about *a, struct error *reterr);
