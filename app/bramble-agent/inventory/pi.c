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
#include "format/boot_trust.h"
#include "format/bootconf.h"

#define TREE "sys/firmware/devicetree/base"
#define BOOTLOADER TREE "/chosen/bootloader"
#define NVMEM "sys/bus/nvmem/devices"

enum { PI_BCM2711 = 3, PI_BCM2712 = 4 };

/* Of a revision code, raspberry-pi.md section 1.1. */
#define PI_TYPE(revision) ((revision) >> 4 & 0xff)
#define PI_PROCESSOR(revision) ((revision) >> 12 & 0xf)

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
bool pi_config(const struct tree *t, char text[static PI_CONFIG_SIZE]) {
        char alias[TREE_PATH_MAX], node[TREE_PATH_MAX], wanted[TREE_PATH_MAX + sizeof(TREE)];
        CLEANUP(tree_names_free) struct tree_names names = tree_list(t, NVMEM);

        if (!tree_text(t, alias, sizeof(alias), TREE "/aliases/blconfig"))
                return false;
        (void)snprintf(wanted, sizeof(wanted), TREE "%s", alias);
        for (size_t i = 0; i < names.n; i++)
                if (tree_path(t, node, sizeof(node), NVMEM "/%s/of_node", names.items[i]) &&
                    strcmp(node, wanted) == 0 &&
                    tree_text(t, text, PI_CONFIG_SIZE, NVMEM "/%s/nvmem", names.items[i]))
                        return true;
        return false;
}

static void put_config(json_t *o, const struct tree *t) {
        char text[PI_CONFIG_SIZE];

        if (pi_config(t, text))
                json_put(o, "config", json_clean_text(text, strlen(text)));
}

json_t *pi_describe_eeprom(const struct tree *t) {
        if (!pi_has_eeprom(t))
                return NULL;
        json_t *o = json_object();
        uint32_t order;

        field_text(o, "version", t, BOOTLOADER, "version");
        put_cell(o, "build_timestamp", t, "build-timestamp");
        put_cell(o, "update_timestamp", t, "update-timestamp");
        put_cell(o, "capabilities", t, "capabilities");
        put_cell(o, "signed", t, "signed");
        put_config(o, t);
        if (pi_boot_order(t, &order)) {
                char text[16];
                (void)snprintf(text, sizeof(text), "0x%x", order);
                json_put_text(o, "boot_order", text);
        }
        return o;
}

/* The revision code; 0: nobody tells it. */
static uint32_t read_revision(const struct tree *t) {
        char text[4096];
        struct cpuinfo info;
        uint32_t revision;
        unsigned said;

        if (read_cell(t, TREE "/system/linux,revision", &revision))
                return revision;
        int n = tree_read(t, text, sizeof(text), "proc/cpuinfo");
        cpuinfo_parse(text, n > 0 ? (size_t)n : 0, &info);
        return sscanf(info.revision, "%x", &said) == 1 ? said : 0;
}

/* What filters of its configuration are compared with. */
struct config_txt_board pi_board(const struct tree *t) {
        const uint32_t revision = read_revision(t);
        struct config_txt_board board = {
                .family = PI_PROCESSOR(revision) == PI_BCM2712 ? CONFIG_TXT_2712 : CONFIG_TXT_2711,
                .type = revision ? (int)PI_TYPE(revision) : CONFIG_TXT_TYPE_UNKNOWN
        };
        char serial[32];
        uint8_t octets[8];

        if (tree_text(t, serial, sizeof(serial), TREE "/serial-number") && strlen(serial) == 16 &&
            text_parse_hex(serial, octets, sizeof(octets)) == 0) {
                struct reader low = reader_of(octets + 4, 4);
                board.has_serial = true;
                board.serial = read_u32(&low);
        }
        return board;
}

bool pi_family_has_eeprom(const struct tree *t) {
        return PI_PROCESSOR(read_revision(t)) >= PI_BCM2711;
}

bool pi_is_signed(const struct tree *t) {
        uint32_t flags;
        return read_cell(t, BOOTLOADER "/signed", &flags) && flags != 0;
}

const char *pi_trust(const struct tree *t) {
        const struct config_txt_board board = pi_board(t);
        char text[PI_CONFIG_SIZE] = "";
        uint32_t bits = 0;
        bool has_bits = read_cell(t, BOOTLOADER "/signed", &bits);

        if (!pi_has_eeprom(t) || (!pi_config(t, text) && !has_bits))
                return NULL;
        return boot_trust_name(boot_trust_of(text, strlen(text), &board, bits));
}

bool pi_boot_order(const struct tree *t, uint32_t *ret) {
        const struct config_txt_board board = pi_board(t);
        char text[PI_CONFIG_SIZE];

        if (!pi_has_eeprom(t) || !pi_config(t, text))
                return false;
        *ret = bootconf_boot_order(text, strlen(text), &board);
        return true;
}

static void put_revision(json_t *o, const struct tree *t) {
        const uint32_t revision = read_revision(t);
        char text[16];

        (void)snprintf(text, sizeof(text), "%06x", revision);
        if (revision)
                json_put_text(o, "revision", text);
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
                json_put(o, "eeprom", pi_describe_eeprom(t));
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
