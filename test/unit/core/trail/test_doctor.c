/* Boots as they fail, and what the doctor says of them; and boots that do not, of which it says nothing. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/machine/board.h"
#include "core/trail/doctor/doctor.h"
#include "core/trail/doctor/led.h"

enum { EVENTS_MAX = 40, BOOTS_MAX = 3 };
#define EPOCH_MS INT64_C(1795356230000)

/* Events, by seconds after the boot's begin. */
#define AT(s) .at_ms = EPOCH_MS + (int64_t)((s)*1000)
#define DHCP(s, type, answer, who) \
        { AT(s), .kind = TRAIL_DHCP, .outcome = TRAIL_OK, .what = type, .detail = answer, .client = who }
#define DISCOVER(s, who) DHCP(s, "DISCOVER", "OFFER 10.77.0.51", who)
#define REQUEST(s, who) DHCP(s, "REQUEST", "ACK 10.77.0.51", who)
#define DORA(s, who) DISCOVER(s, who), REQUEST((s) + 0.1, who)
#define SYSTEM(s) DHCP(s, "REQUEST", "ACK 10.77.0.51", "other")
#define BY(protocol, s, path, n, who) \
        { \
                AT(s), .kind = protocol, .outcome = TRAIL_OK, .octets = n, .size = n, .blksize = 1468, \
                       .what = path, .client = who \
        }
#define GOT(s, path, who) BY(TRAIL_TFTP, s, path, 1500, who)
#define SIZED(s, path, n, who) BY(TRAIL_TFTP, s, path, n, who)
#define FETCHED(s, path, who) BY(TRAIL_HTTP, s, path, 5000, who)
#define MISS(s, path, who) \
        { AT(s), .kind = TRAIL_TFTP, .outcome = TRAIL_MISS, .what = path, .client = who }
#define MISSED(s, path, who) \
        { AT(s), .kind = TRAIL_HTTP, .outcome = TRAIL_MISS, .what = path, .client = who }
#define PROBE(s, path, who) \
        { AT(s), .kind = TRAIL_TFTP, .outcome = TRAIL_PROBE, .size = 5000, .what = path, .client = who }
#define BROKE(s, took, path, n, all, block, why, who) \
        { \
                AT(s), .kind = TRAIL_TFTP, .outcome = TRAIL_FAILED, .took_ms = took, .octets = n, \
                       .size = all, .blksize = block, .what = path, .detail = why, .client = who \
        }
#define RESENT(s, path, n, again, who) \
        { \
                AT(s), .kind = TRAIL_TFTP, .outcome = TRAIL_OK, .octets = n, .size = n, .resent = again, \
                       .blksize = 1468, .what = path, .client = who \
        }
#define SAID(kind_, s, text, more) \
        { AT(s), .kind = kind_, .outcome = TRAIL_OK, .what = text, .detail = more }
#define NOTE(s, text) SAID(TRAIL_NOTE, s, text, "")
#define REFUSED(s, text, more) \
        { AT(s), .kind = TRAIL_NOTE, .outcome = TRAIL_IGNORED, .what = text, .detail = more }
#define WIRE(s, text) SAID(TRAIL_WIRE, s, text, "10.77.0.9")
#define CONSOLE(s, text) SAID(TRAIL_CONSOLE, s, text, "")
#define AGENT(s, text) SAID(TRAIL_AGENT, s, text, "")

#define GAVE_UP "the client gave up at block 9 of 1468 octets: Early terminate"
#define LOST "no answer from the client any more at block 9 of 1468 octets"

/* What every boot of a Pi 4 does first. */
#define PI4_FIRMWARE \
        DORA(0, "pi4"), PROBE(0.3, "5b154510/start4.elf", "pi4"), GOT(0.4, "5b154510/config.txt", "pi4"), \
                MISS(0.5, "5b154510/pieeprom.sig", "pi4"), MISS(0.6, "5b154510/recovery.elf", "pi4"), \
                GOT(0.7, "5b154510/start4.elf", "pi4"), GOT(1.9, "5b154510/fixup4.dat", "pi4")
#define PI4_LOADER \
        PI4_FIRMWARE, GOT(3, "5b154510/config.txt", "pi4"), GOT(3.1, "5b154510/initramfs8", "pi4"), \
                GOT(4, "5b154510/bcm2711-rpi-4-b.dtb", "pi4"), GOT(4.1, "5b154510/cmdline.txt", "pi4")
#define PI4_ALL PI4_LOADER, PROBE(5, "5b154510/kernel8.img", "pi4"), GOT(5.1, "5b154510/kernel8.img", "pi4")
#define PI5_LOADER \
        DORA(0, "pi5"), GOT(0.3, "e09200d8/config.txt", "pi5"), MISS(0.4, "e09200d8/pieeprom.sig", "pi5"), \
                GOT(0.5, "e09200d8//config.txt", "pi5"), PROBE(0.6, "e09200d8/kernel_2712.img", "pi5"), \
                GOT(0.7, "e09200d8/bcm2712-rpi-5-b.dtb", "pi5")
#define PI3_FIRMWARE \
        DISCOVER(0, "pi3-rom"), GOT(2.2, "bootcode.bin", "pi3-rom"), MISS(2.3, "bootsig.bin", "pi3-rom"), \
                DISCOVER(3, "pi3"), PROBE(3.2, "b22faaeb/start.elf", "pi3"), \
                GOT(3.3, "b22faaeb/config.txt", "pi3"), GOT(3.5, "b22faaeb/start.elf", "pi3"), \
                GOT(3.9, "b22faaeb/fixup.dat", "pi3")

/* A board with its own key in its EEPROM, by HTTP. */
#define SIGNED(s) FETCHED((s) + 1, "net/boot.sig", "pi4"), FETCHED((s) + 2, "net/boot.img", "pi4")
#define UPDATED(s) GOT((s) + 1, "5b154510/pieeprom.sig", "pi4"), GOT((s) + 2, "5b154510/pieeprom.upd", "pi4")

struct boot {
        struct trail_event events[EVENTS_MAX];
        bool is_finished;
        double after_s; /* it began so long after the one before it in time */
};

static const struct row {
        const char *about;
        struct boot boots[BOOTS_MAX]; /* oldest first, up to the first without events */
        double silent_s;              /* since the last step of the newest */
        const char *want;             /* ids, a space between */
        const char *kernel, *initramfs;
        uint64_t config_octets;
        bool is_quiet;
} rows[] = {
        /* ---- healthy: nothing is found ---- */
        { .about = "a Pi 4", { { .events = { PI4_ALL, SYSTEM(14) }, .is_finished = true } }, 500, "" },
        { .about = "a Pi 4 whose system starts",
          { { .events = { PI4_ALL } } },
          40,
          "",
          "kernel8.img",
          "initramfs8" },
        { .about = "a Pi 5",
          { { .events = { PI5_LOADER, GOT(1, "e09200d8/kernel_2712.img", "pi5"),
                          GOT(2, "e09200d8/initramfs_2712", "pi5"), SYSTEM(9) },
              .is_finished = true } },
          500,
          "" },
        { .about = "a Pi 3",
          { { .events = { PI3_FIRMWARE, MISS(4, "b22faaeb/kernel8-32.img", "pi3"),
                          GOT(5, "b22faaeb/kernel8.img", "pi3"), SYSTEM(20) },
              .is_finished = true } },
          500,
          "",
          "kernel8.img" },
        { .about = "a PC",
          { { .events = { DORA(0, "uefi-amd64"), GOT(1, "shimx64.efi.signed", "uefi-amd64"),
                          GOT(2, "grubx64.efi", "uefi-amd64"),
                          DHCP(2.5, "DISCOVER", "OFFER 10.77.0.51", "grub"), GOT(3, "vmlinuz", "uefi-amd64"),
                          GOT(4, "initrd.img", "uefi-amd64"), SYSTEM(12) },
              .is_finished = true } },
          500,
          "" },
        { .about = "by U-Boot",
          { { .events = { DORA(0, "uboot-arm64"), MISS(1, "pxelinux.cfg/01-52-54-00-77-00-6d", "uboot-arm64"),
                          GOT(2, "pxelinux.cfg/default-arm", "uboot-arm64"), GOT(3, "vmlinuz", "uboot-arm64"),
                          SYSTEM(9) },
              .is_finished = true } },
          500,
          "" },
        { .about = "an agent that works",
          { { .events = { PI4_ALL, NOTE(0, "boots the agent, to commission"), SYSTEM(14), AGENT(15, "hello"),
                          AGENT(30, "task 1 done") } } },
          500,
          "" },
        { .about = "handed over to its card",
          { { .events = { DORA(0, "pi4"), NOTE(0.1, "is sent to its disk"),
                          MISS(0.3, "5b154510/start4.elf", "pi4"), MISS(0.4, "5b154510/start.elf", "pi4"),
                          MISS(0.5, "start4.elf", "pi4"), MISS(0.6, "start.elf", "pi4"), SYSTEM(20) },
              .is_finished = true } },
          500,
          "" },
        { .about = "a PC whose disk is next in its own order",
          { { .events = { DHCP(0, "DISCOVER", "OFFER 10.77.0.51, no boot", "bios"),
                          REFUSED(0, "its disk is to boot", ""), SYSTEM(20) },
              .is_finished = true } },
          500,
          "" },
        { .about = "beside another server, which it takes its address from",
          { { .events = { DISCOVER(0, "pi4"),
                          DHCP(0.1, "REQUEST", "no answer: a proxy gives no addresses", "pi4"),
                          GOT(0.2, "5b154510/start4.elf", "pi4"), GOT(5, "5b154510/kernel8.img", "pi4"),
                          SYSTEM(14) },
              .is_finished = true } },
          500,
          "" },
        { .about = "one that nobody registered, and that shall not boot",
          { { .events = { DHCP(0, "DISCOVER", "OFFER 10.77.0.51, no boot", "pi4"),
                          DHCP(4, "DISCOVER", "OFFER 10.77.0.51, no boot", "pi4"),
                          DHCP(8, "DISCOVER", "OFFER 10.77.0.51, no boot", "pi4") } } },
          100,
          "" },

        /* ---- 1: the offer is not accepted ---- */
        { .about = "deaf to three offers",
          { { .events = { DISCOVER(0, "pi4"), DISCOVER(4, "pi4"), DISCOVER(8, "pi4") } } },
          0,
          "offer-not-taken" },
        { .about = "deaf to two: they may have been lost",
          { { .events = { DISCOVER(0, "pi4"), DISCOVER(4, "pi4") } } },
          0,
          "" },
        { .about = "an address, then nothing but the same again",
          { { .events = { DORA(0, "pi5"), DORA(45, "pi5") } } },
          0,
          "offer-not-taken" },

        /* ---- 2: another DHCP server won ---- */
        { .about = "it takes the other's",
          { { .events = { DISCOVER(0, "pi4"), WIRE(0.5, "REQUEST") } } },
          0,
          "other-server" },
        { .about = "the other offers, and it answers nobody here",
          { { .events = { DISCOVER(0, "pi4"), WIRE(0.5, "OFFER"), DISCOVER(4, "pi4"),
                          DISCOVER(8, "pi4") } } },
          0,
          "other-server" },
        { .about = "the other offers, and it comes here all the same",
          { { .events = { PI4_ALL, WIRE(0.05, "OFFER") } } },
          10,
          "" },

        /* ---- 3: a Pi 3 gave up ---- */
        { .about = "five DISCOVERs, then silence",
          { { .events = { DISCOVER(0, "pi3-rom"), DISCOVER(5, "pi3-rom"), DISCOVER(10, "pi3-rom"),
                          DISCOVER(15, "pi3-rom"), DISCOVER(20, "pi3-rom") } } },
          16,
          "rom-gave-up" },
        { .about = "it may still ask",
          { { .events = { DISCOVER(0, "pi3-rom"), DISCOVER(5, "pi3-rom") } } },
          4,
          "" },

        /* ---- 4: never seen ---- */
        { .about = "nothing at all", {}, 0, "never-seen" },

        /* ---- 5: two Pi 3 at once ---- */
        { .about = "another ROM spoke too",
          { { .events = { DISCOVER(0, "pi3-rom"), WIRE(1, "same xid"), DISCOVER(5, "pi3-rom") } } },
          20,
          "rom-collision" },
        { .about = "another ROM spoke, and both boot",
          { { .events = { PI3_FIRMWARE, WIRE(1, "same xid") } } },
          5,
          "" },

        /* ---- 6: files from somebody else ---- */
        { .about = "it looks for a router",
          { { .events = { DORA(0, "pi4"), WIRE(0.3, "ARP") } } },
          16,
          "wrong-tftp-server" },
        { .about = "it looks for a router and comes here",
          { { .events = { DORA(0, "pi4"), WIRE(0.2, "ARP"), PROBE(0.3, "5b154510/start4.elf", "pi4") } } },
          3,
          "" },

        /* ---- 7: nothing for it ---- */
        { .about = "no firmware, with its prefix and without",
          { { .events = { DORA(0, "pi4"), MISS(0.3, "5b154510/start4.elf", "pi4"),
                          MISS(0.4, "5b154510/start.elf", "pi4"), MISS(0.5, "start4.elf", "pi4"),
                          MISS(0.6, "start.elf", "pi4") } } },
          16,
          "no-tree" },
        { .about = "a ROM without bootcode.bin",
          { { .events = { DISCOVER(0, "pi3-rom"), MISS(2, "bootcode.bin", "pi3-rom") } } },
          16,
          "no-tree" },

        { .about = "this server has nothing for it",
          { { .events = { DHCP(0, "DISCOVER", "OFFER 10.77.0.51, no boot", "pi4"),
                          REFUSED(0, "image x has no firmware", "start4.elf is not there") } } },
          0,
          "no-tree" },
        { .about = "a PC that this server has nothing for",
          { { .events = { DHCP(0, "DISCOVER", "OFFER 10.77.0.51, no boot", "uefi-amd64"),
                          REFUSED(0, "image x has no kernel", "") } } },
          0,
          "no-tree" },

        /* ---- 8: without a folder ---- */
        { .about = "its prefix is not known",
          { { .events = { DORA(0, "pi5"), MISS(0.3, "deadbeef/config.txt", "pi5"),
                          GOT(0.4, "config.txt", "pi5"), GOT(1, "kernel8.img", "pi5"), SYSTEM(9) },
              .is_finished = true } },
          100,
          "prefix-fell-back" },

        /* ---- 9: config.txt is not followed ---- */
        { .about = "another kernel than config.txt's",
          { { .events = { PI4_ALL } } },
          10,
          "config-ignored",
          "vmlinuz-pi" },
        { .about = "its initramfs is not asked for",
          { { .events = { PI4_ALL } } },
          100,
          "config-ignored",
          "kernel8.img",
          "initrd.gz" },
        { .about = "its initramfs is not asked for, by a config.txt that is still the same",
          { { .events = { PI4_ALL } } },
          100,
          "config-ignored",
          "kernel8.img",
          "initrd.gz",
          .config_octets = 1500 },
        { .about = "a good boot, before it was given an image with another kernel",
          { { .events = { PI4_ALL, SYSTEM(9) }, .is_finished = true } },
          100,
          "",
          "vmlinuz-pi",
          "initrd.gz" },
        { .about = "its agent came up, before it was given an image",
          { { .events = { PI4_ALL, SYSTEM(9), AGENT(10, "hello") } } },
          100,
          "",
          "vmlinuz-pi" },
        { .about = "a bad boot, before it was given an image with another config.txt",
          { { .events = { PI4_ALL } } },
          100,
          "no-network",
          "vmlinuz-pi",
          .config_octets = 1700 },
        { .about = "config.txt is too long",
          { { .events = { DORA(0, "pi4"), SIZED(0.4, "5b154510/config.txt", 4096, "pi4") } } },
          1,
          "config-ignored" },

        /* ---- 10: a file took too long ---- */
        { .about = "30 s for one file",
          { { .events = { PI4_FIRMWARE, BROKE(3, 30000, "5b154510/initramfs8", 40000000, 90000000, 1468,
                                              GAVE_UP, "pi4") } } },
          1,
          "file-timeout" },

        /* ---- 11: the 16-bit wall ---- */
        { .about = "block 65535 of 1468 octets",
          { { .events = { PI5_LOADER, BROKE(3, 9000, "e09200d8/initramfs8", 65535 * 1468, 120000000, 1468,
                                            GAVE_UP, "pi5") } } },
          20,
          "block-wall" },
        { .about = "block 65535 of 1024 octets, counted on to 65536 by us",
          { { .events = { PI4_FIRMWARE, BROKE(3, 9000, "5b154510/initramfs8", 65536 * 1024, 120000000, 1024,
                                              LOST, "pi4") } } },
          1,
          "block-wall" },

        /* ---- 12: two releases ---- */
        { .about = "nothing after fixup4.dat", { { .events = { PI4_FIRMWARE } } }, 16, "firmware-mismatch" },
        { .about = "the same, told on its console too",
          { { .events = { PI4_FIRMWARE, CONSOLE(1.95, "Read 5b154510/fixup4.dat bytes 1500") } } },
          16,
          "firmware-mismatch" },
        { .about = "fixup4.dat came a moment ago", { { .events = { PI4_FIRMWARE } } }, 10, "" },

        /* ---- 13: the device tree ---- */
        { .about = "a Pi 5 of stepping D0",
          { { .events = { DORA(0, "pi5"), GOT(0.3, "e09200d8/config.txt", "pi5"),
                          PROBE(0.6, "e09200d8/kernel_2712.img", "pi5"),
                          MISS(0.7, "e09200d8/bcm2712d0-rpi-5-b.dtb", "pi5") } } },
          16,
          "no-device-tree" },
        { .about = "the second name is there",
          { { .events = { PI5_LOADER, MISS(0.65, "e09200d8/bcm2712d0-rpi-5-b.dtb", "pi5") } } },
          5,
          "" },

        { .about = "this server saw that it is missing",
          { { .events = { DHCP(0, "DISCOVER", "OFFER 10.77.0.51, no boot", "pi5"),
                          REFUSED(0, "image x has no device tree", "bcm2712-rpi-5-b.dtb is not there") } } },
          0,
          "no-device-tree" },

        /* ---- 14: no root ---- */
        { .about = "a panic on its console",
          { { .events = { PI4_ALL, SYSTEM(9),
                          CONSOLE(10, "Kernel panic - not syncing: VFS: Unable to mount root fs") },
              .is_finished = true } },
          1,
          "no-root" },
        { .about = "the agent that was to come",
          { { .events = { PI4_ALL, NOTE(0, "starts its system by the agent, image debian"), SYSTEM(9) } } },
          61,
          "no-root" },
        { .about = "three starts in a minute",
          { { .events = { PI4_ALL, SYSTEM(9) }, .is_finished = true },
            { { PI4_ALL, SYSTEM(9) }, .is_finished = true, .after_s = 30 },
            { { PI4_ALL, SYSTEM(9) }, .is_finished = true, .after_s = 30 } },
          1,
          "no-root" },
        { .about = "three starts in a day",
          { { .events = { PI4_ALL, SYSTEM(9) }, .is_finished = true },
            { { PI4_ALL, SYSTEM(9) }, .is_finished = true, .after_s = 9000 },
            { { PI4_ALL, SYSTEM(9) }, .is_finished = true, .after_s = 9000 } },
          1,
          "" },

        /* ---- 15: its system is not heard ---- */
        { .about = "silence after the kernel", { { .events = { PI4_ALL } } }, 61, "no-network" },
        { .about = "silence, and another boot",
          { { .events = { PI4_ALL } }, { { DORA(0, "pi4") }, .after_s = 20 } },
          1,
          "no-network" },
        { .about = "it fetches by HTTP",
          { { .events = { PI4_ALL, FETCHED(9, "root.squashfs", "other") } } },
          61,
          "" },

        /* ---- 16: signed boot ---- */
        { .about = "no signature",
          { { .events = { DORA(0, "pi4"), GOT(1, "5b154510/boot.img", "pi4"),
                          MISS(3, "5b154510/boot.sig", "pi4") } } },
          61,
          "signed-boot" },
        { .about = "no signature, and it comes around to it each five seconds",
          { { .events = { DORA(0, "pi4"), MISSED(1, "net/boot.sig", "pi4"), DORA(6, "pi4"),
                          MISSED(7, "net/boot.sig", "pi4") } } },
          1,
          "signed-boot" },
        { .about = "no signature a moment ago: it may go on to a card",
          { { .events = { DORA(0, "pi4"), MISSED(1, "net/boot.sig", "pi4") } } },
          16,
          "" },
        { .about = "no signature by HTTP, and then it stops at something else",
          { { .events = { DISCOVER(-5, "pi4"), MISSED(-4, "net/boot.sig", "pi4"), PI4_FIRMWARE } } },
          61,
          "firmware-mismatch" },
        { .about = "no signature, on its way to its disk",
          { { .events = { DORA(0, "pi4"), NOTE(0, "is sent to its disk"),
                          MISSED(1, "net/boot.sig", "pi4") } } },
          500,
          "" },
        { .about = "a Pi 5 that breaks it off",
          { { .events = { DORA(0, "pi5"),
                          BROKE(1, 300, "e09200d8/boot.img", 900000, 40000000, 1468, GAVE_UP, "pi5") } } },
          16,
          "signed-boot" },
        { .about = "read, and read again",
          { { .events = { DORA(0, "pi4"), FETCHED(1, "net/boot.sig", "pi4"),
                          FETCHED(2, "net/boot.img", "pi4"), FETCHED(6, "net/boot.sig", "pi4"),
                          FETCHED(7, "net/boot.img", "pi4") } } },
          1,
          "signed-boot" },
        { .about = "a wrong key: read each five seconds, in boots of their own",
          { { .events = { DORA(0, "pi4"), SIGNED(0) } }, { { DORA(0, "pi4"), SIGNED(0) }, .after_s = 7 } },
          1,
          "signed-boot" },
        { .about = "a wrong key, and it asks again this moment",
          { { .events = { DORA(0, "pi4"), SIGNED(0) } },
            { { DORA(0, "pi4"), SIGNED(0) }, .after_s = 7 },
            { { DORA(0, "pi4") }, .after_s = 7 } },
          1,
          "signed-boot" },
        { .about = "two boots of a system that says nothing, hours apart",
          { { .events = { DORA(0, "pi4"), SIGNED(0) } }, { { DORA(0, "pi4"), SIGNED(0) }, .after_s = 9000 } },
          500,
          "" },
        { .about = "a volume as large as firmware holds",
          { { .events = { DORA(0, "pi4"), SIZED(1, "5b154510/boot.img", 96 << 20, "pi4") } } },
          500,
          "" },
        { .about = "a volume that is larger",
          { { .events = { DORA(0, "pi4"), SIZED(1, "5b154510/boot.img", (96 << 20) + 512, "pi4") } } },
          500,
          "signed-boot" },
        { .about = "a signed boot that comes through",
          { { .events = { DORA(0, "pi4"), FETCHED(1, "net/boot.sig", "pi4"),
                          FETCHED(2, "net/boot.img", "pi4"), SYSTEM(9) },
              .is_finished = true } },
          100,
          "" },

        /* ---- 17: HTTP and TLS ---- */
        { .about = "a handshake that fails",
          { { .events = { DORA(0, "pi5"), WIRE(1, "connection") } } },
          1,
          "https-failed" },
        { .about = "nothing after boot.sig",
          { { .events = { DORA(0, "pi5"), FETCHED(1, "net/boot.sig", "pi5") } } },
          16,
          "https-failed" },

        /* ---- 18: an update at each start ---- */
        { .about = "twice in a row",
          { { .events = { DORA(0, "pi4"), GOT(1, "5b154510/pieeprom.sig", "pi4"),
                          GOT(2, "5b154510/pieeprom.upd", "pi4") } },
            { { DORA(0, "pi4"), GOT(1, "5b154510/pieeprom.sig", "pi4"),
                GOT(2, "5b154510/pieeprom.upd", "pi4") },
              .after_s = 20 } },
          1,
          "eeprom-loop" },
        { .about = "twice within one boot, as that is told: the update is small",
          { { .events = { DORA(0, "pi4"), UPDATED(0), DORA(6, "pi4"), UPDATED(6) } } },
          1,
          "eeprom-loop" },
        { .about = "an update, and the way back from it",
          { { .events = { DORA(-9, "pi4"), UPDATED(-9), PI4_ALL, SYSTEM(9) }, .is_finished = true },
            { { DORA(0, "pi4"), UPDATED(0) }, .after_s = 300 } },
          1,
          "" },
        { .about = "the same, when the way back was taken as well",
          { { .events = { DORA(-9, "pi4"), UPDATED(-9), PI4_ALL, SYSTEM(9) }, .is_finished = true },
            { { DORA(-9, "pi4"), UPDATED(-9), PI4_ALL, SYSTEM(9) }, .is_finished = true, .after_s = 300 } },
          1,
          "" },
        { .about = "once, as it should be",
          { { .events = { DORA(0, "pi4"), GOT(1, "5b154510/pieeprom.sig", "pi4"),
                          GOT(2, "5b154510/pieeprom.upd", "pi4") } },
            { { PI4_ALL, SYSTEM(9) }, .after_s = 20, .is_finished = true } },
          1,
          "" },

        /* ---- 19: losses ---- */
        { .about = "two blocks in a hundred",
          { { .events = { PI4_FIRMWARE, RESENT(3, "5b154510/kernel8.img", 1468000, 20, "pi4"), SYSTEM(9) },
              .is_finished = true } },
          100,
          "lossy-path" },
        { .about = "two blocks in a thousand",
          { { .events = { PI4_FIRMWARE, RESENT(3, "5b154510/kernel8.img", 14680000, 20, "pi4"), SYSTEM(9) },
              .is_finished = true } },
          100,
          "" },
        { .about = "the next name of a kernel",
          { { .events = { PI3_FIRMWARE,
                          BROKE(5, 1000, "b22faaeb/kernel7.img", 100000, 6000000, 512, LOST, "pi3"),
                          GOT(6, "b22faaeb/kernel.img", "pi3"), SYSTEM(20) },
              .is_finished = true } },
          100,
          "lossy-path" },

        /* ---- 20: another computer's loader ---- */
        { .about = "a Pi and undionly.kpxe",
          { { .events = { DORA(0, "pi4"), MISS(1, "undionly.kpxe", "pi4") } } },
          1,
          "wrong-loader" },
        { .about = "arm64 and a PC's GRUB",
          { { .events = { DORA(0, "uefi-arm64"), MISS(1, "boot/grubx64.efi", "uefi-arm64") } } },
          1,
          "wrong-loader" },

        /* ---- 21: sent to its disk, and back ---- */
        { .about = "three rounds",
          { { .events = { DORA(0, "pi4"), NOTE(0, "is sent to its disk"), MISS(1, "start4.elf", "pi4"),
                          DORA(6, "pi4"), MISS(7, "start4.elf", "pi4"), DORA(12, "pi4"),
                          MISS(13, "start4.elf", "pi4") } } },
          1,
          "disk-not-booted" },

        /* ---- 22: lost by a restart ---- */
        { .about = "its agent restarted it",
          { { .events = { PI4_ALL, SYSTEM(9), AGENT(10, "hello"), AGENT(60, "task 3 done"),
                          NOTE(60, "its agent restarts it") } } },
          160,
          "no-warm-reboot" },
        { .about = "its agent restarted it into a system on its disk, which need not be heard",
          { { .events = { PI4_ALL, SYSTEM(9), AGENT(10, "hello"), AGENT(60, "task 3 done"),
                          NOTE(60, "its agent restarts it") } } },
          160,
          "",
          .is_quiet = true },
        { .about = "it was told to restart by a task of its own, when its disk was written",
          { { .events = { PI4_ALL, SYSTEM(9), AGENT(10, "hello"), AGENT(60, "task 3 done"),
                          NOTE(60, "its agent restarts it"), AGENT(61, "task 4"), AGENT(61, "task 4 done"),
                          NOTE(61, "its agent restarts it") } } },
          160,
          "no-warm-reboot" },
        { .about = "an agent that was told to restart a moment ago",
          { { .events = { PI4_ALL, SYSTEM(9), AGENT(10, "hello"), AGENT(60, "task 3 done"),
                          NOTE(60, "its agent restarts it") } } },
          50,
          "" },
        { .about = "a board whose system is heard after it was restarted: it began with its disk",
          { { .events = { PI4_ALL, SYSTEM(9), AGENT(10, "hello"), AGENT(60, "task 3 done"),
                          NOTE(60, "its agent restarts it"), SYSTEM(90) } } },
          300,
          "" },
        { .about = "an agent that is parked with nothing to do, and is not heard",
          { { .events = { PI4_ALL, SYSTEM(9), AGENT(10, "hello"), AGENT(60, "task 3 done"),
                          NOTE(170, "its agent is silent") } } },
          300,
          "" },

        /* ---- 23: a Pi 5 hangs ---- */
        { .about = "in the middle of its kernel",
          { { .events = { PI5_LOADER,
                          BROKE(1, 700, "e09200d8/kernel_2712.img", 900000, 9000000, 1468, LOST, "pi5") } } },
          16,
          "pi5-hang" },
        { .about = "in the middle of its kernel, which seems to begin before the last small file",
          { { .events = { PI5_LOADER,
                          BROKE(1, 700, "e09200d8/kernel_2712.img", 900000, 9000000, 1468, LOST, "pi5"),
                          MISS(1, "e09200d8/armstub8-2712.bin", "pi5") } } },
          16,
          "pi5-hang" },

        /* ---- 24: no DHCP ---- */
        { .about = "files, and no address asked for",
          { { .events = { GOT(0, "5b154510/start4.elf", "pi"), GOT(1, "5b154510/kernel8.img", "pi") } } },
          10,
          "no-lease" },

        /* ---- who it is ---- */
        { .about = "files of another's serial, and it boots",
          { { .events = { PI4_ALL,
                          SAID(TRAIL_NOTE, 2, TRAIL_IDENTITY, "it asks for files of serial b22faaeb"),
                          SYSTEM(14) },
              .is_finished = true } },
          500,
          "wrong-identity" },
};

static size_t n_events_of(const struct boot *b) {
        size_t n = 0;
        while (n < EVENTS_MAX && (b->events[n].what[0] || b->events[n].detail[0]))
                n++;
        return n;
}

/* A row's boots as sessions, newest first, in time order; returns how many. */
static size_t sessions_of(const struct row *r, struct boot copies[BOOTS_MAX],
                          struct trail_session sessions[BOOTS_MAX],
                          const struct trail_session *newest_first[BOOTS_MAX]) {
        int64_t shift_ms = 0;
        size_t n = 0;

        for (; n < BOOTS_MAX && n_events_of(&r->boots[n]); n++) {
                copies[n] = r->boots[n];
                shift_ms += (int64_t)(copies[n].after_s * 1000);
                struct trail_session s = { .id = n + 1,
                                           .start_ms = EPOCH_MS + shift_ms,
                                           .is_finished = copies[n].is_finished,
                                           .events = copies[n].events,
                                           .n_events = n_events_of(&copies[n]) };
                for (size_t i = 0; i < s.n_events; i++) {
                        struct trail_event *e = &copies[n].events[i];
                        e->at_ms += shift_ms;
                        if (e->at_ms + e->took_ms > s.last_ms)
                                s.last_ms = e->at_ms + e->took_ms;
                }
                sessions[n] = s;
        }
        for (size_t i = 0; i < n; i++)
                newest_first[i] = &sessions[n - 1 - i];
        return n;
}

static void ids_of(const struct doctor_report *report, char *buf, size_t size) {
        buf[0] = 0;
        for (size_t i = 0; i < report->n_findings; i++) {
                size_t len = strlen(buf);
                (void)snprintf(buf + len, size - len, "%s%s", i ? " " : "", report->findings[i].sign->id);
        }
}

static const struct board pi5 = {
        .since = { [BOARD_SINCE_BLOCK_ROLLOVER] = 20250923, [BOARD_SINCE_SIGNED_TFTP] = 20260912 },
};

static void examine(const struct row *r, struct boot copies[BOOTS_MAX],
                    struct trail_session sessions[BOOTS_MAX], int64_t patience_ms,
                    struct doctor_report *ret) {
        const struct trail_session *newest_first[BOOTS_MAX];
        size_t n = sessions_of(r, copies, sessions, newest_first);
        const struct doctor_facts facts = {
                .now_ms = (n ? newest_first[0]->last_ms : EPOCH_MS) + (int64_t)(r->silent_s * 1000),
                .patience_ms = patience_ms,
                .machine = "pi",
                .board = &pi5,
                .kernel = r->kernel,
                .initramfs = r->initramfs,
                .config_octets = r->config_octets,
                .is_quiet = r->is_quiet,
        };
        doctor_examine(newest_first, n, &facts, ret);
}

static void each_boot_is_judged(void **state) {
        static struct boot copies[BOOTS_MAX];
        static struct trail_session sessions[BOOTS_MAX];
        static struct doctor_report report;
        char ids[256];
        (void)state;

        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                examine(&rows[i], copies, sessions, 0, &report);
                ids_of(&report, ids, sizeof(ids));
                if (strcmp(ids, rows[i].want) != 0)
                        fail_msg("%s: wanted \"%s\", got \"%s\"", rows[i].about, rows[i].want, ids);
                assert_true(report.summary[0] != 0);
                for (size_t f = 0; f < report.n_findings; f++) {
                        assert_true(report.findings[f].words[0] != 0);
                        assert_true(report.findings[f].n_evidence > 0 ||
                                    strcmp(rows[i].want, "never-seen") == 0);
                }
        }
}

/* A sign that no row shows is a sign that nobody tried. */
static void every_sign_has_a_boot(void **state) {
        (void)state;
        assert_int_equal(doctor_n_signs, 25);
        for (size_t s = 0; s < doctor_n_signs; s++) {
                bool is_shown = false;
                for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
                        is_shown |= strcmp(rows[i].want, doctor_signs[s].id) == 0;
                if (!is_shown)
                        fail_msg("no boot shows %s", doctor_signs[s].id);
        }
}

static void patience_can_be_short(void **state) {
        const struct row silent = { .boots = { { .events = { PI4_ALL } } }, .silent_s = 5 };
        static struct boot copies[BOOTS_MAX];
        static struct trail_session sessions[BOOTS_MAX];
        static struct doctor_report report;
        (void)state;

        examine(&silent, copies, sessions, 0, &report);
        assert_int_equal(report.n_findings, 0);
        examine(&silent, copies, sessions, 4000, &report);
        assert_int_equal(report.n_findings, 1);
        assert_string_equal(report.findings[0].sign->id, "no-network");
        assert_string_equal(report.findings[0].words,
                            "It has its kernel, kernel8.img, and its system never asked for an address.");
}

static void the_summary_says_how_it_went(void **state) {
        static const struct {
                struct row row;
                const char *want;
        } cases[] = {
                { { .silent_s = 0 }, "Nothing of it was ever seen on the network." },
                { { .boots = { { .events = { PI4_ALL, SYSTEM(14) }, .is_finished = true } },
                    .silent_s = 7200 },
                  "Its last boot came through: its system asked for an address 2 hours ago." },
                { { .boots = { { .events = { PI4_FIRMWARE } } }, .silent_s = 90 },
                  "Its last boot stopped after 1.9 s, 1 minute ago. Its last step: 5b154510/fixup4.dat." },
                { { .boots = { { .events = { PI4_FIRMWARE } } }, .silent_s = 2 },
                  "A boot is under way, or its system starts. Its last step, 2.0 s ago: "
                  "5b154510/fixup4.dat." },
                { { .boots = { { .events = { PI4_ALL } } }, .silent_s = 20 },
                  "A boot is under way, or its system starts. Its last step, 20.0 s ago: "
                  "5b154510/kernel8.img." },
                { { .boots = { { .events = { PI4_ALL } } }, .silent_s = 1200 },
                  "Its last boot stopped after 5.1 s, 20 minutes ago. Its last step: 5b154510/kernel8.img." },
        };
        static struct boot copies[BOOTS_MAX];
        static struct trail_session sessions[BOOTS_MAX];
        static struct doctor_report report;
        (void)state;

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                examine(&cases[i].row, copies, sessions, 0, &report);
                assert_string_equal(report.summary, cases[i].want);
        }
}

static void evidence_names_the_events(void **state) {
        const struct row slow = {
                .boots = { { .events = { PI4_FIRMWARE, BROKE(3, 30000, "5b154510/initramfs8", 40000000,
                                                             90000000, 1468, GAVE_UP, "pi4") } } },
                .silent_s = 1,
        };
        static struct boot copies[BOOTS_MAX];
        static struct trail_session sessions[BOOTS_MAX];
        static struct doctor_report report;
        (void)state;

        examine(&slow, copies, sessions, 0, &report);
        assert_int_equal(report.findings[0].n_evidence, 1);
        assert_ptr_equal(report.findings[0].evidence[0].boot, &sessions[0]);
        assert_string_equal(report.findings[0].evidence[0].event->what, "5b154510/initramfs8");
        assert_string_equal(report.findings[0].words, "It gave initramfs8 up after 30.0 s, with 40.0 of 90.0 "
                                                      "MB: it allows no more for one file.");
}

/* Which EEPROM is old enough hangs on the board. */
static void the_day_of_an_eeprom_is_the_boards(void **state) {
        static const struct {
                struct trail_event e;
                const char *want;
        } cases[] = {
                { BROKE(3, 9000, "e09200d8/initramfs8", 65535 * 1468, 120000000, 1468, GAVE_UP, "pi5"),
                  "and the file has 120.0 MB. EEPROMs since 2025-09-23 can." },
                { BROKE(1, 300, "e09200d8/boot.img", 900000, 40000000, 1468, "Early terminate", "pi5"),
                  "It broke boot.img off after 0.9 MB: Early terminate. EEPROMs before 2026-09-12 do so over "
                  "TFTP." },
        };
        static struct boot copies[BOOTS_MAX];
        static struct trail_session sessions[BOOTS_MAX];
        static struct doctor_report report;
        (void)state;

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                const struct row row = { .boots = { { .events = { DORA(0, "pi5"), cases[i].e } } },
                                         .silent_s = 20 };
                examine(&row, copies, sessions, 0, &report);
                assert_non_null(strstr(report.findings[0].words, cases[i].want));
        }
}

static void an_led_is_explained(void **state) {
        (void)state;
        assert_int_equal(doctor_n_leds, 17);
        assert_string_equal(doctor_led_find(4, 4)->meaning, "its firmware does not know this board");
        assert_string_equal(doctor_led_find(0, 7)->meaning, "the kernel is not found");
        assert_null(doctor_led_find(7, 0));
        for (size_t i = 0; i < doctor_n_leds; i++)
                assert_ptr_equal(doctor_led_find(doctor_leds[i].long_flashes, doctor_leds[i].short_flashes),
                                 &doctor_leds[i]);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_boot_is_judged),
                cmocka_unit_test(every_sign_has_a_boot),
                cmocka_unit_test(patience_can_be_short),
                cmocka_unit_test(the_summary_says_how_it_went),
                cmocka_unit_test(evidence_names_the_events),
                cmocka_unit_test(the_day_of_an_eeprom_is_the_boards),
                cmocka_unit_test(an_led_is_explained),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
