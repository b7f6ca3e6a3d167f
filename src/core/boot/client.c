/* Classification of clients over the rows of clients.c; see client.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/boot/client.h"

const struct boot_client *boot_client_classify(const struct boot_evidence *e) {
        size_t i = 0;
        while (!boot_clients[i]->match(e)) /* the last row matches all */
                i++;
        return boot_clients[i];
}

const struct boot_client *boot_client_by_id(enum boot_client_id id) {
        const struct boot_client *at = NULL;
        for (size_t i = 0; (at = boot_clients[i]); i++) {
                if (at->id == id)
                        break;
        }
        return at;
}

const struct boot_client *boot_client_find(const char *name, enum arch arch) {
        for (size_t i = 0; boot_clients[i]; i++) {
                if (strcmp(boot_clients[i]->name, name) == 0)
                        return boot_clients[i];
        }
        const struct boot_client *first = NULL;
        for (size_t i = 0; boot_clients[i]; i++) {
                const struct boot_client *c = boot_clients[i];
                if (!c->alias || strcmp(c->alias, name) != 0)
                        continue;
                if (c->arch == arch)
                        return c;
                first = first ? first : c;
        }
        return first;
}

const struct boot_client *boot_client_by_name(const char *name) {
        return boot_client_find(name, ARCH_NONE);
}

bool boot_client_is_pi(enum boot_client_id id) {
        return id == CLIENT_PI_ROM || id == CLIENT_PI3 || id == CLIENT_PI4 || id == CLIENT_PI5 ||
               id == CLIENT_PI_OTHER;
}

/* "PXEClient:Arch:00011:UNDI:003000": decimal from everybody but U-Boot, whose newer releases write it in
 * hex. */
static int arch_of_vendor_class(const char *vendor_class) {
        if (!text_starts_with(vendor_class, "PXEClient") && !text_starts_with(vendor_class, "HTTPClient"))
                return -1;
        const char *at = strstr(vendor_class, ":Arch:");
        if (!at)
                return -1;
        char digits[6] = "";
        size_t n = strcspn(at + 6, ":");
        if (n == 0 || n >= sizeof(digits))
                return -1;
        memcpy(digits, at + 6, n);
        if (strspn(digits, "0123456789abcdefABCDEF") != n)
                return -1;
        return (int)strtoul(digits, NULL, strspn(digits, "0123456789") == n ? 10 : 16);
}

int boot_evidence_arch(const struct boot_evidence *e) {
        return e->arch >= 0 ? e->arch : arch_of_vendor_class(e->vendor_class);
}

const char *boot_arch_title(int arch) {
        static const char *const titles[] = {
                "x86 BIOS",
                "NEC PC-98",
                "Itanium",
                "DEC Alpha",
                "Arc x86",
                "Intel Lean Client",
                "32-bit x86 UEFI",
                "x64 UEFI",
                "EFI Xscale",
                "EFI byte code",
                "32-bit ARM UEFI",
                "64-bit ARM UEFI",
                "PowerPC Open Firmware",
                "PowerPC ePAPR",
                "POWER OPAL v3",
                "32-bit x86 UEFI HTTP",
                "x64 UEFI HTTP",
                "EFI byte code HTTP",
                "32-bit ARM UEFI HTTP",
                "64-bit ARM UEFI HTTP",
                "PC BIOS HTTP",
                "32-bit ARM U-Boot",
                "64-bit ARM U-Boot",
                "32-bit ARM U-Boot HTTP",
                "64-bit ARM U-Boot HTTP",
                "32-bit RISC-V UEFI",
                "32-bit RISC-V UEFI HTTP",
                "64-bit RISC-V UEFI",
                "64-bit RISC-V UEFI HTTP",
                "128-bit RISC-V UEFI",
                "128-bit RISC-V UEFI HTTP",
                "s390 Basic",
                "s390 Extended",
                "32-bit MIPS UEFI",
                "64-bit MIPS UEFI",
                "32-bit Sunway UEFI",
                "64-bit Sunway UEFI",
                "32-bit LoongArch UEFI",
                "32-bit LoongArch UEFI HTTP",
                "64-bit LoongArch UEFI",
                "64-bit LoongArch UEFI HTTP",
                "ARM rpiboot",
        };
        return arch >= 0 && (size_t)arch < ARRAY_LEN(titles) ? titles[arch] : "";
}
