/* Answers; see reporter.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/socket.h>

#include "app/bramble-helper/reporter.h"

void report(const struct reporter *r, struct helper_answer *a) {
        uint8_t octets[HELPER_ANSWER_SIZE];

        a->serial = r->serial;
        helper_answer_write(a, octets);
        (void)send(r->fd, octets, sizeof(octets), MSG_NOSIGNAL);
}

void report_progress(const struct reporter *r, uint64_t done, uint64_t total) {
        report(r, &(struct helper_answer){ .kind = HELPER_PROGRESS, .done = done, .total = total });
}

void report_volume(const struct reporter *r, const struct volume *v) {
        report(r, &(struct helper_answer){ .kind = HELPER_LISTED, .volume = *v });
}
