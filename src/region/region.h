/*
 * The region: owner of the configured truth. It loads the database into a snapshot and carries out every
 * change.
 *
 * A change is checked on the control thread against the newest state, written by the database's thread, and
 * published as the next snapshot; what fails on the way leaves nothing behind. Changes that come together
 * share one transaction, and snapshots are published at most once per 20 ms.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/life/life.h"
#include "core/site/keeper.h"
#include "io/loop.h"
#include "io/published.h"

struct region;
struct store;

struct region_config {
        struct loop *loop;              /* the control thread's; outlives region_stop() */
        const char *database;           /* "sqlite:PATH" */
        const struct board_set *boards; /* for region_open() only; NULL: the built-in ones */
        struct store *store; /* blobs that no image uses any more are removed from it; NULL: none */

        /* Called on the control thread after each new snapshot; may be NULL. */
        void (*changed)(void *ctx, const struct site *site);
        void *ctx;
};

/** region_open() - load the database and publish the first snapshot; 0, or -errno with a sentence. Before the
 * loop runs. */
MUST_CHECK int region_open(const struct region_config *config, struct region **ret, struct error *reterr);

/** region_stop() - finish what is being written, answer all who wait with -ESHUTDOWN, close the database. On
 * the control thread, or when its loop has ended. */
void region_stop(struct region *r);

/** region_free() - after region_stop(), when no thread asks any more. NULL is a no-op. */
void region_free(struct region *r);

/** region_published() - where readers of any thread take `struct site` snapshots from. */
struct published *region_published(struct region *r);

/** region_life_keeper() - for core/life. */
struct life_keeper region_life_keeper(struct region *r);

/** region_keeper() - for the API. */
struct site_keeper region_keeper(struct region *r);
