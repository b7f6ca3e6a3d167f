/* The machine as its maker describes it: SMBIOS, or the device tree where there is none. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/inventory/fields.h"
#include "app/bramble-agent/inventory/inventory.h"
#include "app/bramble-agent/json.h"

#define DMI "sys/class/dmi/id"
#define TREE "sys/firmware/devicetree/base"

struct row {
        const char *key, *file;
};

static json_t *read_rows(const struct tree *t, const struct row *rows, size_t n) {
        json_t *o = json_object();

        for (size_t i = 0; i < n; i++)
                field_text(o, rows[i].key, t, DMI, rows[i].file);
        return o;
}

json_t *inventory_system(const struct tree *t) {
        static const struct row top[] = {
                { "uuid", "product_uuid" },       { "vendor", "sys_vendor" },
                { "product", "product_name" },    { "family", "product_family" },
                { "version", "product_version" }, { "sku", "product_sku" },
                { "serial", "product_serial" },
        };
        static const struct row firmware[] = { { "vendor", "bios_vendor" },
                                               { "date", "bios_date" },
                                               { "version", "bios_version" } };
        static const struct row chassis[] = { { "vendor", "chassis_vendor" },
                                              { "type", "chassis_type" },
                                              { "serial", "chassis_serial" },
                                              { "version", "chassis_version" } };
        static const struct row motherboard[] = { { "vendor", "board_vendor" },
                                                  { "product", "board_name" },
                                                  { "serial", "board_serial" },
                                                  { "version", "board_version" } };
        json_t *o = read_rows(t, top, ARRAY_LEN(top));

        if (!json_object_get(o, "product"))
                field_text(o, "product", t, TREE, "model");
        if (!json_object_get(o, "serial"))
                field_text(o, "serial", t, TREE, "serial-number");
        json_put_text(o, "type", tree_exists(t, "sys/hypervisor/type") ? "virtual-machine" : "physical");
        json_put(o, "firmware", read_rows(t, firmware, ARRAY_LEN(firmware)));
        json_put(o, "chassis", read_rows(t, chassis, ARRAY_LEN(chassis)));
        json_put(o, "motherboard", read_rows(t, motherboard, ARRAY_LEN(motherboard)));
        return o;
}
