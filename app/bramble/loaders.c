/* Where boot loaders are found. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "app/bramble/loaders.h"
#include "base/text.h"

const struct loader loaders[] = {
        {
                .arch = "amd64",
                .role = "shim",
                .name = "shimx64.efi",
                .others = { "shimx64.efi.signed" },
                .path = "/usr/lib/shim/shimx64.efi.signed",
                .package = "shim-signed",
                .firmware = "UEFI PXE with Secure Boot",
        },
        {
                .arch = "amd64",
                .role = "grub",
                .name = "grubx64.efi",
                .others = { "grubnetx64.efi.signed", "grubnetx64.efi", "grubx64.efi.signed" },
                .path = "/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed",
                .package = "grub-efi-amd64-signed",
                .firmware = "UEFI PXE",
        },
        {
                .arch = "amd64",
                .role = "efi-stub",
                .name = "linuxx64.efi.stub",
                .path = "/usr/lib/systemd/boot/efi/linuxx64.efi.stub",
                .package = "systemd-boot-efi",
                .firmware = "UEFI HTTP",
        },
        {
                .arch = "amd64",
                .role = "ipxe-bios",
                .name = "undionly.kpxe",
                .path = "/usr/lib/ipxe/undionly.kpxe",
                .package = "ipxe",
                .firmware = "BIOS PXE",
        },
        {
                .arch = "arm64",
                .role = "shim",
                .name = "shimaa64.efi",
                .others = { "shimaa64.efi.signed" },
                .path = "/usr/lib/shim/shimaa64.efi.signed",
                .package = "shim-signed:arm64",
                .firmware = "UEFI PXE with Secure Boot",
        },
        {
                .arch = "arm64",
                .role = "grub",
                .name = "grubaa64.efi",
                .others = { "grubnetaa64.efi.signed", "grubnetaa64.efi", "grubaa64.efi.signed" },
                .path = "/usr/lib/grub/arm64-efi-signed/grubnetaa64.efi.signed",
                .package = "grub-efi-arm64-signed:arm64",
                .firmware = "UEFI PXE",
        },
        {
                .arch = "arm64",
                .role = "efi-stub",
                .name = "linuxaa64.efi.stub",
                .path = "/usr/lib/systemd/boot/efi/linuxaa64.efi.stub",
                .package = "systemd-boot-efi:arm64",
                .firmware = "UEFI HTTP",
        },
        {},
};

/* A file of the --boot-dir that is this loader, under any of its names: those of Debian's packages say most.
 */
static struct collected *in_boot_dir(const struct collection *c, const struct loader *l) {
        struct collected *found = NULL;

        for (size_t i = 0; !found && i < LOADER_NAMES_MAX && l->others[i]; i++)
                found = collection_find(c, l->others[i]);
        return found ? found : collection_find(c, l->name);
}

static int collect_one(struct collection *c, const struct loader *l, const char *root, struct text *line,
                       struct error *reterr) {
        CLEANUP(text_free) struct text path = {};
        struct collected *given = in_boot_dir(c, l);

        if (given) {
                given->role = l->role;
                text_printf(line, "%s: %s", l->role, given->source);
                return 0;
        }
        text_printf(&path, "%s%s", root, l->path);
        if (path.failed)
                return error_set(reterr, -ENOMEM, "out of memory");
        if (access(path.octets, R_OK) == 0) {
                text_printf(line, "%s: %s", l->role, path.octets);
                return collect_file(c, path.octets, l->name, l->role, reterr);
        }
        text_printf(line, "%s: none, so %s cannot boot this image: package %s brings %s", l->role,
                    l->firmware, l->package, l->path);
        return 0;
}

int loaders_collect(struct collection *c, const char *arch, const char *root,
                    void (*say)(void *ctx, const char *line), void *ctx, struct error *reterr) {
        for (const struct loader *l = loaders; l->arch; l++) {
                CLEANUP(text_free) struct text line = {};
                if (strcmp(l->arch, arch) != 0)
                        continue;
                const int r = collect_one(c, l, root, &line, reterr);
                if (r < 0)
                        return r;
                if (line.octets)
                        say(ctx, line.octets);
        }
        return 0;
}
