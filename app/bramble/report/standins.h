/*
 * Stand-ins for what tells one board or one owner from another: MACs, serials, names, identifiers, keys.
 *
 * Pure. A stand-in has the length and the form of what it stands for, and the same thing has the same one
 * wherever it is written: as text of either case, as octets in either order. A MAC keeps its maker's half,
 * which says what kind of board it is. All that is to be replaced is heard first (hear.h), then replaced.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

enum { STANDINS_MAX = 4096, STANDIN_SIZE = 64, STANDIN_UUID = 16 };

enum standin_kind {
        STANDIN_TEXT,  /* wherever it stands, also among octets */
        STANDIN_WORD,  /* only between things that are no part of names; among octets in options of text */
        STANDIN_OCTETS /* among octets only */
};

struct standin {
        enum standin_kind kind;
        size_t len;
        uint8_t from[STANDIN_SIZE], to[STANDIN_SIZE];
};

/* Zero-initialise. What is there already is passed over, and what says nothing, as a MAC of zeros. */
struct standins {
        struct standin rows[STANDINS_MAX];
        size_t n;
        bool is_full; /* something had no room: what is made with these is not to be shown */
        unsigned n_macs, n_serials, n_ids, n_names;
};

void standins_add_mac(struct standins *s, const struct mac *mac);

/** standins_add_serial() - of a Raspberry Pi: its low 32 bits, as text and as octets. */
void standins_add_serial(struct standins *s, uint32_t serial);

/** standins_add_serial_text() - 8 or 16 hex digits; other texts are none. The last eight have the stand-in
 * that they have alone. */
void standins_add_serial_text(struct standins *s, const char *digits, size_t len);

/** standins_add_uuid() - as option 97 has it, behind its first octet; also as text, in both orders that
 * programs write it in. */
void standins_add_uuid(struct standins *s, const uint8_t uuid[static STANDIN_UUID]);

/** standins_add_name() - of a machine, or a host name, label by label but for the last of several; of fewer
 * than three letters it tells nobody from anybody, and a number is none. */
void standins_add_name(struct standins *s, const char *name, size_t len);

/** standins_add_id() - letters that somebody else tells a device by. */
void standins_add_id(struct standins *s, const char *id, size_t len);

/** standins_add_octets() - the same in octets; fewer than four are found by chance. */
void standins_add_octets(struct standins *s, const uint8_t *octets, size_t len);

/** standins_apply_text() - in place; also without what looks like a key or a token, and what is left of a MAC
 * where a text was cut. */
void standins_apply_text(const struct standins *s, char *text);

/** standins_apply_message() - in place, in a DHCP message. */
void standins_apply_message(const struct standins *s, uint8_t *message, size_t len);
