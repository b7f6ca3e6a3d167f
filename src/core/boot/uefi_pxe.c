/*
 * UEFI over PXE: shim and GRUB as the distribution signed them, or a UKI of ours where that cannot be.
 *
 * shim asks for GRUB under a fixed name beside itself; GRUB asks for /grub/grub.cfg. U-Boot's EFI path is the
 * same but for shim, which cannot load through it (lab.md). Behind another DHCP server GRUB would follow that
 * server's siaddr (lab.md pitfall 3), so there the UKI is all: one file, which asks for nothing more.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "core/boot/method.h"
#include "core/boot/methods.h"
#include "format/cmdline.h"
#include "format/grub_cfg.h"

static const struct boot_efi_loaders loaders[] = {
        { ARCH_ARM64, "aa64", "bootaa64.efi", "grubaa64.efi" },
        { ARCH_AMD64, "x64", "bootx64.efi", "grubx64.efi" },
};

const struct boot_efi_loaders *boot_efi_loaders(enum arch arch) {
        return &loaders[arch == ARCH_AMD64];
}

enum chain { CHAIN_NONE, CHAIN_SHIM, CHAIN_GRUB, CHAIN_UKI };

static bool is_uboot(const struct boot_plan *p) {
        return p->client->id == CLIENT_UBOOT_EFI;
}

static enum chain chain_of(const struct boot_plan *p) {
        struct boot_kernel k;
        bool has_grub = boot_plan_role(p, IMAGE_FILE_GRUB) && boot_kernel_of(p, &k);

        if (has_grub && !boot_plan_is_proxy(p)) {
                if (is_uboot(p))
                        return CHAIN_GRUB;
                return boot_plan_role(p, IMAGE_FILE_SHIM) ? CHAIN_SHIM : CHAIN_GRUB;
        }
        return boot_uki_is_possible(p) ? CHAIN_UKI : CHAIN_NONE;
}

static bool match_uefi(const struct boot_plan *p) {
        return boot_plan_starts_kernel(p) &&
               (p->client->id == CLIENT_UEFI_ARM64 || p->client->id == CLIENT_UEFI_AMD64) &&
               chain_of(p) != CHAIN_NONE;
}

static bool match_uboot(const struct boot_plan *p) {
        return boot_plan_starts_kernel(p) && is_uboot(p) && chain_of(p) != CHAIN_NONE;
}

static void plan_uki(struct boot_plan *p) {
        boot_plan_offer_file(p, boot_uki_name(p));
        if (boot_plan_is_proxy(p))
                boot_plan_say_fixed(
                        p, "behind another DHCP server GRUB would ask that server for its files, so kernel, "
                           "initrd and command line come as one EFI program (UKI)");
        else
                boot_plan_say(
                        p,
                        "image %s has no GRUB: kernel, initrd and command line come as one EFI program (UKI)",
                        p->image->name);
        if (is_uboot(p) && boot_plan_is_proxy(p))
                boot_plan_say_fixed(p, BOOT_UBOOT_NO_PROXY);
        else
                boot_plan_say_fixed(
                        p, "a UKI made here is not signed: firmware with Secure Boot on will refuse it");
}

static void plan(struct boot_plan *p) {
        const struct boot_efi_loaders *names = boot_efi_loaders(p->client->arch);

        switch (chain_of(p)) {
        case CHAIN_SHIM:
                boot_plan_offer_file(p, names->shim);
                boot_plan_say(
                        p, "it gets the signed shim as %s, GRUB beside it as %s, and a grub.cfg of its own",
                        names->shim, names->grub);
                break;
        case CHAIN_GRUB:
                boot_plan_offer_file(p, names->grub);
                boot_plan_say(p,
                              is_uboot(p) ? "it gets GRUB as %s: shim cannot load through U-Boot"
                                          : "it gets GRUB as %s, without shim: Secure Boot would refuse it",
                              names->grub);
                break;
        case CHAIN_UKI:
                plan_uki(p);
                break;
        case CHAIN_NONE:
                break;
        }
}

/* Absolute device names: GRUB's own idea of the server comes from a DHCP packet that may not be ours. */
static const char *spell(const struct boot_plan *p, const char *path) {
        char server[IP_TEXT_SIZE];
        return arena_printf(p->arena, "(tftp,%s)/%s", ip_text(&p->ask.server, server), path);
}

static int make_grub_cfg(const struct boot_plan *p, const struct blob_source *blobs, struct boot_file **ret) {
        CLEANUP(text_free) struct text out = {};
        char line[CMDLINE_MAX + 1];
        struct boot_loader_entry entry;
        (void)blobs;

        int r = boot_loader_entry_of(p, spell, line, &entry);
        if (r != BOOT_FILE_FOUND)
                return r;
        entry.on_refusal = spell(p, BOOT_KERNEL_REFUSED);
        if (!entry.on_refusal)
                return -ENOMEM;
        r = grub_cfg_write(&entry, &out);
        if (r < 0)
                return r;
        *ret = boot_file_of_octets(out.octets, out.len);
        return *ret ? BOOT_FILE_FOUND : -ENOMEM;
}

static size_t generate(const struct boot_plan *p, struct boot_generated list[static BOOT_GENERATED_MAX]) {
        const struct image_file *shim = boot_plan_role(p, IMAGE_FILE_SHIM);
        enum chain chain = chain_of(p);
        const struct boot_efi_loaders *names = boot_efi_loaders(p->client->arch);
        size_t n = 0;

        if (chain == CHAIN_UKI) {
                list[n++] = (struct boot_generated){
                        .path = boot_uki_name(p),
                        .why = "stub, kernel, initrd and command line of this machine as one EFI program",
                        .make = boot_uki_make,
                };
                return n;
        }
        if (chain == CHAIN_SHIM)
                list[n++] = (struct boot_generated){ .path = names->shim,
                                                     .why = "the image's shim",
                                                     .file = shim };
        list[n++] = (struct boot_generated){
                .path = names->grub,
                .why = "the image's GRUB, under the name that shim asks for",
                .file = boot_plan_role(p, IMAGE_FILE_GRUB),
        };
        list[n++] = (struct boot_generated){
                .path = "grub/grub.cfg",
                .why = "made for this machine: its image's kernel, initrd and command line",
                .make = make_grub_cfg,
        };
        return n;
}

const struct boot_method boot_method_uefi_pxe = {
        .name = "uefi-pxe",
        .title = "UEFI PXE",
        .match = match_uefi,
        .plan = plan,
        .generate = generate,
};

const struct boot_method boot_method_uboot_efi = {
        .name = "uboot-efi",
        .title = "U-Boot's EFI network boot",
        .match = match_uboot,
        .plan = plan,
        .generate = generate,
};
