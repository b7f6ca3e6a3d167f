/*
 * Which of a kernel's modules an agent's initrd brings: those by which a machine reaches its network and its
 * disks.
 *
 * One visible array; what a module rests on comes with it, by depmod's modules.dep. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "app/bramble/build/argv.h"
#include "base/error.h"

/* A folder below lib/modules/RELEASE ("kernel/drivers/mmc/"), or the name of a module ("squashfs"; '-' and
 * '_' are one). */
extern const char *const agent_modules[]; /* ends with a NULL */

enum { MODULES_DEP_MAX = 4 << 20, MODULES_MAX = 8192 };

/**
 * modules_choose() - those of @wanted that there are, and what they rest on
 * @dep:        modules.dep: "PATH: PATH PATH…" in each line
 * @ret:        their paths, each once, sorted
 *
 * Return: 0; -ENOENT with a sentence when none of them is there; -E2BIG; -ENOMEM.
 */
MUST_CHECK int modules_choose(const char *dep, size_t len, const char *const *wanted, struct argv *ret,
                              struct error *reterr);

/** modules_is_wanted() - whether @path is named by @wanted. */
bool modules_is_wanted(const char *path, const char *const *wanted);
