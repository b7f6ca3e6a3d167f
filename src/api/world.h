/*
 * What the API asks of the daemon: the table that region/ and rack/ fill in.
 *
 * Handlers run on HTTP threads; these functions do the crossing to the control thread and may wait for the database.
 * JSON in and out is the handlers' business; here values are plain.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "core/boot/plan.h"
#include "core/image/import.h"
#include "core/lease/lease.h"
#include "core/site/site.h"
#include "core/trail/trail.h"

/* Something seen on the wire that nobody registered. */
struct api_sighting {
        struct mac mac;
        struct ip_addr ip;
        const char *client; /* boot_client's name of the last firmware packet; "" for an operating system */
        struct pi_identity pi;
        int64_t first_s, last_s; /* Unix time */
        const char *why;    /* why it does not boot */
};

struct api_world {
        void *ctx;

        struct site *(*site)(void *ctx); /* a reference to the newest snapshot */

        /* Changes: 0 when they are in the database and in the published snapshot; else -errno with a sentence and nothing changed.
         * -ENOENT no such thing, -EEXIST there is one already, -EINVAL makes no sense, -EBUSY in use. */
        int (*machine_put)(void *ctx, const struct machine *m, bool is_new, struct error *reterr);
        int (*machine_delete)(void *ctx, const char *name, struct error *reterr);
        int (*subnet_put)(void *ctx, const struct subnet *s, bool is_new, struct error *reterr);
        int (*subnet_delete)(void *ctx, const struct ip_net *net, struct error *reterr);
        int (*image_put)(void *ctx, const struct image *i, struct error *reterr);
        int (*image_delete)(void *ctx, const char *name, struct error *reterr);
        struct store *(*store)(void *ctx);

        /* The rack's side: each calls @fn on the control thread for every item and returns when all were seen. */
        void (*each_lease)(void *ctx, void (*fn)(void *fn_ctx, const struct lease *l), void *fn_ctx);
        void (*each_sighting)(void *ctx, void (*fn)(void *fn_ctx, const struct api_sighting *s), void *fn_ctx);
        void (*each_trail)(void *ctx, const char *machine_or_mac, void (*fn)(void *fn_ctx, const struct trail_session *s), void *fn_ctx);

        /* Events after @after, waiting up to @wait_ms for the first; returns the newest sequence number seen. */
        uint64_t (*trail_follow)(void *ctx, uint64_t after, unsigned wait_ms,
                                 void (*fn)(void *fn_ctx, uint64_t sequence, const struct trail_session *s, const struct trail_event *e),
                                 void *fn_ctx);

        /* Counters and state of the daemon, as name and value pairs for `bramble status`. */
        void (*status)(void *ctx, void (*fn)(void *fn_ctx, const char *name, uint64_t value), void *fn_ctx);

        /* Opens blobs, for `boot files NAME PATH`. */
        const struct blob_source *blobs;

        /* The ask as the rack would make it for a machine or MAC now: server address, subnet, port. false: not on any subnet. */
        bool (*ask_for)(void *ctx, const struct mac *mac, enum boot_client_id client, struct boot_ask *ret);
};
