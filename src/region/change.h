/*
 * One change to the site, of any kind: checked against a snapshot, then a row for the database.
 *
 * No threads and no I/O here; region.c drives it.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/list.h"
#include "core/db/change.h"
#include "core/life/life.h"
#include "core/site/site.h"

enum region_kind {
        REGION_MACHINE,
        REGION_SUBNET,
        REGION_IMAGE,
        REGION_SCRIPT,
        REGION_CONFIG_LINES,
        REGION_KINDS
};

struct region_change {
        struct list link;
        enum region_kind kind;
        union { /* what the caller saw; NULL: an addition */
                const void *was;
                const struct machine *was_machine;
                const struct subnet *was_subnet;
                const struct image *was_image;
                const struct script *was_script;
                const struct config_lines *was_config_lines;
        };
        union { /* what shall be; NULL: a removal */
                void *now;
                struct machine *machine;
                struct subnet *subnet;
                struct image *image;
                struct script *script;
                struct config_lines *config_lines;
        };
        bool is_numbered, is_done;
        int result;
        struct error error;

        /* One of core/life: what shall be is decided on the newest state, when its turn comes. NULL: it is
         * given above. */
        life_decide_fn decide;
        life_decided_fn decided; /* may be NULL */
        void *decide_ctx;
        struct life_outcome outcome;
        bool is_own; /* nobody waits: it is freed when it is done */
};

enum {
        /* of one change in the database: a machine, its inventory, its power, a script; the new board's
           inventory and record, and one for the board that it had */
        REGION_ROWS_MAX = 7
};

/** region_change_new() - a decision that nobody waits for; NULL: out of memory. region_change_free(): with
 * all it has. */
struct region_change *region_change_new(life_decide_fn decide, life_decided_fn decided, void *ctx);
void region_change_free(struct region_change *c);

/** region_change_decide() - 1: c says what shall be; 0: nothing changes; -errno with c->error set. */
int region_change_decide(struct region_change *c, const struct site *s, int64_t now_s);

/** region_change_number() - give an addition its id from *@next_id and its time; a replacement keeps what it
 * had. Once only. */
void region_change_number(struct region_change *c, uint64_t *next_id, int64_t now_s);

/** region_change_apply() - the snapshot after the change, or NULL with c->error set. */
struct site *region_change_apply(const struct site *s, struct region_change *c);

/** region_change_rows() - the same change for the database; how many rows of @ret are filled. */
size_t region_change_rows(const struct region_change *c, struct db_change ret[static REGION_ROWS_MAX]);
