/* ATA's security erase; see ata.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "app/bramble-agent/erase/ata.h"
#include "base/reader.h"

enum {
        WORD_GENERAL = 0,
        IS_ATAPI = 1 << 15,
        WORD_SUPPORTED = 82,
        HAS_SECURITY = 1 << 1,
        WORD_ERASE_TIME = 89,
        WORD_ENHANCED_TIME = 90,
        WORD_SECURITY = 128,
        WORD_INTEGRITY = 255,
        INTEGRITY_IS_THERE = 0xa5,

        SECURITY_SUPPORTED = 1 << 0,
        SECURITY_ENABLED = 1 << 1,
        SECURITY_LOCKED = 1 << 2,
        SECURITY_FROZEN = 1 << 3,
        SECURITY_ENHANCED = 1 << 5,

        PASS_THROUGH_16 = 0x85,
        PROTOCOL_NO_DATA = 3 << 1,
        PROTOCOL_PIO_IN = 4 << 1,
        PROTOCOL_PIO_OUT = 5 << 1,
        CHECK_CONDITION = 0x20,
        ONE_BLOCK_IN = 0x0e, /* its length is in the count, in blocks; from the disk */
        ONE_BLOCK_OUT = 0x06,

        PASSWORD_AT = 2,
        ERASE_IS_ENHANCED = 1 << 1, /* of the first word */

        USUAL_S = 15,
        ERASE_LEAST_S = 600,
        ERASE_UNKNOWN_S = 12 * 3600, /* a large disk writes for that long */
        ERASE_MOST_S = 7 * 24 * 3600 /* whatever it says; the kernel counts milliseconds in 32 bits */
};

static uint16_t word(const uint8_t *page, size_t n) {
        struct reader r = reader_of(page + 2 * n, 2);
        return read_u16le(&r);
}

/* Counted in two minutes; the longest means "or longer". */
static uint32_t seconds(uint16_t time) {
        const bool is_long = time & 1 << 15;
        return (is_long ? time & 0x7fffU : time & 0xffU) * 120;
}

static bool is_whole(const uint8_t *page) {
        uint8_t sum = 0;

        for (size_t i = 0; i < ATA_PAGE; i++)
                sum = (uint8_t)(sum + page[i]);
        return (word(page, WORD_INTEGRITY) & 0xff) != INTEGRITY_IS_THERE || sum == 0;
}

int ata_identify_parse(const void *page, size_t len, struct ata_security *ret) {
        if (len < ATA_PAGE || word(page, WORD_GENERAL) & IS_ATAPI || !is_whole(page))
                return -EBADMSG;
        const uint16_t status = word(page, WORD_SECURITY);

        *ret = (struct ata_security){
                .is_supported = word(page, WORD_SUPPORTED) & HAS_SECURITY && status & SECURITY_SUPPORTED,
                .is_enabled = status & SECURITY_ENABLED,
                .is_locked = status & SECURITY_LOCKED,
                .is_frozen = status & SECURITY_FROZEN,
                .has_enhanced = status & SECURITY_ENHANCED,
                .erase_s = seconds(word(page, WORD_ERASE_TIME)),
                .enhanced_s = seconds(word(page, WORD_ENHANCED_TIME)),
        };
        return 0;
}

/* ---- commands ---- */

static const struct {
        uint8_t command;
        enum ata_way way;
        bool is_erase, is_enhanced;
} verbs[ATA_VERBS] = {
        [ATA_IDENTIFY] = { 0xec, ATA_FROM_DISK, false, false },
        [ATA_SET_PASSWORD] = { 0xf1, ATA_TO_DISK, false, false },
        [ATA_UNLOCK] = { 0xf2, ATA_TO_DISK, false, false },
        [ATA_ERASE_PREPARE] = { 0xf3, ATA_NO_DATA, false, false },
        [ATA_ERASE] = { 0xf4, ATA_TO_DISK, true, false },
        [ATA_ERASE_ENHANCED] = { 0xf4, ATA_TO_DISK, true, true },
        [ATA_DISABLE_PASSWORD] = { 0xf6, ATA_TO_DISK, false, false },
};

static uint32_t patience(uint32_t takes_s) {
        if (takes_s == 0)
                return ERASE_UNKNOWN_S;
        if (takes_s > ERASE_MOST_S / 3 * 2)
                return ERASE_MOST_S;
        return takes_s < ERASE_LEAST_S ? ERASE_LEAST_S : takes_s + takes_s / 2;
}

void ata_command_make(enum ata_verb verb, uint32_t takes_s, struct ata_command *ret) {
        static const uint8_t protocols[] = { [ATA_NO_DATA] = PROTOCOL_NO_DATA,
                                             [ATA_FROM_DISK] = PROTOCOL_PIO_IN,
                                             [ATA_TO_DISK] = PROTOCOL_PIO_OUT };
        static const uint8_t flags[] = {
                [ATA_NO_DATA] = CHECK_CONDITION, [ATA_FROM_DISK] = ONE_BLOCK_IN, [ATA_TO_DISK] = ONE_BLOCK_OUT
        };
        const enum ata_way way = verbs[verb].way;

        *ret = (struct ata_command){ .verb = verb,
                                     .way = way,
                                     .cdb = { [0] = PASS_THROUGH_16,
                                              [1] = protocols[way],
                                              [2] = flags[way],
                                              [6] = way != ATA_NO_DATA,
                                              [14] = verbs[verb].command },
                                     .timeout_s = verbs[verb].is_erase ? patience(takes_s) : USUAL_S };
        if (way != ATA_TO_DISK)
                return;
        /* The user's password, at the level "high": whoever has the master password can do without it. */
        ret->page[0] = verbs[verb].is_enhanced ? ERASE_IS_ENHANCED : 0;
        memcpy(ret->page + PASSWORD_AT, ATA_PASSWORD, strlen(ATA_PASSWORD));
}

/* ---- their order ---- */

static int give(const struct ata_wire *w, enum ata_verb verb, uint32_t takes_s) {
        struct ata_command c;

        ata_command_make(verb, takes_s, &c);
        return w->give(w->ctx, &c);
}

static int look(const struct ata_wire *w, struct ata_security *ret) {
        struct ata_command c;

        ata_command_make(ATA_IDENTIFY, 0, &c);
        int r = w->give(w->ctx, &c);
        return r < 0 ? r : ata_identify_parse(c.page, sizeof(c.page), ret);
}

/* Whether it has no password in the end. */
static bool take_password_back(const struct ata_wire *w) {
        struct ata_security s = { .is_enabled = true };

        for (unsigned i = 0; i < 2; i++) {
                if (look(w, &s) == 0 && !s.is_enabled)
                        return true;
                if (s.is_locked)
                        (void)give(w, ATA_UNLOCK, 0);
                (void)give(w, ATA_DISABLE_PASSWORD, 0);
        }
        return look(w, &s) == 0 && !s.is_enabled;
}

static int check(const struct ata_wire *w, struct ata_security *ret, struct error *reterr) {
        int r = look(w, ret);

        if (r < 0 || !ret->is_supported)
                return error_set(reterr, -EOPNOTSUPP, "it has no command for it");
        if (ret->is_frozen)
                return error_set(
                        reterr, -EBUSY,
                        "the machine's firmware has frozen its security: that ends when the disk alone "
                        "loses its power");
        if (ret->is_enabled && !take_password_back(w))
                return error_set(reterr, -EACCES, "it has a password that is not ours");
        return 0;
}

static int erase_by(const struct ata_wire *w, enum ata_verb verb, uint32_t takes_s) {
        int r = give(w, ATA_ERASE_PREPARE, 0);
        return r < 0 ? r : give(w, verb, takes_s);
}

static int erase_best(const struct ata_wire *w, const struct ata_security *s, const char **ret_how) {
        *ret_how = "ata-enhanced-erase";
        if (s->has_enhanced && erase_by(w, ATA_ERASE_ENHANCED, s->enhanced_s) == 0)
                return 0;
        *ret_how = "ata-erase";
        return erase_by(w, ATA_ERASE, s->erase_s);
}

int ata_erase(const struct ata_wire *wire, const char **ret_how, struct error *reterr) {
        struct ata_security s;

        int r = check(wire, &s, reterr);
        if (r < 0)
                return r;
        r = give(wire, ATA_SET_PASSWORD, 0);
        if (r == 0)
                r = erase_best(wire, &s, ret_how);
        if (!take_password_back(wire))
                return error_set(reterr, -EACCES,
                                 "it failed and keeps the password \"" ATA_PASSWORD
                                 "\": take it away with hdparm --security-disable " ATA_PASSWORD);
        return r < 0 ? error_set(reterr, r, "it failed: %s", strerror(-r)) : 0;
}
