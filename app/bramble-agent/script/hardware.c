/* Hardware that scripts are for; see hardware.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/script/hardware.h"
#include "base/text.h"

enum { VALUE_SIZE = 512, ID_SIZE = 16 };

struct row {
        const char *prefix;
        bool (*is_there)(const struct tree *t, const struct row *row, const char *wanted);
        const char *places[2]; /* files, or a bus with its files */
};

static bool matches(const char *pattern, const char *text) {
        return fnmatch(pattern, text, FNM_CASEFOLD) == 0;
}

static bool has_modalias(const struct tree *t, const struct row *row, const char *wanted) {
        CLEANUP(tree_names_free) struct tree_names buses = tree_list(t, "sys/bus");
        char alias[VALUE_SIZE];

        (void)row;
        for (size_t i = 0; i < buses.n; i++) {
                CLEANUP(tree_names_free)
                struct tree_names devices = tree_list(t, "sys/bus/%s/devices", buses.items[i]);
                for (size_t k = 0; k < devices.n; k++)
                        if (tree_text(t, alias, sizeof(alias), "sys/bus/%s/devices/%s/modalias",
                                      buses.items[i], devices.items[k]) &&
                            fnmatch(wanted, alias, 0) == 0)
                                return true;
        }
        return tree_text(t, alias, sizeof(alias), "sys/class/dmi/id/modalias") &&
               fnmatch(wanted, alias, 0) == 0;
}

/* PCI's ids begin with 0x, those of USB do not. */
static bool read_id(const struct tree *t, const char *bus, const char *device, const char *file,
                    char ret[static ID_SIZE]) {
        if (!tree_text(t, ret, ID_SIZE, "sys/bus/%s/devices/%s/%s", bus, device, file))
                return false;
        if (text_starts_with(ret, "0x"))
                memmove(ret, ret + 2, strlen(ret + 2) + 1);
        return true;
}

static bool has_device(const struct tree *t, const struct row *row, const char *wanted) {
        const bool is_pci = strcmp(row->prefix, "pci:") == 0;
        const char *bus = is_pci ? "pci" : "usb";
        CLEANUP(tree_names_free) struct tree_names devices = tree_list(t, "sys/bus/%s/devices", bus);
        char vendor[ID_SIZE], product[ID_SIZE], both[2 * ID_SIZE];

        for (size_t i = 0; i < devices.n; i++) {
                if (!read_id(t, bus, devices.items[i], row->places[0], vendor) ||
                    !read_id(t, bus, devices.items[i], row->places[1], product))
                        continue;
                (void)snprintf(both, sizeof(both), "%s:%s", vendor, product);
                if (matches(wanted, both))
                        return true;
        }
        return false;
}

static bool has_text(const struct tree *t, const struct row *row, const char *wanted) {
        char text[VALUE_SIZE];

        for (size_t i = 0; i < ARRAY_LEN(row->places) && row->places[i]; i++)
                if (tree_text(t, text, sizeof(text), "sys/%s", row->places[i]) && matches(wanted, text))
                        return true;
        return false;
}

static const struct row rows[] = {
        { "modalias:", has_modalias, { NULL } },
        { "pci:", has_device, { "vendor", "device" } },
        { "usb:", has_device, { "idVendor", "idProduct" } },
        { "system_vendor:", has_text, { "class/dmi/id/sys_vendor" } },
        { "system_product:", has_text, { "class/dmi/id/product_name", "firmware/devicetree/base/model" } },
        { "system_version:", has_text, { "class/dmi/id/product_version" } },
        { "mainboard_vendor:", has_text, { "class/dmi/id/board_vendor" } },
        { "mainboard_product:", has_text, { "class/dmi/id/board_name" } },
};

/* False with @why when it is written in none of the forms. */
static bool is_one_there(const struct tree *t, const json_t *one, char why[static HARDWARE_WHY_SIZE]) {
        const char *text = json_string_value(one);

        for (size_t i = 0; text && i < ARRAY_LEN(rows); i++) {
                const size_t len = strlen(rows[i].prefix);
                if (text_starts_with(text, rows[i].prefix) && text[len])
                        return rows[i].is_there(t, &rows[i], text + len);
        }
        (void)snprintf(why, HARDWARE_WHY_SIZE,
                       "not for this hardware: \"%.80s\" names none that is known here",
                       text ? text : "for_hardware");
        return false;
}

bool hardware_is_there(const struct tree *t, const json_t *for_hardware, char why[static HARDWARE_WHY_SIZE]) {
        size_t i;
        json_t *one;

        if (!for_hardware || json_is_null(for_hardware) ||
            (json_is_array(for_hardware) && json_array_size(for_hardware) == 0))
                return true;
        (void)snprintf(why, HARDWARE_WHY_SIZE, "not for this hardware: the machine has none of for_hardware");
        if (!json_is_array(for_hardware))
                return is_one_there(t, for_hardware, why);
        json_array_foreach(for_hardware, i, one) if (is_one_there(t, one, why)) return true;
        return false;
}
