/*
 * Which files each family of firmware asks for, and in which order (raspberry-pi.md section 2).
 *
 * A stage is a row: what it asks, and what its answer means. The orders are those of logs of real boards
 * where such logs are public; what is only documented is marked in docs/hardware.md as simulated.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-sim/family.h"

#include <stdio.h>
#include <string.h>

#include "app/bramble-sim/board.h"
#include "base/cleanup.h"

/* Paths */

static bool below_prefix(const struct board *b, const char *name, char *path) {
        (void)snprintf(path, PATH_SIZE, "%s%.320s", b->prefix, name);
        return name[0] != 0;
}

/* Kernel, initramfs, device tree and command line lie below os_prefix, where that is in force. */
static bool below_os_prefix(const struct board *b, const char *name, char *path) {
        char joined[2 * CONFIG_VALUE_MAX];
        (void)snprintf(joined, sizeof(joined), "%s%.97s", b->config.os_prefix, name);
        return name[0] && below_prefix(b, joined, path);
}

#define NAMED(function, file) \
        static bool function(const struct board *b, char *path) { \
                return below_prefix(b, file, path); \
        }
NAMED(path_config_txt, "config.txt")
NAMED(path_slash_config_txt, "/config.txt") /* the EEPROM of the Pi 5 really asks for S//config.txt */
NAMED(path_start4, "start4.elf")
NAMED(path_start, "start.elf")
NAMED(path_vl805, "vl805.sig")
NAMED(path_pieeprom, "pieeprom.sig")
NAMED(path_pieeprom_update, "pieeprom.upd")
NAMED(path_recover4, "recover4.elf")
NAMED(path_recovery, "recovery.elf")
NAMED(path_dt_blob, "dt-blob.bin")
NAMED(path_bootcfg, "bootcfg.txt")
NAMED(path_autoboot, "autoboot.txt")
NAMED(path_recovery8, "recovery8.img")
NAMED(path_recovery7, "recovery7.img")
NAMED(path_kernel8_32, "kernel8-32.img")
NAMED(path_boot_sig, "boot.sig")
NAMED(path_boot_img, "boot.img")

static bool path_pc_loader(const struct board *b, char *path) {
        (void)snprintf(path, PATH_SIZE, "undionly.kpxe");
        return b->faults & FAULT_PC_LOADER;
}

static bool path_update(const struct board *b, char *path) {
        return b->eeprom.offered_ts && path_pieeprom_update(b, path);
}

/* The ROM knows no prefix. */
static bool path_bootcode(const struct board *b, char *path) {
        (void)b;
        (void)snprintf(path, PATH_SIZE, "bootcode.bin");
        return true;
}

static bool path_bootsig(const struct board *b, char *path) {
        (void)b;
        (void)snprintf(path, PATH_SIZE, "bootsig.bin");
        return true;
}

static bool path_include(const struct board *b, char *path) {
        return below_prefix(b, b->config.include, path);
}

static bool path_start_file(const struct board *b, char *path) {
        const char *own = b->family->fourcc ? "start4.elf" : "start.elf";
        return below_prefix(b, b->config.start_file[0] ? b->config.start_file : own, path);
}

static bool path_fixup_file(const struct board *b, char *path) {
        const char *own = b->family->fourcc ? "fixup4.dat" : "fixup.dat";
        return below_prefix(b, b->config.fixup_file[0] ? b->config.fixup_file : own, path);
}

static const char *device_tree_of(const struct board *b) {
        const struct family *f = b->family;

        if (b->config.device_tree[0])
                return b->config.device_tree;
        return b->config.upstream_kernel && f->upstream_device_tree ? f->upstream_device_tree
                                                                    : f->device_tree;
}

static bool path_device_tree(const struct board *b, char *path) {
        return below_os_prefix(b, device_tree_of(b), path);
}

static bool path_overlay_map(const struct board *b, char *path) {
        char name[2 * CONFIG_VALUE_MAX];
        (void)snprintf(name, sizeof(name), "%soverlay_map.dtb", b->config.overlay_prefix);
        return below_prefix(b, name, path);
}

static bool path_hat_map(const struct board *b, char *path) {
        char name[2 * CONFIG_VALUE_MAX];
        (void)snprintf(name, sizeof(name), "%shat_map.dtb", b->config.overlay_prefix);
        return below_prefix(b, name, path);
}

static bool path_overlay(const struct board *b, char *path) {
        char name[3 * CONFIG_VALUE_MAX];
        if (b->overlay >= b->config.n_overlays)
                return false;
        (void)snprintf(name, sizeof(name), "%s%s.dtbo", b->config.overlay_prefix,
                       b->config.overlays[b->overlay]);
        return below_prefix(b, name, path);
}

static bool path_cmdline(const struct board *b, char *path) {
        return below_os_prefix(b, b->config.cmdline, path);
}

static bool path_slash_cmdline(const struct board *b, char *path) {
        char name[CONFIG_VALUE_MAX + 1];
        if (b->config.os_prefix[0])
                return path_cmdline(b, path);
        (void)snprintf(name, sizeof(name), "/%s", b->config.cmdline);
        return below_prefix(b, name, path);
}

static bool path_armstub(const struct board *b, char *path) {
        const char *own = b->family->needs_config_txt ? "armstub8-2712.bin"
                          : b->family->fourcc         ? "armstub8-gic.bin"
                                                      : "armstub8-32.bin";
        return below_prefix(b, b->config.armstub[0] ? b->config.armstub : own, path);
}

static const char *const *kernels_of(const struct board *b) {
        return b->config.arm_64bit ? b->family->kernels_64 : b->family->kernels_32;
}

static bool path_kernel(const struct board *b, char *path) {
        const char *name = b->config.kernel[0] ? b->config.kernel : kernels_of(b)[b->kernel_candidate];
        return name && !b->runs_stub && below_os_prefix(b, name, path);
}

/* Only where os_prefix is set: it counts when a kernel and a device tree lie below it, and not at all
 * otherwise. */
static bool path_os_prefix_kernel(const struct board *b, char *path) {
        return b->config.os_prefix[0] && path_kernel(b, path);
}

static bool path_os_prefix_device_tree(const struct board *b, char *path) {
        return b->config.os_prefix[0] && path_device_tree(b, path);
}

/* auto_initramfs: kernel8.img has initramfs8 beside it. */
static bool path_initramfs(const struct board *b, char *path) {
        const char *kernel = b->config.kernel[0] ? b->config.kernel : kernels_of(b)[b->kernel_candidate];
        char name[CONFIG_VALUE_MAX + 16];

        if (b->config.initramfs[0])
                return below_os_prefix(b, b->config.initramfs, path);
        if (!b->config.auto_initramfs || !kernel || strncmp(kernel, "kernel", 6) != 0)
                return false;
        (void)snprintf(name, sizeof(name), "initramfs%s", kernel + 6);
        char *dot = strrchr(name, '.');
        if (dot)
                *dot = 0;
        return below_os_prefix(b, name, path);
}

/* Answers */

static void take_config(struct board *b, enum got got) {
        struct config_board facts = { .serial = b->serial, .revision = b->revision };

        if (got != GOT_IT || (b->faults & FAULT_IGNORES_CONFIG))
                return;
        if (b->text_len >= CONFIG_SIZE_MAX && !b->card) {
                /* Longer ones are not read over TFTP (facts 2.1, rule 9). */
                (void)snprintf(b->config_note, sizeof(b->config_note),
                               "config.txt has %zu octets or more: ignored", b->text_len);
                return;
        }
        memcpy(facts.filters, b->family->filters, sizeof(facts.filters));
        config_defaults(&b->config, b->family->is_64bit);
        config_read(&b->config, &facts, b->text, b->text_len);
}

static void need_config(struct board *b, enum got got) {
        if (got == GOT_IT) {
                take_config(b, got);
                if (b->config_note[0])
                        board_fail(
                                b,
                                "config.txt has 4096 octets or more: without it this EEPROM boots nothing");
        } else if (got == GOT_NOT_FOUND && b->prefix[0]) {
                b->prefix[0] = 0;
                board_go(b, b->stage);
        } else {
                board_fail(b, "config.txt is missing: without it this EEPROM boots nothing");
        }
}

static void take_include(struct board *b, enum got got) {
        struct config_board facts = { .serial = b->serial, .revision = b->revision };

        memcpy(facts.filters, b->family->filters, sizeof(facts.filters));
        if (got == GOT_IT)
                config_read(&b->config, &facts, b->text, b->text_len);
        b->config.include[0] = 0;
}

/* Found: the second name need not be tried. */
static void first_prefix_probe(struct board *b, enum got got) {
        if (got == GOT_IT)
                board_go(b, b->stage + 2);
        else if (got == GOT_NOTHING)
                board_fail(b, "start4.elf is there, but did not arrive: start.elf is not tried then");
}

static void last_prefix_probe(struct board *b, enum got got) {
        if (got != GOT_IT)
                b->prefix[0] = 0; /* and on: whether it is in the root shows when it is loaded */
}

static void bootcode_prefix_probe(struct board *b, enum got got) {
        if (got == GOT_IT)
                return;
        if (b->card) { /* the one file of a card that cures the ROM */
                board_leave_card(b, "bootcode.bin is there, and no start.elf: it goes on over the network");
                return;
        }
        if (!b->prefix[0]) {
                board_fail(b, "start.elf not found, with the prefix and without");
                return;
        }
        b->prefix[0] = 0;
        board_go(b, b->stage);
}

static void take_update_signature(struct board *b, enum got got) {
        if (got != GOT_IT || !eeprom_read_signature(b))
                eeprom_end(&b->eeprom);
}

static void take_update(struct board *b, enum got got) {
        if (got == GOT_IT && eeprom_take(b))
                board_restart(b, "it read an update of its EEPROM, and starts again");
        eeprom_end(&b->eeprom);
}

/* recovery.bin, once or for board after board: the one goes on with what it wrote, the other blinks until it
 * is switched off. */
static void take_card_signature(struct board *b, enum got got) {
        if (got != GOT_IT || !eeprom_read_signature(b))
                board_stick(b, "recovery.bin has no pieeprom.sig, or none for this board: its light says so");
}

static void take_card_update(struct board *b, enum got got) {
        if (got != GOT_IT)
                return;
        if (eeprom_take(b))
                board_restart(b, "its EEPROM was written from its card");
        else if (!b->is_stuck)
                board_stick(b, "its EEPROM does not take what is on its card: its light says so");
}

static void take_card_image(struct board *b, enum got got) {
        const bool is_written = got == GOT_IT && eeprom_take(b);

        if (!b->is_stuck)
                board_stick(b, is_written ? "its EEPROM was written from its card: its light blinks until it "
                                            "is switched off"
                                          : "recovery.bin found nothing to write: its light says so");
}

static bool path_image(const struct board *b, char *path) {
        return b->eeprom.offered_ts && below_prefix(b, "pieeprom.bin", path);
}

static void must_be_missing(struct board *b, enum got got) {
        if (got == GOT_IT)
                board_fail(b, "a recovery file is there: the firmware starts it in place of the system");
}

static void must_be_there(struct board *b, enum got got) {
        if (got != GOT_IT)
                board_fail(b, got == GOT_NOT_FOUND ? "a file that it cannot do without is missing"
                                                   : "a file that it cannot do without broke off");
}

static void need_firmware(struct board *b, enum got got) {
        if (got == GOT_NOT_FOUND && !b->config.start_file[0])
                board_fail(
                        b,
                        "firmware not found: neither start4.elf nor start.elf, with the prefix and without");
        else
                must_be_there(b, got);
}

/* start.elf runs from here on. Where it finds no kernel it blinks, and the boot order is not gone on with
 * (raspberry-pi.md, the table of LED codes: 7 short ones). Our reading, not a measurement. */
static void take_fixup(struct board *b, enum got got) {
        must_be_there(b, got);
        b->has_handed_over = got == GOT_IT;
        if (got == GOT_IT && (b->faults & FAULT_FIRMWARE))
                board_stick(b, "its firmware does not start: 4 long and 4 short flashes of its LED");
}

static void take_os_prefix(struct board *b, enum got got) {
        if (got != GOT_IT)
                b->config.os_prefix[0] = 0;
}

static void take_overlay(struct board *b, enum got got) {
        (void)got;
        b->overlay++;
        board_go(b, b->stage);
}

static void take_cmdline(struct board *b, enum got got) {
        if (got != GOT_IT)
                return;
        (void)snprintf(b->cmdline, sizeof(b->cmdline), "%.*s", (int)strcspn(b->text, "\r\n"), b->text);
}

/* Found: that is the kernel. Else the next candidate, and after the last one nothing is left. */
static void take_kernel_probe(struct board *b, enum got got) {
        if (got == GOT_IT)
                return;
        b->kernel_candidate++;
        const bool is_last = b->config.kernel[0] || !kernels_of(b)[b->kernel_candidate];
        if (is_last && b->config.armstub[0]) /* UEFI, for one: it needs no kernel beside it */
                b->runs_stub = true;
        else if (is_last)
                board_fail(b, "no kernel: none of the names that this firmware tries is there");
        else
                board_go(b, b->stage);
}

/* What was loaded, under the name that it was asked for. */
static void remember(const struct board *b, char *to) {
        (void)snprintf(to, PATH_SIZE, "%s", b->fetch.path);
}

static void take_device_tree(struct board *b, enum got got) {
        must_be_there(b, got);
        remember(b, b->device_tree);
}

static void take_kernel(struct board *b, enum got got) {
        must_be_there(b, got);
        remember(b, b->kernel);
}

static void take_stub(struct board *b, enum got got) {
        if (b->runs_stub && got == GOT_IT)
                remember(b, b->kernel);
        else if (b->runs_stub)
                board_fail(b, "no kernel, nor the stub that config.txt names");
}

static void take_initramfs(struct board *b, enum got got) {
        if (got == GOT_IT)
                remember(b, b->initramfs);
        else if (got == GOT_NOTHING)
                board_fail(b, "the initramfs broke off");
}

static void take_signature(struct board *b, enum got got) {
        if (got != GOT_IT && b->is_web && b->web.why)
                board_fail(b, b->web.why);
        else if (got != GOT_IT)
                board_fail(b, "boot.sig is missing: this EEPROM boots nothing that is not signed");
        else if (boot_sig_parse(b->text, b->text_len, &b->signature) < 0 || !b->signature.has_rsa)
                board_fail(b, "boot.sig is no signature");
}

static void take_ramdisk(struct board *b, enum got got) {
        must_be_there(b, got);
        if (got != GOT_IT)
                return;
        if (!b->world->is_signed || !b->world->is_signed(b->world->ctx, b, &b->signature))
                board_fail(b, "boot.img is not signed with the key in its EEPROM");
        remember(b, b->kernel);
}

/* Orders */

/* Pi 3: the boot ROM; bootcode.bin follows and starts over with DHCP. */
static const struct stage stages_rom[] = {
        { "second stage", WANT_WHOLE, path_bootcode, must_be_there },
        { "its signature", WANT_WHOLE, path_bootsig, NULL },
};
static const struct stage stages_bootcode[] = {
        { "prefix", WANT_PROBE, path_start, bootcode_prefix_probe },
        { "autoboot", WANT_WHOLE, path_autoboot, NULL },
        { "config", WANT_WHOLE, path_config_txt, take_config },
        { "config", WANT_WHOLE, path_include, take_include },
        { "recovery", WANT_PROBE, path_recovery, must_be_missing },
        { "firmware", WANT_WHOLE, path_start_file, must_be_there },
        { "fixup", WANT_WHOLE, path_fixup_file, take_fixup },
        { "config again", WANT_WHOLE, path_config_txt, take_config },
        { "config", WANT_WHOLE, path_include, take_include },
        { "device tree blob", WANT_WHOLE, path_dt_blob, NULL },
        { "boot configuration", WANT_WHOLE, path_bootcfg, NULL },
        { "os_prefix", WANT_PROBE, path_os_prefix_kernel, take_os_prefix },
        { "os_prefix", WANT_PROBE, path_os_prefix_device_tree, take_os_prefix },
        { "device tree", WANT_WHOLE, path_device_tree, take_device_tree },
        { "overlay map", WANT_WHOLE, path_overlay_map, NULL },
        { "overlay", WANT_WHOLE, path_overlay, take_overlay },
        { "command line", WANT_WHOLE, path_cmdline, take_cmdline },
        { "recovery kernel", WANT_PROBE, path_recovery8, NULL },
        { "recovery kernel", WANT_PROBE, path_recovery7, NULL },
        { "other kernel", WANT_PROBE, path_kernel8_32, NULL },
        { "kernel probe", WANT_PROBE, path_kernel, take_kernel_probe },
        { "stub", WANT_WHOLE, path_armstub, take_stub },
        { "kernel", WANT_WHOLE, path_kernel, take_kernel },
        { "initramfs", WANT_WHOLE, path_initramfs, take_initramfs },
};

/* Pi 4: the EEPROM, then start4.elf, as in the log of 2021 that raspberry-pi.md section 2.3 gives: where
 * nothing is below its prefix it goes on in the root, and looks for the firmware after the update. */
static const struct stage stages_2711[] = {
        { "loader of a PC", WANT_WHOLE, path_pc_loader, must_be_there },
        { "prefix", WANT_PROBE, path_start4, first_prefix_probe },
        { "prefix", WANT_PROBE, path_start, last_prefix_probe },
        { "config", WANT_WHOLE, path_config_txt, take_config },
        { "config", WANT_WHOLE, path_include, take_include },
        { "USB firmware", WANT_WHOLE, path_vl805, NULL },
        { "EEPROM update", WANT_WHOLE, path_pieeprom, take_update_signature },
        { "EEPROM update", WANT_WHOLE, path_update, take_update },
        { "recovery", WANT_PROBE, path_recover4, must_be_missing },
        { "recovery", WANT_PROBE, path_recovery, must_be_missing },
        { "firmware", WANT_WHOLE, path_start_file, need_firmware },
        { "fixup", WANT_WHOLE, path_fixup_file, take_fixup },
        { "recovery again", WANT_PROBE, path_recovery, must_be_missing },
        { "config again", WANT_WHOLE, path_config_txt, take_config },
        { "config", WANT_WHOLE, path_include, take_include },
        { "device tree blob", WANT_WHOLE, path_dt_blob, NULL },
        { "boot configuration", WANT_WHOLE, path_bootcfg, NULL },
        { "os_prefix", WANT_PROBE, path_os_prefix_kernel, take_os_prefix },
        { "os_prefix", WANT_PROBE, path_os_prefix_device_tree, take_os_prefix },
        { "initramfs", WANT_WHOLE, path_initramfs, take_initramfs },
        { "device tree", WANT_WHOLE, path_device_tree, take_device_tree },
        { "overlay map", WANT_WHOLE, path_overlay_map, NULL },
        { "overlay", WANT_WHOLE, path_overlay, take_overlay },
        { "config again", WANT_WHOLE, path_config_txt, NULL },
        { "command line", WANT_WHOLE, path_cmdline, take_cmdline },
        { "kernel probe", WANT_PROBE, path_kernel, take_kernel_probe },
        { "stub", WANT_WHOLE, path_armstub, take_stub },
        { "kernel", WANT_WHOLE, path_kernel, take_kernel },
};

/* Pi 5: the EEPROM does everything (raspberry-pi.md section 2.4). */
static const struct stage stages_2712[] = {
        { "config", WANT_WHOLE, path_config_txt, need_config },
        { "config", WANT_WHOLE, path_include, take_include },
        { "EEPROM update", WANT_WHOLE, path_pieeprom, take_update_signature },
        { "EEPROM update", WANT_WHOLE, path_update, take_update },
        { "config again", WANT_WHOLE, path_slash_config_txt, take_config },
        { "config again", WANT_WHOLE, path_slash_config_txt, take_config },
        { "config", WANT_WHOLE, path_include, take_include },
        { "os_prefix", WANT_PROBE, path_os_prefix_kernel, take_os_prefix },
        { "os_prefix", WANT_PROBE, path_os_prefix_device_tree, take_os_prefix },
        { "kernel probe", WANT_PROBE, path_kernel, take_kernel_probe },
        { "device tree", WANT_WHOLE, path_device_tree, take_device_tree },
        { "overlay map", WANT_WHOLE, path_overlay_map, NULL },
        { "HAT map", WANT_WHOLE, path_hat_map, NULL },
        { "overlay", WANT_WHOLE, path_overlay, take_overlay },
        { "command line", WANT_WHOLE, path_slash_cmdline, take_cmdline },
        { "stub", WANT_WHOLE, path_armstub, take_stub },
        { "kernel", WANT_WHOLE, path_kernel, take_kernel },
        { "initramfs", WANT_WHOLE, path_initramfs, take_initramfs },
};

/* Both families when they check signatures, and both by HTTP: two files, and the rest lies in the second. */
static const struct stage stages_signed[] = {
        { "signature", WANT_WHOLE, path_boot_sig, take_signature },
        { "volume", WANT_WHOLE, path_boot_img, take_ramdisk },
};

/* Families */

static const char *const kernel8[] = { "kernel8.img", NULL };
static const char *const kernel7[] = { "kernel7.img", "kernel.img", NULL };
static const char *const kernel7l[] = { "kernel7l.img", "kernel7.img", "kernel.img", NULL };
static const char *const kernel_2712[] = { "kernel_2712.img", "kernel8.img", NULL };

#define PARAMS_ROM { 43, 60, 67, 128, 129, 130, 131, 132, 133, 134, 135, 66 }, .n_params = 12
#define PARAMS { 1, 3, 43, 60, 66, 67, 128, 129, 130, 131, 132, 133, 134, 135 }, .n_params = 14

enum { XID_ROM = 0x26f30339, BOOTP_MESSAGE = 322, TSIZE_ONLY = 1 };

/* A Pi 4 or 5 whose boot ROM found recovery.bin on its card. */
static const struct stage stages_recovery[] = {
        { "signature", WANT_WHOLE, path_pieeprom, take_card_signature },
        { "EEPROM update", WANT_WHOLE, path_update, take_card_update },
        { "EEPROM image", WANT_WHOLE, path_image, take_card_image },
};
static const struct family recovery_2711 = { .name = "pi4-recovery",
                                             .title = "Raspberry Pi 4B, recovery.bin",
                                             .stages = stages_recovery,
                                             .n_stages = ARRAY_LEN(stages_recovery) };
static const struct family recovery_2712 = { .name = "pi5-recovery",
                                             .title = "Raspberry Pi 5, recovery.bin",
                                             .needs_config_txt = true,
                                             .stages = stages_recovery,
                                             .n_stages = ARRAY_LEN(stages_recovery) };

static const struct family bootcode = {
        .name = "pi3-bootcode",
        .title = "Raspberry Pi 3B, bootcode.bin",
        .filters = { "pi3" },
        .revision = 0xa02082,
        .device_tree = "bcm2710-rpi-3-b.dtb",
        .upstream_device_tree = "bcm2837-rpi-3-b.dtb",
        .kernels_64 = kernel8,
        .kernels_32 = kernel7,
        .dhcp = { .params = PARAMS,
                  .request_has_class = true,
                  .message_size = BOOTP_MESSAGE,
                  .tries = 5,
                  .try_ms = 5000 },
        .style = { .ttl = 128 },
        .ends_dhcp_at_offer = true,
        .rrq_blksize = TSIZE_ONLY,
        .first_port = 49153,
        .packet_ms = 1000,
        .file_ms = 5000,
        .stages = stages_bootcode,
        .n_stages = ARRAY_LEN(stages_bootcode),
};

static const struct family pi3 = {
        .name = "pi3",
        .title = "Raspberry Pi 3B, boot ROM",
        .filters = { "pi3" },
        .revision = 0xa02082,
        .uuid_octet = 0x44,
        .device_tree = "bcm2710-rpi-3-b.dtb",
        .upstream_device_tree = "bcm2837-rpi-3-b.dtb",
        .kernels_64 = kernel8,
        .kernels_32 = kernel7,
        .dhcp = { .params = PARAMS_ROM,
                  .request_has_class = true,
                  .constant_xid = XID_ROM,
                  .message_size = BOOTP_MESSAGE,
                  .tries = 5,
                  .try_ms = 5000,
                  .too_early_ms = 500 },
        .style = { .ttl = 128 },
        .ends_dhcp_at_offer = true,
        .first_port = 49152,
        .keeps_port = true,
        .packet_ms = 1000,
        .file_ms = 10000,
        .stages = stages_rom,
        .n_stages = ARRAY_LEN(stages_rom),
        .then = &bootcode,
};

#define PI4_FIELDS \
        .name = "pi4", .title = "Raspberry Pi 4B", .filters = { "pi4" }, .revision = 0xc03112, \
        .fourcc = 0x34695052, .is_64bit = true, .device_tree = "bcm2711-rpi-4-b.dtb", .kernels_64 = kernel8, \
        .kernels_32 = kernel7l, \
        .dhcp = { .params = PARAMS, \
                  .class_before_params = true, \
                  .message_size = BOOTP_MESSAGE, \
                  .tries = 9, \
                  .try_ms = 4000 }, \
        .style = { .ttl = 64, .has_udp_checksum = true }, .rrq_blksize = 1468, .first_port = 30000, \
        .packet_ms = 1000, .file_ms = 30000,

static const struct family pi4_signed = {
        PI4_FIELDS.stages = stages_signed,
        .n_stages = ARRAY_LEN(stages_signed),
};

static const struct family pi4 = {
        PI4_FIELDS.stages = stages_2711,
        .n_stages = ARRAY_LEN(stages_2711),
        .recovery = &recovery_2711,
        .signed_one = &pi4_signed,
};

#define PI5_FIELDS \
        .name = "pi5", .title = "Raspberry Pi 5", .filters = { "pi5" }, .revision = 0xc04170, \
        .fourcc = 0x35695052, .is_64bit = true, .needs_config_txt = true, \
        .device_tree = "bcm2712-rpi-5-b.dtb", .kernels_64 = kernel_2712, .kernels_32 = kernel8, \
        .dhcp = { .params = PARAMS, \
                  .class_before_params = true, \
                  .message_size = BOOTP_MESSAGE, \
                  .tries = 9, \
                  .try_ms = 4000 }, \
        .style = { .ttl = 64, .has_udp_checksum = true }, .rrq_blksize = 1468, .first_port = 30000, \
        .packet_ms = 1000, .file_ms = 30000,

static const struct family pi5_signed = {
        PI5_FIELDS.stages = stages_signed,
        .n_stages = ARRAY_LEN(stages_signed),
};

static const struct family pi5 = {
        PI5_FIELDS.stages = stages_2712,
        .n_stages = ARRAY_LEN(stages_2712),
        .recovery = &recovery_2712,
        .signed_one = &pi5_signed,
};

const struct family family_system = {
        .name = "system",
        .title = "a system that was started",
        .dhcp = { .system = "udhcp 1.35.0",
                  .params = { 1, 3, 6 },
                  .n_params = 3,
                  .message_size = BOOTP_MESSAGE,
                  .tries = 5,
                  .try_ms = 3000 },
        .style = { .ttl = 64, .has_udp_checksum = true },
};

const struct family *const families[] = { &pi3, &pi4, &pi5, NULL };

const struct family *family_by_name(const char *name) {
        for (size_t i = 0; families[i]; i++)
                if (strcmp(families[i]->name, name) == 0)
                        return families[i];
        return NULL;
}
