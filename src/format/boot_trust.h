/*
 * How far a Raspberry Pi checks what it boots, in three named levels (docs/trust.md).
 *
 * Pure: from the configuration of its EEPROM and from what its firmware says of its fuses. Source:
 * raspberry-pi.md section 5.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "format/config_txt.h"

enum boot_trust {
        BOOT_TRUST_NONE,    /* it boots what anybody offers */
        BOOT_TRUST_NETWORK, /* by HTTP alone, which wants a signature: nobody on the network can change it */
        BOOT_TRUST_SIGNED,  /* whatever it boots, by a configuration that is signed itself: 2711 only */
        BOOT_TRUST_FUSED,   /* likewise, by its chip */
        BOOT_TRUST_LEVELS
};

/* Bits of /chosen/bootloader/signed. */
enum { BOOT_SIGNED = 1 << 0, BOOT_SIGNED_FUSED = 1 << 3 };

const char *boot_trust_name(enum boot_trust t); /* "network-trusted" */
MUST_CHECK int boot_trust_parse(const char *name, enum boot_trust *ret);

/**
 * boot_trust_of() - by bootconf.txt ("": not known) and the bits that firmware told (0: none)
 *
 * A 2712 without fuses goes by any configuration, whatever it says of signatures: SIGNED_BOOT counts for a
 * 2711 alone. Whether the key that the levels speak of is in the EEPROM does not show here.
 */
enum boot_trust boot_trust_of(const char *config, size_t len, const struct config_txt_board *board,
                              uint32_t signed_bits);

/**
 * boot_trust_beside() - the setting of a configuration that goes by a key or a certificate which lies beside
 * it in the EEPROM: "SIGNED_BOOT", "HTTP_HOST" or "HTTP_CACERT_HASH"; NULL: there is none
 *
 * Who writes another EEPROM without them leaves a board behind that boots no more.
 */
const char *boot_trust_beside(const char *config, size_t len, const struct config_txt_board *board);

/** boot_trust_is_signed() - whether a board so configured starts only what has a signature (SIGNED_BOOT),
 * wherever it boots from. */
bool boot_trust_is_signed(const char *config, size_t len, const struct config_txt_board *board);

/** boot_trust_needs_key() - whether a board so configured boots by a key in its EEPROM: SIGNED_BOOT, or HTTP
 * from a server of its own. */
bool boot_trust_needs_key(const char *config, size_t len, const struct config_txt_board *board);
