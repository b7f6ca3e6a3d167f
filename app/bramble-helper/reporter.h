/* Tells who waits for a request how far it is, and how it ended. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "core/export/request.h"

struct reporter {
        int fd;
        uint32_t serial; /* of the request */
};

/** report() - sends @a under the request's number; who is gone needs none. */
void report(const struct reporter *r, struct helper_answer *a);

void report_progress(const struct reporter *r, uint64_t done, uint64_t total);
void report_volume(const struct reporter *r, const struct volume *v);
