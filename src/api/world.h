/*
 * What the API asks of the daemon: the table that brambled fills in from region/ and rack/.
 *
 * Handlers run on HTTP threads; these functions do the crossing to the control thread. JSON in and out is the
 * handlers' business; here values are plain.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "core/boot/plan.h"
#include "core/db/reader.h"
#include "core/image/import.h"
#include "core/lease/lease.h"
#include "core/life/life.h"
#include "core/power/power.h"
#include "core/site/keeper.h"
#include "core/site/signing_key.h"
#include "core/trail/doctor/site.h"
#include "core/trail/trail.h"

/* Something seen on the wire that nobody registered. */
struct api_sighting {
        struct mac mac;
        struct ip_addr ip;
        const char *client; /* boot_client's name of the last firmware packet; "" for an operating system */
        struct pi_identity pi;
        int64_t first_s, last_s; /* Unix time */
        const char *why;         /* why it does not boot */
};

struct api_world {
        struct site_keeper keeper; /* region_keeper() */
        struct store *store;       /* where imports go */
        struct life *life;         /* takes orders */
        struct db_reader *reader;  /* what is in the database and not in a snapshot */
        const char *unpack; /* path of bramble-unpack, which reads whole images; NULL: it is not there */

        struct signing_key_keeper keys; /* that boots are signed with */

        const char *ca_pem;     /* the certificate that vouches for us in HTTPS */
        const uint8_t *ca_hash; /* its SHA-256 */

        void *ctx; /* the rack's, for all that follows */

        /*
         * Each calls @fn on the control thread for the items behind @after (zero: for all), in the order of
         * addresses or MACs, until it returns false: @fn copies, and does no more. A page takes what a page
         * holds; the rest of a long list costs it nothing.
         */
        void (*each_lease)(void *ctx, uint32_t after, bool (*fn)(void *fn_ctx, const struct lease *l),
                           void *fn_ctx);
        void (*each_sighting)(void *ctx, const struct mac *after,
                              bool (*fn)(void *fn_ctx, const struct api_sighting *s), void *fn_ctx);

        /* Carry out an action on a machine's power and wait for its end, which may take minutes: as
         * power_act(). Not for the control thread. */
        int (*power)(void *ctx, const struct machine *m, enum power_action action, struct power_outcome *ret,
                     struct error *reterr);

        /* What is known of a machine at the moment; false: nothing. */
        bool (*activity)(void *ctx, const struct machine *m, struct life_view *ret);

        /* The sessions of one machine (@machine is not NULL) or one MAC, newest first, until @fn returns
         * false. */
        void (*each_trail)(void *ctx, const char *machine, const struct mac *mac,
                           bool (*fn)(void *fn_ctx, const struct trail_session *s), void *fn_ctx);

        /* What @mac said by DHCP in its last boot, in its order, until @fn returns false. Returns how many
         * messages were left out. */
        size_t (*each_message)(void *ctx, const struct mac *mac,
                               bool (*fn)(void *fn_ctx, int64_t at_ms, const uint8_t *octets, size_t len),
                               void *fn_ctx);

        /*
         * Events after number @after, waiting up to @wait_ms for the first, until @fn returns false. Returns
         * the newest number there is: who wants no old ones begins with @after UINT64_MAX, which waits for
         * nothing.
         */
        uint64_t (*trail_follow)(void *ctx, uint64_t after, unsigned wait_ms,
                                 bool (*fn)(void *fn_ctx, uint64_t sequence, const struct trail_session *s,
                                            const struct trail_event *e),
                                 void *fn_ctx);

        /* Counters and state of the daemon, as name and value pairs for `bramble status`. */
        void (*status)(void *ctx, void (*fn)(void *fn_ctx, const char *name, uint64_t value), void *fn_ctx);

        /* What an operator should know now, each a sentence with its remedy: another DHCP server, an
         * interface that is not there. */
        void (*each_problem)(void *ctx, void (*fn)(void *fn_ctx, const char *sentence), void *fn_ctx);

        /* What the doctor asks of the site, as far as no snapshot tells it. */
        void (*site_facts)(void *ctx, struct site_facts *ret);

        /* Opens blobs, for `boot files NAME PATH`. */
        const struct blob_source *blobs;

        /*
         * The ask as the rack would make it now for a machine (@m, borrowed, may be NULL; it may have no MAC)
         * or a MAC (zero: none): server address, subnet, port, and the identities it goes by. @client
         * CLIENT_OTHER: as it was last seen, or what the machine's board and architecture suggest. false: it
         * is on no subnet of ours.
         */
        bool (*ask_for)(void *ctx, const struct machine *m, const struct mac *mac, enum boot_client_id client,
                        struct boot_ask *ret);
};
