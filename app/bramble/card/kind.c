/* Kinds of cards; see kind.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/card/kind.h"

#include <errno.h>
#include <string.h>

#include "format/eeprom.h"

const struct card_board card_boards[] = {
        { .name = "pi3", .title = "Raspberry Pi 3", .family = CONFIG_TXT_ROM, .type = 0x08 },
        { .name = "pi4",
          .title = "Raspberry Pi 4",
          .soc = 2711,
          .family = CONFIG_TXT_2711,
          .type = 0x11,
          .eeprom_size = EEPROM_SIZE_2711,
          .rpiboot = "bootcode4.bin" },
        { .name = "pi5",
          .title = "Raspberry Pi 5",
          .soc = 2712,
          .family = CONFIG_TXT_2712,
          .type = 0x17,
          .eeprom_size = EEPROM_SIZE_2712,
          .rpiboot = "bootcode5.bin" },
        { .name = "cm4",
          .title = "Compute Module 4",
          .soc = 2711,
          .family = CONFIG_TXT_2711,
          .type = 0x14,
          .eeprom_size = EEPROM_SIZE_2711,
          .rpiboot = "bootcode4.bin",
          .is_module = true },
        { .name = "cm5",
          .title = "Compute Module 5",
          .soc = 2712,
          .family = CONFIG_TXT_2712,
          .type = 0x18,
          .eeprom_size = EEPROM_SIZE_2712,
          .rpiboot = "bootcode5.bin",
          .is_module = true },
        {},
};

/*
 * Firmware of an EEPROM: as the package rpi-eeprom and the sources of it lay it out, by channel, the
 * steadiest first; or the bare files. "critical" and "stable" were the channels' names before 2023.
 */
#define EEPROM_PATTERNS(soc, file) \
        PATTERNS("*" soc "/default/" file, "*" soc "/critical/" file, "*" soc "/latest/" file, \
                 "*" soc "/stable/" file, "default/" file, "latest/" file, file)
#define EEPROM_WANTS(soc, octets) \
        { .name = "pieeprom.bin", \
          .patterns = EEPROM_PATTERNS(soc, "pieeprom*.bin"), \
          .size = octets, \
          .from = "the package rpi-eeprom of Raspberry Pi OS" }, \
        { \
                .name = "recovery.bin", .patterns = EEPROM_PATTERNS(soc, "recovery.bin"), \
                .from = "the package rpi-eeprom of Raspberry Pi OS" \
        }

static const struct card_want eeprom_2711[] = { EEPROM_WANTS("2711", EEPROM_SIZE_2711) };
static const struct card_want eeprom_2712[] = { EEPROM_WANTS("2712", EEPROM_SIZE_2712) };

#define GPU(file) \
        { .name = file, .patterns = PATTERNS("*/" file, file), .from = "Debian's package raspi-firmware" }
#define TREE(file, where) \
        { \
                .name = file, .patterns = PATTERNS("*/" file, file, "*/broadcom/" where), \
                .from = "Debian's package linux-image-arm64, or raspi-firmware," \
        }
#define OPTIONAL_TREE(file, where) \
        { .name = file, .patterns = PATTERNS("*/" file, file, "*/broadcom/" where), .is_optional = true }

static const struct card_want bootcode_pi3[] = { GPU("bootcode.bin") };

#define UEFI_FLASH(url) \
        { .name = "RPI_EFI.fd", .patterns = PATTERNS("*/RPI_EFI.fd", "RPI_EFI.fd", "*.fd"), .from = url }

static const struct card_want uefi_pi3[] = { UEFI_FLASH("a release of github.com/pftf/RPi3"),
                                             GPU("bootcode.bin"),
                                             GPU("start.elf"),
                                             GPU("fixup.dat"),
                                             TREE("bcm2710-rpi-3-b.dtb", "bcm2837-rpi-3-b.dtb"),
                                             OPTIONAL_TREE("bcm2710-rpi-3-b-plus.dtb",
                                                           "bcm2837-rpi-3-b-plus.dtb") };
static const struct card_want uefi_pi4[] = { UEFI_FLASH("a release of github.com/pftf/RPi4"),
                                             GPU("start4.elf"),
                                             GPU("fixup4.dat"),
                                             TREE("bcm2711-rpi-4-b.dtb", "bcm2711-rpi-4-b.dtb"),
                                             OPTIONAL_TREE("bcm2711-rpi-400.dtb", "bcm2711-rpi-400.dtb"),
                                             OPTIONAL_TREE("bcm2711-rpi-cm4.dtb", "bcm2711-rpi-cm4.dtb") };
static const struct card_want uefi_pi5[] = { UEFI_FLASH("a release of github.com/worproject/rpi5-uefi") };

#define U_BOOT(build) \
        { \
                .name = "u-boot.bin", \
                .patterns = PATTERNS("*/" build "/u-boot.bin", "*/rpi_arm64/u-boot.bin", "u-boot*.bin"), \
                .from = "Debian's package u-boot-rpi:arm64" \
        }

static const struct card_want uboot_pi3[] = { U_BOOT("rpi_3"),
                                              GPU("bootcode.bin"),
                                              GPU("start.elf"),
                                              GPU("fixup.dat"),
                                              TREE("bcm2710-rpi-3-b.dtb", "bcm2837-rpi-3-b.dtb"),
                                              OPTIONAL_TREE("bcm2710-rpi-3-b-plus.dtb",
                                                            "bcm2837-rpi-3-b-plus.dtb") };
static const struct card_want uboot_pi4[] = { U_BOOT("rpi_4"),
                                              GPU("start4.elf"),
                                              GPU("fixup4.dat"),
                                              TREE("bcm2711-rpi-4-b.dtb", "bcm2711-rpi-4-b.dtb"),
                                              OPTIONAL_TREE("bcm2711-rpi-400.dtb", "bcm2711-rpi-400.dtb"),
                                              OPTIONAL_TREE("bcm2711-rpi-cm4.dtb", "bcm2711-rpi-cm4.dtb") };

/* Written where the firmware brings no config.txt of its own. */
#define UEFI_CONFIG_PI3 \
        "arm_64bit=1\nenable_uart=1\nuart_2ndstage=1\narmstub=RPI_EFI.fd\ndisable_commandline_tags=2\n" \
        "device_tree_address=0x1f0000\ndevice_tree_end=0x200000\n"
#define UEFI_CONFIG_PI4 \
        "arm_64bit=1\narm_boost=1\nenable_uart=1\nuart_2ndstage=1\nenable_gic=1\narmstub=RPI_EFI.fd\n" \
        "disable_commandline_tags=1\ndisable_overscan=1\ndevice_tree_address=0x3e0000\ndevice_tree_end=" \
        "0x400000\n"
#define UEFI_CONFIG_PI5 \
        "armstub=RPI_EFI.fd\nos_check=0\ndevice_tree_address=0x1f0000\ndevice_tree_end=" \
        "0x210000\nframebuffer_depth=32\n" \
        "disable_overscan=1\n"
#define UBOOT_CONFIG "arm_64bit=1\nenable_uart=1\nkernel=u-boot.bin\n"

/*
 * U-Boot looks for boot.scr on its card before anything else. The network is tried a few times, because a
 * switch may still be learning that there is a port; then U-Boot goes on with what else it knows, as it does
 * when a machine is told to boot its disk.
 */
#define PXE_LOOP \
        "setenv autoload no\n" \
        "for try in 1 2 3; do if dhcp && pxe get; then pxe boot; fi; done\n"

#define WANTS(list) .wants = list, .n_wants = ARRAY_LEN(list)

/* Why there is no such card, and what there is. */
#define NO_EEPROM \
        "a Raspberry Pi 3 has no EEPROM to set: `bramble card make bootcode` makes the card that lets it " \
        "boot " \
        "from the network"
#define BY_EEPROM(board) \
        board " needs no bootcode.bin: `bramble card make eeprom` makes the card that has its EEPROM boot " \
              "from the network"
#define NO_DRIVER \
        "U-Boot has no driver for the Ethernet of a Raspberry Pi 5: `bramble card make eeprom` lets it " \
        "boot from " \
        "the network without"

const struct card_kind card_kinds[] = {
        { .name = "eeprom",
          .label = "EEPROM",
          .next = "put it into a board and switch it on: its green light blinks fast when its EEPROM is "
                  "written, and goes on doing so",
          .sets_eeprom = true,
          .variants = { { .board = "pi3", .why_not = NO_EEPROM },
                        { .board = "pi4", WANTS(eeprom_2711) },
                        { .board = "pi5", WANTS(eeprom_2712) },
                        { .board = "cm4", WANTS(eeprom_2711) },
                        { .board = "cm5", WANTS(eeprom_2712) } } },
        { .name = "bootcode",
          .label = "BOOTCODE",
          .next = "leave it in the board: it starts from it, and goes on over the network",
          .variants = { { .board = "pi3", WANTS(bootcode_pi3) },
                        { .board = "pi4", .why_not = BY_EEPROM("a Raspberry Pi 4") },
                        { .board = "pi5", .why_not = BY_EEPROM("a Raspberry Pi 5") } } },
        { .name = "uefi",
          .label = "UEFI",
          .next = "leave it in the board: it becomes an ordinary UEFI machine",
          .whole = "RPI_EFI.fd",
          .variants = { { .board = "pi3", WANTS(uefi_pi3), .config_txt = UEFI_CONFIG_PI3 },
                        { .board = "pi4", WANTS(uefi_pi4), .config_txt = UEFI_CONFIG_PI4 },
                        { .board = "pi5", WANTS(uefi_pi5), .config_txt = UEFI_CONFIG_PI5 } } },
        { .name = "uboot",
          .label = "U-BOOT",
          .next = "leave it in the board: U-Boot asks the network before anything else",
          .variants = { { .board = "pi3",
                          WANTS(uboot_pi3),
                          .config_txt = UBOOT_CONFIG,
                          .boot_script = "usb start\n" PXE_LOOP },
                        { .board = "pi4",
                          WANTS(uboot_pi4),
                          .config_txt = UBOOT_CONFIG,
                          .boot_script = "pci enum\n" PXE_LOOP },
                        { .board = "pi5", .why_not = NO_DRIVER } } },
        {},
};

const struct card_kind *card_kind_find(const char *name) {
        for (const struct card_kind *k = card_kinds; k->name; k++)
                if (strcmp(k->name, name) == 0)
                        return k;
        return NULL;
}

const struct card_board *card_board_find(const char *name) {
        for (const struct card_board *b = card_boards; b->name; b++)
                if (strcmp(b->name, name) == 0)
                        return b;
        return NULL;
}

const struct card_variant *card_variant_find(const struct card_kind *kind, const struct card_board *board,
                                             struct error *reterr) {
        for (size_t i = 0; i < CARD_VARIANTS_MAX && kind->variants[i].board; i++) {
                const struct card_variant *v = &kind->variants[i];
                if (strcmp(v->board, board->name) != 0)
                        continue;
                if (!v->why_not)
                        return v;
                (void)error_set(reterr, -EINVAL, "%s", v->why_not);
                return NULL;
        }
        (void)error_set(reterr, -EINVAL,
                        "a %s is written over USB: `bramble card make eeprom --board %s --rpiboot DIR`",
                        board->title, board->name);
        return NULL;
}
