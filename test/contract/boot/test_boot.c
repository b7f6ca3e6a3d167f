/*
 * The contract of every boot method: what a plan names is served, what it serves is listed, and nothing else
 * is there.
 *
 * Each generated file is read as its firmware reads it, and every name found in it is asked for.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "boot_site.h"

enum { ARENA_SIZE = 1 << 18, LISTED_MAX = 256 };

struct row {
        enum boot_client_id client;
        const char *mac;
        uint8_t net;
        const char *config;      /* a generated text to look into; NULL: none */
        const char *mentions[6]; /* that must stand in it */
        const char *follows[6];  /* names that it or the firmware leads to, as they are asked for */
        const char *never[12];   /* names that must be "not found" */
};

#define TOKEN "0123456789abcdef0123456789abcdef"
#define AGENT_WORDS \
        "rdinit=/bramble/agent bramble.url=http://10.77.0.1:5248/a/a0a1a2a3a4a5a6a7a8a9aaabacadaeaf "
#define AGENT AGENT_WORDS "BOOTIF=01-"
#define AGENT_RUN AGENT_WORDS "bramble.run BOOTIF=01-"

static const struct row rows[] = {
        { CLIENT_PI4,
          "dc:a6:32:a7:ed:89",
          77,
          "config.txt",
          { "# kept\n", "dtoverlay=fan\n", "arm_64bit=1\n" },
          { "start4.elf", "fixup4.dat", "e5ef6e9d/kernel8.img", "dc-a6-32-a7-ed-89/bcm2711-rpi-4-b.dtb",
            "lab/initramfs8", "//overlays/fan.dtbo" },
          { "recovery.elf", "recover4.elf", "e5ef6e9d/recovery.elf", "pieeprom.sig", "pieeprom.upd",
            "vl805.sig", "dt-blob.bin", "bootcfg.txt", "armstub8-gic.bin", "b22faaeb/start4.elf",
            "recovery.bin", "b8-27-eb-2f-aa-eb/config.txt" } },
        { CLIENT_PI4,
          "dc:a6:32:a7:ed:89",
          77,
          "cmdline.txt",
          { "console=serial0,115200 root=/dev/nfs ip=dhcp rootwait nfsroot=10.77.0.1:/srv/pi4\n" },
          { "e5ef6e9d//cmdline.txt", "E5EF6E9D/CMDLINE.TXT", "12345678/cmdline.txt", "\\cmdline.txt" },
          { "../cmdline.txt", "a/../cmdline.txt", "", "/", "overlays", "overlays/", "cmdline.txt/x" } },
        { CLIENT_PI5,
          "2c:cf:67:00:00:05",
          77,
          "e5/config.txt",
          { "# kept\n" },
          { "kernel_2712.img", "initramfs_2712", "bcm2712-rpi-5-b.dtb", "overlays/overlay_map.dtb" },
          { "pieeprom.sig", "armstub8-2712.bin", "overlays/hat_map.dtb" } },
        { CLIENT_PI_ROM,
          "b8:27:eb:2f:aa:eb",
          77,
          "b22faaeb/config.txt",
          { "# kept\n" },
          { "bootcode.bin", "b22faaeb/start.elf", "b22faaeb/bcm2710-rpi-3-b.dtb" },
          { "bootsig.bin", "autoboot.txt", "recovery8.img", "kernel7.img" } },
        { CLIENT_PI4,
          "dc:a6:32:00:00:45",
          77,
          "config.txt",
          { "kernel=vmlinuz-arm64\n", "initramfs initrd-arm64 followkernel\n" },
          { "vmlinuz-arm64", "initrd-arm64" },
          { "start4.elf" } },

        { CLIENT_PI4,
          "dc:a6:32:00:00:47",
          77,
          "config.txt",
          { "kernel=vmlinuz\n" },
          { "cmdline.txt", "vmlinuz" },
          {} },
        { CLIENT_PI4,
          "dc:a6:32:00:00:47",
          77,
          "cmdline.txt",
          { "console=tty1 quiet\n" },
          { "start4.elf" },
          {} },
        { CLIENT_PI4,
          "dc:a6:32:00:00:48",
          77,
          "config.txt",
          { "# kept\n", "arm_64bit=0\n" },
          { "cmdline.txt" },
          {} },
        { CLIENT_PI4,
          "dc:a6:32:a7:ed:89",
          77,
          "cmdline5.txt",
          { "console=ttyAMA10,115200 root=/dev/nfs nfsroot=10.77.0.1:/srv/pi4\n" },
          { "cmdline.txt" },
          {} },

        { CLIENT_UBOOT_ARM64,
          "52:54:00:77:00:f0",
          77,
          "pxelinux.cfg/01-52-54-00-77-00-f0",
          { "kernel vmlinuz-arm64\n", "initrd initrd-arm64\n", "fdtdir dtbs\n",
            "append console=ttyAMA0 lab=1\n" },
          { "initrd-arm64", "vmlinuz-arm64", "dtbs/broadcom/bcm2711-rpi-4-b.dtb", "pxelinux.cfg/0A4D00C2",
            "pxelinux.cfg/default-arm" },
          { "pxelinux.cfg/0A4D00C", "pxelinux.cfg/0", "pxelinux.cfg/01-dc-a6-32-a7-ed-89", "boot.scr.uimg",
            "pxelinux.cfg/" } },
        { CLIENT_UBOOT_ARMHF,
          "52:54:00:77:32:32",
          77,
          "/pxelinux.cfg/01-52-54-00-77-32-32",
          { "kernel vmlinuz-armhf\n", "initrd initrd-armhf\n" },
          { "initrd-armhf", "vmlinuz-armhf" },
          {} },
        { CLIENT_UBOOT_EFI,
          "52:54:00:77:00:f0",
          77,
          "/grub/grub.cfg",
          { "linux '(tftp,10.77.0.1)/vmlinuz-arm64' 'console=ttyAMA0' 'lab=1'\n",
            "initrd '(tftp,10.77.0.1)/initrd-arm64'\n" },
          { "grubaa64.efi", "/vmlinuz-arm64", "/initrd-arm64" },
          { "boot.scr.uimg", "dtb/", "bootaa64.efi", "/grub/arm64-efi/command.lst" } },

        { CLIENT_UEFI_ARM64,
          "52:54:00:77:00:f0",
          77,
          "/grub/grub.cfg",
          { "boot\n" },
          { "bootaa64.efi", "grubaa64.efi", "//grubaa64.efi", "/grubaa64.efi", "vmlinuz-arm64" },
          { "revocations_sku.efi", "revocations_sbat.efi", "shim_certificate_0.efi", "grubx64.efi",
            "bootx64.efi" } },
        { CLIENT_UEFI_AMD64,
          "52:54:00:77:00:6d",
          77,
          "grub/grub.cfg",
          { "(tftp,10.77.0.1)/vmlinuz-amd64" },
          { "bootx64.efi", "grubx64.efi", "vmlinuz-amd64", "initrd-amd64" },
          { "revocations_sku.efi", "/grub/x86_64-efi/fs.lst", "grubaa64.efi" } },
        { CLIENT_UEFI_AMD64,
          "52:54:00:77:00:6d",
          78,
          NULL,
          {},
          { "pc.efi" },
          { "grub/grub.cfg", "grubx64.efi", "arm.efi" } },
        { CLIENT_UEFI_HTTP_ARM64, "52:54:00:77:00:f0", 77, NULL, {}, { "arm.efi" }, { "bootaa64.efi" } },
        { CLIENT_UEFI_HTTP_AMD64, "52:54:00:77:00:6d", 77, NULL, {}, { "/pc.efi" }, {} },

        { CLIENT_IPXE,
          "52:54:00:77:00:6d",
          77,
          "boot.ipxe",
          { "#!ipxe\n",
            "kernel http://10.77.0.1:5248/b/" TOKEN "/vmlinuz-amd64 initrd=initrd console=ttyS0\n",
            "initrd --name initrd http://10.77.0.1:5248/b/" TOKEN "/initrd-amd64\n" },
          { "vmlinuz-amd64", "initrd-amd64" },
          { "autoexec.ipxe" } },
        { CLIENT_IPXE,
          "52:54:00:77:00:6d",
          78,
          "boot.ipxe",
          { "http://10.78.0.1:5248/" },
          { "vmlinuz-amd64" },
          {} },
        { CLIENT_BIOS, "52:54:00:77:00:6d", 77, NULL, {}, { "undionly.kpxe" }, { "pxelinux.0" } },
        { CLIENT_BIOS,
          "52:54:00:77:99:01",
          77,
          "pxelinux.cfg/01-52-54-00-77-99-01",
          { "kernel vmlinuz\n", "append quiet\n" },
          { "pxelinux.0", "ldlinux.c32", "vmlinuz" },
          { "pxelinux.cfg/01-52-54-00-77-00-6d" } },

        /* The agent, under each kernel and by each way. */
        { CLIENT_PI4,
          "dc:a6:32:00:01:02",
          77,
          "cmdline.txt",
          { "console=serial0,115200 " AGENT "dc-a6-32-00-01-02\n" },
          { "initramfs8", "initramfs_2712", "kernel8.img", "bramble-initrd", "e5/initramfs8" },
          { "agent-arm64.cpio", "bramble/agent-arm64.cpio" } },
        { CLIENT_PI4,
          "dc:a6:32:00:01:04",
          77,
          "config.txt",
          { "auto_initramfs=1\n", "arm_64bit=0\n", "initramfs bramble-initrd followkernel\n" },
          { "bramble-initrd", "S/bramble-initrd" },
          {} },
        { CLIENT_PI5,
          "2c:cf:67:00:01:03",
          77,
          "cmdline5.txt",
          { "console=ttyAMA10,115200 " AGENT "2c-cf-67-00-01-03\n" },
          { "initramfs_2712" },
          {} },
        { CLIENT_PI4,
          "dc:a6:32:00:01:05",
          77,
          "config.txt",
          { "kernel=vmlinuz\narm_64bit=1\n", "initramfs bramble-initrd followkernel\n" },
          { "bramble-initrd", "cmdline.txt" },
          {} },
        { CLIENT_PI4,
          "dc:a6:32:00:01:06",
          77,
          "config.txt",
          { "kernel=vmlinuz-arm64\n", "initramfs bramble-initrd followkernel\n" },
          { "bramble-initrd", "vmlinuz-arm64" },
          {} },
        { CLIENT_UBOOT_ARM64,
          "52:54:00:77:01:01",
          77,
          "pxelinux.cfg/01-52-54-00-77-01-01",
          { "kernel vmlinuz-agent-arm64\n", "initrd bramble-initrd\n",
            "append console=ttyAMA0 " AGENT "52-54-00-77-01-01\n" },
          { "vmlinuz-agent-arm64", "bramble-initrd" },
          {} },
        { CLIENT_UBOOT_ARMHF,
          "52:54:00:77:01:02",
          77,
          "pxelinux.cfg/default-arm",
          { "initrd bramble-initrd\n" },
          { "vmlinuz-agent-armhf", "bramble-initrd" },
          { "initrd-agent-arm64" } },
        { CLIENT_UEFI_AMD64,
          "52:54:00:77:01:04",
          77,
          "grub/grub.cfg",
          { "initrd '(tftp,10.77.0.1)/bramble-initrd'\n", "'console=ttyS0' 'rdinit=/bramble/agent'" },
          { "bootx64.efi", "vmlinuz-amd64", "/bramble-initrd" },
          {} },
        { CLIENT_UEFI_ARM64, "52:54:00:77:01:01", 78, NULL, {}, { "arm-new.efi" }, {} },
        { CLIENT_UEFI_HTTP_ARM64, "52:54:00:77:01:01", 77, NULL, {}, { "arm-new.efi" }, {} },
        { CLIENT_UBOOT_EFI,
          "52:54:00:77:01:01",
          77,
          "grub/grub.cfg",
          { "initrd '(tftp,10.77.0.1)/bramble-initrd'\n" },
          { "grubaa64.efi", "bramble-initrd" },
          {} },
        { CLIENT_IPXE,
          "52:54:00:77:01:03",
          77,
          "boot.ipxe",
          { "initrd=initrd console=ttyS0 console=ttyS1 " AGENT "52-54-00-77-01-03\n",
            "initrd --name initrd http://10.77.0.1:5248/b/" TOKEN "/bramble-initrd\n" },
          { "bramble-initrd", "vmlinuz-agent-amd64" },
          {} },

        /* Its own system: told where its seed is, or sent to its disk. */
        { CLIENT_UBOOT_ARM64,
          "52:54:00:77:01:0d",
          77,
          "pxelinux.cfg/01-52-54-00-77-01-0d",
          { "append console=ttyAMA0 lab=1 "
            "ds=nocloud-net;s=http://10.77.0.1:5248/seed/5eed5eed5eed5eed5eed5eed5eed5eed/\n" },
          { "initrd-arm64" },
          { "bramble-initrd" } },

        /* Its kernel's console comes here, too. */
        { CLIENT_UBOOT_ARM64,
          "52:54:00:77:01:5c",
          77,
          "pxelinux.cfg/01-52-54-00-77-01-5c",
          { "append console=ttyAMA0 lab=1 netconsole=+6665@",
            "/eth0,6666@10.77.0.1/ modules_load=netconsole\n" },
          { "initrd-arm64" },
          { "bramble-initrd" } },

        /* Its own system, which the agent starts: no word of the image's says where its root is. */
        { CLIENT_UBOOT_ARM64,
          "52:54:00:77:01:0b",
          77,
          "pxelinux.cfg/01-52-54-00-77-01-0b",
          { "initrd bramble-initrd\n",
            "append console=ttyAMA0 lab=1 rotate=1 resized=1 systemd.unit=x.target " AGENT_RUN
            "52-54-00-77-01-0b "
            "ds=nocloud-net;s=http://10.77.0.1:5248/seed/5eed5eed5eed5eed5eed5eed5eed5eed/\n" },
          { "vmlinuz-arm64", "bramble-initrd" },
          {} },
        { CLIENT_PI4,
          "dc:a6:32:00:01:08",
          77,
          "cmdline.txt",
          { "console=serial0,115200 " AGENT_RUN "dc-a6-32-00-01-08\n" },
          { "initramfs8", "kernel8.img", "config.txt", "bramble-initrd" },
          {} },
        { CLIENT_UEFI_HTTP_ARM64, "52:54:00:77:01:0b", 77, NULL, {}, { "arm-ram.efi" }, {} },
        { CLIENT_UEFI_ARM64,
          "52:54:00:77:01:0b",
          77,
          "grub/grub.cfg",
          { "initrd '(tftp,10.77.0.1)/bramble-initrd'\n", "'bramble.run'" },
          { "bootaa64.efi", "bramble-initrd" },
          {} },
        { CLIENT_UEFI_AMD64,
          "52:54:00:77:01:08",
          77,
          "grub/grub.cfg",
          { "for loader in '/EFI/debian/shimx64.efi' ", " '/EFI/BOOT/BOOTx64.efi'; do\n",
            "search --no-floppy --set=root --file $loader; then\n", "if chainloader $loader; then\nboot\n" },
          { "bootx64.efi", "grubx64.efi" },
          { "vmlinuz-amd64", "bramble-exit.efi", "bramble-initrd" } },
        { CLIENT_UEFI_AMD64,
          "52:54:00:77:01:08",
          78,
          NULL,
          {},
          { "bramble-exit.efi" },
          { "vmlinuz-amd64", "grub/grub.cfg", "bootx64.efi", "bramble-initrd" } },
        { CLIENT_UEFI_HTTP_AMD64,
          "52:54:00:77:01:08",
          77,
          NULL,
          {},
          { "bramble-exit.efi" },
          { "pc-written.efi" } },
        { CLIENT_UBOOT_ARM64,
          "52:54:00:77:01:09",
          77,
          "pxelinux.cfg/01-52-54-00-77-01-09",
          { "label local\n\tlocalboot 1\n" },
          { "pxelinux.cfg/default" },
          { "vmlinuz-arm64", "pxelinux.cfg/01-52-54-00-77-01-01" } },
        { CLIENT_IPXE,
          "52:54:00:77:01:08",
          77,
          "boot.ipxe",
          { "#!ipxe\n", "sanboot --no-describe --drive 0x80 ||\nexit 1\n" },
          { "boot.ipxe" },
          { "vmlinuz-amd64" } },
};

/* The file at a path, whole; NULL when it is not found. */
static char *read_file(const struct boot_site *s, const struct boot_plan *p, const char *path,
                       size_t *ret_len) {
        CLEANUP(boot_file_drop_at) struct boot_file *f = NULL;
        int r = boot_plan_file(p, path, &s->blobs, &f, NULL);

        if (r == BOOT_FILE_MISSING)
                return NULL;
        if (r < 0)
                fail_msg("%s: error %d", path, r);
        char *octets = calloc(1, f->size + 1);
        assert_non_null(octets);
        assert_int_equal(boot_file_read(f, 0, octets, f->size), f->size);
        *ret_len = f->size;
        return octets;
}

static void must_be_there(const struct boot_site *s, const struct boot_plan *p, const char *path) {
        size_t len;
        CLEANUP(free_at) char *octets = read_file(s, p, path, &len);
        if (!octets || len == 0)
                fail_msg("%s as %s: %s is named and not served", p->machine ? p->machine->name : "?",
                         p->client->name, path);
}

static void must_not_be_there(const struct boot_site *s, const struct boot_plan *p, const char *path) {
        size_t len;
        CLEANUP(free_at) char *octets = read_file(s, p, path, &len);
        if (octets)
                fail_msg("%s: \"%s\" must be \"not found\"", p->client->name, path);
}

static void check_row(const struct boot_site *s, const struct row *row) {
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
        struct boot_ask ask = boot_site_ask(row->client, row->mac, row->net);
        const struct boot_plan *p = boot_plan(s->site, &ask, arena);

        assert_non_null(p);
        assert_non_null(p->method);
        if (row->config) {
                size_t len;
                CLEANUP(free_at) char *text = read_file(s, p, row->config, &len);
                if (!text)
                        fail_msg("%s: %s is not served", p->client->name, row->config);
                for (size_t i = 0; i < ARRAY_LEN(row->mentions) && row->mentions[i]; i++) {
                        if (!strstr(text, row->mentions[i]))
                                fail_msg("%s: %s lacks \"%s\":\n%s", p->client->name, row->config,
                                         row->mentions[i], text);
                }
                if (text_ends_with(row->config, "config.txt"))
                        assert_true(len < 4096);
        }
        for (size_t i = 0; i < ARRAY_LEN(row->follows) && row->follows[i]; i++)
                must_be_there(s, p, row->follows[i]);
        for (size_t i = 0; i < ARRAY_LEN(row->never) && row->never[i]; i++)
                must_not_be_there(s, p, row->never[i]);
}

static void serves_what_firmware_asks_for(void **state) {
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                check_row(*state, &rows[i]);
}

struct listing {
        const struct boot_site *s;
        const struct boot_plan *p;
        char *paths[LISTED_MAX];
        size_t n;
};

/* Every line of a listing can be fetched, and is as long as the listing says. */
static int check_entry(void *ctx, const struct boot_entry *e) {
        struct listing *l = ctx;
        size_t len;
        CLEANUP(free_at) char *octets = read_file(l->s, l->p, e->path, &len);

        if (!octets || len != e->size)
                fail_msg("%s: %s is listed with %zu octets", l->p->client->name, e->path, (size_t)e->size);
        assert_true(e->why || !e->is_generated);
        assert_true(l->n < LISTED_MAX);
        if (l->n > 0 && strcmp(l->paths[l->n - 1], e->path) >= 0)
                fail_msg("%s is listed out of order, or twice", e->path);
        l->paths[l->n++] = strdup(e->path);
        return 0;
}

static bool is_listed(const struct listing *l, const char *path) {
        for (size_t i = 0; i < l->n; i++) {
                if (strcmp(l->paths[i], path) == 0)
                        return true;
        }
        return false;
}

static void lists_what_it_serves(void **state) {
        const struct boot_site *s = *state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
                struct boot_ask ask = boot_site_ask(rows[i].client, rows[i].mac, rows[i].net);
                struct listing l = { .s = s, .p = boot_plan(s->site, &ask, arena) };

                assert_int_equal(boot_plan_each_file(l.p, &s->blobs, check_entry, &l), 0);
                assert_true(l.n > 0);
                for (size_t n = 0; n < ARRAY_LEN(rows[i].follows) && rows[i].follows[n]; n++) {
                        CLEANUP(boot_file_drop_at) struct boot_file *f = NULL;
                        const char *path = NULL;
                        assert_int_equal(boot_plan_file(l.p, rows[i].follows[n], &s->blobs, &f, &path),
                                         BOOT_FILE_FOUND);
                        /* FAT names have no case: what is shown is what was asked, without its prefix. */
                        if (!is_listed(&l, path) && strcmp(path, "CMDLINE.TXT") != 0)
                                fail_msg("%s is served as %s and not listed", rows[i].follows[n], path);
                }
                for (size_t n = 0; n < l.n; n++)
                        free(l.paths[n]);
        }
}

/* What the offer names is there: by TFTP its path, by HTTP what follows the token. */
static void serves_what_it_offers(void **state) {
        const struct boot_site *s = *state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
                struct boot_ask ask = boot_site_ask(rows[i].client, rows[i].mac, rows[i].net);
                const struct boot_plan *p = boot_plan(s->site, &ask, arena);
                const char *file = p->offer.bootfile, *token = strstr(file, TOKEN "/");

                assert_true(p->offer.is_bootable);
                if (token)
                        file = token + strlen(TOKEN "/");
                if (file[0] && !boot_client_is_pi(p->client->id)) /* for a Pi the name is a placeholder */
                        must_be_there(s, p, file);
                if (p->offer.pxe_config[0])
                        must_be_there(s, p, p->offer.pxe_config);
        }
}

static void a_file_stays_the_same_file(void **state) {
        const struct boot_site *s = *state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
                CLEANUP(boot_file_drop_at) struct boot_file *first = NULL;
                CLEANUP(boot_file_drop_at) struct boot_file *second = NULL;
                struct boot_ask ask = boot_site_ask(rows[i].client, rows[i].mac, rows[i].net);
                const char *path = rows[i].config ? rows[i].config : rows[i].follows[0];

                assert_int_equal(
                        boot_plan_file(boot_plan(s->site, &ask, arena), path, &s->blobs, &first, NULL), 0);
                assert_int_equal(
                        boot_plan_file(boot_plan(s->site, &ask, arena), path, &s->blobs, &second, NULL), 0);
                assert_string_equal(first->etag, second->etag);
        }
}

/* The archives are there whole and in their order, the second where the kernel looks for it. */
static void the_agent_follows_the_initrd(void **state) {
        const struct boot_site *s = *state;
        static const struct {
                enum boot_client_id client;
                const char *mac, *path, *archives[4];
        } asked[] = {
                { CLIENT_PI4, "dc:a6:32:00:01:02", "initramfs8", { "initramfs8", "AGENT64" } },
                { CLIENT_PI4, "dc:a6:32:00:01:02", "initramfs_2712", { "initramfs_2712", "AGENT64" } },
                { CLIENT_PI4, "dc:a6:32:00:01:04", "bramble-initrd", { "initramfs8", "AGENT32" } },
                { CLIENT_PI4, "dc:a6:32:00:01:05", "bramble-initrd", { "AGENT64" } },
                { CLIENT_UBOOT_ARM64, "52:54:00:77:01:01", "bramble-initrd", { "drivers", "AGENT64" } },
                { CLIENT_UBOOT_ARMHF, "52:54:00:77:01:02", "bramble-initrd", { "AGENT32" } },
                { CLIENT_UEFI_AMD64, "52:54:00:77:01:04", "bramble-initrd", { "initrd-amd64", "AGENTPC" } },
                { CLIENT_IPXE, "52:54:00:77:01:03", "bramble-initrd", { "drivers", "modules", "AGENTPC" } },
        };

        for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
                CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
                struct boot_ask ask = boot_site_ask(asked[i].client, asked[i].mac, 77);
                size_t len, at = 0;
                CLEANUP(free_at)
                char *octets = read_file(s, boot_plan(s->site, &ask, arena), asked[i].path, &len);
                assert_non_null(octets);
                for (const char *const *archive = asked[i].archives; *archive; archive++) {
                        size_t begin = at ? (at + 4 + 3) / 4 * 4 : 0;
                        for (; at < begin; at++)
                                assert_int_equal(octets[at], 0);
                        assert_true(at + strlen(*archive) <= len);
                        assert_memory_equal(octets + at, *archive, strlen(*archive));
                        at += strlen(*archive);
                }
                assert_int_equal(at, len);
        }
}

/* A UKI has them as its initrd, and the agent's command line. */
static void a_uki_starts_the_agent(void **state) {
        const struct boot_site *s = *state;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
        struct boot_ask ask = boot_site_ask(CLIENT_UEFI_HTTP_ARM64, "52:54:00:77:01:01", 77);
        size_t len;
        CLEANUP(free_at) char *octets = read_file(s, boot_plan(s->site, &ask, arena), "arm-new.efi", &len);
        static const char words[] = "console=ttyAMA0 " AGENT;

        assert_non_null(octets);
        const char *own = memmem(octets, len, "drivers", 7), *agent = memmem(octets, len, "AGENT64", 7);
        assert_true(own && agent && agent - own >= 7 + 4 && (agent - own) % 4 == 0);
        assert_non_null(memmem(octets, len, words, sizeof(words) - 1));
        assert_null(memmem(octets, len, "quiet", 5)); /* only what the hardware needs */
}

static int set_up(void **state) {
        *state = boot_site_new();
        return 0;
}

static int tear_down(void **state) {
        boot_site_free(*state);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(serves_what_firmware_asks_for), cmocka_unit_test(lists_what_it_serves),
                cmocka_unit_test(serves_what_it_offers),         cmocka_unit_test(a_file_stays_the_same_file),
                cmocka_unit_test(the_agent_follows_the_initrd),  cmocka_unit_test(a_uki_starts_the_agent),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
