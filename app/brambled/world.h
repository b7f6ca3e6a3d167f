/* The API's questions, carried over to the control thread: fills struct api_world from region and rack. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "api/world.h"
#include "app/brambled/storage.h"
#include "app/brambled/switchboard.h"
#include "io/loop.h"
#include "rack/rack.h"
#include "region/region.h"

/* What the table's functions need; must outlive the API's server. */
struct world {
        struct loop *loop;
        struct rack *rack;
        struct life *life;
        struct db_reader *reader;
        struct switchboard *board;
        struct storage *storage;
        struct store *store;
        struct blob_source blobs;
};

/** world_table() - the table for the API's server. */
struct api_world world_table(struct world *w, struct region *region, struct store *store);
