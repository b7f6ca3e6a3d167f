/* Changes in one transaction; see change.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "core/db/change.h"
#include "core/db/config_lines.h"
#include "core/db/findings.h"
#include "core/db/image.h"
#include "core/db/machine.h"
#include "core/db/script.h"
#include "core/db/subnet.h"

static int apply(struct db *db, const struct db_change *c, struct error *reterr) {
        switch (c->kind) {
        case DB_MACHINE_PUT:
                return db_machine_put(db, c->machine, reterr);
        case DB_MACHINE_DELETE:
                return db_machine_delete(db, c->id, reterr);
        case DB_POWER_PUT:
                return db_power_put(db, c->id, c->json, reterr);
        case DB_INVENTORY_PUT:
                return db_inventory_put(db, c->id, c->json, reterr);
        case DB_INVENTORY_MOVE:
                return db_inventory_move(db, c->from, c->id, reterr);
        case DB_SCRIPT_PUT:
                return db_script_put(db, c->script, reterr);
        case DB_SUBNET_PUT:
                return db_subnet_put(db, c->subnet, reterr);
        case DB_SUBNET_DELETE:
                return db_subnet_delete(db, c->id, reterr);
        case DB_IMAGE_PUT:
                return db_image_put(db, c->image, reterr);
        case DB_IMAGE_DELETE:
                return db_image_delete(db, c->id, reterr);
        case DB_OWN_SCRIPT_PUT:
                return db_own_script_put(db, c->own_script, reterr);
        case DB_OWN_SCRIPT_DELETE:
                return db_own_script_delete(db, c->id, reterr);
        case DB_CONFIG_LINES_PUT:
                return db_config_lines_put(db, c->config_lines, reterr);
        case DB_CONFIG_LINES_DELETE:
                return db_config_lines_delete(db, c->id, reterr);
        }
        return error_set(reterr, -EINVAL, "database: unknown change");
}

int db_apply(struct db *db, const struct db_change *changes, size_t n, struct error *reterr) {
        int r = db_run(db, "BEGIN", reterr);
        if (r < 0)
                return r;
        for (size_t i = 0; i < n && r == 0; i++)
                r = apply(db, &changes[i], reterr);
        if (r == 0)
                r = db_run(db, "COMMIT", reterr);
        if (r < 0)
                (void)db_run(db, "ROLLBACK", NULL);
        return r;
}
