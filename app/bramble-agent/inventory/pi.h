/* What a Raspberry Pi tells of itself: revision, serial, EEPROM, supply. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "app/bramble-agent/io/tree.h"
#include "format/config_txt.h"

/* Bits of the firmware's flags (vcgencmd get_throttled): now, and 16 higher: at any time since power-on. */
enum {
        PI_UNDER_VOLTAGE = 1 << 0,
        PI_FREQUENCY_CAPPED = 1 << 1,
        PI_THROTTLED = 1 << 2,
        PI_SOFT_TEMPERATURE_LIMIT = 1 << 3,
        PI_SINCE_POWER_ON_SHIFT = 16
};

bool pi_is_one(const struct tree *t);

enum { PI_CONFIG_SIZE = 4096 }; /* of its EEPROM's configuration, with a NUL */

/** pi_config() - the configuration of its EEPROM as text; false where it has none, or its kernel does not
 * show it. */
bool pi_config(const struct tree *t, char text[static PI_CONFIG_SIZE]);

/** pi_board() - what filters of such a text are compared with. */
struct config_txt_board pi_board(const struct tree *t);

/** pi_is_signed() - whether its EEPROM takes signed updates only. */
bool pi_is_signed(const struct tree *t);

/** pi_trust() - how far it checks what it boots: "signed"; NULL where nothing tells. */
const char *pi_trust(const struct tree *t);

/** pi_boot_order() - BOOT_ORDER of its EEPROM; false where it has none, or its kernel does not show it. */
bool pi_boot_order(const struct tree *t, uint32_t *ret);

/** pi_describe() - an object, which the caller owns. */
json_t *pi_describe(const struct tree *t);

/** pi_describe_eeprom() - the EEPROM alone; NULL: it has none that can be asked. */
json_t *pi_describe_eeprom(const struct tree *t);

/** pi_throttled() - the flags; false when this kernel does not tell them. */
bool pi_throttled(const struct tree *t, uint32_t *ret);

/** pi_family_has_eeprom() - whether boards of its kind have one, whatever started this one: the Pi 4 and
 * later. */
bool pi_family_has_eeprom(const struct tree *t);

/** pi_has_eeprom() - whether its boot firmware lies in an EEPROM of its own, as on a Pi 4 and later. */
bool pi_has_eeprom(const struct tree *t);
