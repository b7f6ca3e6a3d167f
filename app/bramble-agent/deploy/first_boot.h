/*
 * What a system without cloud-init does at its first start: take the operator's keys, switch SSH on, and tell
 * the server that it is there. Texts only; pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#define FIRST_BOOT_SCRIPT "var/lib/bramble/first-boot"
#define FIRST_BOOT_KEYS "var/lib/bramble/authorized_keys"
#define FIRST_BOOT_UNIT "etc/systemd/system/bramble-first-boot.service"
#define FIRST_BOOT_WANTED "etc/systemd/system/multi-user.target.wants/bramble-first-boot.service"

extern const char first_boot_unit[];

/** first_boot_script() - @phone_home: an http:// URL, or "": nobody is told. The caller frees; NULL: out of
 * memory. */
char *first_boot_script(const char *phone_home);

/** first_boot_keys() - one a line; the caller frees. */
char *first_boot_keys(const char *const *keys, size_t n);
