/* Machines in the database; see machine.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "core/db/machine.h"

/* How a value of struct machine stands in its column. */
enum column_type {
        COLUMN_WORD,   /* char[size]; "" is a NULL */
        COLUMN_TEXT,   /* char * of its own; NULL likewise */
        COLUMN_NUMBER, /* 64 bits, signed or not */
        COLUMN_FLAG,   /* bool */
        COLUMN_OTHER   /* by functions */
};

struct column {
        const char *name;
        enum column_type type;
        size_t at, size;
        void (*bind)(struct db_query *q, int parameter, const struct machine *m);
        bool (*read)(struct db_query *q, int column, struct machine *m); /* false: it makes no sense */
};

static void bind_serial(struct db_query *q, int parameter, const struct machine *m) {
        if (m->has_serial)
                db_bind_i64(q, parameter, m->serial);
}

static bool read_serial(struct db_query *q, int column, struct machine *m) {
        int64_t serial = db_i64(q, column);

        m->has_serial = db_text(q, column) != NULL;
        m->serial = (uint32_t)serial;
        return serial >= 0 && serial <= UINT32_MAX;
}

/* Octets of a column into room for @max; false when there are more. */
static bool read_octets(struct db_query *q, int column, uint8_t *octets, size_t max, size_t *ret_len) {
        size_t len = 0;
        const void *at = db_octets(q, column, &len);

        if (len > max)
                return false;
        if (at)
                memcpy(octets, at, len);
        *ret_len = at ? len : 0;
        return true;
}

static void bind_uuid(struct db_query *q, int parameter, const struct machine *m) {
        if (m->has_uuid)
                db_bind_octets(q, parameter, m->uuid, sizeof(m->uuid));
}

static bool read_uuid(struct db_query *q, int column, struct machine *m) {
        size_t len = 0;
        if (!read_octets(q, column, m->uuid, sizeof(m->uuid), &len))
                return false;
        m->has_uuid = len > 0;
        return len == 0 || len == sizeof(m->uuid);
}

static void bind_client_id(struct db_query *q, int parameter, const struct machine *m) {
        if (m->client_id_len)
                db_bind_octets(q, parameter, m->client_id, m->client_id_len);
}

static bool read_client_id(struct db_query *q, int column, struct machine *m) {
        size_t len = 0;
        if (!read_octets(q, column, m->client_id, sizeof(m->client_id), &len))
                return false;
        m->client_id_len = (uint8_t)len;
        return true;
}

static void bind_token_hash(struct db_query *q, int parameter, const struct machine *m) {
        if (m->has_token)
                db_bind_octets(q, parameter, m->token_hash, sizeof(m->token_hash));
}

static bool read_token_hash(struct db_query *q, int column, struct machine *m) {
        size_t len = 0;
        if (!read_octets(q, column, m->token_hash, sizeof(m->token_hash), &len))
                return false;
        m->has_token = len > 0;
        return len == 0 || len == sizeof(m->token_hash);
}

static void bind_claim_hash(struct db_query *q, int parameter, const struct machine *m) {
        if (m->has_claim)
                db_bind_octets(q, parameter, m->claim_hash, sizeof(m->claim_hash));
}

static bool read_claim_hash(struct db_query *q, int column, struct machine *m) {
        size_t len = 0;
        if (!read_octets(q, column, m->claim_hash, sizeof(m->claim_hash), &len))
                return false;
        m->has_claim = len > 0;
        return len == 0 || len == sizeof(m->claim_hash);
}

static void bind_arch(struct db_query *q, int parameter, const struct machine *m) {
        db_bind_text_or_null(q, parameter, arch_name(m->arch));
}

static bool read_arch(struct db_query *q, int column, struct machine *m) {
        const char *name = db_text(q, column);
        return !name || arch_parse(name, &m->arch) == 0;
}

static void bind_ip(struct db_query *q, int parameter, const struct machine *m) {
        char ip[IP_TEXT_SIZE];
        db_bind_text(q, parameter, ip_is_set(&m->ip) ? ip_text(&m->ip, ip) : NULL);
}

static bool read_ip(struct db_query *q, int column, struct machine *m) {
        const char *ip = db_text(q, column);
        return !ip || ip_parse(ip, &m->ip) == 0;
}

static void bind_state(struct db_query *q, int parameter, const struct machine *m) {
        db_bind_text(q, parameter, machine_state_name(m->state));
}

static bool read_state(struct db_query *q, int column, struct machine *m) {
        const char *name = db_text(q, column);
        return name && machine_state_parse(name, &m->state) == 0;
}

static void bind_prior(struct db_query *q, int parameter, const struct machine *m) {
        db_bind_text(q, parameter, machine_state_name(m->prior));
}

static bool read_prior(struct db_query *q, int column, struct machine *m) {
        const char *name = db_text(q, column);
        return name && machine_state_parse(name, &m->prior) == 0;
}

static void bind_claimed_first(struct db_query *q, int parameter, const struct machine *m) {
        db_bind_text_or_null(q, parameter, boot_first_name(m->claimed_first));
}

static bool read_claimed_first(struct db_query *q, int column, struct machine *m) {
        const char *name = db_text(q, column);
        return !name || boot_first_parse(name, &m->claimed_first) == 0;
}

static void bind_found_first(struct db_query *q, int parameter, const struct machine *m) {
        db_bind_text_or_null(q, parameter, boot_first_name(m->found_first));
}

static bool read_found_first(struct db_query *q, int column, struct machine *m) {
        const char *name = db_text(q, column);
        return !name || boot_first_parse(name, &m->found_first) == 0;
}

static void bind_root(struct db_query *q, int parameter, const struct machine *m) {
        db_bind_text(q, parameter, root_name(m->root));
}

static bool read_root(struct db_query *q, int column, struct machine *m) {
        const char *name = db_text(q, column);
        return name && root_parse(name, &m->root) == 0;
}

/* clang-format off */
#define PLACE(member) offsetof(struct machine, member), sizeof(((struct machine *)NULL)->member)
#define WORD(member)   { #member, COLUMN_WORD,   PLACE(member), NULL, NULL }
#define TEXT(member)   { #member, COLUMN_TEXT,   PLACE(member), NULL, NULL }
#define NUMBER(member) { #member, COLUMN_NUMBER, PLACE(member), NULL, NULL }
#define FLAG(member)   { #member, COLUMN_FLAG,   PLACE(member), NULL, NULL }
#define OTHER(name)    { #name,   COLUMN_OTHER,  0, 0, bind_##name, read_##name }

static const struct column columns[] = {
        NUMBER(id), WORD(name), OTHER(serial), OTHER(uuid), OTHER(client_id), OTHER(arch), WORD(board),
        OTHER(claimed_first), OTHER(found_first), OTHER(ip),
        WORD(image), TEXT(cmdline_extra), TEXT(config_txt_extra), TEXT(eeprom_lines), WORD(eeprom_firmware), FLAG(netconsole), NUMBER(created_s),
        FLAG(drop_options), FLAG(as_ramdisk), FLAG(require_trusted), WORD(boot_key), WORD(trust),
        OTHER(state), OTHER(prior), NUMBER(state_since_s), NUMBER(deadline_s), TEXT(reason), FLAG(is_locked),
        FLAG(needs_approval), OTHER(claim_hash), NUMBER(claim_until_s), NUMBER(inventory_s),
        OTHER(root), FLAG(boots_own), FLAG(asks_back), NUMBER(deployment), TEXT(seed), TEXT(run), TEXT(good), OTHER(token_hash),
        NUMBER(task_id), TEXT(task), TEXT(job), TEXT(eeprom), TEXT(eeprom_found),
        WORD(power), TEXT(tags), WORD(pool), WORD(zone), WORD(owner), TEXT(note),
};
/* clang-format on */

static void bind_column(struct db_query *q, int parameter, const struct column *c, const struct machine *m) {
        const char *at = (const char *)m + c->at;

        switch (c->type) {
        case COLUMN_WORD:
                db_bind_text_or_null(q, parameter, at);
                break;
        case COLUMN_TEXT:
                db_bind_text_or_null(q, parameter, *(char *const *)(const void *)at);
                break;
        case COLUMN_NUMBER:
                db_bind_i64(q, parameter, *(const int64_t *)(const void *)at);
                break;
        case COLUMN_FLAG:
                db_bind_i64(q, parameter, *(const bool *)(const void *)at);
                break;
        case COLUMN_OTHER:
                c->bind(q, parameter, m);
                break;
        }
}

/* 0, -ENOMEM, or -EBADMSG when the column holds what no machine has. */
static int read_column(struct db_query *q, int column, const struct column *c, struct machine *m) {
        const bool is_text = c->type == COLUMN_WORD || c->type == COLUMN_TEXT;
        const char *value = is_text ? db_text(q, column) : NULL;
        void *at = (char *)m + c->at;

        switch (c->type) {
        case COLUMN_WORD:
                return value && text_copy(at, c->size, value) < 0 ? -EBADMSG : 0;
        case COLUMN_TEXT:
                return value && !(*(char **)at = strdup(value)) ? -ENOMEM : 0;
        case COLUMN_NUMBER:
                *(int64_t *)at = db_i64(q, column);
                return 0;
        case COLUMN_FLAG:
                *(bool *)at = db_i64(q, column) != 0;
                return 0;
        case COLUMN_OTHER:
                return c->read(q, column, m) ? 0 : -EBADMSG;
        }
        return -EBADMSG;
}

static void list_columns(struct text *sql) {
        for (size_t i = 0; i < ARRAY_LEN(columns); i++)
                text_printf(sql, "%s%s", i ? ", " : "", columns[i].name);
}

/* Adds the row, or puts the new values in the place of those under the same id. */
static void compose_put(struct text *sql) {
        text_append(sql, "INSERT INTO machine (");
        list_columns(sql);
        text_append(sql, ") VALUES (");
        for (size_t i = 0; i < ARRAY_LEN(columns); i++)
                text_printf(sql, "%s$%zu", i ? ", " : "", i + 1);
        text_append(sql, ") ON CONFLICT (id) DO UPDATE SET ");
        for (size_t i = 1; i < ARRAY_LEN(columns); i++)
                text_printf(sql, "%s%s = excluded.%s", i > 1 ? ", " : "", columns[i].name, columns[i].name);
}

static int put_row(struct db *db, const struct machine *m, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        CLEANUP(text_free) struct text sql = {};

        compose_put(&sql);
        if (sql.failed)
                return error_set(reterr, -ENOMEM, "database: out of memory");
        int r = db_prepare(db, sql.octets, &q, reterr);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ARRAY_LEN(columns); i++)
                bind_column(&q, (int)i + 1, &columns[i], m);
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

static int read_row(struct db_query *q, struct machine *m) {
        int r = 0;

        for (size_t i = 0; i < ARRAY_LEN(columns) && r == 0; i++)
                r = read_column(q, (int)i, &columns[i], m);
        return r;
}

int db_machine_each(struct db *db, int (*fn)(void *ctx, struct machine *m, struct error *reterr), void *ctx,
                    struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        CLEANUP(db_query_end) struct db_query macs = {};
        CLEANUP(text_free) struct text sql = {};

        text_append(&sql, "SELECT ");
        list_columns(&sql);
        text_append(&sql, " FROM machine ORDER BY id");
        if (sql.failed)
                return error_set(reterr, -ENOMEM, "database: out of memory");
        int r = db_prepare(db, sql.octets, &q, reterr);
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
