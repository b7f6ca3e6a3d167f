/* What kernel, firmware and disks say of a machine: cpuinfo, UEFI variables, SMART pages, file systems. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "app/bramble-agent/check/smart.h"
#include "app/bramble-agent/deploy/fs.h"
#include "app/bramble-agent/inventory/cpuinfo.h"
#include "app/bramble-agent/inventory/efi_vars.h"
#include "app/bramble-agent/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        uint16_t order[EFI_BOOT_ENTRIES_MAX];
        struct efi_boot_entry entry;
        struct cpuinfo info;

        cpuinfo_parse((const char *)data, len, &info);
        assert(strlen(info.name) < sizeof(info.name));
        int n = efi_boot_order_parse(data, len, order);
        assert(n <= EFI_BOOT_ENTRIES_MAX);
        if (efi_boot_entry_parse(data, len, &entry) == 0)
                assert(strlen(entry.description) < sizeof(entry.description));
        (void)efi_flag_parse(data, len);

        struct smart_health health;
        if (smart_parse_nvme(data, len, &health) == 0)
                assert(health.power_on_hours >= 0 && health.media_errors >= 0);
        if (smart_parse_ata(data, len, &health) == 0)
                assert(health.bad_sectors >= SMART_UNKNOWN);
        assert(fs_name(fs_probe(data, len)));

        CLEANUP(json_decref_at) json_t *text = json_clean_text((const char *)data, len);
        CLEANUP(free_at) char *dumped = json_dumps(text, JSON_ENCODE_ANY);
        assert(dumped);
        return 0;
}
