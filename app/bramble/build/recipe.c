/* The rows of what can be built; see recipe.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble/build/recipe.h"
#include "base/text.h"

/* A small server that cloud-init can make somebody's own: with Debian's own cloud images as the model. */
static const char *const debian_12_packages[] = {
        "ca-certificates", "cloud-guest-utils", "cloud-init",     "dbus",   "e2fsprogs", "fdisk",
        "initramfs-tools", "iproute2",          "iputils-ping",   "kmod",   "less",      "nano",
        "netbase",         "netplan.io",        "openssh-server", "procps", "sudo",      "systemd-resolved",
        "systemd-sysv",    "systemd-timesyncd", "tzdata",         "udev",   "zstd",      NULL,
};

const struct distribution distributions[] = {
        {
                .name = "debian/12",
                .title = "Debian 12",
                .codename = "bookworm",
                .components = "main non-free-firmware",
                .packages = debian_12_packages,
        },
        {},
};

/*
 * An update of GRUB must keep the removable path working, which is what the firmware starts, and must not
 * touch the firmware's boot order: a machine that boots from the network first stays with us.
 */
#define GRUB_ANSWERS(package) \
        package " grub2/force_efi_extra_removable boolean true\n" package \
                " grub2/update_nvram boolean false\n"

/* Debian signs nothing for armhf, and so has no GRUB there that is one file. Its modules make one as it is
 * elsewhere. */
#define GRUB_ARM "usr/lib/grub/arm-efi/monolithic/grubarm.efi"
#define MAKE_GRUB_ARM \
        "mkdir -p /usr/lib/grub/arm-efi/monolithic && grub-mkimage -O arm-efi -p /EFI/debian -o /" GRUB_ARM \
        " part_gpt part_msdos fat ext2 search search_fs_uuid normal configfile linux echo test"

const struct recipe recipes[] = {
        {
                .variant = "generic",
                .arch = "arm64",
                .title = "UEFI machines and boards with U-Boot",
                .kind = "parts",
                .cmdline = "console=tty0 console=ttyAMA0,115200",
                .packages = { "linux-image-arm64", "grub-efi-arm64", "grub-efi-arm64-signed", "shim-signed" },
                .debconf = GRUB_ANSWERS("grub-efi-arm64"),
                .table = DISK_GPT,
                .boot_mib = 256,
                .boot_mount = "boot/efi",
                .boot_files = { { "usr/lib/shim/shimaa64.efi.signed", "EFI/BOOT/BOOTAA64.EFI" },
                                { "usr/lib/shim/mmaa64.efi.signed", "EFI/BOOT/mmaa64.efi" },
                                { "usr/lib/grub/arm64-efi-signed/grubaa64.efi.signed",
                                  "EFI/BOOT/grubaa64.efi" } },
        },
        {
                .variant = "generic",
                .arch = "amd64",
                .title = "UEFI machines",
                .kind = "parts",
                .cmdline = "console=tty0 console=ttyS0,115200",
                .packages = { "linux-image-amd64", "grub-efi-amd64", "grub-efi-amd64-signed", "shim-signed" },
                .debconf = GRUB_ANSWERS("grub-efi-amd64"),
                .table = DISK_GPT,
                .boot_mib = 256,
                .boot_mount = "boot/efi",
                .boot_files = { { "usr/lib/shim/shimx64.efi.signed", "EFI/BOOT/BOOTX64.EFI" },
                                { "usr/lib/shim/mmx64.efi.signed", "EFI/BOOT/mmx64.efi" },
                                { "usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed",
                                  "EFI/BOOT/grubx64.efi" } },
        },
        {
                .variant = "generic",
                .arch = "armhf",
                .title = "boards with U-Boot, whose EFI starts GRUB",
                .kind = "parts",
                .cmdline = "console=tty0 console=ttyAMA0,115200",
                .packages = { "linux-image-armmp-lpae", "grub-efi-arm", "grub-efi-arm-bin" },
                .debconf = GRUB_ANSWERS("grub-efi-arm"),
                .makes = MAKE_GRUB_ARM,
                .table = DISK_GPT,
                .boot_mib = 256,
                .boot_mount = "boot/efi",
                .boot_files = { { GRUB_ARM, "EFI/BOOT/BOOTARM.EFI" } },
        },
        {
                .variant = "raspi",
                .arch = "arm64",
                .title = "Raspberry Pi 3 and 4 with Debian's kernel",
                .kind = "pi",
                .cmdline = "console=tty0 console=ttyS1,115200 fsck.repair=yes net.ifnames=0 cma=64M rootwait",
                .packages = { "linux-image-arm64", "raspi-firmware", "firmware-brcm80211", "wireless-regdb" },
                .table = DISK_MBR,
                .boot_mib = 512,
                .boot_mount = "boot/firmware",
                .boot_tree = "boot/firmware",
        },
        {
                .variant = "raspi",
                .arch = "armhf",
                .title = "Raspberry Pi 2 and 3 with Debian's kernel",
                .kind = "pi",
                .cmdline = "console=tty0 console=ttyAMA0,115200 console=ttyS1,115200 fsck.repair=yes "
                           "net.ifnames=0 cma=64M rootwait",
                .packages = { "linux-image-armmp", "raspi-firmware", "firmware-brcm80211", "wireless-regdb" },
                .table = DISK_MBR,
                .boot_mib = 512,
                .boot_mount = "boot/firmware",
                .boot_tree = "boot/firmware",
        },
        {},
};

const struct distribution *distribution_find(const char *name, struct error *reterr) {
        char known[128] = "";

        for (const struct distribution *d = distributions; d->name; d++) {
                if (strcmp(d->name, name) == 0)
                        return d;
                const size_t len = strlen(known);
                (void)snprintf(known + len, sizeof(known) - len, "%s%s", len ? ", " : "", d->name);
        }
        (void)error_set(reterr, -ENOENT, "cannot build %s: there is %s", name, known);
        return NULL;
}

const struct recipe *recipe_find(const char *variant, const char *arch, struct error *reterr) {
        char known[128] = "";

        for (const struct recipe *r = recipes; r->variant; r++) {
                if (strcmp(r->variant, variant) != 0)
                        continue;
                if (strcmp(r->arch, arch) == 0)
                        return r;
                const size_t len = strlen(known);
                (void)snprintf(known + len, sizeof(known) - len, "%s%s", len ? ", " : "", r->arch);
        }
        (void)error_set(reterr, -ENOENT, "variant %s is not built for %s: there is %s", variant, arch, known);
        return NULL;
}

int recipe_name(const struct distribution *d, const struct recipe *r, char *buf, size_t size) {
        const bool is_plain = strcmp(r->variant, recipes[0].variant) == 0;
        const int n = snprintf(buf, size, "%s-%s%s%s", d->name, is_plain ? "" : r->variant,
                               is_plain ? "" : "-", r->arch);

        if (n < 0 || (size_t)n >= size)
                return -ENAMETOOLONG;
        for (char *slash; (slash = strchr(buf, '/'));)
                *slash = '-';
        return 0;
}

bool recipe_has_dtbs(const char *arch) {
        return strcmp(arch, "amd64") != 0;
}

int recipe_size_parse(const char *s, uint64_t *ret, struct error *reterr) {
        static const struct {
                const char *unit;
                unsigned shift;
        } units[] = { { "M", 20 }, { "MiB", 20 }, { "G", 30 }, { "GiB", 30 } };
        char number[16];
        const size_t digits = strspn(s, "0123456789");
        uint64_t n;

        for (size_t i = 0; i < ARRAY_LEN(units); i++) {
                if (strcmp(s + digits, units[i].unit) != 0)
                        continue;
                if (digits >= sizeof(number))
                        break;
                memcpy(number, s, digits);
                number[digits] = '\0';
                if (text_parse_u64(number, (UINT64_C(64) << 30) >> units[i].shift, &n) < 0 || n == 0)
                        break;
                *ret = n << units[i].shift;
                return 0;
        }
        return error_set(reterr, -EINVAL, "'%s' is no size: as in 3G or 2500M, at most 64G", s);
}
