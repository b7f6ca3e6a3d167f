/*
 * ATA's own way to erase: the security feature set. Pure: what a disk says of itself, the commands as octets,
 * and the order in which they are given.
 *
 * A disk erases itself only for who has set a password, and whoever is interrupted leaves a disk behind that
 * is locked. So the password is a word that everybody knows, and a disk that has it is ours to unlock.
 *
 * Sources: ATA8-ACS sections 4.16, 7.16 (IDENTIFY DEVICE) and 7.44 to 7.49; SAT-3 section 12.2.2 (ATA
 * PASS-THROUGH).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

enum { ATA_PAGE = 512, ATA_CDB_SIZE = 16 };

#define ATA_PASSWORD "bramble"

struct ata_security {
        bool is_supported;
        bool is_enabled; /* a password is set */
        bool is_locked;  /* and has to be said */
        bool is_frozen;  /* nothing of this is taken until the disk loses its power */
        bool has_enhanced;
        uint32_t erase_s, enhanced_s; /* how long it says that it takes; 0: it does not say */
};

/** ata_identify_parse() - a page of IDENTIFY DEVICE; -EBADMSG: it is none, or is broken. */
MUST_CHECK int ata_identify_parse(const void *page, size_t len, struct ata_security *ret);

enum ata_verb {
        ATA_IDENTIFY,
        ATA_SET_PASSWORD,
        ATA_UNLOCK,
        ATA_ERASE_PREPARE,
        ATA_ERASE,
        ATA_ERASE_ENHANCED,
        ATA_DISABLE_PASSWORD,
        ATA_VERBS
};

enum ata_way { ATA_NO_DATA, ATA_FROM_DISK, ATA_TO_DISK };

struct ata_command {
        enum ata_verb verb;
        uint8_t cdb[ATA_CDB_SIZE];
        enum ata_way way;
        uint8_t page[ATA_PAGE]; /* to the disk; from it afterwards */
        uint32_t timeout_s;
};

/** ata_command_make() - a command with its data. @takes_s: what the disk says that an erase takes; 0:
 * nothing. */
void ata_command_make(enum ata_verb verb, uint32_t takes_s, struct ata_command *ret);

/* Who gives commands to one disk: 0, or -errno when it did not take this one. */
struct ata_wire {
        int (*give)(void *ctx, struct ata_command *c);
        void *ctx;
};

/**
 * ata_erase() - a disk that supports it erases itself, also what it has set aside as bad where it can
 * @ret_how:    "ata-enhanced-erase" or "ata-erase"
 * @reterr:     half a sentence: why not
 *
 * However it ends, the disk has no password that it did not have before; where that cannot be reached the
 * reason says so. Return: 0, or -errno.
 */
MUST_CHECK int ata_erase(const struct ata_wire *wire, const char **ret_how, struct error *reterr);
