/* What was heard of agents; see hearing.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/hearing.h"

#include <stdatomic.h>

#include "io/queue.h"

struct hearing {
        struct queue *queue;
        size_t octets_max;
        atomic_size_t octets; /* of bodies that wait */
};

static size_t octets_of(const struct heard *m) {
        return m->report ? m->report->body_len : 0;
}

struct hearing *hearing_new(size_t n, size_t octets) {
        CLEANUP(hearing_free_at) struct hearing *h = calloc(1, sizeof(*h));
        if (!h)
                return NULL;
        h->octets_max = octets;
        h->queue = queue_new(n, sizeof(struct heard));
        return h->queue ? TAKE(h) : NULL;
}

void hearing_free(struct hearing *h) {
        struct heard left;

        if (!h)
                return;
        while (h->queue && hearing_receive(h, &left, 1) == 1)
                agent_report_free(left.report);
        queue_free(h->queue);
        free(h);
}

bool hearing_tell(struct hearing *h, const struct heard *m) {
        size_t len = octets_of(m);

        if (atomic_fetch_add(&h->octets, len) + len <= h->octets_max && queue_send(h->queue, m))
                return true;
        atomic_fetch_sub(&h->octets, len);
        agent_report_free(m->report);
        return false;
}

int hearing_fd(const struct hearing *h) {
        return queue_fd(h->queue);
}

size_t hearing_receive(struct hearing *h, struct heard *messages, size_t max) {
        size_t n = queue_receive(h->queue, messages, max);

        for (size_t i = 0; i < n; i++)
                atomic_fetch_sub(&h->octets, octets_of(&messages[i]));
        return n;
}
