/*
 * Stand-ins for what tells one board or one owner from another: MACs, serials, names, keys.
 *
 * Pure. A stand-in has the length and the form of what it stands for, and the same thing has the same one
 * wherever it is written: as text of either case, as octets in either order. A MAC keeps its maker's half,
 * which says what kind of board it is.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

enum { STANDINS_MAX = 128, STANDIN_SIZE = 64 };

enum standin_kind {
        STANDIN_TEXT,  /* wherever it stands, also among octets */
        STANDIN_WORD,  /* likewise; in a text only between things that are no part of names */
        STANDIN_OCTETS /* among octets only */
};

struct standin {
        enum standin_kind kind;
        size_t len;
        uint8_t from[STANDIN_SIZE], to[STANDIN_SIZE];
};

/* Zero-initialise. What has no room, or is there, is passed over. */
struct standins {
        struct standin rows[STANDINS_MAX];
        size_t n;
        unsigned n_macs, n_serials, n_uuids;
};

void standins_add_mac(struct standins *s, const struct mac *mac);

/** standins_add_serial() - of a Raspberry Pi; its low 32 bits, and all 64 as text where the upper half is one
 * of the known. */
void standins_add_serial(struct standins *s, uint32_t serial);

/** standins_add_uuid() - as option 97 has it, behind its first octet. */
void standins_add_uuid(struct standins *s, const uint8_t uuid[static 16]);

/** standins_add_name() - of a machine; shorter than three letters it tells nobody from anybody. */
void standins_add_name(struct standins *s, const char *name);

/** standins_hear() - what a DHCP message says of its sender: MAC, option 97, host name. */
void standins_hear(struct standins *s, const uint8_t *message, size_t len);

/** standins_apply_text(), standins_apply_octets() - in place; text also without what looks like a key or a
 * token. */
void standins_apply_text(const struct standins *s, char *text);
void standins_apply_octets(const struct standins *s, uint8_t *octets, size_t len);
