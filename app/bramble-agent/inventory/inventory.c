/* The parts of an inventory; see inventory.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-agent/inventory/inventory.h"
#include "app/bramble-agent/json.h"

static const struct {
        const char *name;
        json_t *(*read)(const struct tree *t);
} parts[] = {
        { "cpu", inventory_cpu },         { "memory", inventory_memory }, { "network", inventory_network },
        { "storage", inventory_storage }, { "usb", inventory_usb },       { "pci", inventory_pci },
        { "system", inventory_system },   { "board", inventory_board },
};

void inventory_read(const struct tree *t, json_t *ret) {
        for (size_t i = 0; i < ARRAY_LEN(parts); i++)
                json_put(ret, parts[i].name, parts[i].read(t));
}
