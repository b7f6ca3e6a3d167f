/*
 * Programs that sign in the place of a key of ours: an HSM's wrapper (raspberry-pi.md section 5).
 *
 * Called as `PROGRAM -a rsa2048-sha256 FILE`; it writes the signature in hex and ends with 0.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/bootfile.h"
#include "base/error.h"

/** signer_is_copy() - whether a file in @work_dir is a copy for a signer, which a crash leaves behind. */
bool signer_is_copy(const char *name);

/**
 * signer_run() - have @file signed
 * @dir:        the folder of signers
 * @name:       of the program in it
 * @work_dir:   where the file is written for it, and removed after
 *
 * Waits a minute at most. Return: 0 with @ret, or -errno with a sentence.
 */
MUST_CHECK int signer_run(const char *dir, const char *name, const char *work_dir,
                          const struct boot_file *file, uint8_t ret[static 256], struct error *reterr);
