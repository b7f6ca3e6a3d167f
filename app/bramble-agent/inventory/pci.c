/* What is on PCI. */
/* SPDX-License-Identifier: Apache-2.0 */

#include "app/bramble-agent/inventory/fields.h"
#include "app/bramble-agent/inventory/inventory.h"
#include "app/bramble-agent/json.h"

#define PCI "sys/bus/pci/devices"

json_t *inventory_pci(const struct tree *t) {
        CLEANUP(tree_names_free) struct tree_names names = tree_list(t, PCI);
        json_t *o = json_object(), *devices = json_array();

        for (size_t i = 0; i < names.n; i++) {
                json_t *d = json_object();
                char dir[TREE_PATH_MAX];
                int64_t node;
                (void)tree_name(dir, PCI "/%s", names.items[i]);
                json_put_text(d, "pci_address", names.items[i]);
                field_hex(d, "vendor_id", t, dir, "vendor");
                field_hex(d, "product_id", t, dir, "device");
                field_hex(d, "class_id", t, dir, "class");
                field_link(d, "driver", t, dir, "driver");
                field_link(d, "iommu_group", t, dir, "iommu_group");
                if (tree_number(t, &node, "%s/numa_node", dir) && node >= 0)
                        json_put_number(d, "numa_node", node);
                (void)json_array_append_new(devices, d);
        }
        json_put_number(o, "total", (int64_t)names.n);
        json_put(o, "devices", devices);
        return o;
}
