/*
 * What a machine that requires trust may fetch later, said inside of what its firmware checked.
 *
 * A small archive behind its initrd: /bramble/trusted names the SHA-256 of each blob that its agent may be
 * told to write to a disk or to bring up as a root. An image's map has the hash of each of its frames, so
 * that a disk is checked while it is written.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/boot/method.h"

/** boot_trusted_is_due() - whether the plan's initrd has such a list. */
bool boot_trusted_is_due(const struct boot_plan *p);

/** boot_trusted_say() - a sentence where the list cannot name all that the machine may be given. */
void boot_trusted_say(struct boot_plan *p);

/** boot_trusted_archive() - the archive, in the plan's arena; NULL: that is full. */
const uint8_t *boot_trusted_archive(const struct boot_plan *p, size_t *ret_len);
