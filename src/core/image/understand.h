/*
 * What the files of an import make: which of them start, on what, and what each is for.
 *
 * Each of these takes an image whose files are listed and indexed, sets roles, architecture, boards and kept
 * texts, and answers 0 or -errno with one sentence for people. They see content through @blobs only.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/bootfile.h"
#include "base/error.h"
#include "core/machine/board.h"
#include "core/site/image.h"

enum {
        UNDERSTAND_TEXT_MAX = 64 * 1024
}; /* octets of a config.txt, cmdline.txt or included file, with a NUL */

/**
 * understand_pi() - a Raspberry Pi boot directory: what does its own firmware start, board for board?
 * @wanted:     the architecture that was asked for; ARCH_NONE: any
 *
 * A board is served when the firmware would find its own files, a kernel that it can start, the device tree
 * and the initramfs that config.txt speaks of.
 */
MUST_CHECK int understand_pi(struct image *i, const struct board_set *boards, const struct blob_source *blobs,
                             enum arch wanted, struct error *reterr);

/** understand_parts() - kernel, initrd, device trees and boot programs, told apart by role, name and content.
 */
MUST_CHECK int understand_parts(struct image *i, const struct blob_source *blobs, enum arch wanted,
                                struct error *reterr);

/** understand_eeprom() - an image of a Raspberry Pi's EEPROM and the program that writes it, which are parts
 * without a kernel. */
MUST_CHECK int understand_eeprom(struct image *i, const struct blob_source *blobs, struct error *reterr);
