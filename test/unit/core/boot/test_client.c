/* Who is asking: packets of real firmware (facts of captures; option lists in the order they were sent) and
 * the row they belong to. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/boot/client.h"
#include "core/boot/plan.h"

static struct board_set *boards;

enum { PARAMS_MAX = 64 };

struct row {
        enum boot_client_id client;
        const char *mac;
        int arch; /* -1: not said */
        const char *vendor_class, *user_class;
        const char *uuid; /* hex; NULL: none */
        const uint8_t *params;
        const uint8_t *undi; /* three octets; NULL: none */
        uint32_t xid;
        const char *remark;
};

#define PARAMS(...) \
        (const uint8_t[]) { \
                __VA_ARGS__, 0xff \
        }

static const uint8_t edk2_pxe[] = { 1,  2,  3,  4,   5,   6,   12,  13,  15,  17,  18,  22,
                                    23, 28, 40, 41,  42,  43,  50,  51,  54,  58,  59,  60,
                                    66, 67, 97, 128, 129, 130, 131, 132, 133, 134, 135, 0xff };
static const uint8_t edk2_http[] = { 1,  2,  3,  4,  5,  6,  12, 13, 15, 17, 18, 22, 23, 28,
                                     40, 41, 42, 43, 50, 51, 54, 58, 59, 60, 0,  67, 97, 0xff };
static const uint8_t ipxe_list[] = { 1,   3,   6,   7,   12,  15,  17,  26,  43,  60,  66,  67,
                                     119, 128, 129, 130, 131, 132, 133, 134, 135, 175, 203, 0xff };
static const uint8_t pi_list[] = { 1, 3, 43, 60, 66, 67, 128, 129, 130, 131, 132, 133, 134, 135, 0xff };
static const uint8_t rom_list[] = { 43, 60, 67, 128, 129, 130, 131, 132, 133, 134, 135, 66, 0xff };
static const uint8_t uboot_list[] = { 1, 3, 6, 12, 17, 0xff };
static const uint8_t grub_list[] = { 1, 3, 6, 15, 12, 17, 18, 60, 0xff };
static const uint8_t udhcpc_list[] = { 1, 3, 6, 12, 15, 28, 42, 0xff };
static const uint8_t undi2[] = { 1, 2, 1 }, undi3[] = { 1, 3, 0 }, undi316[] = { 1, 3, 16 },
                     undi_uboot[] = { 1, 0, 0 };

#define PXE0 "PXEClient:Arch:00000:UNDI:002001"
#define SMBIOS "000011223344556677889900aabbccddee"
#define QEMU_MAC "52:54:00:77:00:7f"

static const struct row rows[] = {
        /* Raspberry Pis, from their own words. */
        { CLIENT_PI4, "dc:a6:32:a7:ed:89", 0, PXE0, "", "00525069341231c00032a7ed899d6eefe5", pi_list, undi2,
          1, "4B" },
        { CLIENT_PI4, "dc:a6:32:b0:23:c3", 0, PXE0, "", "00525069341431d00032b023c3d80092e0", pi_list, undi2,
          1, "4B 8 GiB" },
        { CLIENT_PI4, "dc:a6:32:2e:f8:ed", 0, PXE0, "", "00525069341131a000322ef8ed10", pi_list, undi2, 1,
          "cut short" },
        { CLIENT_PI4, "dc:a6:32:a7:ed:89", 0, "", "", "00525069341231c00032a7ed899d6eefe5", pi_list, undi2, 1,
          "its REQUEST has no option 60" },
        { CLIENT_PI4, "02:00:00:00:00:01", 0, PXE0, "", "00525069341231c00032a7ed899d6eefe5", pi_list, undi2,
          1, "MAC_ADDRESS set to another one" },
        { CLIENT_PI4, "dc:a6:32:a7:ed:89", 0, PXE0, "", "00785634121231c00032a7ed899d6eefe5", pi_list, undi2,
          1, "DHCP_OPTION97 set: known by processor and MAC" },
        { CLIENT_PI5, "2c:cf:67:00:00:05", 0, PXE0, "", "00525069357041c00067000005d4c3b2a1", pi_list, undi2,
          1, "5" },
        { CLIENT_PI5, "02:99:67:00:00:05", 0, PXE0, "", "00525069357041c00067000005d4c3b2a1", pi_list, undi2,
          1, "5 with an OUI that nobody knows yet" },
        { CLIENT_PI_ROM, "b8:27:eb:2f:aa:eb", 0, PXE0, "", "0044444444444444444444444444444444", rom_list,
          undi2, 0x26f30339, "3B ROM" },
        { CLIENT_PI_ROM, "b8:27:eb:2f:aa:eb", 0, PXE0, "", "00ebaa2fb2ebaa2fb2ebaa2fb2ebaa2fb2", rom_list,
          undi2, 0x26f30339, "3B+ ROM" },
        { CLIENT_PI3, "b8:27:eb:2f:aa:eb", 0, PXE0, "", "00ebaa2fb2ebaa2fb2ebaa2fb2ebaa2fb2", pi_list, undi2,
          7, "bootcode.bin" },
        { CLIENT_PI_OTHER, "dc:a6:32:00:00:01", 0, PXE0, "", "009d6eefe59d6eefe59d6eefe59d6eefe5", pi_list,
          undi2, 7, "a Pi 4 with DHCP_OPTION97=0 says its serial only" },
        { CLIENT_PI_OTHER, "dc:a6:32:00:00:01", 0, PXE0, "", NULL, pi_list, undi2, 7, "no option 97 at all" },
        { CLIENT_PI_OTHER, "02:00:00:00:00:01", 0, PXE0, "", NULL, pi_list, undi2, 7,
          "only the option list tells" },

        /* The same boards under other firmware are not the EEPROM. */
        { CLIENT_UBOOT_ARM64, "dc:a6:32:a7:ed:89", 22, "U-Boot.armv8", "", NULL, uboot_list, undi_uboot, 1,
          "U-Boot on a Pi" },
        { CLIENT_UEFI_ARM64, "dc:a6:32:a7:ed:89", 11, "PXEClient:Arch:00011:UNDI:003000", "", SMBIOS,
          edk2_pxe, undi3, 1, "UEFI on a Pi" },
        { CLIENT_UEFI_HTTP_ARM64, "dc:a6:32:a7:ed:89", 19, "HTTPClient:Arch:00019:UNDI:003000", "", SMBIOS,
          edk2_http, undi3, 1, "the same over HTTP" },

        /* Captures of firmware in QEMU. */
        { CLIENT_UEFI_HTTP_ARM64, "52:54:00:77:00:ae", 19, "HTTPClient:Arch:00019:UNDI:003000", "", SMBIOS,
          edk2_http, undi3, 1, "a64-uefi-http4" },
        { CLIENT_GRUB, "52:54:00:77:00:ae", -1, "", "", NULL, PARAMS(0xff), NULL, 1,
          "a64-uefi-http4: GRUB's DISCOVER" },
        { CLIENT_GRUB, "52:54:00:77:00:ae", -1, "", "", NULL, grub_list, NULL, 1,
          "a64-uefi-http4: GRUB's REQUEST" },
        { CLIENT_UEFI_ARM64, "52:54:00:77:00:f0", 11, "PXEClient:Arch:00011:UNDI:003000", "", SMBIOS,
          edk2_pxe, undi3, 1, "a64-uefi-pxe4" },
        { CLIENT_IPXE, "52:54:00:77:00:61", 0, PXE0, "iPXE", SMBIOS, ipxe_list, undi2, 1, "bios-ipxe" },
        { CLIENT_IPXE, "52:54:00:77:00:8d", 0, "PXEClient", "iPXE", SMBIOS, ipxe_list, undi2, 0,
          "proxy-bios-ipxe on 4011" },
        { CLIENT_IPXE, "52:54:00:77:00:84", 7, "PXEClient:Arch:00007:UNDI:003010", "iPXE", SMBIOS, ipxe_list,
          undi316, 1, "x64-uefi-ipxe" },
        { CLIENT_UEFI_AMD64, "52:54:00:77:00:5b", 7, "PXEClient:Arch:00007:UNDI:003000", "", SMBIOS, edk2_pxe,
          undi3, 1, "proxy-x64-uefi" },
        { CLIENT_UEFI_HTTP_AMD64, QEMU_MAC, 16, "HTTPClient:Arch:00016:UNDI:003000", "", SMBIOS, edk2_http,
          undi3, 1, "x64-uefi-http4" },
        { CLIENT_UBOOT_ARMHF, "52:54:00:77:32:32", 21, "U-Boot.armv7", "", NULL, uboot_list, undi_uboot, 1,
          "uboot-arm32-pxe" },
        { CLIENT_UBOOT_ARM64, "52:54:00:77:64:01", 22, "U-Boot.armv8", "", NULL, uboot_list, undi_uboot, 1,
          "uboot-arm64-default, first" },
        { CLIENT_UBOOT_EFI, "52:54:00:77:64:01", 11, "PXEClient:Arch:00011:UNDI:003000", "", NULL, uboot_list,
          undi_uboot, 1, "uboot-arm64-default, then" },
        { CLIENT_UBOOT_EFI, "52:54:00:77:64:01", 11, "PXEClient:Arch:00011:UNDI:003000", "", NULL, uboot_list,
          NULL, 1, "the same without option 94" },
        { CLIENT_UBOOT_EFI, "52:54:00:77:64:01", -1, "PXEClient:Arch:0000b:UNDI:003000", "", NULL, uboot_list,
          NULL, 1, "newer U-Boot, in hex" },

        /* What else there is. */
        { CLIENT_BIOS, "00:1b:21:00:00:01", 0, PXE0, "", SMBIOS, edk2_pxe, undi2, 1,
          "a network card's own PXE" },
        { CLIENT_UEFI_AMD64, QEMU_MAC, 9, "PXEClient:Arch:00009:UNDI:003000", "", SMBIOS, edk2_pxe, undi3, 1,
          "x64 that says EFI byte code" },
        { CLIENT_UEFI_AMD64, QEMU_MAC, -1, "PXEClient:Arch:00007:UNDI:003000", "", SMBIOS, edk2_pxe, undi3, 1,
          "without option 93 its class tells" },
        { CLIENT_UNSERVED, QEMU_MAC, 6, "PXEClient:Arch:00006:UNDI:003000", "", SMBIOS, edk2_pxe, undi3, 1,
          "32-bit UEFI" },
        { CLIENT_UNSERVED, QEMU_MAC, 10, "PXEClient:Arch:00010:UNDI:003000", "", SMBIOS, edk2_pxe, undi3, 1,
          "32-bit ARM UEFI" },
        { CLIENT_UNSERVED, QEMU_MAC, 27, "PXEClient:Arch:00027:UNDI:003000", "", SMBIOS, edk2_pxe, undi3, 1,
          "RISC-V" },
        { CLIENT_OTHER, QEMU_MAC, -1, "udhcp 1.35.0", "", NULL, udhcpc_list, NULL, 1, "an operating system" },
        { CLIENT_OTHER, "dc:a6:32:a7:ed:89", -1, "", "", NULL, udhcpc_list, NULL, 1,
          "the Pi's own operating system" },
        { CLIENT_OTHER, QEMU_MAC, -1, "lab-guest", "", NULL, PARAMS(0xff), NULL, 1,
          "a class and nothing else" },
};

static struct boot_evidence evidence_of(const struct row *row, uint8_t uuid[static 17]) {
        struct boot_evidence e = {
                .boards = boards,
                .arch = row->arch,
                .vendor_class = row->vendor_class,
                .user_class = row->user_class,
                .params = row->params,
                .undi = row->undi,
                .undi_len = row->undi ? 3 : 0,
                .xid = row->xid,
        };
        assert_int_equal(mac_parse(row->mac, &e.mac), 0);
        while (e.n_params < PARAMS_MAX && row->params[e.n_params] != 0xff)
                e.n_params++;
        if (row->uuid) {
                e.uuid_len = strlen(row->uuid) / 2;
                assert_int_equal(text_parse_hex(row->uuid, uuid, e.uuid_len), 0);
                e.uuid = uuid;
        }
        return e;
}

static void knows_each_firmware(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                uint8_t uuid[17];
                struct boot_evidence e = evidence_of(&rows[i], uuid);
                const struct boot_client *c = boot_client_classify(&e);
                if (c->id != rows[i].client)
                        fail_msg("%s: taken for %s", rows[i].remark, c->name);
        }
}

struct identity_row {
        const char *uuid, *mac;
        bool is_pi, has_revision, has_serial, mac_mismatch;
        uint32_t revision, serial;
        const char *model;
        unsigned memory_mib;
        const char *stepping;
};

static const struct identity_row identities[] = {
        { "00525069341231c00032a7ed899d6eefe5", "dc:a6:32:a7:ed:89", true, true, true, false, 0xc03112,
          0xe5ef6e9d, "Raspberry Pi 4B", 4096, "1.2" },
        { "00525069341431d00032b023c3d80092e0", "dc:a6:32:b0:23:c3", true, true, true, false, 0xd03114,
          0xe09200d8, "Raspberry Pi 4B", 8192, "1.4" },
        { "00525069341131a000322ef8ed10", "dc:a6:32:2e:f8:ed", true, true, false, false, 0xa03111, 0,
          "Raspberry Pi 4B", 1024 * 1, "1.1" }, /* 14 octets of a log: no serial */
        { "00ebaa2fb2ebaa2fb2ebaa2fb2ebaa2fb2", "b8:27:eb:2f:aa:eb", true, false, true, false, 0, 0xb22faaeb,
          "", 0, "" },
        { "00525069341231c00032a7ed899d6eefe5", "dc:a6:32:00:00:01", true, true, true, true, 0xc03112,
          0xe5ef6e9d, "Raspberry Pi 4B", 4096, "1.2" }, /* another MAC than the sender's */
        { "00525069341231c000000000009d6eefe5", "dc:a6:32:a7:ed:89", true, true, true, false, 0xc03112,
          0xe5ef6e9d, "Raspberry Pi 4B", 4096, "1.2" }, /* EEPROMs before March 2020 */
        { .uuid = "0044444444444444444444444444444444", .mac = "b8:27:eb:2f:aa:eb" },
        { .uuid = "0000000000000000000000000000000000", .mac = "b8:27:eb:2f:aa:eb" },
        { .uuid = "000011223344556677889900aabbccddee", .mac = "dc:a6:32:a7:ed:89" },
        { .uuid = "01525069341231c00032a7ed899d6eefe5",
          .mac = "dc:a6:32:a7:ed:89" }, /* type 1 is none of a Pi's */
        { .uuid = "00", .mac = "dc:a6:32:a7:ed:89" },
        { .uuid = "", .mac = "dc:a6:32:a7:ed:89" },
};

static void reads_option_97(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(identities); i++) {
                const struct identity_row *row = &identities[i];
                uint8_t uuid[17];
                struct pi_identity pi = {};
                struct boot_evidence e = { .boards = boards,
                                           .uuid = uuid,
                                           .uuid_len = strlen(row->uuid) / 2 };

                assert_int_equal(text_parse_hex(row->uuid, uuid, e.uuid_len), 0);
                assert_int_equal(mac_parse(row->mac, &e.mac), 0);
                if (pi_identity_parse(&e, &pi) != row->is_pi)
                        fail_msg("row %zu: %s", i, row->is_pi ? "not known" : "taken for a Pi");
                if (!row->is_pi)
                        continue;
                assert_int_equal(pi.has_revision, row->has_revision);
                assert_int_equal(pi.revision, row->revision);
                assert_int_equal(pi.has_serial, row->has_serial);
                assert_int_equal(pi.serial, row->serial);
                assert_int_equal(pi.mac_mismatch, row->mac_mismatch);
                assert_int_equal(pi.memory_mib, row->memory_mib);
                assert_string_equal(pi.model, row->model);
                assert_string_equal(pi.stepping, row->stepping);
        }
}

/* What an operator wrote counts as what is built in: how MACs begin, and what a revision is called. */
static void goes_by_the_boards_of_the_site(void **state) {
#define OURS "family: rom\narchs: [arm64]\ndtbs: [ours.dtb]\nclient: pi3-rom\nmethods: [pi-tftp]\n"
        static const char ours[] =
                "name: ours\ntitle: Our Pi\nrevision_types: [0x7e]\nouis: [\"0a:0b:0c\"]\n" OURS;
        static const char none[] = "name: pi3b\ntitle: Pi 3B without a MAC\nrevision_types: [0x08]\n" OURS;
        static const char other[] =
                "name: other\ntitle: No Pi\nfamily: none\narchs: [arm64]\nclient: uboot-arm64\n"
                "methods: [uboot-pxelinux]\nouis: [\"0a:0b:0d\"]\n";
        CLEANUP(board_set_drop_at)
        struct board_set *a = board_set_lay_over(boards, ours, strlen(ours), "a", NULL);
        CLEANUP(board_set_drop_at) struct board_set *b = board_set_lay_over(a, none, strlen(none), "b", NULL);
        CLEANUP(board_set_drop_at)
        struct board_set *set = board_set_lay_over(b, other, strlen(other), "c", NULL);
        const struct row row = { .mac = "0a:0b:0c:01:02:03",
                                 .arch = 0,
                                 .vendor_class = "PXEClient:Arch:00000:UNDI:002001",
                                 .user_class = "",
                                 .params = PARAMS(0xff) };
        struct pi_identity pi = {};
        struct mac mac;
        (void)state;

        struct boot_evidence e = evidence_of(&row, (uint8_t[17]){});
        assert_int_equal(boot_client_classify(&e)->id, CLIENT_BIOS);
        e.boards = set;
        assert_int_equal(boot_client_classify(&e)->id, CLIENT_PI_OTHER);
        assert_int_equal(mac_parse("0a:0b:0d:01:02:03", &e.mac), 0);
        assert_int_equal(boot_client_classify(&e)->id, CLIENT_BIOS);

        assert_true(pi_identity_of_revision(set, 0xa007e0, &pi));
        assert_string_equal(pi.model, "Our Pi");
        assert_true(pi_identity_of_revision(boards, 0xa007e0, &pi));
        assert_string_equal(pi.model, "Raspberry Pi type 7e");

        /* Other boards still have the number that one of them gave up. */
        assert_int_equal(mac_parse("b8:27:eb:01:02:03", &mac), 0);
        assert_true(pi_mac_is_pi(set, &mac));
}

static void asks_carry_the_evidence(void **state) {
        (void)state;
        uint8_t uuid[17];
        struct boot_evidence e = evidence_of(&rows[0], uuid);
        struct boot_ask ask;

        boot_ask_from_evidence(&e, &ask);
        assert_int_equal(ask.client, CLIENT_PI4);
        assert_true(ask.has_serial);
        assert_int_equal(ask.serial, 0xe5ef6e9d);
        assert_int_equal(ask.revision, 0xc03112);
        assert_false(ask.has_uuid); /* what a Pi says there is no UUID */

        e = evidence_of(&(struct row){ .mac = QEMU_MAC,
                                       .arch = 7,
                                       .vendor_class = "",
                                       .user_class = "",
                                       .uuid = SMBIOS,
                                       .params = PARAMS(0xff) },
                        uuid);
        boot_ask_from_evidence(&e, &ask);
        assert_true(ask.has_uuid && !ask.has_serial);
        assert_memory_equal(ask.uuid, uuid + 1, 16);
        assert_int_equal(ask.said_arch, 7);
}

static void finds_rows_by_name_and_alias(void **state) {
        (void)state;
        for (size_t i = 0; boot_clients[i]; i++) {
                assert_ptr_equal(boot_client_by_name(boot_clients[i]->name), boot_clients[i]);
                assert_ptr_equal(boot_client_by_id(boot_clients[i]->id), boot_clients[i]);
                assert_true(boot_clients[i]->title[0] != 0);
        }
        assert_int_equal(boot_client_find("uefi", ARCH_AMD64)->id, CLIENT_UEFI_AMD64);
        assert_int_equal(boot_client_find("uefi", ARCH_ARM64)->id, CLIENT_UEFI_ARM64);
        assert_int_equal(boot_client_find("uefi-http", ARCH_AMD64)->id, CLIENT_UEFI_HTTP_AMD64);
        assert_int_equal(boot_client_find("uboot", ARCH_ARMHF)->id, CLIENT_UBOOT_ARMHF);
        assert_non_null(boot_client_by_name("uboot"));
        /* No such firmware: the plan says so, not "there is no client uefi". */
        assert_int_equal(boot_client_find("uefi", ARCH_ARMHF)->id, CLIENT_UEFI_ARM64);
        assert_null(boot_client_by_name("toaster"));
}

/* What the Pi ROM's deafness asks for stands in its row and in no other (raspberry-pi.md section 1.2). */
static void the_rom_is_spoken_to_as_it_needs(void **state) {
        (void)state;
        for (size_t i = 0; boot_clients[i]; i++) {
                const struct boot_client *c = boot_clients[i];
                bool is_rom = c->id == CLIENT_PI_ROM;
                bool is_family = is_rom || c->id == CLIENT_PI3;
                assert_int_equal(c->one_at_a_time, is_rom);
                assert_int_equal(c->offer_delay_ms >= 1000, is_rom);
                assert_int_equal(c->commits_offer, is_family);
                assert_int_equal(c->wants_broadcast, is_family);
                if (!boot_client_is_pi(c->id))
                        continue;
                assert_in_range(c->tftp_retransmit_min_ms, 500, c->tftp_retransmit_ms);
                assert_in_range(c->tftp_retransmit_ms, 500, 1000);
        }
}

static int set_up(void **state) {
        (void)state;
        boards = board_set_builtin();
        return boards ? 0 : -1;
}

static int tear_down(void **state) {
        (void)state;
        board_set_drop(boards);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(knows_each_firmware),
                cmocka_unit_test(reads_option_97),
                cmocka_unit_test(goes_by_the_boards_of_the_site),
                cmocka_unit_test(asks_carry_the_evidence),
                cmocka_unit_test(finds_rows_by_name_and_alias),
                cmocka_unit_test(the_rom_is_spoken_to_as_it_needs),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
