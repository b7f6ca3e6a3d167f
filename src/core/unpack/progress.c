/* Progress; see progress.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/unpack/progress.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/writer.h"

enum { STEPS = 200 };

static void put(const struct progress *p, uint64_t done) {
        uint8_t octets[PROGRESS_SIZE];
        struct writer w = writer_of(octets, sizeof(octets));

        write_u64(&w, done);
        write_u64(&w, p->total);
        if (p->fd >= 0)
                (void)!pwrite(p->fd, octets, sizeof(octets), 0); /* who is not told shows no bar */
}

struct progress progress_begin(uint64_t total) {
        struct progress p = { .fd = open(PROGRESS_FILE, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640),
                              .total = total };
        put(&p, 0);
        return p;
}

void progress_tell(struct progress *p, uint64_t done) {
        if (done - p->told < p->total / STEPS)
                return;
        p->told = done;
        put(p, done);
}
