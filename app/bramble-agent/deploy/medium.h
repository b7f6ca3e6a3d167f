/*
 * Whether a disk carries the firmware that the machine boots from, so that writing it would take the machine
 * its way to the network. Pure.
 *
 * A Raspberry Pi 4 or later has its firmware in an EEPROM, a PC in a flash chip: their disks are free. A Pi
 * 3, a Pi under UEFI from a card, a board with U-Boot on its card are not like that.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MEDIUM_PROBE_SIZE = 1 << 20 }; /* octets before the first partition, where boards' loaders lie */

/* How the machine was started. */
struct medium_machine {
        bool is_pi;      /* by its device tree */
        bool has_eeprom; /* a Pi whose EEPROM started it */
        bool is_uefi;
        bool is_arm;
};

/* What is on a disk. */
struct medium_disk {
        const void *begin; /* MEDIUM_PROBE_SIZE octets or fewer */
        size_t begin_len;
        const char *const *names; /* in the root of its first FAT volume; NULL at the end; NULL: none */
};

/** medium_matters() - whether this machine could boot from firmware on a disk at all. */
bool medium_matters(const struct medium_machine *m);

/** medium_firmware() - half a sentence that says what was found there; NULL: the disk is free.
 * @ret_is_file: whether it lies in the FAT partition, not before the first one */
const char *medium_firmware(const struct medium_machine *m, const struct medium_disk *d, bool *ret_is_file);
