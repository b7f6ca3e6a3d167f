/*
 * The rack: the data plane near the boards.
 *
 * It wires DHCP, TFTP and HTTP to the core: answers from a snapshot, keeps leases, sessions, sightings and
 * the trail. Everything here is called on the control thread, but for what says otherwise.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/boot/client.h"
#include "core/boot/plan.h"
#include "core/image/store.h"
#include "core/lease/lease.h"
#include "core/site/site.h"
#include "core/trail/trail.h"
#include "io/loop.h"
#include "io/published.h"
#include "rack/sighting.h"

struct agent_report;
struct rack;

/* Which boot asks, and from where to where it will reach its root. */
struct rack_root_ask {
        uint64_t machine, session;
        struct mac mac;
        struct ip_addr server, client;
};

struct rack_config {
        struct published *site;        /* struct site: where the serving threads take their snapshots */
        const char *state_dir;         /* leases and trail are kept below it; borrowed for rack_new() */
        const char *signers_dir;       /* programs that sign with keys that are kept elsewhere; NULL: none */
        const char *const *interfaces; /* none: every one that has a subnet; borrowed until others are set */
        size_t n_interfaces;
        uint16_t http_port, https_port;
        const char *https_host; /* that HTTPS is asked for beside our addresses; borrowed for rack_new(); NULL
                                   or "": none */
        uint16_t netconsole_port;  /* 0: no console is heard */
        unsigned http_connections; /* on each of both */
        unsigned tftp_workers;
        unsigned tftp_transfers, tftp_transfers_per_client;
        unsigned trail_keep_days;
        unsigned trail_disk_mib, trail_memory_mib;

        /* What agents and installed systems report, borrowed for the call; on the control thread. NULL:
         * nobody listens. */
        void (*agent)(void *ctx, const struct agent_report *r);
        void *agent_ctx;

        /* A boot asks for a root that is kept on this server: rack_root_is() tells what comes of it, which
         * may be at once. NULL: all roots are ready. */
        void (*root)(void *ctx, const struct rack_root_ask *q);
        void *root_ctx;
};

/**
 * rack_new() - recover the leases, open the ports, start the serving threads
 * @loop:       the control thread's; must outlive the rack, as @store must
 *
 * Serves nobody until the first rack_set_site().
 * Return: 0, or -errno with a sentence that names the port or file and the remedy.
 */
MUST_CHECK int rack_new(struct loop *loop, const struct rack_config *config, const struct store *store,
                        struct rack **ret, struct error *reterr);

/** rack_free() - stop serving; returns when no thread is left and every lease is on disk. */
void rack_free(struct rack *r);
DEFINE_CLEANUP(struct rack, rack_free)

/** rack_set_site() - a new snapshot was published: DHCP answers from it from now on. Takes a reference of its
 * own. */
void rack_set_site(struct rack *r, const struct site *site);

/**
 * rack_root_is() - what came of making a boot's root ready
 * @words:      for its trail: why not; NULL: it is ready
 *
 * A boot that is over is told nothing.
 */
void rack_root_is(struct rack *r, const struct rack_root_ask *q, const char *words);

/** rack_set_interfaces() - serve only these from now on; borrowed. None: every one that has a subnet. */
void rack_set_interfaces(struct rack *r, const char *const *interfaces, size_t n);

/*
 * Questions of the API; the callbacks are called before the function returns.
 *
 * rack_each_lease() - leases in the order of their addresses, until @fn returns false
 * rack_each_stranger() - sightings that are no registered machine's, in the order of their MACs, likewise
 * @at:         begin behind this one, zero: with the first; set to the last one that was looked at
 *
 * Looks at a thousand rows at most, so that nobody waits for a long table. Return: whether there may be more:
 * call again.
 */
bool rack_each_lease(struct rack *r, uint32_t *at, bool (*fn)(void *ctx, const struct lease *l), void *ctx);
bool rack_each_stranger(struct rack *r, struct mac *at, bool (*fn)(void *ctx, const struct sighting *s),
                        void *ctx);

/**
 * rack_each_boot() - the recorded boots of one machine (@machine is not NULL) or one MAC, newest first,
 * likewise
 * @at:         begin with what is older than this session: UINT64_MAX, with the newest
 *
 * Hands out one at most, as long stories take their time to copy.
 */
bool rack_each_boot(struct rack *r, const char *machine, const struct mac *mac, uint64_t *at,
                    bool (*fn)(void *ctx, const struct trail_session *s), void *ctx);

/** rack_each_message() - what @mac said by DHCP in its last boot, until @fn returns false; returns how much
 * of it was left out (capture.h). */
size_t rack_each_message(struct rack *r, const struct mac *mac,
                         bool (*fn)(void *ctx, int64_t at_ms, const uint8_t *octets, size_t len), void *ctx);

/** rack_trail() - the trail, to read. */
const struct trail *rack_trail(const struct rack *r);

/** rack_status() - counters and gauges by name. */
void rack_status(struct rack *r, void (*fn)(void *ctx, const char *name, uint64_t value), void *ctx);

/** rack_each_problem() - what an operator should know now, each a sentence: other DHCP servers, interfaces
 * without address. */
void rack_each_problem(struct rack *r, void (*fn)(void *ctx, const char *sentence), void *ctx);

/** rack_ca_hash(), rack_ca_pem() - any thread: the certificate that vouches for this rack in HTTPS, and its
 * SHA-256. Never change. */
const uint8_t *rack_ca_hash(const struct rack *r);
const char *rack_ca_pem(const struct rack *r);

/** rack_key_keeper() - any thread: the keys that boots are signed with. */
struct signing_key_keeper rack_key_keeper(const struct rack *r);

/** rack_sign() - a thread that may wait a few seconds, never the control thread: signatures_wait(). */
MUST_CHECK int rack_sign(const struct rack *r, const char *key, struct boot_file *file,
                         struct boot_file **ret);

/**
 * rack_ask_for() - the question that a machine would ask now
 * @machine:    NULL: nobody registered it
 * @mac:        zero: by the machine's first
 * @client:     CLIENT_OTHER: as it was last seen, else as its board or architecture suggests
 *
 * Return: false when it is on no subnet of ours.
 */
bool rack_ask_for(struct rack *r, const struct machine *machine, const struct mac *mac,
                  enum boot_client_id client, struct boot_ask *ret);

/** rack_news_mark(), rack_news_wait(), rack_news_stop() - any thread: wait for the trail to grow; see
 * follow.h. */
uint64_t rack_news_mark(struct rack *r);
void rack_news_wait(struct rack *r, uint64_t mark, unsigned wait_ms);
void rack_news_stop(struct rack *r);
