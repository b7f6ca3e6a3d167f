/* Fields; see fields.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/inventory/fields.h"
#include "app/bramble-agent/json.h"
#include "base/text.h"

enum { VALUE_SIZE = 256 };

void field_text(json_t *o, const char *key, const struct tree *t, const char *dir, const char *file) {
        char value[VALUE_SIZE];

        if (tree_text(t, value, sizeof(value), "%s/%s", dir, file))
                json_put_text(o, key, value);
}

void field_number(json_t *o, const char *key, const struct tree *t, const char *dir, const char *file,
                  int factor) {
        int64_t value;

        if (tree_number(t, &value, "%s/%s", dir, file) && !__builtin_mul_overflow(value, factor, &value))
                json_put_number(o, key, value);
}

void field_hex(json_t *o, const char *key, const struct tree *t, const char *dir, const char *file) {
        char value[VALUE_SIZE];

        if (tree_text(t, value, sizeof(value), "%s/%s", dir, file))
                json_put_text(o, key, text_starts_with(value, "0x") ? value + 2 : value);
}

void field_link(json_t *o, const char *key, const struct tree *t, const char *dir, const char *file) {
        char value[VALUE_SIZE];

        if (tree_link(t, value, sizeof(value), "%s/%s", dir, file))
                json_put_text(o, key, value);
}

/* 0000:01:00.0 */
static bool is_pci_address(const char *name) {
        static const char form[] = "xxxx:xx:xx.x";

        if (strlen(name) != strlen(form))
                return false;
        for (size_t i = 0; form[i]; i++)
                if (form[i] == 'x' ? text_hex_digit(name[i]) < 0 : name[i] != form[i])
                        return false;
        return true;
}

void field_addresses(json_t *o, const struct tree *t, const char *dir) {
        char path[TREE_PATH_MAX], address[32];
        bool has_usb = false, has_pci = false;
        int64_t bus, device, node;

        if (!tree_path(t, path, sizeof(path), "%s", dir))
                return;
        for (char *slash; (slash = strrchr(path, '/')) && !has_pci; *slash = '\0') {
                if (!has_usb && tree_number(t, &bus, "%s/busnum", path) &&
                    tree_number(t, &device, "%s/devnum", path)) {
                        has_usb = true;
                        (void)snprintf(address, sizeof(address), "%lld:%lld", (long long)bus,
                                       (long long)device);
                        json_put_text(o, "usb_address", address);
                }
                has_pci = is_pci_address(slash + 1);
                if (has_pci) {
                        json_put_text(o, "pci_address", slash + 1);
                        if (tree_number(t, &node, "%s/numa_node", path) && node >= 0)
                                json_put_number(o, "numa_node", node);
                }
        }
}
