/* Machines as JSON; see machine_json.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "api/fields.h"
#include "api/machine_json.h"
#include "base/text.h"
#include "core/life/eeprom_wish.h"

enum { UUID_TEXT_LEN = 36, TAGS_MAX = 64 };

/* 8-4-4-4-12 hex digits; where the hyphens stand. */
static bool is_hyphen_place(size_t i) {
        return i == 8 || i == 13 || i == 18 || i == 23;
}

static int uuid_parse(const char *text, uint8_t uuid[16]) {
        char hex[33];
        size_t n = 0;

        if (strlen(text) != UUID_TEXT_LEN)
                return -EINVAL;
        for (size_t i = 0; i < UUID_TEXT_LEN; i++) {
                if (is_hyphen_place(i) != (text[i] == '-'))
                        return -EINVAL;
                if (text[i] != '-')
                        hex[n++] = text[i];
        }
        hex[n] = 0;
        return text_parse_hex(hex, uuid, 16);
}

static json_t *uuid_json(const uint8_t uuid[16]) {
        char hex[33];
        (void)text_hex(uuid, 16, hex);
        return json_sprintf("%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

static int read_name(void *thing, const json_t *value, struct error *reterr) {
        struct machine *m = thing;
        return api_read_text(value, m->name, sizeof(m->name), reterr);
}

static int read_mac(void *thing, size_t at, const json_t *item, struct error *reterr) {
        struct machine *m = thing;
        const char *text = json_string_value(item);

        if (!text || mac_parse(text, &m->macs[at]) < 0)
                return error_set(reterr, -EINVAL, "\"%.64s\" is no MAC address such as dc:a6:32:01:02:03",
                                 text ? text : "");
        return 0;
}

static int read_macs(void *thing, const json_t *value, struct error *reterr) {
        struct machine *m = thing;
        size_t n = 0;
        int r = api_read_list(value, MACHINE_MACS_MAX, m, &n, read_mac, reterr);
        m->n_macs = (uint8_t)n;
        return r;
}

static int read_serial(void *thing, const json_t *value, struct error *reterr) {
        struct machine *m = thing;
        const char *text = json_string_value(value);

        if (!text || serial_parse(text, &m->serial) < 0)
                return error_set(reterr, -EINVAL,
                                 "\"%.64s\" is no serial: 8 or 16 hex digits are wanted, as in a1b2c3d4",
                                 text ? text : "");
        m->has_serial = true;
        return 0;
}

static int read_uuid(void *thing, const json_t *value, struct error *reterr) {
        struct machine *m = thing;
        const char *text = json_string_value(value);

        if (!text || uuid_parse(text, m->uuid) < 0)
                return error_set(
                        reterr, -EINVAL,
                        "\"%.64s\" is no UUID: one such as 4c4c4544-0032-3010-8048-b3c04f4e3132 is wanted",
                        text ? text : "");
        m->has_uuid = true;
        return 0;
}

static int read_client_id(void *thing, const json_t *value, struct error *reterr) {
        struct machine *m = thing;
        const char *text = json_string_value(value);
        size_t len = text ? strlen(text) : 0;

        if (len < 2 || len % 2 || len / 2 > MACHINE_CLIENT_ID_MAX ||
            text_parse_hex(text, m->client_id, len / 2) < 0)
                return error_set(reterr, -EINVAL, "the octets of option 61 are wanted in hex, %d at most",
                                 MACHINE_CLIENT_ID_MAX);
        m->client_id_len = (uint8_t)(len / 2);
        return 0;
}

static int read_arch(void *thing, const json_t *value, struct error *reterr) {
        struct machine *m = thing;
        const char *text = json_string_value(value);

        if (!text || arch_parse(text, &m->arch) < 0)
                return error_set(reterr, -EINVAL,
                                 "\"%.64s\" is no architecture; there are amd64, arm64, armhf, i386, riscv64",
                                 text ? text : "");
        return 0;
}

static int read_board(void *thing, const json_t *value, struct error *reterr) {
        struct machine *m = thing;
        return api_read_text(value, m->board, sizeof(m->board), reterr);
}

static int read_boot_order(void *thing, const json_t *value, struct error *reterr) {
        struct machine *m = thing;
        const char *text = json_string_value(value);

        if (!text || boot_first_parse(text, &m->claimed_first) < 0)
                return error_set(reterr, -EINVAL,
                                 "\"%.64s\" is no boot order; there are network-first, disk-first, disk-only",
                                 text ? text : "");
        return 0;
}

static int read_ip(void *thing, const json_t *value, struct error *reterr) {
        struct machine *m = thing;
        return api_read_ip(value, &m->ip, reterr);
}

static int read_image(void *thing, const json_t *value, struct error *reterr) {
        struct machine *m = thing;
        return api_read_text(value, m->image, sizeof(m->image), reterr);
}

static int read_cmdline(void *thing, const json_t *value, struct error *reterr) {
        struct machine *m = thing;

        if (!json_is_string(value))
                return error_set(reterr, -EINVAL, "a text is wanted");
        if (json_string_length(value) == 0)
                return 0;
        m->cmdline_extra = strdup(json_string_value(value));
        return m->cmdline_extra ? 0 : error_set(reterr, -ENOMEM, "out of memory");
}

static int read_config_txt(void *thing, const json_t *value, struct error *reterr) {
        struct machine *m = thing;

        if (!json_is_string(value))
                return error_set(reterr, -EINVAL, "a text is wanted");
        if (json_string_length(value) == 0)
                return 0;
        m->config_txt_extra = strdup(json_string_value(value));
        return m->config_txt_extra ? 0 : error_set(reterr, -ENOMEM, "out of memory");
}

static int read_eeprom_lines(void *thing, const json_t *value, struct error *reterr) {
        struct machine *m = thing;

        if (!json_is_string(value))
                return error_set(reterr, -EINVAL, "a text is wanted");
        if (json_string_length(value) == 0)
                return 0;
        int r = eeprom_wish_check_lines(json_string_value(value), reterr);
        m->eeprom_lines = r == 0 ? strdup(json_string_value(value)) : NULL;
        return r < 0 || m->eeprom_lines ? r : error_set(reterr, -ENOMEM, "out of memory");
}

static int read_eeprom_firmware(void *thing, const json_t *value, struct error *reterr) {
        struct machine *m = thing;
        int r = api_read_text(value, m->eeprom_firmware, sizeof(m->eeprom_firmware), reterr);
        return r == 0 ? eeprom_wish_check_firmware(m->eeprom_firmware, reterr) : r;
}

static int read_switch(const json_t *value, bool *ret, struct error *reterr) {
        if (!json_is_boolean(value))
                return error_set(reterr, -EINVAL, "true or false is wanted");
        *ret = json_is_true(value);
        return 0;
}

static int read_netconsole(void *thing, const json_t *value, struct error *reterr) {
        return read_switch(value, &((struct machine *)thing)->netconsole, reterr);
}

static int read_drop_options(void *thing, const json_t *value, struct error *reterr) {
        return read_switch(value, &((struct machine *)thing)->drop_options, reterr);
}

static int read_as_ramdisk(void *thing, const json_t *value, struct error *reterr) {
        return read_switch(value, &((struct machine *)thing)->as_ramdisk, reterr);
}

static int read_require_trusted(void *thing, const json_t *value, struct error *reterr) {
        return read_switch(value, &((struct machine *)thing)->require_trusted, reterr);
}

static int read_boot_key(void *thing, const json_t *value, struct error *reterr) {
        struct machine *m = thing;
        return api_read_text(value, m->boot_key, sizeof(m->boot_key), reterr);
}

static int read_pool(void *thing, const json_t *value, struct error *reterr) {
        struct machine *m = thing;
        return api_read_text(value, m->pool, sizeof(m->pool), reterr);
}

static int read_zone(void *thing, const json_t *value, struct error *reterr) {
        struct machine *m = thing;
        return api_read_text(value, m->zone, sizeof(m->zone), reterr);
}

static int read_owner(void *thing, const json_t *value, struct error *reterr) {
        struct machine *m = thing;
        return api_read_text(value, m->owner, sizeof(m->owner), reterr);
}

static int read_note(void *thing, const json_t *value, struct error *reterr) {
        struct machine *m = thing;

        if (!json_is_string(value))
                return error_set(reterr, -EINVAL, "a text is wanted");
        m->note = json_string_length(value) ? strdup(json_string_value(value)) : NULL;
        return m->note || json_string_length(value) == 0 ? 0 : error_set(reterr, -ENOMEM, "out of memory");
}

static int compare_words(const void *a, const void *b) {
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In the order in which a machine has them, each once. */
static char *join_words(const char **words, size_t n) {
        CLEANUP(text_free) struct text joined = {};

        qsort((void *)words, n, sizeof(*words), compare_words);
        for (size_t i = 0; i < n; i++) {
                if (i == 0 || strcmp(words[i], words[i - 1]) != 0)
                        text_printf(&joined, "%s%s", i ? " " : "", words[i]);
        }
        return text_take(&joined);
}

static int read_tags(void *thing, const json_t *value, struct error *reterr) {
        const char *words[TAGS_MAX];
        struct machine *m = thing;
        size_t n = json_array_size(value);

        if (!json_is_array(value) || n > TAGS_MAX)
                return error_set(reterr, -EINVAL, "a list of at most %d words is wanted", TAGS_MAX);
        for (size_t i = 0; i < n; i++) {
                words[i] = json_string_value(json_array_get(value, i));
                if (!words[i] || strchr(words[i], ' '))
                        return error_set(reterr, -EINVAL, "each tag is a word");
        }
        m->tags = n ? join_words(words, n) : NULL;
        return m->tags || n == 0 ? 0 : error_set(reterr, -ENOMEM, "out of memory");
}

static const struct api_field fields[] = {
        { "name", true, read_name },
        { "macs", false, read_macs },
        { "serial", false, read_serial },
        { "uuid", false, read_uuid },
        { "client_id", false, read_client_id },
        { "arch", false, read_arch },
        { "board", false, read_board },
        { "boot_order", false, read_boot_order },
        { "ip", false, read_ip },
        { "image", false, read_image },
        { "cmdline_extra", false, read_cmdline },
        { "config_txt_extra", false, read_config_txt },
        { "eeprom_lines", false, read_eeprom_lines },
        { "eeprom_firmware", false, read_eeprom_firmware },
        { "netconsole", false, read_netconsole },
        { "drop_options", false, read_drop_options },
        { "as_ramdisk", false, read_as_ramdisk },
        { "require_trusted", false, read_require_trusted },
        { "boot_key", false, read_boot_key },
        { "tags", false, read_tags },
        { "pool", false, read_pool },
        { "zone", false, read_zone },
        { "owner", false, read_owner },
        { "note", false, read_note },
};

int machine_from_json(const json_t *in, struct machine **ret, const char **ret_field, struct error *reterr) {
        CLEANUP(machine_drop_at) struct machine *m = machine_new();
        if (!m)
                return error_set(reterr, -ENOMEM, "out of memory");
        int r = api_fields_read(in, fields, ARRAY_LEN(fields), m, ret_field, reterr);
        if (r == 0)
                r = machine_check(m, reterr);
        if (r == 0)
                *ret = TAKE(m);
        return r;
}

const char *const machine_read_only[] = {
        "state",          "state_since", "reason",      "deadline", "locked",
        "needs_approval", "inventoried", "root",        "power",    "boot_order_found",
        "falls_back_to",  "trust",       "claim_until", NULL,
};

static json_t *tags_json(const struct machine *m) {
        json_t *out = json_array();

        for (const char *at = m->tags; at && *at;) {
                size_t len = strcspn(at, " ");
                (void)json_array_append_new(out, json_stringn(at, len));
                at += len + (at[len] == ' ');
        }
        return out;
}

static json_t *time_or_null(int64_t unix_s) {
        return unix_s ? api_time(unix_s) : json_null();
}

/* The image that it had before the one that is on trial. */
static json_t *fall_back_json(const struct machine *m) {
        return m->good ? json_stringn(m->good, strcspn(m->good, " ")) : json_null();
}

static json_t *life_json(const struct machine *m) {
        const bool has_root = m->image[0] != 0;

        return json_pack("{s:s, s:o, s:o, s:o, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                         "state", machine_state_name(m->state), "state_since", time_or_null(m->state_since_s),
                         "reason", api_text_or_null(m->reason), "deadline", time_or_null(m->deadline_s),
                         "locked", m->is_locked, "needs_approval", m->needs_approval, "claim_until",
                         time_or_null(m->claim_until_s), "inventoried", time_or_null(m->inventory_s), "root",
                         has_root ? json_string(root_name(m->root)) : json_null(), "falls_back_to",
                         fall_back_json(m), "power", api_text_or_null(m->power), "tags", tags_json(m), "pool",
                         api_text_or_null(m->pool), "zone", api_text_or_null(m->zone), "owner",
                         api_text_or_null(m->owner), "note", api_text_or_null(m->note));
}

json_t *machine_to_json(const struct machine *m) {
        json_t *macs = json_array();

        for (size_t i = 0; i < m->n_macs; i++)
                (void)json_array_append_new(macs, api_mac(&m->macs[i]));
        json_t *out = json_pack("{s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id",
                                (json_int_t)m->id, "name", m->name, "macs", macs, "serial",
                                m->has_serial ? json_sprintf("%08x", m->serial) : json_null(), "uuid",
                                m->has_uuid ? uuid_json(m->uuid) : json_null(), "client_id",
                                api_hex(m->client_id, m->client_id_len), "arch",
                                api_text_or_null(arch_name(m->arch)), "board", api_text_or_null(m->board),
                                "ip", api_ip(&m->ip), "image", api_text_or_null(m->image), "cmdline_extra",
                                api_text_or_null(m->cmdline_extra), "config_txt_extra",
                                api_text_or_null(m->config_txt_extra), "created", api_time(m->created_s));
        json_t *life = life_json(m);
        if (out)
                (void)json_object_update_new(
                        out,
                        json_pack("{s:o, s:o, s:b, s:b, s:b, s:b, s:o, s:o, s:o, s:o}", "eeprom_lines",
                                  api_text_or_null(m->eeprom_lines), "eeprom_firmware",
                                  api_text_or_null(m->eeprom_firmware), "netconsole", m->netconsole,
                                  "drop_options", m->drop_options, "as_ramdisk", m->as_ramdisk,
                                  "require_trusted", m->require_trusted, "boot_key",
                                  api_text_or_null(m->boot_key), "trust", api_text_or_null(m->trust),
                                  "boot_order", api_text_or_null(boot_first_name(m->claimed_first)),
                                  "boot_order_found", api_text_or_null(boot_first_name(m->found_first))));
        if (out && life && json_object_update(out, life) == 0) {
                json_decref(life);
                return out;
        }
        json_decref(out);
        json_decref(life);
        return NULL;
}
