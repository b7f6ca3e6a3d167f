/* Tasks; see task.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "core/life/job.h"
#include "core/life/script.h"
#include "core/life/task.h"
#include "core/life/ubuntu_core.h"
#include "core/life/wish.h"

static const char *const kind_names[TASK_KINDS] = {
        [TASK_CONVERT] = "convert", [TASK_INVENTORY] = "inventory", [TASK_SCRIPTS] = "scripts",
        [TASK_DEPLOY] = "deploy",   [TASK_ERASE] = "erase",         [TASK_RESCUE] = "rescue",
        [TASK_PARK] = "park",       [TASK_REBOOT] = "reboot",       [TASK_POWEROFF] = "poweroff",
        [TASK_BLINK] = "blink",     [TASK_EEPROM] = "eeprom",
};

const char *task_kind_name(enum task_kind k) {
        return k < TASK_KINDS ? kind_names[k] : "";
}

enum task_kind task_kind_of(const struct machine *m) {
        CLEANUP(json_decref_at) json_t *task = m->task ? json_loads(m->task, 0, NULL) : NULL;
        const char *name = json_string_value(json_object_get(task, "kind"));

        for (size_t i = 0; name && i < TASK_KINDS; i++) {
                if (strcmp(kind_names[i], name) == 0)
                        return (enum task_kind)i;
        }
        return TASK_PARK;
}

int task_set(struct machine *m, enum task_kind kind, json_t *body) {
        CLEANUP(json_decref_at) json_t *task = body;

        if (!task || json_object_set_new(task, "id", json_integer((json_int_t)m->task_id + 1)) < 0 ||
            json_object_set_new(task, "kind", json_string(kind_names[kind])) < 0)
                return -ENOMEM;
        char *text = json_dumps(task, JSON_COMPACT);
        if (!text)
                return -ENOMEM;
        free(m->task);
        m->task = text;
        m->task_id++;
        return 0;
}

void task_clear(struct machine *m) {
        if (!m->task)
                return;
        free(TAKE(m->task));
        m->task_id++; /* the agent waits for another number than the one it has */
}

json_t *task_scripts(const struct script_wish *w) {
        return json_pack("{s:o}", "scripts", script_list(w));
}

json_t *task_erase(const json_t *wish) {
        const char *how = json_string_value(json_object_get(wish, "how"));
        const char *erase = json_string_value(json_object_get(wish, "erase")); /* of the order release */

        return json_pack("{s:s, s:[], s:O*, s:O*, s:O*, s:O*}", "how",
                         how     ? how
                         : erase ? erase
                                 : "quick",
                         "disks", "volumes", json_object_get(wish, "volumes"), "keep",
                         json_object_get(wish, "keep"), "data", json_object_get(wish, "data"), "is_made",
                         json_object_get(wish, "is_made"));
}

json_t *task_rescue(const json_t *wish) {
        return json_pack("{s:o}", "authorized_keys", wish_keys(wish));
}

json_t *task_blink(const json_t *wish) {
        json_t *seconds = json_object_get(wish, "seconds");
        return seconds ? json_pack("{s:O}", "seconds", seconds) : json_object();
}

json_t *task_eeprom(const struct image *eeprom, const struct eeprom_order *o) {
        return json_pack("{s:o, s:o, s:o*, s:I}", "eeprom",
                         task_blob(image_find_role(eeprom, IMAGE_FILE_EEPROM)), "config",
                         json_stringn(o->now.config, o->now.config_len), "files",
                         o->now.files_len ? json_stringn(o->now.files, o->now.files_len) : NULL, "ts",
                         (json_int_t)o->ts);
}

bool task_image_can_be_written(const struct image *i) {
        return image_find_role(i, IMAGE_FILE_DISK_MAP) && image_find_role(i, IMAGE_FILE_DISK_FRAMES);
}

json_t *task_blob(const struct image_file *f) {
        char hex[2 * sizeof(f->blob.octets) + 1];

        (void)text_hex(f->blob.octets, sizeof(f->blob.octets), hex);
        return json_pack("{s:o, s:I, s:s}", "path", json_sprintf("blob/%s", hex), "size", (json_int_t)f->size,
                         "sha256", hex);
}

/* Which image the EEPROMs of a family are written from. */
static const struct {
        enum board_family family;
        const char *image;
} eeproms[] = {
        { BOARD_PI_2711, "eeprom-2711" },
        { BOARD_PI_2712, "eeprom-2712" },
};

const struct image *task_eeprom_image(const struct site *s, const struct machine *m, struct error *reterr) {
        const struct board *b = m->board[0] ? board_find(site_boards(s), m->board) : NULL;
        const char *name = NULL;

        if (!b) {
                (void)error_set(reterr, -EINVAL,
                                "nobody knows what board machine %s is: bramble machine set %s --board "
                                "BOARD, as in pi4b",
                                m->name, m->name);
                return NULL;
        }
        for (size_t i = 0; i < ARRAY_LEN(eeproms); i++) {
                if (eeproms[i].family == b->family)
                        name = eeproms[i].image;
        }
        const struct image *image = name ? site_image(s, name) : NULL;
        if (!name)
                (void)error_set(reterr, -EINVAL,
                                "machine %s is a %s, which has no EEPROM that it could boot from", m->name,
                                b->title);
        else if (!image || !image_find_role(image, IMAGE_FILE_EEPROM))
                (void)error_set(reterr, -ENOENT,
                                "there is no image %s: bramble image import %s --boot-dir DIR, with "
                                "pieeprom-DATE.bin and "
                                "recovery.bin of Raspberry Pi's rpi-eeprom",
                                name, name);
        else
                return image;
        return NULL;
}

json_t *task_convert(const struct image *eeprom) {
        return json_pack("{s:s, s:o, s:o, s:s}", "to", "eeprom", "eeprom",
                         task_blob(image_find_role(eeprom, IMAGE_FILE_EEPROM)), "recovery",
                         task_blob(image_find_role(eeprom, IMAGE_FILE_RECOVERY)), "then", "reboot");
}

/* As it would be served: what runs from its disk then is configured as what ran from here. */
static json_t *config_txt_of(const struct site *s, const struct machine *m, const json_t *wish) {
        const struct board *b = m->board[0] ? board_find(site_boards(s), m->board) : NULL;
        CLEANUP(text_free) struct text lines = {};

        site_put_config_txt(s, b, m, wish_text(wish, "config_txt_extra", m->config_txt_extra), &lines);
        if (lines.failed)
                return NULL;
        return json_string(lines.octets ? lines.octets : "");
}

json_t *task_deploy(const struct site *s, const struct machine *m, const json_t *wish, const char *token,
                    json_t *seed) {
        const struct image *i = site_image(s, m->image);
        const struct image_file *map = image_find_role(i, IMAGE_FILE_DISK_MAP);
        const struct image_file *frames = image_find_role(i, IMAGE_FILE_DISK_FRAMES);

        return json_pack(
                "{s:{s:s, s:b, s:b}, s:o, s:o, s:o, s:b, s:b, s:b, s:o*, s:s, s:o, s:s, s:o, s:o, s:o, s:s}",
                "disk", "hint", wish_text(wish, "disk", ""), "overwrite_boot_medium",
                wish_flag(wish, "overwrite_boot_medium", false), "keep_firmware",
                wish_flag(wish, "keep_firmware", false), "map", task_blob(map), "frames", task_blob(frames),
                "seed", seed, "network_first", wish_flag(wish, "network_first", false), "new_disk_id",
                wish_flag(wish, "new_disk_id", true), "unchanged", image_is_ubuntu_core(i), "assertion",
                ubuntu_core_assertion(wish), "hostname", wish_text(wish, "hostname", m->name),
                "authorized_keys", wish_keys(wish), "cmdline_extra", wish_text(wish, "cmdline_extra", ""),
                "config_txt_extra", config_txt_of(s, m, wish), "phone_home",
                json_sprintf(MACHINE_RACK_MARK "/seed/%s/phone-home", token), "wanted",
                m->asks_back ? json_sprintf(MACHINE_RACK_MARK "/seed/%s/wanted", token) : json_string(""),
                "then", "reboot");
}
