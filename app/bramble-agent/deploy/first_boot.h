/*
 * What a system without cloud-init does at its first start: take the operator's keys, switch SSH on, and tell
 * the server that it is there. And what any system does at each start, if that was asked for: it asks whether
 * its machine is wanted back. Texts only; pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define FIRST_BOOT_SCRIPT "var/lib/bramble/first-boot"
#define FIRST_BOOT_KEYS "var/lib/bramble/authorized_keys"
#define FIRST_BOOT_STAMP \
        "var/lib/bramble/deployment" /* which deployment this was done for, where a root is kept */
#define FIRST_BOOT_UNIT "etc/systemd/system/bramble-first-boot.service"
#define FIRST_BOOT_WANTED "etc/systemd/system/multi-user.target.wants/bramble-first-boot.service"

extern const char first_boot_unit[];

/** first_boot_script() - @phone_home: an http:// URL, or "": nobody is told. The caller frees; NULL: out of
 * memory. */
char *first_boot_script(const char *phone_home);

/** first_boot_keys() - one a line; the caller frees. */
char *first_boot_keys(const char *const *keys, size_t n);

#define WANTED_SCRIPT "var/lib/bramble/wanted-back"
#define WANTED_UNIT "etc/systemd/system/bramble-wanted-back.service"
#define WANTED_WANTED "etc/systemd/system/multi-user.target.wants/bramble-wanted-back.service"

extern const char wanted_unit[];

/**
 * wanted_script() - at each start: if the machine is wanted back its next start is from the network
 * @url:        http:// URL to ask at
 * @entry:      UEFI's boot entry for the network
 *
 * Return: a text that the caller frees; NULL: out of memory.
 */
char *wanted_script(const char *url, uint16_t entry);
