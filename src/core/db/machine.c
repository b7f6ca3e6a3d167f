/* Machines in the database; see machine.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "core/db/machine.h"

static int put_row(struct db *db, const struct machine *m, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        char ip[IP_TEXT_SIZE];
        int r = db_prepare(db,
                           "INSERT INTO machine (id, name, serial, uuid, client_id, arch, board, ip, image, "
                           "cmdline_extra,"
                           " created_s) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
                           " ON CONFLICT (id) DO UPDATE SET name = excluded.name, serial = excluded.serial,"
                           " uuid = excluded.uuid, client_id = excluded.client_id, arch = excluded.arch,"
                           " board = excluded.board, ip = excluded.ip, image = excluded.image,"
                           " cmdline_extra = excluded.cmdline_extra",
                           &q, reterr);
        if (r < 0)
                return r;
        db_bind_id(&q, 1, m->id);
        db_bind_text(&q, 2, m->name);
        if (m->has_serial)
                db_bind_i64(&q, 3, m->serial);
        if (m->has_uuid)
                db_bind_octets(&q, 4, m->uuid, sizeof(m->uuid));
        if (m->client_id_len)
                db_bind_octets(&q, 5, m->client_id, m->client_id_len);
        db_bind_text_or_null(&q, 6, arch_name(m->arch));
        db_bind_text_or_null(&q, 7, m->board);
        db_bind_text(&q, 8, ip_is_set(&m->ip) ? ip_text(&m->ip, ip) : NULL);
        db_bind_text_or_null(&q, 9, m->image);
        db_bind_text_or_null(&q, 10, m->cmdline_extra);
        db_bind_i64(&q, 11, m->created_s);
        return db_do(&q, reterr);
}

static int put_macs(struct db *db, const struct machine *m, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query gone = {};
        CLEANUP(db_query_end) struct db_query q = {};
        char mac[MAC_TEXT_SIZE];

        int r = db_prepare(db, "DELETE FROM machine_mac WHERE machine_id = $1", &gone, reterr);
        if (r == 0)
                r = db_prepare(db, "INSERT INTO machine_mac (mac, machine_id, place) VALUES ($1, $2, $3)", &q,
                               reterr);
        if (r < 0)
                return r;
        db_bind_id(&gone, 1, m->id);
        r = db_do(&gone, reterr);
        for (unsigned i = 0; i < m->n_macs && r == 0; i++) {
                db_reset(&q);
                db_bind_text(&q, 1, mac_text(&m->macs[i], mac));
                db_bind_id(&q, 2, m->id);
                db_bind_i64(&q, 3, i);
                r = db_do(&q, reterr);
        }
        return r;
}

int db_machine_put(struct db *db, const struct machine *m, struct error *reterr) {
        int r = put_row(db, m, reterr);
        return r < 0 ? r : put_macs(db, m, reterr);
}

int db_machine_delete(struct db *db, uint64_t id, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = db_prepare(db, "DELETE FROM machine WHERE id = $1", &q, reterr);
        if (r < 0)
                return r;
        db_bind_id(&q, 1, id);
        return db_do(&q, reterr);
}

static int read_macs(struct db_query *q, struct machine *m, struct error *reterr) {
        int r;

        db_reset(q);
        db_bind_id(q, 1, m->id);
        while ((r = db_step(q, reterr)) > 0) {
                const char *mac = db_text(q, 0);
                if (m->n_macs == MACHINE_MACS_MAX || !mac || mac_parse(mac, &m->macs[m->n_macs]) < 0)
                        return -EBADMSG;
                m->n_macs++;
        }
        return r;
}

/* Octets of a column into room for @max; false when there are more. */
static bool read_octets_column(struct db_query *q, int column, uint8_t *octets, size_t max, size_t *ret_len) {
        size_t len = 0;
        const void *at = db_octets(q, column, &len);

        if (len > max)
                return false;
        if (at)
                memcpy(octets, at, len);
        *ret_len = at ? len : 0;
        return true;
}

/* The columns of read_all() to @m: everything but the MACs. 0 or -EBADMSG. */
static int read_row(struct db_query *q, struct machine *m) {
        const char *name = db_text(q, 1), *arch = db_text(q, 5), *board = db_text(q, 6), *ip = db_text(q, 7);
        const char *image = db_text(q, 8), *cmdline = db_text(q, 9);
        size_t uuid_len = 0, client_id_len = 0;
        int64_t serial = db_i64(q, 2);

        m->id = (uint64_t)db_i64(q, 0);
        m->created_s = db_i64(q, 10);
        m->has_serial = db_text(q, 2) != NULL;
        m->serial = (uint32_t)serial;
        bool is_right = name && text_copy(m->name, sizeof(m->name), name) == 0 && serial >= 0 &&
                        serial <= UINT32_MAX &&
                        read_octets_column(q, 3, m->uuid, sizeof(m->uuid), &uuid_len) &&
                        (uuid_len == 0 || uuid_len == sizeof(m->uuid)) &&
                        read_octets_column(q, 4, m->client_id, sizeof(m->client_id), &client_id_len) &&
                        (!arch || arch_parse(arch, &m->arch) == 0) &&
                        (!board || text_copy(m->board, sizeof(m->board), board) == 0) &&
                        (!ip || ip_parse(ip, &m->ip) == 0) &&
                        (!image || text_copy(m->image, sizeof(m->image), image) == 0);
        if (!is_right)
                return -EBADMSG;
        m->has_uuid = uuid_len > 0;
        m->client_id_len = (uint8_t)client_id_len;
        if (cmdline && !(m->cmdline_extra = strdup(cmdline)))
                return -ENOMEM;
        return 0;
}

int db_machine_each(struct db *db, int (*fn)(void *ctx, struct machine *m, struct error *reterr), void *ctx,
                    struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        CLEANUP(db_query_end) struct db_query macs = {};
        int r = db_prepare(
                db,
                "SELECT id, name, serial, uuid, client_id, arch, board, ip, image, cmdline_extra, created_s"
                " FROM machine ORDER BY id",
                &q, reterr);
        if (r == 0)
                r = db_prepare(db, "SELECT mac FROM machine_mac WHERE machine_id = $1 ORDER BY place", &macs,
                               reterr);

        while (r >= 0 && (r = db_step(&q, reterr)) > 0) {
                CLEANUP(machine_drop_at) struct machine *m = machine_new();
                if (!m)
                        return error_set(reterr, -ENOMEM, "database: out of memory");
                r = read_row(&q, m);
                if (r == 0)
                        r = read_macs(&macs, m, reterr);
                if (r == -EBADMSG)
                        return error_set(reterr, r, "database: machine %ju \"%s\": its row makes no sense",
                                         (uintmax_t)m->id, m->name);
                if (r >= 0)
                        r = fn(ctx, m, reterr);
        }
        return r;
}
