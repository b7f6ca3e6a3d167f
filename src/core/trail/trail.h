/*
 * The trail: a boot as a recorded story (DESIGN section 2.3).
 *
 * A recorder in memory with a bound, owned by the control thread: events are put into the boot session they
 * belong to. Pure; store.c writes finished batches to disk, waterfall.c draws one session as text.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/cleanup.h"

enum trail_kind {
        TRAIL_DHCP, /* a request and what was answered */
        TRAIL_TFTP, /* a transfer */
        TRAIL_HTTP, /* a request */
        TRAIL_NOTE  /* a sentence: why nothing was served, a contradiction, a foreign server */
};

enum trail_outcome { TRAIL_OK, TRAIL_MISS, TRAIL_PROBE, TRAIL_IGNORED, TRAIL_FAILED };

/* One step. Text fields are cut to fit. */
struct trail_event {
        enum trail_kind kind;
        enum trail_outcome outcome;
        int64_t at_ms; /* Unix time of its begin */
        uint32_t took_ms;
        uint64_t octets, size; /* transferred, and of the whole file */
        uint32_t resent;       /* TFTP blocks sent again */
        char what[128];        /* "DISCOVER", a path */
        char detail[160];      /* "OFFER 10.77.0.5", "2 of 4 blocks, client: Early terminate" */
        char client[24];       /* boot_client's name, "" when not known */
};

struct trail_session {
        uint64_t id;
        struct mac mac; /* zero when only an address is known */
        struct ip_addr ip;
        char machine[64];          /* name, "" when nobody registered it */
        int64_t start_ms, last_ms; /* Unix time */
        bool is_finished;          /* its last stage was reached */
        const struct trail_event *events;
        size_t n_events, n_dropped; /* dropped: over the bound of one session */
};

struct trail_limits {
        size_t sessions_max, events_per_session_max, octets_max;
};

struct trail;

struct trail *trail_new(const struct trail_limits *limits);
void trail_free(struct trail *t);
DEFINE_CLEANUP(struct trail, trail_free)

/** trail_begin() - a new session; the oldest finished one makes room. Returns its id (rising, never 0), or 0
 * when out of memory. */
uint64_t trail_begin(struct trail *t, const struct mac *mac, const char *machine, int64_t now_ms);
void trail_add(struct trail *t, uint64_t session, const struct trail_event *e);
void trail_set_ip(struct trail *t, uint64_t session, const struct ip_addr *ip);
void trail_set_machine(struct trail *t, uint64_t session, const char *name);
void trail_finish(struct trail *t, uint64_t session, int64_t now_ms);

const struct trail_session *trail_find(const struct trail *t, uint64_t session);
const struct trail_session *trail_newest(const struct trail *t, const struct mac *mac);
const struct trail_session *trail_newest_of(const struct trail *t, const char *machine);
int trail_each(const struct trail *t, int (*fn)(void *ctx, const struct trail_session *s),
               void *ctx); /* newest first */

/** trail_sequence(), trail_since() - every event has a rising number, so that a follower asks for what came
 * after the last one it saw. */
uint64_t trail_sequence(const struct trail *t);
int trail_since(const struct trail *t, uint64_t after,
                int (*fn)(void *ctx, uint64_t sequence, const struct trail_session *s,
                          const struct trail_event *e),
                void *ctx);
