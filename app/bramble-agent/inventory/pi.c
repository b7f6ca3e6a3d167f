/*
 * Raspberry Pis, by what their firmware leaves in the device tree. See pi.h.
 *
 * Source: Raspberry Pi documentation, configuration/device-tree ("/chosen/bootloader", NVMEM nodes).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/inventory/cpuinfo.h"
#include "app/bramble-agent/inventory/fields.h"
#include "app/bramble-agent/inventory/pi.h"
#include "app/bramble-agent/json.h"
#include "base/reader.h"
#include "base/text.h"

#define TREE "sys/firmware/devicetree/base"
#define BOOTLOADER TREE "/chosen/bootloader"
#define NVMEM "sys/bus/nvmem/devices"

enum { CONFIG_MAX = 4096 };

bool pi_is_one(const struct tree *t) {
        char compatible[64];
        return tree_text(t, compatible, sizeof(compatible), TREE "/compatible") &&
               text_starts_with(compatible, "raspberrypi,");
}

bool pi_has_eeprom(const struct tree *t) {
        return tree_exists(t, BOOTLOADER "/version");
}

/* A property that is one cell. */
static bool read_cell(const struct tree *t, const char *path, uint32_t *ret) {
        uint8_t cell[4];
        int n = tree_read(t, cell, sizeof(cell), "%s", path);
        struct reader r = reader_of(cell, n > 0 ? (size_t)n : 0);

        *ret = read_u32(&r);
        return !r.bad;
}

static void put_cell(json_t *o, const char *key, const struct tree *t, const char *name) {
        char path[TREE_PATH_MAX];
        uint32_t cell;

        (void)snprintf(path, sizeof(path), BOOTLOADER "/%s", name);
        if (read_cell(t, path, &cell))
                json_put_number(o, key, cell);
}

/* The EEPROM's configuration is a memory that the alias blconfig leads to. */
static void put_config(json_t *o, const struct tree *t) {
        char alias[TREE_PATH_MAX], node[TREE_PATH_MAX], wanted[TREE_PATH_MAX + sizeof(TREE)],
                text[CONFIG_MAX];
        CLEANUP(tree_names_free) struct tree_names names = tree_list(t, NVMEM);

        if (!tree_text(t, alias, sizeof(alias), TREE "/aliases/blconfig"))
                return;
        (void)snprintf(wanted, sizeof(wanted), TREE "%s", alias);
        for (size_t i = 0; i < names.n; i++)
                if (tree_path(t, node, sizeof(node), NVMEM "/%s/of_node", names.items[i]) &&
                    strcmp(node, wanted) == 0 &&
                    tree_text(t, text, sizeof(text), NVMEM "/%s/nvmem", names.items[i]))
                        json_put(o, "config", json_clean_text(text, strlen(text)));
}

static json_t *describe_eeprom(const struct tree *t) {
        json_t *o = json_object();

        field_text(o, "version", t, BOOTLOADER, "version");
        put_cell(o, "build_timestamp", t, "build-timestamp");
        put_cell(o, "update_timestamp", t, "update-timestamp");
        put_cell(o, "capabilities", t, "capabilities");
        put_cell(o, "signed", t, "signed");
        put_config(o, t);
        return o;
}

static void put_revision(json_t *o, const struct tree *t) {
        char text[4096];
        struct cpuinfo info;
        uint32_t revision;

        if (read_cell(t, TREE "/system/linux,revision", &revision)) {
                (void)snprintf(text, sizeof(text), "%06x", revision);
                json_put_text(o, "revision", text);
                return;
        }
        int n = tree_read(t, text, sizeof(text), "proc/cpuinfo");
        cpuinfo_parse(text, n > 0 ? (size_t)n : 0, &info);
        json_put_text(o, "revision", info.revision);
}

json_t *pi_describe(const struct tree *t) {
        json_t *o = json_object();
        uint32_t flags;

        put_revision(o, t);
        field_text(o, "serial", t, TREE, "serial-number");
        put_cell(o, "boot_mode", t, "boot-mode");
        put_cell(o, "partition", t, "partition");
        put_cell(o, "tryboot", t, "tryboot");
        if (pi_has_eeprom(t))
                json_put(o, "eeprom", describe_eeprom(t));
        if (pi_throttled(t, &flags)) {
                char text[16];
                (void)snprintf(text, sizeof(text), "0x%x", flags);
                json_put_text(o, "throttled", text);
        }
        return o;
}

/* Raspberry Pi's kernels give the flags; Debian's only whether the supply was low, as an alarm of a sensor.
 */
bool pi_throttled(const struct tree *t, uint32_t *ret) {
        static const char *const firmware[] = {
                "sys/devices/platform/soc/soc:firmware/get_throttled",
                "sys/devices/platform/axi/soc:firmware/get_throttled",
                "sys/devices/platform/soc@107c000000/soc:firmware/get_throttled"
        };
        char text[32];

        for (size_t i = 0; i < ARRAY_LEN(firmware); i++) {
                unsigned flags;
                if (tree_text(t, text, sizeof(text), "%s", firmware[i]) && sscanf(text, "%x", &flags) == 1) {
                        *ret = flags;
                        return true;
                }
        }
        CLEANUP(tree_names_free) struct tree_names names = tree_list(t, "sys/class/hwmon");
        for (size_t i = 0; i < names.n; i++) {
                int64_t alarm;
                if (!tree_text(t, text, sizeof(text), "sys/class/hwmon/%s/name", names.items[i]) ||
                    strcmp(text, "rpi_volt") != 0 ||
                    !tree_number(t, &alarm, "sys/class/hwmon/%s/in0_lcrit_alarm", names.items[i]))
                        continue;
                *ret = alarm ? (uint32_t)PI_UNDER_VOLTAGE << PI_SINCE_POWER_ON_SHIFT : 0;
                return true;
        }
        return false;
}
