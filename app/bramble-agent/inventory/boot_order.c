/* Boot orders; see boot_order.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/inventory/boot_order.h"
#include "app/bramble-agent/inventory/efi_vars.h"
#include "app/bramble-agent/inventory/pi.h"
#include "app/bramble-agent/json.h"
#include "base/writer.h"
#include "format/bootconf.h"

#define EFIVARS "sys/firmware/efi/efivars"

#define NETWORK_FIRST "network-first"
#define DISK_FIRST "disk-first"
#define DISK_ONLY "disk-only"

/* Attributes of a variable that stays, and that firmware and system see: UEFI specification 2.10 section 8.2.
 */
enum { EFI_VARIABLE_KEPT = 7 };

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

bool boot_order_booted_disk(const struct tree *t, struct efi_boot_disk *ret) {
        uint16_t numbers[EFI_BOOT_ENTRIES_MAX];
        uint8_t data[EFI_VARIABLE_MAX];

        int n = tree_read(t, data, sizeof(data), EFIVARS "/BootCurrent-" EFI_GLOBAL);
        if (n <= 0 || efi_boot_order_parse(data, (size_t)n, numbers) != 1)
                return false;
        n = tree_read(t, data, sizeof(data), EFIVARS "/Boot%04X-" EFI_GLOBAL, numbers[0]);
        return n > 0 && efi_boot_disk_parse(data, (size_t)n, ret);
}

/* What BootOrder shall be; how many entries of it are of the network. */
static int network_first(const struct tree *t, uint16_t ret[static EFI_BOOT_ENTRIES_MAX], int *ret_n) {
        struct entries entries = entries_of(t);
        bool is_network[EFI_BOOT_ENTRIES_MAX] = { false };
        struct efi_boot_entry entry;
        int n_network = 0;
        uint16_t number;

        while (next_entry(&entries, &entry, &number))
                is_network[entries.at - 1] = entry.is_active && entry.kind == EFI_BOOT_NETWORK;
        for (int i = 0; i < entries.n; i++)
                if (is_network[i])
                        ret[n_network++] = entries.order[i];
        *ret_n = n_network;
        for (int i = 0; i < entries.n; i++)
                if (!is_network[i])
                        ret[(*ret_n)++] = entries.order[i];
        return n_network;
}

int boot_order_can_change(const struct tree *t, struct error *reterr) {
        uint16_t order[EFI_BOOT_ENTRIES_MAX];
        int n;

        if (tree_exists(t, EFIVARS "/BootOrder-" EFI_GLOBAL))
                return network_first(t, order, &n) > 0
                               ? 0
                               : error_set(reterr, -ENOENT,
                                           "its firmware has no entry for the network that could come before "
                                           "the "
                                           "disk's: enable network boot in its setup");
        if (pi_is_one(t) && pi_has_eeprom(t))
                return error_set(reterr, -ENOTSUP,
                                 "the boot order of a Raspberry Pi lies in its EEPROM, which is not written "
                                 "from here: set "
                                 "BOOT_ORDER there, to 0xf12 for the network and then the card");
        return error_set(
                reterr, -ENOTSUP,
                "its boot order cannot be changed from here: it has no UEFI whose variables can be written");
}

int boot_order_network_entry(const struct tree *t, uint16_t *ret, struct error *reterr) {
        uint16_t order[EFI_BOOT_ENTRIES_MAX];
        int n;

        int r = boot_order_can_change(t, reterr);
        if (r < 0)
                return r;
        (void)network_first(t, order, &n);
        *ret = order[0];
        return 0;
}

int boot_order_set_network_first(const struct tree *t, struct error *reterr) {
        uint16_t order[EFI_BOOT_ENTRIES_MAX];
        uint8_t data[sizeof(uint32_t) + sizeof(order)];
        struct writer w = writer_of(data, sizeof(data));
        int n;

        int r = boot_order_can_change(t, reterr);
        if (r < 0)
                return r;
        (void)network_first(t, order, &n);
        write_u32le(&w, EFI_VARIABLE_KEPT);
        for (int i = 0; i < n; i++)
                write_u16le(&w, order[i]);
        r = tree_put(t, data, writer_len(&w), EFIVARS "/BootOrder-" EFI_GLOBAL);
        return r < 0 ? error_set(reterr, r,
                                 "its boot order cannot be changed: UEFI refuses to write BootOrder (%s)",
                                 strerror(-r))
                     : 0;
}
