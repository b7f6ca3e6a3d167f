/* What one machine has in its EEPROM, what it shall have, and the difference: /api/v1/machines/{name}/eeprom.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/eeprom_json.h"
#include "api/eeprom_part.h"
#include "api/fields.h"
#include "api/handlers.h"

static json_t *time_of(uint64_t unix_s) {
        return unix_s ? api_time((int64_t)unix_s) : json_null();
}

static json_t *order_of(const struct api_call *c, const struct machine *m, const struct eeprom_found *f) {
        return f->config ? json_sprintf("0x%x", eeprom_wish_boot_order(c->site, m, f->config)) : json_null();
}

static json_t *found_json(const struct api_call *c, const struct machine *m, const struct eeprom_found *f) {
        return json_pack("{s:o, s:o, s:o, s:o, s:o}", "boot_order", order_of(c, m, f), "version",
                         api_text_or_null(f->version), "built", time_of(f->build_s), "updated",
                         time_of(f->update_s), "config",
                         f->config ? api_text_or_empty(f->config) : json_null());
}

static json_t *wish_json(const struct eeprom_wish *w, uint64_t build_s) {
        char ref[IMAGE_REF_SIZE];

        return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "config",
                         w->config ? json_string(w->config) : json_null(), "config_of",
                         api_text_or_null(w->config_of), "image",
                         w->image ? json_string(image_ref(w->image, ref)) : json_null(), "firmware_of",
                         api_text_or_null(w->firmware_of), "built", time_of(build_s), "lack",
                         api_text_or_null(w->image ? "" : w->lack.text));
}

static void add_change(void *ctx, char sign, const char *line, size_t len) {
        (void)json_array_append_new(ctx, json_sprintf("%c%.*s", sign, (int)len, line));
}

/* By the day that its release is known by. */
static void add_firmware(json_t *changes, char sign, uint64_t build_s) {
        json_t *at = api_time((int64_t)build_s);

        (void)json_array_append_new(changes,
                                    json_sprintf("%cfirmware of %.10s", sign, json_string_value(at)));
        json_decref(at);
}

static json_t *changes_json(const struct eeprom_found *found, const struct eeprom_wish *w, uint64_t build_s) {
        json_t *changes = json_array();

        if (found->build_s && build_s && found->build_s != build_s) {
                add_firmware(changes, '-', found->build_s);
                add_firmware(changes, '+', build_s);
        }
        if (found->config && w->config)
                eeprom_wish_each_change(found->config, w->config, add_change, changes);
        return changes;
}

void machine_eeprom(struct api_call *c) {
        const struct machine *m = site_machine_by_name(c->site, c->params[0]);
        CLEANUP(eeprom_wish_end) struct eeprom_wish wish = {};
        struct eeprom_firmwares known = { .call = c };
        const struct eeprom_builds builds = { eeprom_firmware_build, &known };
        struct eeprom_found found = {};
        struct eeprom_order order;
        struct error error = {};

        if (!m) {
                api_problem(c, 404, "there is no machine %.64s", c->params[0]);
                return;
        }
        if (eeprom_wish_of(c->site, m, &builds, &wish, &error) < 0) {
                /* What is found is worth knowing all the same. */
                wish.image = NULL;
                wish.lack = error;
        }
        const bool is_known = eeprom_found_of(m, &found);
        const uint64_t build_s = wish.image ? eeprom_firmware_build(&known, wish.image) : 0;
        api_ok(c, 200,
               json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "machine", m->name, "trust",
                         api_text_or_null(m->trust), "found",
                         is_known ? found_json(c, m, &found) : json_null(), "wanted",
                         wish_json(&wish, build_s), "changes", changes_json(&found, &wish, build_s), "update",
                         eeprom_order_of(m, &order) ? eeprom_order_json(m, &order) : json_null()));
}
