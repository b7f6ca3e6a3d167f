/* What a Raspberry Pi says of itself in option 97 (raspberry-pi.md section 1.1). */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/reader.h"
#include "base/text.h"
#include "core/boot/client.h"
#include "core/machine/board.h"

enum {
        REVISION_NEW_STYLE = 1 << 23,
        ROM_3B_FILL = 0x44444444 /* the 3B's ROM fills option 97 with one octet: it says nothing */
};

bool pi_mac_is_pi(const struct board_set *boards, const struct mac *mac) {
        return board_families_of_mac(boards, mac) != 0;
}

bool pi_identity_of_revision(const struct board_set *boards, uint32_t revision, struct pi_identity *ret) {
        if (!(revision & REVISION_NEW_STYLE))
                return false;
        ret->has_revision = true;
        ret->revision = revision;
        ret->memory_mib = 256u << (revision >> 20 & 7);
        (void)snprintf(ret->stepping, sizeof(ret->stepping), "1.%u", revision & 0xf);

        unsigned type = revision >> 4 & 0xff;
        const struct board *b = board_find_type(boards, type);
        if (!b || text_copy(ret->model, sizeof(ret->model), b->title) < 0)
                (void)snprintf(ret->model, sizeof(ret->model), "Raspberry Pi type %02x", type);
        return true;
}

/* Pi 4 and 5: FourCC, revision, the low four octets of the MAC, serial. The FourCC can be set by the
 * operator. */
static bool parse_long(struct reader r, const struct boot_evidence *e, struct pi_identity *ret) {
        static const uint8_t zero[4];
        const uint8_t *fourcc = read_octets(&r, 4);
        uint32_t revision = read_u32le(&r);
        const uint8_t *mac = read_octets(&r, 4);
        uint32_t serial = read_u32le(&r);

        if (!mac || !fourcc)
                return false;
        bool is_named = memcmp(fourcc, "RPi4", 4) == 0 || memcmp(fourcc, "RPi5", 4) == 0;
        bool is_sender = memcmp(mac, e->mac.octets + 2, 4) == 0;
        if (!is_named && !is_sender)
                return false;
        if (!pi_identity_of_revision(e->boards, revision, ret) && !is_named)
                return false;
        ret->has_serial = !r.bad;
        ret->serial = serial;
        /* EEPROMs before March 2020 left the MAC zero. */
        ret->mac_mismatch = !is_sender && memcmp(mac, zero, 4) != 0;
        return true;
}

/* Pi 3B+ and older firmware: the serial four times over. Its low three octets are the MAC's on these boards.
 */
static bool parse_repeated(struct reader r, const struct boot_evidence *e, struct pi_identity *ret) {
        const uint8_t *sender = e->mac.octets;
        uint32_t serial = read_u32le(&r);
        for (int i = 1; i < 4; i++) {
                if (read_u32le(&r) != serial)
                        return false;
        }
        if (r.bad || serial == 0 || serial == UINT32_MAX || serial == ROM_3B_FILL)
                return false;

        uint32_t low = (uint32_t)sender[3] << 16 | (uint32_t)sender[4] << 8 | sender[5];
        if ((serial & 0xffffff) != low && !pi_mac_is_pi(e->boards, &e->mac))
                return false;
        ret->has_serial = true;
        ret->serial = serial;
        return true;
}

bool pi_identity_parse(const struct boot_evidence *e, struct pi_identity *ret) {
        struct reader r = reader_of(e->uuid, e->uuid_len);
        struct pi_identity identity = {};

        if (!e->uuid || read_u8(&r) != 0 || e->uuid_len > 17)
                return false;
        if (!parse_repeated(r, e, &identity) && !parse_long(r, e, &identity))
                return false;
        *ret = identity;
        return true;
}
