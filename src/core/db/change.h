/* What changes together: a list of changes goes into the database whole, or not at all. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/db/db.h"
#include "core/machine/config_lines.h"
#include "core/machine/machine.h"
#include "core/machine/script_result.h"
#include "core/site/image.h"
#include "core/site/script.h"
#include "core/site/subnet.h"

enum db_change_kind {
        DB_MACHINE_PUT,
        DB_MACHINE_DELETE,
        DB_POWER_PUT,
        DB_INVENTORY_PUT,
        DB_INVENTORY_MOVE, /* from one machine to another, in the place of what that one had */
        DB_SCRIPT_PUT,
        DB_SUBNET_PUT,
        DB_SUBNET_DELETE,
        DB_IMAGE_PUT,
        DB_IMAGE_DELETE,
        DB_OWN_SCRIPT_PUT,
        DB_OWN_SCRIPT_DELETE,
        DB_CONFIG_LINES_PUT,
        DB_CONFIG_LINES_DELETE
};

struct db_change {
        enum db_change_kind kind;
        uint64_t id;   /* of what is deleted; of the machine that power parameters and inventory are of */
        uint64_t from; /* DB_INVENTORY_MOVE: 0: the other one had none */
        union {        /* what is put; borrowed */
                const struct machine *machine;
                const char *json; /* power parameters, inventory */
                const struct script_result *script;
                const struct subnet *subnet;
                const struct image *image;
                const struct script *own_script;
                const struct config_lines *config_lines;
        };
};

/** db_apply() - one transaction with all of @changes, in order; 0 when it is on disk, else -errno with a
 * sentence and nothing is changed. */
MUST_CHECK int db_apply(struct db *db, const struct db_change *changes, size_t n, struct error *reterr);
