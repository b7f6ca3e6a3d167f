/*
 * bootconf.txt: the configuration of a Raspberry Pi's EEPROM, as far as it says what is booted first.
 *
 * Pure. Lines and filters are those of config.txt. Source: Raspberry Pi documentation, "Raspberry Pi
 * bootloader configuration", BOOT_ORDER; raspberry-pi.md section 4.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "format/config_txt.h"

enum {
        BOOTCONF_SIZE_MAX = 4076, /* octets: more does not fit into its slot of the EEPROM */

        BOOT_ORDER_DEFAULT = 0xf41 /* where the configuration says nothing */
};

/** bootconf_boot_order() - what BOOT_ORDER counts for @board; BOOT_ORDER_DEFAULT where no line says it. */
uint32_t bootconf_boot_order(const char *text, size_t len, const struct config_txt_board *board);

/* What a BOOT_ORDER comes to once there is a system on a disk. */
enum boot_order_kind {
        BOOT_ORDER_NETWORK_FIRST,
        BOOT_ORDER_DISK_FIRST, /* and the network where no disk boots */
        BOOT_ORDER_DISK_ONLY,
        BOOT_ORDER_NEITHER /* it waits for a cable, or stops */
};

enum boot_order_kind boot_order_kind_of(uint32_t order);

/** boot_order_has_disk() - whether a disk's turn comes at all. */
bool boot_order_has_disk(uint32_t order);

/** boot_order_network_first() - @order with the network before every disk; what else it has stays behind in
 * its order. */
uint32_t boot_order_network_first(uint32_t order);

/**
 * bootconf_set_boot_order() - append @text to @out, with BOOT_ORDER of @board set
 *
 * The line that counted is replaced; where there was none one is added at the end, for all boards. Return: 0,
 * or -E2BIG when it would not fit into the EEPROM.
 */
MUST_CHECK int bootconf_set_boot_order(const char *text, size_t len, const struct config_txt_board *board,
                                       uint32_t order, struct text *out);
