/* Boot orders; see boot_order.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "app/bramble-agent/inventory/boot_order.h"
#include "app/bramble-agent/inventory/efi_vars.h"
#include "app/bramble-agent/inventory/pi.h"
#include "app/bramble-agent/json.h"
#include "format/bootconf.h"

#define EFIVARS "sys/firmware/efi/efivars"

#define NETWORK_FIRST "network-first"
#define DISK_FIRST "disk-first"
#define DISK_ONLY "disk-only"

/* The next entry of the order that can be read; false: there are no more. */
struct entries {
        const struct tree *tree;
        uint16_t order[EFI_BOOT_ENTRIES_MAX];
        int n, at;
};

static struct entries entries_of(const struct tree *t) {
        struct entries e = { .tree = t };
        uint8_t data[EFI_VARIABLE_MAX];

        int n = tree_read(t, data, sizeof(data), EFIVARS "/BootOrder-" EFI_GLOBAL);
        e.n = n > 0 ? efi_boot_order_parse(data, (size_t)n, e.order) : 0;
        return e;
}

static bool next_entry(struct entries *e, struct efi_boot_entry *ret, uint16_t *ret_number) {
        uint8_t data[EFI_VARIABLE_MAX];

        while (e->at < e->n) {
                *ret_number = e->order[e->at++];
                int n = tree_read(e->tree, data, sizeof(data), EFIVARS "/Boot%04X-" EFI_GLOBAL, *ret_number);
                if (n > 0 && efi_boot_entry_parse(data, (size_t)n, ret) == 0)
                        return true;
        }
        return false;
}

json_t *boot_order_describe(const struct tree *t) {
        static const char *const kinds[] = {
                [EFI_BOOT_OTHER] = "other", [EFI_BOOT_DISK] = "disk", [EFI_BOOT_NETWORK] = "network"
        };
        struct entries entries = entries_of(t);
        struct efi_boot_entry entry;
        json_t *list = json_array();
        uint16_t number;

        while (next_entry(&entries, &entry, &number)) {
                char text[8];
                json_t *o = json_object();
                (void)snprintf(text, sizeof(text), "%04X", number);
                json_put_text(o, "number", text);
                json_put_text(o, "description", entry.description);
                json_put_text(o, "kind", kinds[entry.kind]);
                json_put_bool(o, "active", entry.is_active);
                (void)json_array_append_new(list, o);
        }
        return list;
}

static const char *efi_first(const struct tree *t) {
        struct entries entries = entries_of(t);
        struct efi_boot_entry entry;
        const char *first = "";
        uint16_t number;

        while (next_entry(&entries, &entry, &number)) {
                if (!entry.is_active)
                        continue;
                if (entry.kind == EFI_BOOT_NETWORK)
                        return *first ? DISK_FIRST : NETWORK_FIRST;
                if (entry.kind == EFI_BOOT_DISK)
                        first = DISK_ONLY;
        }
        return first;
}

static const char *pi_first(const struct tree *t) {
        static const char *const words[] = { [BOOT_ORDER_NETWORK_FIRST] = NETWORK_FIRST,
                                             [BOOT_ORDER_DISK_FIRST] = DISK_FIRST,
                                             [BOOT_ORDER_DISK_ONLY] = DISK_ONLY,
                                             [BOOT_ORDER_NEITHER] = "" };
        uint32_t order;

        return pi_boot_order(t, &order) ? words[boot_order_kind_of(order)] : "";
}

const char *boot_order_first(const struct tree *t) {
        /* A Pi under UEFI has both: what UEFI says comes after what its EEPROM says, and decides. */
        return tree_exists(t, EFIVARS) ? efi_first(t) : pi_first(t);
}
