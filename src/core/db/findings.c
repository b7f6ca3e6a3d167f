/* What belongs to a machine besides; see findings.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "core/db/findings.h"

static int put_text(struct db *db, const char *sql, uint64_t machine, const char *text,
                    struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = db_prepare(db, sql, &q, reterr);
        if (r < 0)
                return r;
        db_bind_id(&q, 1, machine);
        db_bind_text(&q, 2, text);
        return db_do(&q, reterr);
}

static int get_text(struct db *db, const char *sql, uint64_t machine, char **ret, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = db_prepare(db, sql, &q, reterr);

        *ret = NULL;
        if (r < 0)
                return r;
        db_bind_id(&q, 1, machine);
        r = db_step(&q, reterr);
        if (r <= 0)
                return r;
        *ret = strdup(db_text(&q, 0));
        return *ret ? 0 : error_set(reterr, -ENOMEM, "database: out of memory");
}

int db_power_put(struct db *db, uint64_t machine, const char *parameters, struct error *reterr) {
        return put_text(db,
                        "INSERT INTO machine_power (machine_id, parameters) VALUES ($1, $2)"
                        " ON CONFLICT (machine_id) DO UPDATE SET parameters = excluded.parameters",
                        machine, parameters, reterr);
}

int db_power_get(struct db *db, uint64_t machine, char **ret, struct error *reterr) {
        return get_text(db, "SELECT parameters FROM machine_power WHERE machine_id = $1", machine, ret,
                        reterr);
}

int db_inventory_put(struct db *db, uint64_t machine, const char *inventory, struct error *reterr) {
        return put_text(db,
                        "INSERT INTO machine_inventory (machine_id, inventory) VALUES ($1, $2)"
                        " ON CONFLICT (machine_id) DO UPDATE SET inventory = excluded.inventory",
                        machine, inventory, reterr);
}

static int forget_inventory(struct db *db, uint64_t machine, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = db_prepare(db, "DELETE FROM machine_inventory WHERE machine_id = $1", &q, reterr);
        if (r < 0)
                return r;
        db_bind_id(&q, 1, machine);
        return db_do(&q, reterr);
}

int db_inventory_move(struct db *db, uint64_t from, uint64_t to, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = forget_inventory(db, to, reterr);
        if (r == 0)
                r = db_prepare(db, "UPDATE machine_inventory SET machine_id = $1 WHERE machine_id = $2", &q,
                               reterr);
        if (r < 0)
                return r;
        db_bind_id(&q, 1, to);
        db_bind_id(&q, 2, from);
        return db_do(&q, reterr);
}

int db_inventory_get(struct db *db, uint64_t machine, char **ret, struct error *reterr) {
        return get_text(db, "SELECT inventory FROM machine_inventory WHERE machine_id = $1", machine, ret,
                        reterr);
}

/* Tasks count upwards: what is older than the newest few goes. */
static int forget_old_scripts(struct db *db, uint64_t machine, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = db_prepare(
                db,
                "DELETE FROM script_result WHERE machine_id = $1 AND task_id < (SELECT min(task_id) FROM"
                " (SELECT DISTINCT task_id FROM script_result WHERE machine_id = $1"
                " ORDER BY task_id DESC LIMIT $2) AS kept)",
                &q, reterr);
        if (r < 0)
                return r;
        db_bind_id(&q, 1, machine);
        db_bind_i64(&q, 2, SCRIPT_TASKS_KEPT);
        return db_do(&q, reterr);
}

int db_script_put(struct db *db, const struct script_result *result, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = db_prepare(
                db,
                "INSERT INTO script_result (machine_id, task_id, name, status, exit_status, runtime_ms, "
                "finished_s,"
                " output, results) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
                " ON CONFLICT (machine_id, task_id, name) DO UPDATE SET status = excluded.status,"
                " exit_status = excluded.exit_status, runtime_ms = excluded.runtime_ms,"
                " finished_s = excluded.finished_s, output = excluded.output, results = excluded.results",
                &q, reterr);
        if (r < 0)
                return r;
        db_bind_id(&q, 1, result->machine);
        db_bind_id(&q, 2, result->task);
        db_bind_text(&q, 3, result->name);
        db_bind_text(&q, 4, script_status_name(result->status));
        if (result->has_exit)
                db_bind_i64(&q, 5, result->exit_status);
        db_bind_i64(&q, 6, result->runtime_ms);
        db_bind_i64(&q, 7, result->finished_s);
        db_bind_text(&q, 8, result->output ? result->output : "");
        db_bind_text(&q, 9, result->results);
        r = db_do(&q, reterr);
        return r < 0 ? r : forget_old_scripts(db, result->machine, reterr);
}

/* Borrows the texts of the row. */
static bool read_script(struct db_query *q, uint64_t machine, struct script_result *ret) {
        const char *name = db_text(q, 1), *status = db_text(q, 2);

        *ret = (struct script_result){ .machine = machine,
                                       .task = (uint64_t)db_i64(q, 0),
                                       .has_exit = db_text(q, 3) != NULL,
                                       .exit_status = db_i64(q, 3),
                                       .runtime_ms = db_i64(q, 4),
                                       .finished_s = db_i64(q, 5),
                                       .output = (char *)db_text(q, 6),
                                       .results = (char *)db_text(q, 7) };
        return name && text_copy(ret->name, sizeof(ret->name), name) == 0 && status &&
               script_status_parse(status, &ret->status) == 0;
}

int db_script_each(struct db *db, uint64_t machine, int (*fn)(void *ctx, const struct script_result *r),
                   void *ctx, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = db_prepare(
                db,
                "SELECT task_id, name, status, exit_status, runtime_ms, finished_s, output, results"
                " FROM script_result WHERE machine_id = $1 ORDER BY task_id DESC, name",
                &q, reterr);
        if (r < 0)
                return r;
        db_bind_id(&q, 1, machine);
        while ((r = db_step(&q, reterr)) > 0) {
                struct script_result result;
                if (!read_script(&q, machine, &result))
                        return error_set(reterr, -EBADMSG,
                                         "database: a script result of machine %ju makes no sense",
                                         (uintmax_t)machine);
                r = fn(ctx, &result);
                if (r != 0)
                        return r;
        }
        return r;
}
