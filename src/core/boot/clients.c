/*
 * The families of clients, one row each, in the order in which they are tried.
 *
 * Sources: raspberry-pi.md sections 1.1, 1.2 and 9; the captures of real firmware in lab.md. The test for a
 * Raspberry Pi stands before every rule for architecture 0, because every Pi says 0.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "core/boot/client.h"
#include "core/machine/board.h"

/* Numbers of option 93 that a rule names. */
enum {
        ARCH93_BIOS = 0,
        ARCH93_X64 = 7,
        ARCH93_EBC = 9, /* what much x64 firmware says by an old erratum */
        ARCH93_ARM64 = 11,
        ARCH93_X64_HTTP = 16,
        ARCH93_ARM64_HTTP = 19,
        ARCH93_UBOOT_ARM = 21,
        ARCH93_UBOOT_ARM64 = 22
};

enum { PI_ROM_XID = 0x26f30339 }; /* the same on every board */

/* A Pi takes a block that comes twice for two (start4.elf), or gives the file up: only what is surely lost is
 * sent again (raspberry-pi.md section 2.1, rule 6). */
enum { PI_RETRANSMIT_MIN_MS = 500 };

static bool wants(const struct boot_evidence *e, uint8_t option) {
        return e->n_params && memchr(e->params, option, e->n_params);
}

/* The option list of Pi firmware: these twelve, and 1 and 3 from all but the boot ROM; nobody else asks for
 * just these. */
static bool has_pi_params(const struct boot_evidence *e, bool with_net) {
        static const uint8_t asked[] = { 43, 60, 66, 67, 128, 129, 130, 131, 132, 133, 134, 135 };

        if (e->n_params != ARRAY_LEN(asked) + (with_net ? 2 : 0))
                return false;
        for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
                if (!wants(e, asked[i]))
                        return false;
        }
        return !with_net || (wants(e, 1) && wants(e, 3));
}

static bool is_arch_zero(const struct boot_evidence *e) {
        int arch = boot_evidence_arch(e);
        return arch == ARCH93_BIOS || arch < 0;
}

/* The family by the processor in the revision code: bits 12 to 15. */
static bool has_processor(const struct boot_evidence *e, const char *fourcc, unsigned processor) {
        struct pi_identity pi;

        if (!is_arch_zero(e) || !pi_identity_parse(e, &pi))
                return false;
        if (e->uuid_len >= 5 && memcmp(e->uuid + 1, fourcc, 4) == 0)
                return true;
        bool is_other_name = e->uuid_len >= 4 && memcmp(e->uuid + 1, "RPi", 3) == 0;
        return !is_other_name && pi.has_revision && (pi.revision >> 12 & 0xf) == processor;
}

static bool match_pi4(const struct boot_evidence *e) {
        return has_processor(e, "RPi4", 3);
}

static bool match_pi5(const struct boot_evidence *e) {
        return has_processor(e, "RPi5", 4);
}

static bool is_pi_hardware(const struct boot_evidence *e) {
        struct pi_identity pi;
        return pi_mac_is_pi(e->boards, &e->mac) || pi_identity_parse(e, &pi);
}

static bool match_pi_rom(const struct boot_evidence *e) {
        if (boot_evidence_arch(e) != ARCH93_BIOS)
                return false;
        return has_pi_params(e, false) ||
               (e->xid == PI_ROM_XID && is_pi_hardware(e) && !has_pi_params(e, true));
}

/* bootcode.bin: the fuller option list, on a board whose serial and MAC are of the old kind. */
static bool match_pi3(const struct boot_evidence *e) {
        struct pi_identity pi;
        if (boot_evidence_arch(e) != ARCH93_BIOS || !has_pi_params(e, true))
                return false;
        if (board_families_of_mac(e->boards, &e->mac) == 1U << BOARD_PI_ROM)
                return true;
        return pi_identity_parse(e, &pi) && !pi.has_revision &&
               (pi.serial & 0xffffff) == ((uint32_t)e->mac.octets[3] << 16 | (uint32_t)e->mac.octets[4] << 8 |
                                          (uint32_t)e->mac.octets[5]);
}

static bool match_pi_other(const struct boot_evidence *e) {
        return boot_evidence_arch(e) == ARCH93_BIOS && (is_pi_hardware(e) || has_pi_params(e, true));
}

static bool match_ipxe(const struct boot_evidence *e) {
        return strcmp(e->user_class, "iPXE") == 0;
}

static bool match_uboot_arm64(const struct boot_evidence *e) {
        return text_starts_with(e->vendor_class, "U-Boot.armv8") ||
               boot_evidence_arch(e) == ARCH93_UBOOT_ARM64;
}

static bool match_uboot_armhf(const struct boot_evidence *e) {
        return text_starts_with(e->vendor_class, "U-Boot.arm") || boot_evidence_arch(e) == ARCH93_UBOOT_ARM;
}

/*
 * U-Boot says UEFI's class when it looks for an EFI program, but keeps its own short option list and says
 * UNDI 1.0.0 in option 94, where EDK2 says 1.3.0 and adds a UUID.
 */
static bool match_uboot_efi(const struct boot_evidence *e) {
        static const uint8_t list[] = { 1, 3, 6, 12, 17 };

        if (boot_evidence_arch(e) != ARCH93_ARM64 || text_starts_with(e->vendor_class, "HTTPClient"))
                return false;
        if (e->undi && e->undi_len == 3 && e->undi[1] == 0)
                return true;
        return !e->uuid && e->n_params >= sizeof(list) && memcmp(e->params, list, sizeof(list)) == 0;
}

static bool match_uefi_http_arm64(const struct boot_evidence *e) {
        return boot_evidence_arch(e) == ARCH93_ARM64_HTTP;
}

static bool match_uefi_http_amd64(const struct boot_evidence *e) {
        return boot_evidence_arch(e) == ARCH93_X64_HTTP;
}

static bool match_uefi_arm64(const struct boot_evidence *e) {
        return boot_evidence_arch(e) == ARCH93_ARM64;
}

static bool match_uefi_amd64(const struct boot_evidence *e) {
        int arch = boot_evidence_arch(e);
        return arch == ARCH93_X64 || arch == ARCH93_EBC;
}

static bool match_bios(const struct boot_evidence *e) {
        return boot_evidence_arch(e) == ARCH93_BIOS;
}

static bool match_unserved(const struct boot_evidence *e) {
        return boot_evidence_arch(e) >= 0;
}

/* GRUB's DISCOVER carries option 53 and nothing else; its REQUEST one list that nobody else has. */
static bool match_grub(const struct boot_evidence *e) {
        static const uint8_t list[] = { 1, 3, 6, 15, 12, 17, 18, 60 };

        if (e->vendor_class[0] || e->user_class[0] || e->uuid)
                return false;
        return e->n_params == 0 ||
               (e->n_params == sizeof(list) && memcmp(e->params, list, sizeof(list)) == 0);
}

static bool match_all(const struct boot_evidence *e) {
        (void)e;
        return true;
}

static const struct boot_client ipxe = {
        .id = CLIENT_IPXE, .name = "ipxe", .title = "iPXE", .is_firmware = true, .match = match_ipxe
};
static const struct boot_client uboot_arm64 = {
        .id = CLIENT_UBOOT_ARM64,
        .name = "uboot-arm64",
        .alias = "uboot",
        .title = "U-Boot (arm64)",
        .arch = ARCH_ARM64,
        .is_firmware = true,
        .match = match_uboot_arm64,
};
static const struct boot_client uboot_armhf = {
        .id = CLIENT_UBOOT_ARMHF,
        .name = "uboot-armhf",
        .alias = "uboot",
        .title = "U-Boot (armhf)",
        .arch = ARCH_ARMHF,
        .is_firmware = true,
        .match = match_uboot_armhf,
};
static const struct boot_client pi4 = {
        .id = CLIENT_PI4,
        .name = "pi4",
        .title = "Raspberry Pi 4 EEPROM",
        .arch = ARCH_ARM64,
        .is_firmware = true,
        .match = match_pi4,
        .tftp_retransmit_min_ms = PI_RETRANSMIT_MIN_MS,
        .tftp_retransmit_ms = 1000,
};
static const struct boot_client pi5 = {
        .id = CLIENT_PI5,
        .name = "pi5",
        .title = "Raspberry Pi 5 EEPROM",
        .arch = ARCH_ARM64,
        .is_firmware = true,
        .match = match_pi5,
        .tftp_retransmit_min_ms = PI_RETRANSMIT_MIN_MS,
        .tftp_retransmit_ms = 1000,
};
/*
 * The boot ROM of the Pi 3: a DHCP and TFTP answer too soon locks it in a loop; one second is what Raspberry
 * Pi's own server waits. bootcode.bin goes on to the next file after a second of silence, so a block that was
 * lost must be sent again before.
 */
static const struct boot_client pi_rom = {
        .id = CLIENT_PI_ROM,
        .name = "pi3-rom",
        .title = "Raspberry Pi 3 boot ROM",
        .arch = ARCH_ARM64,
        .is_firmware = true,
        .match = match_pi_rom,
        .offer_delay_ms = 1000,
        .wants_broadcast = true,
        .commits_offer = true,
        .one_at_a_time = true,
        .tftp_retransmit_min_ms = PI_RETRANSMIT_MIN_MS,
        .tftp_retransmit_ms = 500,
};
static const struct boot_client pi3 = {
        .id = CLIENT_PI3,
        .name = "pi3",
        .title = "Raspberry Pi 3 bootcode.bin",
        .arch = ARCH_ARM64,
        .is_firmware = true,
        .match = match_pi3,
        .wants_broadcast = true,
        .commits_offer = true,
        .tftp_retransmit_min_ms = PI_RETRANSMIT_MIN_MS,
        .tftp_retransmit_ms = 500,
};
static const struct boot_client pi_other = {
        .id = CLIENT_PI_OTHER,
        .name = "pi",
        .title = "Raspberry Pi",
        .arch = ARCH_ARM64,
        .is_firmware = true,
        .match = match_pi_other,
        .tftp_retransmit_min_ms = PI_RETRANSMIT_MIN_MS,
        .tftp_retransmit_ms = 500,
};
static const struct boot_client uefi_http_arm64 = {
        .id = CLIENT_UEFI_HTTP_ARM64,
        .name = "uefi-http-arm64",
        .alias = "uefi-http",
        .title = "UEFI HTTP boot (arm64)",
        .arch = ARCH_ARM64,
        .is_firmware = true,
        .match = match_uefi_http_arm64,
};
static const struct boot_client uefi_http_amd64 = {
        .id = CLIENT_UEFI_HTTP_AMD64,
        .name = "uefi-http-amd64",
        .alias = "uefi-http",
        .title = "UEFI HTTP boot (amd64)",
        .arch = ARCH_AMD64,
        .is_firmware = true,
        .match = match_uefi_http_amd64,
};
static const struct boot_client uboot_efi = {
        .id = CLIENT_UBOOT_EFI,
        .name = "uboot-efi",
        .title = "U-Boot looking for an EFI program (arm64)",
        .arch = ARCH_ARM64,
        .is_firmware = true,
        .match = match_uboot_efi,
};
static const struct boot_client uefi_arm64 = {
        .id = CLIENT_UEFI_ARM64,
        .name = "uefi-arm64",
        .alias = "uefi",
        .title = "UEFI PXE (arm64)",
        .arch = ARCH_ARM64,
        .is_firmware = true,
        .match = match_uefi_arm64,
};
static const struct boot_client uefi_amd64 = {
        .id = CLIENT_UEFI_AMD64,
        .name = "uefi-amd64",
        .alias = "uefi",
        .title = "UEFI PXE (amd64)",
        .arch = ARCH_AMD64,
        .is_firmware = true,
        .match = match_uefi_amd64,
};
static const struct boot_client bios = {
        .id = CLIENT_BIOS,
        .name = "bios",
        .title = "BIOS PXE",
        .arch = ARCH_AMD64,
        .is_firmware = true,
        .match = match_bios,
};
static const struct boot_client unserved = {
        .id = CLIENT_UNSERVED,
        .name = "unserved",
        .title = "firmware of an architecture that nothing here boots",
        .is_firmware = true,
        .match = match_unserved,
};
static const struct boot_client grub = {
        .id = CLIENT_GRUB, .name = "grub", .title = "GRUB", .match = match_grub
};
static const struct boot_client other = {
        .id = CLIENT_OTHER, .name = "other", .title = "an operating system", .match = match_all
};

const struct boot_client *const boot_clients[] = {
        &ipxe,
        &uboot_arm64,
        &uboot_armhf,
        &pi4,
        &pi5,
        &pi_rom,
        &pi3,
        &pi_other,
        &uefi_http_arm64,
        &uefi_http_amd64,
        &uboot_efi,
        &uefi_arm64,
        &uefi_amd64,
        &bios,
        &unserved,
        &grub,
        &other,
        NULL,
};
