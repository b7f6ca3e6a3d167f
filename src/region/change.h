/*
 * One change to the site, of any kind: checked against a snapshot, then a row for the database.
 *
 * No threads and no I/O here; region.c drives it.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/list.h"
#include "core/db/change.h"
#include "core/site/site.h"

enum region_kind { REGION_MACHINE, REGION_SUBNET, REGION_IMAGE, REGION_KINDS };

struct region_change {
        struct list link;
        enum region_kind kind;
        union { /* what the caller saw; NULL: an addition */
                const void *was;
                const struct machine *was_machine;
                const struct subnet *was_subnet;
                const struct image *was_image;
        };
        union { /* what shall be; NULL: a removal */
                void *now;
                struct machine *machine;
                struct subnet *subnet;
                struct image *image;
        };
        bool is_numbered, is_done;
        int result;
        struct error error;
};

/** region_change_number() - give an addition its id from *@next_id and its time; a replacement keeps what it
 * had. Once only. */
void region_change_number(struct region_change *c, uint64_t *next_id, int64_t now_s);

/** region_change_apply() - the snapshot after the change, or NULL with c->error set. */
struct site *region_change_apply(const struct site *s, struct region_change *c);

/** region_change_row() - the same change for the database. */
struct db_change region_change_row(const struct region_change *c);
