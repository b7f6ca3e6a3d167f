/*
 * The trail: a boot as a recorded story.
 *
 * A recorder in memory with a bound, owned by the control thread: events are put into the boot session they
 * belong to. Pure; store.c writes batches to disk, waterfall.c draws one session as text.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/cleanup.h"

enum trail_kind {
        TRAIL_DHCP,    /* a request and what was answered */
        TRAIL_TFTP,    /* a transfer */
        TRAIL_HTTP,    /* a request */
        TRAIL_NOTE,    /* a sentence: why nothing was served, a contradiction, a foreign server */
        TRAIL_AGENT,   /* what the agent, or the system that it installed, told of itself and its work */
        TRAIL_CONSOLE, /* a line that it wrote to its console, and over the network */
        TRAIL_WIRE,    /* heard on the wire beside the conversation with us, and no answer of ours */
        TRAIL_KINDS
};

/* What a TRAIL_WIRE says; the detail names the other party. */
#define TRAIL_OFFER_ELSEWHERE "OFFER"     /* another DHCP server offers it an address */
#define TRAIL_REQUEST_ELSEWHERE "REQUEST" /* it takes that one's */
#define TRAIL_ARP_ELSEWHERE "ARP"         /* it looks for an address on the link that is not ours */
#define TRAIL_SAME_XID "same xid"         /* another boot ROM speaks at the same time, with the same number */
#define TRAIL_UNASKED "connection"        /* it connected, and asked for nothing: a handshake that failed */

/* How notes and details begin, or end, that more than people read. */
#define TRAIL_TO_DISK "is sent to its disk"             /* note */
#define TRAIL_TO_AGENT "boots the agent"                /* note */
#define TRAIL_BY_AGENT "starts its system by the agent" /* note */
#define TRAIL_AGENT_RESTARTS "its agent restarts it"    /* note: once it has said that it is done */
#define TRAIL_IDENTITY "who it says it is does not fit" /* note; the detail says what */
#define TRAIL_CLIENT_GAVE_UP "the client gave up"       /* detail of a file */
#define TRAIL_NO_BOOT ", no boot"                       /* the end of what a DISCOVER was answered */
#define TRAIL_NOT_BOOTED ", not booted"                 /* the same beside another server */

enum trail_outcome { TRAIL_OK, TRAIL_MISS, TRAIL_PROBE, TRAIL_IGNORED, TRAIL_FAILED };

enum { TRAIL_DETAIL_SIZE = 160 }; /* octets: a sentence that says why */

/* One step. Text fields are cut to fit. */
struct trail_event {
        uint64_t sequence; /* set by the recorder: rising over all sessions, in the order in which they were
                              told */
        enum trail_kind kind;
        enum trail_outcome outcome;
        int64_t at_ms; /* Unix time of its begin */
        uint32_t took_ms;
        uint64_t octets, size;          /* transferred, and of the whole file */
        uint32_t resent;                /* TFTP blocks sent again */
        uint16_t blksize;               /* octets of a TFTP block; 0: no transfer was begun */
        char what[128];                 /* "DISCOVER", a path */
        char detail[TRAIL_DETAIL_SIZE]; /* "OFFER 10.77.0.5", "2 of 4 blocks, client: Early terminate" */
        char client[24];                /* boot_client's name, "" when not known */
};

struct trail_session {
        uint64_t id;
        uint64_t revision; /* set by the recorder: rises with every change of any session */
        struct mac mac;    /* zero when only an address is known */
        struct ip_addr ip;
        char machine[64];                 /* name, "" when nobody registered it */
        int64_t start_ms, last_ms;        /* Unix time */
        bool is_over;                     /* no more of it will come, however far it came */
        bool is_finished;                 /* its last stage was reached: it is over, and came through */
        const struct trail_event *events; /* in the order of their begin */
        size_t n_events, n_dropped;       /* dropped: over a bound */
};

struct trail_limits {
        size_t sessions_max, events_per_session_max, octets_max;
};

struct trail;

struct trail *trail_new(const struct trail_limits *limits);
void trail_free(struct trail *t);
DEFINE_CLEANUP(struct trail, trail_free)

/**
 * trail_begin() - a new session
 *
 * The oldest that is over makes room; then one of a machine that nobody registered and that fetched nothing;
 * then the oldest. Where a quarter of all is such strangers', they go first: a flood of made-up MACs costs
 * no story of a board. Returns its id (rising, never 0; also over restarts with a store), or 0 when out of
 * memory.
 */
uint64_t trail_begin(struct trail *t, const struct mac *mac, const char *machine, int64_t now_ms);

/* A session that made room already is a no-op for all of these. */
void trail_add(struct trail *t, uint64_t session, const struct trail_event *e);
void trail_set_ip(struct trail *t, uint64_t session, const struct ip_addr *ip);
void trail_set_machine(struct trail *t, uint64_t session, const char *name);
void trail_finish(struct trail *t, uint64_t session, int64_t now_ms); /* it came through, and is over */
void trail_end(struct trail *t, uint64_t session); /* it is over, and nothing is said of how it went */

/* Borrowed until the next change. The last two look at every session: for people's questions, not for
 * packets. */
const struct trail_session *trail_find(const struct trail *t, uint64_t session);
const struct trail_session *trail_newest(const struct trail *t, const struct mac *mac);
const struct trail_session *trail_newest_of(const struct trail *t, const char *machine);

/** trail_before() - the newest session that began before session @id; UINT64_MAX: the newest. NULL: there is
 * none. */
const struct trail_session *trail_before(const struct trail *t, uint64_t id);

/** trail_each() - newest first, until @fn returns non-zero; returns that. */
int trail_each(const struct trail *t, int (*fn)(void *ctx, const struct trail_session *s), void *ctx);

/**
 * trail_since() - events told after number @after, in the order in which they were told
 *
 * A follower begins with trail_sequence() and goes on with the last number it saw. Who falls behind by more
 * than the recorder remembers misses events, and sees it from the gap.
 *
 * Return: 0, or what @fn returned other than zero.
 */
int trail_since(const struct trail *t, uint64_t after,
                int (*fn)(void *ctx, uint64_t sequence, const struct trail_session *s,
                          const struct trail_event *e),
                void *ctx);
uint64_t trail_sequence(const struct trail *t); /* of the newest event */
uint64_t trail_revision(const struct trail *t); /* of the newest change */

/** trail_restore_session(), trail_restore_event() - what a store held; ids and numbers are kept. 0 or
 * -ENOMEM. A session's newer record replaces its older one; an event that is there, or whose session is not,
 * is a no-op. */
MUST_CHECK int trail_restore_session(struct trail *t, const struct trail_session *s);
MUST_CHECK int trail_restore_event(struct trail *t, uint64_t session, const struct trail_event *e);
