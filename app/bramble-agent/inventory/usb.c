/* What is plugged into USB. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "app/bramble-agent/inventory/fields.h"
#include "app/bramble-agent/inventory/inventory.h"
#include "app/bramble-agent/json.h"
#include "base/text.h"

#define USB "sys/bus/usb/devices"

static void put_hex_number(json_t *o, const char *key, const struct tree *t, const char *dir,
                           const char *file) {
        char digits[16];

        if (tree_text(t, digits, sizeof(digits), "%s/%s", dir, file))
                json_put_number(o, key, strtol(digits, NULL, 16));
}

/* An interface lies beside its device: device 1-1.2, interface 1-1.2:1.0. */
static json_t *read_interfaces(const struct tree *t, const struct tree_names *names, const char *device) {
        json_t *interfaces = json_array();
        size_t len = strlen(device);

        for (size_t i = 0; i < names->n; i++) {
                char dir[TREE_PATH_MAX];
                if (!text_starts_with(names->items[i], device) || names->items[i][len] != ':')
                        continue;
                json_t *o = json_object();
                (void)tree_name(dir, USB "/%s", names->items[i]);
                put_hex_number(o, "class_id", t, dir, "bInterfaceClass");
                put_hex_number(o, "subclass_id", t, dir, "bInterfaceSubClass");
                put_hex_number(o, "number", t, dir, "bInterfaceNumber");
                field_link(o, "driver", t, dir, "driver");
                (void)json_array_append_new(interfaces, o);
        }
        return interfaces;
}

static json_t *read_device(const struct tree *t, const struct tree_names *names, const char *name) {
        json_t *o = json_object();
        char dir[TREE_PATH_MAX], speed[16];

        (void)tree_name(dir, USB "/%s", name);
        field_number(o, "bus_address", t, dir, "busnum", 1);
        field_number(o, "device_address", t, dir, "devnum", 1);
        field_text(o, "vendor", t, dir, "manufacturer");
        field_text(o, "vendor_id", t, dir, "idVendor");
        field_text(o, "product", t, dir, "product");
        field_text(o, "product_id", t, dir, "idProduct");
        field_text(o, "serial", t, dir, "serial");
        if (tree_text(t, speed, sizeof(speed), "%s/speed", dir)) /* Mbit/s; "1.5" is the slowest */
                json_put(o, "speed", json_real(strtod(speed, NULL)));
        json_put(o, "interfaces", read_interfaces(t, names, name));
        return o;
}

json_t *inventory_usb(const struct tree *t) {
        CLEANUP(tree_names_free) struct tree_names names = tree_list(t, USB);
        json_t *o = json_object(), *devices = json_array();

        for (size_t i = 0; i < names.n; i++)
                if (tree_exists(t, USB "/%s/idVendor", names.items[i]))
                        (void)json_array_append_new(devices, read_device(t, &names, names.items[i]));
        json_put_number(o, "total", (int64_t)json_array_size(devices));
        json_put(o, "devices", devices);
        return o;
}
