/* What small boards have besides, and how the machine's firmware stands: the part "board". */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/inventory/boot_order.h"
#include "app/bramble-agent/inventory/efi_vars.h"
#include "app/bramble-agent/inventory/fields.h"
#include "app/bramble-agent/inventory/inventory.h"
#include "app/bramble-agent/inventory/pi.h"
#include "app/bramble-agent/json.h"
#include "base/reader.h"
#include "base/text.h"

#define TREE "sys/firmware/devicetree/base"
#define EFIVARS "sys/firmware/efi/efivars"

enum { COMPATIBLE_MAX = 1024 };

static json_t *read_compatible(const struct tree *t) {
        json_t *list = json_array();
        char data[COMPATIBLE_MAX];
        int n = tree_read(t, data, sizeof(data), TREE "/compatible");
        struct reader r = reader_of(data, n > 0 ? (size_t)n : 0);

        while (reader_left(&r) > 0) {
                const char *name = read_cstr(&r);
                if (!r.bad && *name)
                        (void)json_array_append_new(list, json_clean_text(name, strlen(name)));
        }
        return list;
}

static bool read_efi_flag(const struct tree *t, const char *name) {
        uint8_t data[EFI_VARIABLE_MAX];
        int n = tree_read(t, data, sizeof(data), EFIVARS "/%s-" EFI_GLOBAL, name);

        return n > 0 && efi_flag_parse(data, (size_t)n);
}

static json_t *read_temperatures(const struct tree *t) {
        CLEANUP(tree_names_free) struct tree_names names = tree_list(t, "sys/class/thermal");
        json_t *list = json_array();

        for (size_t i = 0; i < names.n; i++) {
                char type[64];
                int64_t millidegrees;
                if (!text_starts_with(names.items[i], "thermal_zone") ||
                    !tree_number(t, &millidegrees, "sys/class/thermal/%s/temp", names.items[i]) ||
                    !tree_text(t, type, sizeof(type), "sys/class/thermal/%s/type", names.items[i]))
                        continue;
                json_t *o = json_object();
                json_put_text(o, "name", type);
                json_put(o, "celsius", json_real((double)millidegrees / 1000));
                (void)json_array_append_new(list, o);
        }
        return list;
}

static const char *firmware_kind(const struct tree *t) {
        if (tree_exists(t, "sys/firmware/efi"))
                return "uefi";
        if (pi_is_one(t))
                return "raspberry-pi";
        if (tree_exists(t, TREE "/model"))
                return "device-tree"; /* U-Boot and its like, which leave no name behind for sure */
        return "bios";
}

json_t *inventory_board(const struct tree *t) {
        json_t *o = json_object();

        field_text(o, "model", t, TREE, "model");
        if (!json_object_get(o, "model"))
                field_text(o, "model", t, "sys/class/dmi/id", "product_name");
        json_put(o, "compatible", read_compatible(t));
        json_put_text(o, "firmware", firmware_kind(t));
        if (tree_exists(t, EFIVARS)) {
                json_put_bool(o, "secure_boot", read_efi_flag(t, "SecureBoot"));
                json_put_bool(o, "setup_mode", read_efi_flag(t, "SetupMode"));
                json_put(o, "boot_order", boot_order_describe(t));
        }
        json_put_text(o, "boot_first", boot_order_first(t));
        if (pi_is_one(t)) {
                const char *trust = pi_trust(t);
                json_put(o, "pi", pi_describe(t));
                if (trust)
                        json_put_text(o, "trust", trust);
        }
        field_text(o, "tpm_version", t, "sys/class/tpm/tpm0", "tpm_version_major");
        field_text(o, "kernel", t, "proc/sys/kernel", "osrelease");
        json_put(o, "temperatures", read_temperatures(t));
        return o;
}
