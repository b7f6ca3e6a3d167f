/* The recorded boots of who is asked about, copied on the control thread and read on this one. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "api/asker.h"

struct api_boots {
        struct trail_session *sessions; /* newest first, each with events of its own */
        size_t n, max;
        bool failed; /* out of memory */
};

/** api_boots_copy() - the newest @max of them; false when a problem was answered. api_boots_clear() in any
 * case. */
bool api_boots_copy(struct api_call *c, const struct api_asker *who, size_t max, struct api_boots *ret);
void api_boots_clear(struct api_boots *b); /* also the CLEANUP() function */
