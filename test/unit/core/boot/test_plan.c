/* Who gets what, row by row: the method, the file that is named, the words that explain it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "boot_site.h"
#include "core/boot/agent.h"
#include "core/boot/method.h"

enum { ARENA_SIZE = 1 << 16 };

#define PI4 "dc:a6:32:a7:ed:89"
#define PI5 "2c:cf:67:00:00:05"
#define PI3 "b8:27:eb:2f:aa:eb"
#define ARM "52:54:00:77:00:f0"
#define ARM_BARE "52:54:00:77:00:f1"
#define ARMHF "52:54:00:77:32:32"
#define PC "52:54:00:77:00:6d"
#define STRANGER "52:54:00:99:99:99"
#define TOKEN "0123456789abcdef0123456789abcdef"
#define URL "http://10.77.0.1:5248/b/" TOKEN "/"

struct row {
        enum boot_client_id client;
        const char *mac;
        uint8_t net;
        const char *method, *bootfile; /* "": none, and then the offer is not bootable (but see U-Boot) */
        const char *reason;            /* part of one sentence */
        const char *vendor_class;      /* NULL: "" */
};

static const struct row rows[] = {
        { CLIENT_PI4, PI4, 77, "pi-tftp", "bootcode.bin", "runs image raspios", "PXEClient" },
        { CLIENT_PI4, PI4, 78, "pi-tftp", "bootcode.bin", "machine pi4-demo is registered with MAC",
          "PXEClient" },
        { CLIENT_PI5, PI5, 77, "pi-tftp", "bootcode.bin", "a tree of its own", "PXEClient" },
        { CLIENT_PI_ROM, PI3, 77, "pi-tftp", "bootcode.bin", "Raspberry Pi 3 boot ROM", "PXEClient" },
        { CLIENT_PI_ROM, PI3, 78, "pi-tftp", "bootcode.bin", "fetches from that server", "PXEClient" },
        { CLIENT_PI3, PI3, 77, "pi-tftp", "bootcode.bin", "bootcode.bin", "PXEClient" },
        { CLIENT_PI_OTHER, PI3, 77, "pi-tftp", "bootcode.bin", "asks as a Raspberry Pi", "PXEClient" },
        { CLIENT_PI4, "dc:a6:32:00:00:45", 77, "pi-tftp", "bootcode.bin", "has no start4.elf", "PXEClient" },

        { CLIENT_PI4, "dc:a6:32:00:00:49", 77, "", "", "config.txt of image long-config is too long", NULL },
        { CLIENT_PI4, "dc:a6:32:00:00:44", 77, "pi-local", "bootcode.bin", "next entry of BOOT_ORDER at once",
          "PXEClient" },
        { CLIENT_PI4, "dc:a6:32:00:00:46", 77, "", "", "image debian-amd64 has no kernel for arm64", NULL },
        { CLIENT_UEFI_AMD64, "52:54:00:77:00:6e", 77, "uefi-local", "bramble-exit.efi",
          "its disk was not written here", NULL },
        { CLIENT_BIOS, "52:54:00:77:00:6f", 77, "", "", "its firmware goes on to the next thing at once",
          NULL },

        { CLIENT_UBOOT_ARM64, ARM, 77, "uboot-pxelinux", "", "pxelinux.cfg/01-52-54-00-77-00-f0", NULL },
        { CLIENT_UBOOT_ARMHF, ARMHF, 77, "uboot-pxelinux", "", "image bare-armhf", NULL },
        { CLIENT_UBOOT_ARMHF, ARM, 77, "", "", "image debian-arm64 has no kernel for armhf", NULL },
        { CLIENT_UBOOT_ARM64, ARM, 78, "uboot-pxelinux", "", "does not listen to a second DHCP server",
          "PXEClient" },
        { CLIENT_UBOOT_EFI, ARM, 78, "uboot-efi", "arm.efi", "does not listen to a second DHCP server",
          "PXEClient" },
        { CLIENT_UBOOT_EFI, ARM, 77, "uboot-efi", "grubaa64.efi", "shim cannot load through U-Boot", NULL },

        { CLIENT_UEFI_ARM64, ARM, 77, "uefi-pxe", "bootaa64.efi", "GRUB beside it as grubaa64.efi", NULL },
        { CLIENT_UEFI_AMD64, PC, 77, "uefi-pxe", "bootx64.efi", "signed shim", NULL },
        { CLIENT_UEFI_ARM64, ARM, 78, "uefi-pxe", "arm.efi", "behind another DHCP server", "PXEClient" },
        { CLIENT_UEFI_AMD64, PC, 78, "uefi-pxe", "pc.efi", "Secure Boot on will refuse it", "PXEClient" },
        { CLIENT_UEFI_ARM64, ARM_BARE, 77, "", "", "no file that would be a GRUB or an EFI stub", NULL },
        { CLIENT_UEFI_ARM64, ARM_BARE, 78, "", "", "no file that would be an EFI stub: beside another",
          NULL },
        { CLIENT_UEFI_HTTP_ARM64, ARM_BARE, 77, "", "", "an EFI stub, of which a UKI is made", NULL },
        { CLIENT_UBOOT_EFI, ARM_BARE, 77, "", "", "cannot boot image bare-arm64", NULL },
        { CLIENT_UEFI_HTTP_ARM64, ARM, 77, "uefi-http", URL "arm.efi", "as one EFI program", "HTTPClient" },
        { CLIENT_UEFI_HTTP_AMD64, PC, 77, "uefi-http", URL "pc.efi", "as one EFI program", "HTTPClient" },

        { CLIENT_BIOS, PC, 77, "bios", "undionly.kpxe", "asks again", NULL },
        { CLIENT_BIOS, PC, 78, "bios", "undionly.kpxe", "asks again", "PXEClient" },
        { CLIENT_BIOS, "52:54:00:77:99:01", 77, "bios", "pxelinux.0", "PXELINUX from its image", NULL },
        { CLIENT_IPXE, PC, 77, "ipxe", URL "boot.ipxe", "kernel and initrd of image debian-amd64", NULL },
        { CLIENT_IPXE, ARM_BARE, 77, "ipxe", URL "boot.ipxe", "image bare-arm64", NULL },

        /* Nothing of another architecture, whatever is claimed. */
        { CLIENT_UEFI_AMD64, ARM, 77, "", "", "machine arm is an arm64 machine and asks for an amd64 loader",
          NULL },
        { CLIENT_BIOS, ARM, 77, "", "", "it gets none", NULL },
        { CLIENT_UEFI_ARM64, PC, 77, "", "", "machine pc is an amd64 machine", NULL },
        { CLIENT_BIOS, "dc:a6:32:00:00:45", 77, "", "", "is an arm64 machine", NULL },
        { CLIENT_UNSERVED, PC, 77, "", "", "nothing here boots that architecture", NULL },

        { CLIENT_UBOOT_ARM64, ARMHF, 77, "", "", "image bare-armhf has no kernel for arm64", NULL },
        { CLIENT_PI4, "dc:a6:32:00:00:48", 77, "pi-tftp", "bootcode.bin", "runs image raspios", "PXEClient" },

        /* Strangers, by the subnet's word. */
        { CLIENT_PI4, STRANGER, 77, "", "", "unknown=discover", NULL },
        { CLIENT_PI4, STRANGER, 78, "", "", "unknown=refuse", NULL },
        { CLIENT_PI4, STRANGER, 79, "pi-tftp", "bootcode.bin", "boots image raspios on every unknown machine",
          "PXEClient" },
        { CLIENT_UEFI_AMD64, STRANGER, 79, "", "", "image raspios has no kernel for amd64", NULL },
        { CLIENT_PI4, STRANGER, 80, "pi-tftp", "bootcode.bin", "enlists unknown machines (unknown=enlist)",
          "PXEClient" },
        { CLIENT_UEFI_AMD64, STRANGER, 80, "uefi-pxe", "bootx64.efi",
          "it runs the agent, under the kernel of image agent-amd64", NULL },
        { CLIENT_BIOS, STRANGER, 80, "bios", "undionly.kpxe", "image agent-amd64", NULL },
        { CLIENT_IPXE, STRANGER, 80, "ipxe", "http://10.80.0.1:5248/b/" TOKEN "/boot.ipxe",
          "image agent-amd64", NULL },
        { CLIENT_UBOOT_ARMHF, STRANGER, 80, "uboot-pxelinux", "", "image agent-armhf", NULL },
        { CLIENT_UNSERVED, STRANGER, 80, "", "", "nothing here boots that architecture", NULL },
        { CLIENT_PI4, STRANGER, 99, "", "", "no subnet that is defined here", NULL },

        /* The agent, for each purpose and by each way. */
        { CLIENT_UBOOT_ARM64, "52:54:00:77:01:01", 77, "uboot-pxelinux", "", "it is Commissioning", NULL },
        { CLIENT_UBOOT_EFI, "52:54:00:77:01:01", 77, "uboot-efi", "grubaa64.efi",
          "kernel of image agent-arm64", NULL },
        { CLIENT_UEFI_ARM64, "52:54:00:77:01:01", 77, "uefi-pxe", "grubaa64.efi", "without shim", NULL },
        { CLIENT_UEFI_ARM64, "52:54:00:77:01:01", 78, "uefi-pxe", "arm-new.efi", "behind another DHCP server",
          "PXEClient" },
        { CLIENT_UEFI_HTTP_ARM64, "52:54:00:77:01:01", 77, "uefi-http", URL "arm-new.efi",
          "as one EFI program", "HTTPClient" },
        { CLIENT_UBOOT_ARMHF, "52:54:00:77:01:02", 77, "uboot-pxelinux", "", "kernel of image agent-armhf",
          NULL },
        { CLIENT_IPXE, "52:54:00:77:01:03", 77, "ipxe", URL "boot.ipxe", "kernel of image agent-amd64",
          NULL },
        { CLIENT_BIOS, "52:54:00:77:01:03", 77, "bios", "undionly.kpxe", "it is Commissioning", NULL },
        { CLIENT_UEFI_AMD64, "52:54:00:77:01:04", 77, "uefi-pxe", "bootx64.efi",
          "it runs the agent, under the kernel of image debian-amd64", NULL },
        { CLIENT_UEFI_AMD64, "52:54:00:77:01:05", 77, "uefi-pxe", "bootx64.efi", "it is Ready, and waits",
          NULL },
        { CLIENT_PI4, "dc:a6:32:00:01:02", 77, "pi-tftp", "bootcode.bin", "under the kernel of image raspios",
          "PXEClient" },
        { CLIENT_PI5, "2c:cf:67:00:01:03", 77, "pi-tftp", "bootcode.bin", "under the kernel of image raspios",
          "PXEClient" },
        { CLIENT_PI4, "dc:a6:32:00:01:04", 77, "pi-tftp", "bootcode.bin", "it is Commissioning",
          "PXEClient" },

        /* Its own image is not for this firmware: the agent's kernel is. */
        { CLIENT_UEFI_ARM64, "52:54:00:77:01:0c", 77, "uefi-pxe", "grubaa64.efi",
          "kernel of image agent-arm64", NULL },
        { CLIENT_UBOOT_ARM64, "52:54:00:77:01:0c", 77, "uboot-pxelinux", "", "kernel of image bare-arm64",
          NULL },

        { CLIENT_PI4, "dc:a6:32:00:01:07", 77, "pi-tftp", "bootcode.bin", "under the kernel of image raspios",
          "PXEClient" },

        /* Its own system, which the agent starts in its root. */
        { CLIENT_UBOOT_ARM64, "52:54:00:77:01:0b", 77, "uboot-pxelinux", "",
          "the agent goes with it, brings up its root (ram)", NULL },
        { CLIENT_UEFI_ARM64, "52:54:00:77:01:0b", 78, "uefi-pxe", "arm-ram.efi", "runs image debian-arm64",
          "PXEClient" },
        { CLIENT_PI4, "dc:a6:32:00:01:08", 77, "pi-tftp", "bootcode.bin", "brings up its root", "PXEClient" },
        { CLIENT_PI4, "dc:a6:32:00:01:08", 77, "pi-tftp", "bootcode.bin",
          "on trial: without its sign debian-arm64@1 is back", "PXEClient" },
        { CLIENT_UEFI_HTTP_ARM64, "52:54:00:77:01:0b", 77, "uefi-http", URL "arm-ram.efi",
          "image x is not taken", "HTTPClient" },

        /* What is missing, in words. */
        { CLIENT_BIOS, "52:54:00:77:01:0e", 77, "", "",
          "its root is brought up by the agent, and there is none for i386: bramble image build-agent",
          NULL },
        { CLIENT_BIOS, "52:54:00:77:01:06", 77, "", "",
          "no agent environment for i386: bramble image build-agent --arch i386", NULL },
        { CLIENT_PI_ROM, "b8:27:eb:00:01:07", 77, "", "", "no image has boot files for a Raspberry Pi CM3",
          NULL },
        { CLIENT_UBOOT_EFI, "52:54:00:77:01:02", 77, "", "", "image agent-armhf", NULL },
        { CLIENT_UEFI_AMD64, "52:54:00:77:01:01", 77, "", "", "machine arm-new is an arm64 machine", NULL },
        { CLIENT_OTHER, "2c:cf:67:00:01:03", 77, "pi-tftp", "", "files are served to it", NULL },
        { CLIENT_UEFI_AMD64, "52:54:00:77:01:07", 77, "", "", "it is Retired: it is booted no more", NULL },

        /* Its own system lies on its disk: every firmware is sent there. */
        { CLIENT_PI4, "dc:a6:32:00:01:01", 77, "pi-local", "bootcode.bin",
          "it is Deploying, with image raspios on its disk", "PXEClient" },
        { CLIENT_UEFI_AMD64, "52:54:00:77:01:08", 77, "uefi-local", "bootx64.efi",
          "it is Deployed, with image debian-amd64 on its disk", NULL },
        { CLIENT_UEFI_AMD64, "52:54:00:77:01:08", 77, "uefi-local", "bootx64.efi",
          "the signed shim, and by it GRUB, which starts the loader that it finds on a disk", NULL },
        /* By GRUB of the agent's image, which has no shim, where its own has none. */
        { CLIENT_UEFI_ARM64, "52:54:00:77:01:0f", 77, "uefi-local", "grubaa64.efi",
          "it gets GRUB, which starts the loader", NULL },
        { CLIENT_UEFI_AMD64, "52:54:00:77:01:08", 78, "uefi-local", "bramble-exit.efi",
          "would ask the other DHCP server", "PXEClient" },
        { CLIENT_UEFI_HTTP_AMD64, "52:54:00:77:01:08", 77, "uefi-local", URL "bramble-exit.efi",
          "cannot go on over HTTP", "HTTPClient" },
        { CLIENT_UBOOT_EFI, "52:54:00:77:01:09", 77, "uefi-local", "bramble-exit.efi", "ends at once", NULL },
        { CLIENT_UBOOT_ARM64, "52:54:00:77:01:09", 77, "uboot-local", "", "which says localboot", NULL },
        { CLIENT_UBOOT_ARMHF, "52:54:00:77:01:0a", 77, "uboot-local", "", "which says localboot", NULL },
        { CLIENT_IPXE, "52:54:00:77:01:08", 77, "ipxe-local", URL "boot.ipxe", "which starts its first disk",
          NULL },
        { CLIENT_BIOS, "52:54:00:77:01:08", 77, "", "", "its firmware goes on to the next thing at once",
          NULL },

        /* Where DHCP is off, its files are all that is served. */
        { CLIENT_PI4, PI4, 84, "pi-tftp", "", "DHCP is off on subnet 10.84.0.0/24", NULL },
        { CLIENT_PI4, STRANGER, 84, "", "", "DHCP is off on subnet 10.84.0.0/24", NULL },

        /* Who is no firmware is told nothing, but may fetch files. */
        { CLIENT_GRUB, ARM, 77, "uefi-pxe", "", "GRUB gets an address and no boot options", NULL },
        { CLIENT_OTHER, PI4, 77, "pi-tftp", "", "files are served to it as to Raspberry Pi", NULL },
        { CLIENT_OTHER, STRANGER, 77, "", "", "nobody registered it", NULL },
};

static bool has_reason(const struct boot_plan *p, const char *part) {
        for (size_t i = 0; i < p->n_reasons; i++) {
                if (strstr(p->reasons[i], part))
                        return true;
        }
        return false;
}

static void print_reasons(const struct boot_plan *p) {
        for (size_t i = 0; i < p->n_reasons; i++)
                print_message("        %s\n", p->reasons[i]);
}

static void plans_each_row(void **state) {
        struct boot_site *s = *state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const struct row *row = &rows[i];
                CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
                struct boot_ask ask = boot_site_ask(row->client, row->mac, row->net);
                const struct boot_plan *p = boot_plan(s->site, &ask, arena);
                assert_non_null(p);
                bool is_right =
                        strcmp(boot_method_name(p->method), row->method) == 0 &&
                        strcmp(p->offer.bootfile, row->bootfile) == 0 && has_reason(p, row->reason) &&
                        strcmp(p->offer.vendor_class, row->vendor_class ? row->vendor_class : "") == 0 &&
                        (p->offer.is_bootable || !row->bootfile[0]) &&
                        (p->offer.is_bootable || !row->vendor_class);
                if (is_right)
                        continue;
                print_reasons(p);
                fail_msg("row %zu: method \"%s\", bootfile \"%s\", class \"%s\"", i,
                         boot_method_name(p->method), p->offer.bootfile, p->offer.vendor_class);
        }
}

static void a_pi_gets_every_option_that_any_pi_needs(void **state) {
        struct boot_site *s = *state;
        static const uint8_t plain[32] =
                "\x06\x01\x03\x0a\x04\x00PXE\x09\x14\x00\x00\x11Raspberry Pi Boot\xff";
        static const uint8_t rom[35] =
                "\x06\x01\x03\x0a\x04\x00PXE\x09\x17\x00\x00\x14Raspberry Pi Boot   \xff";
        const struct {
                enum boot_client_id client;
                const uint8_t *vendor;
                size_t len;
        } forms[] = {
                { CLIENT_PI4, plain, 32 },
                { CLIENT_PI5, plain, 32 },
                { CLIENT_PI_ROM, rom, 35 },
                { CLIENT_PI3, rom, 35 },
        };

        for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
                CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
                struct boot_ask ask = boot_site_ask(forms[i].client, PI4, 77);
                const struct boot_offer *o = &boot_plan(s->site, &ask, arena)->offer;
                assert_true(o->is_bootable && o->has_server_name && o->echo_uuid);
                assert_true(ip_equal(&o->next_server, &ask.server));
                assert_int_equal(o->vendor_options_len, forms[i].len);
                assert_memory_equal(o->vendor_options, forms[i].vendor, forms[i].len);
        }
}

static void a_pi_that_boots_its_disk_finds_no_file(void **state) {
        struct boot_site *s = *state;
        static const char *const asked[] = { "start4.elf", "a1b2c3d4/start4.elf", "config.txt",
                                             "cmdline.txt" };
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
        struct boot_ask ask = boot_site_ask(CLIENT_PI4, "dc:a6:32:00:00:44", 77);
        const struct boot_plan *p = boot_plan(s->site, &ask, arena);

        assert_true(p->offer.is_bootable);
        for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
                struct boot_file *f = NULL;
                assert_int_equal(boot_plan_file(p, asked[i], &s->blobs, &f, NULL), BOOT_FILE_MISSING);
        }
}

static void explains_a_pi_by_its_option_97(void **state) {
        struct boot_site *s = *state;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
        struct boot_ask ask = boot_site_ask(CLIENT_PI4, STRANGER, 77);

        ask.has_serial = true;
        ask.serial = 0xe5ef6e9d;
        ask.revision = 0xc03112;
        const struct boot_plan *p = boot_plan(s->site, &ask, arena);
        assert_string_equal(p->reasons[0], "option 97 says serial e5ef6e9d, revision c03112: the EEPROM of a "
                                           "Raspberry Pi 4B 4 GiB rev 1.2");
        assert_string_equal(p->reasons[1], "machine pi4-demo is registered with serial e5ef6e9d");
        assert_string_equal(p->board->name, "pi4b");
        assert_null(p->reasons[p->n_reasons]);
}

static void notices_contradictions(void **state) {
        struct boot_site *s = *state;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
        struct boot_ask ask = boot_site_ask(CLIENT_PI4, PI4, 77);

        ask.has_serial = true;
        ask.serial = 0xb22faaeb;
        assert_true(has_reason(boot_plan(s->site, &ask, arena),
                               "serial b22faaeb is registered for machine pi3-demo"));
        ask.serial = 0x12345678;
        assert_true(has_reason(boot_plan(s->site, &ask, arena),
                               "it says serial 12345678, and e5ef6e9d is registered"));

        /* The serial of one machine from the MAC of nobody; and what no board says. */
        ask = boot_site_ask(CLIENT_PI4, STRANGER, 77);
        ask.has_serial = true;
        ask.serial = 0xe5ef6e9d;
        const struct boot_plan *p = boot_plan(s->site, &ask, arena);
        assert_non_null(p->contradiction);
        assert_string_equal(p->contradiction,
                            "its MAC " STRANGER " is none of this machine's: two boards say one "
                            "serial, or one says another's");
        assert_true(has_reason(p, "but its MAC " STRANGER " is none of this machine's"));
        ask.revision = 0xc04170; /* of a Raspberry Pi 5 */
        p = boot_plan(s->site, &ask, arena);
        assert_non_null(p->contradiction);
        assert_non_null(strstr(p->contradiction, "revision c04170, which no board has"));
}

static void before_a_session_ipxe_gets_its_script_by_tftp(void **state) {
        struct boot_site *s = *state;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
        struct boot_ask ask = boot_site_ask(CLIENT_IPXE, PC, 77);

        ask.token[0] = 0;
        assert_string_equal(boot_plan(s->site, &ask, arena)->offer.bootfile, "boot.ipxe");
}

static void unserved_architectures_are_named(void **state) {
        struct boot_site *s = *state;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
        struct boot_ask ask = boot_site_ask(CLIENT_UNSERVED, PC, 77);

        ask.said_arch = 27;
        const struct boot_plan *p = boot_plan(s->site, &ask, arena);
        assert_true(has_reason(p, "architecture 27, 64-bit RISC-V UEFI"));
        assert_false(p->offer.is_bootable);
}

static void ipxe_says_what_it_runs_on(void **state) {
        struct boot_site *s = *state;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
        struct boot_ask ask = boot_site_ask(CLIENT_IPXE, "52:54:00:77:99:02", 77);

        /* No arch is registered for it: what it says itself must be enough. */
        assert_true(boot_plan(s->site, &ask, arena)->offer.is_bootable);
        ask.said_arch = 7;
        assert_true(boot_plan(s->site, &ask, arena)->offer.is_bootable);
        ask.said_arch = 11;
        const struct boot_plan *p = boot_plan(s->site, &ask, arena);
        assert_false(p->offer.is_bootable);
        assert_true(has_reason(p, "image debian-amd64 has no kernel for arm64"));
}

static void every_purpose_has_its_boot(void **state) {
        struct boot_site *s = *state;
        static const struct {
                const char *mac;
                enum boot_purpose purpose;
        } asked[] = {
                { STRANGER, PURPOSE_ENLIST },
                { "52:54:00:77:01:03", PURPOSE_COMMISSION },
                { "dc:a6:32:00:01:02", PURPOSE_DEPLOY },
                { "52:54:00:77:01:04", PURPOSE_RESCUE },
                { "2c:cf:67:00:01:03", PURPOSE_ERASE },
                { "52:54:00:77:01:05", PURPOSE_PARK },
                { "52:54:00:77:01:08", PURPOSE_LOCAL },
                { "52:54:00:77:01:0b", PURPOSE_RUN },
                { "52:54:00:77:01:07", PURPOSE_REFUSE },
        };

        for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
                CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
                struct boot_ask ask = boot_site_ask(CLIENT_PI4, asked[i].mac, 80);
                const struct boot_plan *p = boot_plan(s->site, &ask, arena);
                if (boot_purpose_of(p->machine, p->subnet, &ask) != asked[i].purpose)
                        fail_msg("%s: not %s", asked[i].mac, boot_purpose_name(asked[i].purpose));
                ask.client = CLIENT_OTHER; /* each asks as it usually does */
                p = boot_plan(s->site, &ask, arena);
                if (p->machine && p->purpose != asked[i].purpose)
                        fail_msg("%s: %s", asked[i].mac, boot_purpose_name(p->purpose));
                assert_int_equal(p->machine && (boot_purpose_is_agent(asked[i].purpose) || p->machine->run),
                                 p->agent != NULL);
        }
        assert_int_equal(boot_purpose_of(NULL, NULL, NULL), PURPOSE_REFUSE);
}

/* Told of missing files, or offered nothing: a Pi goes on to its disk either way. */
static void a_pi_goes_on_to_its_disk_in_one_of_two_ways(void **state) {
        struct boot_site *s = *state;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
        struct boot_ask ask = boot_site_ask(CLIENT_PI4, "52:54:00:77:01:08", 80);
        const struct boot_plan *p = boot_plan(s->site, &ask, arena);

        assert_int_equal(p->purpose, PURPOSE_LOCAL);
        assert_true(p->offer.is_bootable && has_reason(p, "finds no file"));
        ((struct machine *)(uintptr_t)p->machine)->drop_options = true;
        p = boot_plan(s->site, &ask, arena);
        assert_int_equal(p->purpose, PURPOSE_LOCAL);
        assert_true(!p->offer.is_bootable && has_reason(p, "when DHCP_TIMEOUT is over"));
        ((struct machine *)(uintptr_t)p->machine)->drop_options = false;
}

static void who_is_on_the_list_is_enlisted(void **state) {
        struct boot_site *s = *state;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
        struct boot_ask ask = boot_site_ask(CLIENT_PI4, "dc:a6:32:00:aa:01", 77);
        const struct boot_plan *p = boot_plan(s->site, &ask, arena);

        assert_int_equal(p->purpose, PURPOSE_ENLIST);
        assert_true(has_reason(p, "which is on its list"));
        assert_string_equal(p->image->name, "raspios");
        ask = boot_site_ask(CLIENT_PI4, STRANGER, 77);
        ask.has_serial = true;
        ask.serial = 0x0badcafe;
        assert_int_equal(boot_plan(s->site, &ask, arena)->purpose, PURPOSE_ENLIST);
        ask.serial++;
        assert_int_equal(boot_plan(s->site, &ask, arena)->purpose, PURPOSE_REFUSE);
}

/* Where the subnet asks for it, and there is a port for it: else it would be told to go nowhere. */
static void a_subnet_can_ask_for_https(void **state) {
        struct boot_site *s = *state;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
        CLEANUP(subnet_drop_at) struct subnet *subnet = subnet_new();
        struct boot_ask ask = boot_site_ask(CLIENT_PI4, STRANGER, 90);

        assert_int_equal(ip_net_parse("10.90.0.0/24", &subnet->net), 0);
        subnet->dhcp = SUBNET_DHCP_SERVER;
        subnet->unknown = SUBNET_UNKNOWN_ENLIST;
        subnet->agent_https = true;
        CLEANUP(site_drop_at) struct site *site = site_put_subnet(s->site, subnet, NULL);
        assert_string_equal(boot_agent_words(boot_plan(site, &ask, arena)),
                            "rdinit=/bramble/agent "
                            "bramble.url=http://10.90.0.1:5248/a/a0a1a2a3a4a5a6a7a8a9aaabacadaeaf "
                            "BOOTIF=01-52-54-00-99-99-99");
        ask.https_port = 5249;
        memset(ask.ca, 0xca, sizeof(ask.ca));
        assert_string_equal(
                boot_agent_words(boot_plan(site, &ask, arena)),
                "rdinit=/bramble/agent bramble.url=https://10.90.0.1:5249/a/a0a1a2a3a4a5a6a7a8a9aaabacadaeaf "
                "bramble.ca=sha256:cacacacacacacacacacacacacacacacacacacacacacacacacacacacacacacaca "
                "BOOTIF=01-52-54-00-99-99-99");
}

static int count_unmade(void *ctx, const struct boot_entry *e) {
        size_t *n = ctx;
        n[0]++;
        n[1] += e->why && strstr(e->why, "cannot be made") && strcmp(e->path, "cmdline.txt") == 0;
        return 0;
}

/* One file that cannot be made hides nothing of the rest. */
static void lists_a_tree_whose_command_line_is_too_long(void **state) {
        struct boot_site *s = *state;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
        struct boot_ask ask = boot_site_ask(CLIENT_PI4, "dc:a6:32:00:00:4a", 77);
        size_t n[2] = {};

        assert_int_equal(boot_plan_each_file(boot_plan(s->site, &ask, arena), &s->blobs, count_unmade, n), 0);
        assert_int_equal(n[0], 5); /* boot.img, with it inside, is another */
        assert_int_equal(n[1], 1);
}

/* What each way of making a file can come to is a sentence, and only a file that is simply absent has none.
 */
static void says_why_there_is_no_file(void **state) {
        struct boot_site *s = *state;
        static const struct {
                enum boot_client_id client;
                const char *mac;
                uint8_t net;
                const char *path;
                const char *why; /* "": the tree has no such file */
        } asked[] = {
                { CLIENT_PI4, PI4, 77, "dt-blob.bin", "" },
                { CLIENT_PI4, "dc:a6:32:00:00:44", 77, "config.txt", "" }, /* it boots its disk */
                { CLIENT_PI4, "dc:a6:32:00:00:49", 77, "config.txt", "firmware reads 4095 octets" },
                { CLIENT_PI4, "dc:a6:32:00:00:4a", 77, "cmdline.txt", "longer than firmware reads" },
                { CLIENT_PI4, "dc:a6:32:00:00:46", 77, "config.txt", "has no kernel for arm64" },
                { CLIENT_PI4, STRANGER, 77, "config.txt", "unknown=discover" },
                { CLIENT_UEFI_HTTP_ARM64, "52:54:00:77:00:f1", 77, "arm-bare.efi", "an EFI stub" },
                { CLIENT_UEFI_HTTP_ARM64, "52:54:00:77:00:f1", 84, "arm-bare.efi",
                  "an EFI stub" }, /* DHCP is off */
                { CLIENT_UNSERVED, PC, 77, "x", "nothing here boots that architecture" },
        };

        for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
                CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
                CLEANUP(boot_file_drop_at) struct boot_file *f = NULL;
                struct boot_ask ask = boot_site_ask(asked[i].client, asked[i].mac, asked[i].net);
                const struct boot_plan *p = boot_plan(s->site, &ask, arena);
                const char *why = boot_plan_why(p, boot_plan_file(p, asked[i].path, &s->blobs, &f, NULL));
                if (!asked[i].why[0] != !why[0] || !strstr(why, asked[i].why))
                        fail_msg("row %zu: \"%s\"", i, why);
        }
}

/* What a signer does is no matter of the image, and one that is still at it has not failed. */
static void says_what_became_of_a_signature(void **state) {
        static const struct {
                int answer;
                const char *why;
        } answers[] = {
                { -EKEYREJECTED, "it cannot be signed: brambled's log says why" },
                { -EAGAIN, "it is being signed: ask again in a moment" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(answers); i++)
                assert_string_equal(boot_plan_why(NULL, answers[i].answer), answers[i].why);
}

static void claims_nothing_of_what_was_not_seen(void **state) {
        struct boot_site *s = *state;
        static const struct {
                enum boot_client_id client;
                const char *says;
        } asked[] = {
                { CLIENT_PI4, "supposing that it asks as the Raspberry Pi 4 EEPROM does" },
                { CLIENT_PI_OTHER, "supposing that it asks as a Raspberry Pi does" },
                { CLIENT_UEFI_ARM64, "supposing that it asks as UEFI PXE (arm64) does" },
                { CLIENT_OTHER, "nothing was seen or registered that tells its firmware" },
        };

        for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
                CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_SIZE);
                struct boot_ask ask = boot_site_ask(asked[i].client, STRANGER, 77);
                ask.is_supposed = ask.has_serial = true;
                ask.serial = 0xa1b2c3d4; /* registered, say; nobody has sent it */
                const struct boot_plan *p = boot_plan(s->site, &ask, arena);
                assert_string_equal(p->reasons[0], asked[i].says);
                assert_false(has_reason(p, "option 97"));
        }
}

static void says_so_when_the_arena_is_too_small(void **state) {
        struct boot_site *s = *state;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(64);
        struct boot_ask ask = boot_site_ask(CLIENT_PI4, PI4, 77);
        assert_null(boot_plan(s->site, &ask, arena));
}

static void every_board_names_rows_that_exist(void **state) {
        struct boot_site *s = *state;
        const struct board_set *boards = site_boards(s->site);

        for (size_t i = 0; i < board_set_len(boards); i++) {
                struct error err = {};
                if (boot_board_check(board_set_item(boards, i), &err) < 0)
                        fail_msg("%s", err.text);
        }
        struct board bad = *board_set_item(boards, 0);
        bad.client = "toaster";
        assert_true(boot_board_check(&bad, NULL) < 0);
        bad = *board_set_item(boards, 0);
        bad.methods[0] = "toast";
        assert_true(boot_board_check(&bad, NULL) < 0);
}

static void every_method_has_a_page(void **state) {
        (void)state;
        for (size_t i = 0; boot_methods[i]; i++) {
                char path[512];
                (void)snprintf(path, sizeof(path), DOCS "/boot/%s.md", boot_methods[i]->name);
                if (access(path, R_OK) != 0)
                        fail_msg("docs/boot/%s.md is not there", boot_methods[i]->name);
        }
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
                cmocka_unit_test(plans_each_row),
                cmocka_unit_test(a_pi_gets_every_option_that_any_pi_needs),
                cmocka_unit_test(a_pi_that_boots_its_disk_finds_no_file),
                cmocka_unit_test(explains_a_pi_by_its_option_97),
                cmocka_unit_test(notices_contradictions),
                cmocka_unit_test(before_a_session_ipxe_gets_its_script_by_tftp),
                cmocka_unit_test(unserved_architectures_are_named),
                cmocka_unit_test(ipxe_says_what_it_runs_on),
                cmocka_unit_test(every_purpose_has_its_boot),
                cmocka_unit_test(a_pi_goes_on_to_its_disk_in_one_of_two_ways),
                cmocka_unit_test(who_is_on_the_list_is_enlisted),
                cmocka_unit_test(a_subnet_can_ask_for_https),
                cmocka_unit_test(lists_a_tree_whose_command_line_is_too_long),
                cmocka_unit_test(says_why_there_is_no_file),
                cmocka_unit_test(says_what_became_of_a_signature),
                cmocka_unit_test(claims_nothing_of_what_was_not_seen),
                cmocka_unit_test(says_so_when_the_arena_is_too_small),
                cmocka_unit_test(every_board_names_rows_that_exist),
                cmocka_unit_test(every_method_has_a_page),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
