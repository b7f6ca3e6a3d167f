/*
 * Who is asking: what a client's packets say about the firmware behind them.
 *
 * A family of clients is a row; classification goes through the rows in order. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "core/machine/machine.h"

struct board_set;

/* What a DHCP packet tells of the sender; borrowed pointers live as long as the packet. */
struct boot_evidence {
        const struct board_set *boards; /* that MACs and revisions are looked up in; borrowed */
        struct mac mac;
        int arch;                 /* option 93, the first; -1: not said */
        const char *vendor_class; /* option 60, NUL-terminated by the caller; "" when absent */
        const char *user_class;   /* option 77, likewise ("iPXE") */
        const uint8_t *uuid;      /* option 97 as sent, type octet first; NULL when absent */
        size_t uuid_len;
        const uint8_t *params; /* option 55 */
        size_t n_params;
        const uint8_t *undi; /* option 94 */
        size_t undi_len;
        uint32_t xid;
};

/* What a Raspberry Pi says of itself in option 97 (facts: raspberry-pi.md section 1.1). */
struct pi_identity {
        bool has_revision, has_serial;
        uint32_t revision, serial;
        char model[32];      /* "Raspberry Pi 4B" from the revision code; "" without one */
        unsigned memory_mib; /* 0 without a revision */
        char stepping[8];    /* "1.4" */
        bool mac_mismatch;   /* the MAC in option 97 is not the sender's: spoofed, or MAC_ADDRESS is set */
};

enum boot_client_id {
        CLIENT_OTHER,    /* an operating system, or nothing that boots: no boot options */
        CLIENT_PI_ROM,   /* Pi 3 boot ROM: OFFER is the end, no REQUEST follows */
        CLIENT_PI3,      /* Pi 3 bootcode.bin */
        CLIENT_PI4,      /* 2711 EEPROM */
        CLIENT_PI5,      /* 2712 EEPROM */
        CLIENT_PI_OTHER, /* a Pi by OUI or option list whose family cannot be told */
        CLIENT_UBOOT_ARM64,
        CLIENT_UBOOT_ARMHF,
        CLIENT_UBOOT_EFI, /* U-Boot's EFI path: says UEFI's class, but shim cannot load through it (lab.md) */
        CLIENT_UEFI_ARM64,
        CLIENT_UEFI_AMD64,
        CLIENT_UEFI_HTTP_ARM64,
        CLIENT_UEFI_HTTP_AMD64,
        CLIENT_IPXE, /* any architecture, user class "iPXE" */
        CLIENT_GRUB, /* GRUB's net_bootp: option 53 and nothing else */
        CLIENT_BIOS,
        CLIENT_UNSERVED /* an architecture that we have nothing for */
};

struct boot_client {
        enum boot_client_id id;
        const char *name;  /* as --client takes it: "pi4", "uefi-arm64" */
        const char *alias; /* a shorter name that leaves the architecture open: "uefi"; NULL: none */
        const char *title; /* for people: "Raspberry Pi 4 EEPROM" */
        enum arch arch;
        bool is_firmware; /* its DISCOVER can begin a boot session */

        bool (*match)(const struct boot_evidence *e);

        /* How this firmware wants to be spoken to (raspberry-pi.md sections 1.2 to 1.4, lab.md). */
        uint16_t offer_delay_ms; /* wait before the OFFER */
        bool wants_broadcast;    /* OFFER by broadcast whatever the flag says, a broadcast ARP with it */
        bool commits_offer;      /* never sends REQUEST: the OFFER is the lease */
        bool one_at_a_time;      /* constant xid: only one OFFER under way on a segment */
        uint16_t
                tftp_retransmit_min_ms; /* a block is not sent again sooner: it stumbles over doubles; 0: soon
                                         */
        uint16_t tftp_retransmit_ms; /* the longest wait before a block is sent again; 0: no limit of its own
                                      */
};

extern const struct boot_client *const boot_clients[]; /* NULL-terminated, in order of matching */

/** boot_client_classify() - the row for a DHCP packet; never NULL (CLIENT_OTHER at the end). */
const struct boot_client *boot_client_classify(const struct boot_evidence *e);
const struct boot_client *
boot_client_by_name(const char *name); /* also an alias: the first row that has it; NULL: none */

/** boot_client_find() - by name, or by alias: the row for @arch, else the first that has it; NULL: none. */
const struct boot_client *boot_client_find(const char *name, enum arch arch);

const struct boot_client *boot_client_by_id(enum boot_client_id id);

/** boot_client_is_pi() - the firmware of a Raspberry Pi, of any family. */
bool boot_client_is_pi(enum boot_client_id id);

/** boot_evidence_arch() - option 93, or what option 60 says of it where 93 is missing; -1: neither. */
int boot_evidence_arch(const struct boot_evidence *e);

/** boot_arch_title() - the name of a number of option 93 (IANA "Processor Architecture Types"); "" when it
 * has none. */
const char *boot_arch_title(int arch);

/** pi_identity_of_revision() - model, memory and stepping from a board revision code; false when it is not of
 * the new style. */
bool pi_identity_of_revision(const struct board_set *boards, uint32_t revision, struct pi_identity *ret);

/** pi_mac_is_pi() - whether a MAC begins with a number registered for Raspberry Pis: a hint, because new ones
 * appear. */
bool pi_mac_is_pi(const struct board_set *boards, const struct mac *mac);

/** pi_identity_parse() - read option 97 of a Pi; false when it is none (0x44… of the 3B ROM has neither
 * field). */
bool pi_identity_parse(const struct boot_evidence *e, struct pi_identity *ret);
