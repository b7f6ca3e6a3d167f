/*
 * Which kernel modules a device asks for, and in which order their files are loaded.
 *
 * Pure: works on the texts that depmod(8) left beside the modules, as any initrd that has modules has them:
 * modules.alias and modules.dep. It loads nothing.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { MODULES_NAME_SIZE = 64, MODULES_PATH_SIZE = 256, MODULES_DEPENDS_MAX = 64 };

/* Borrowed texts, NUL-terminated. */
struct modules {
        const char *alias; /* modules.alias */
        const char *dep;   /* modules.dep */
};

/**
 * modules_for_alias() - the modules that want a device, or that a name stands for
 * @alias:      "pci:v00008086d…", "fs-ext4", or a module's own name
 * @fn:         called with each name, until it returns non-zero
 */
int modules_for_alias(const struct modules *m, const char *alias, int (*fn)(void *ctx, const char *name),
                      void *ctx);

/**
 * modules_files() - what is loaded for a module, in this order
 * @name:       '-' and '_' are the same
 * @fn:         called with each path, relative to the folder of modules.dep, until it returns non-zero
 *
 * A module that modules.dep does not name has no files: it is built in, or not there.
 */
int modules_files(const struct modules *m, const char *name, int (*fn)(void *ctx, const char *path),
                  void *ctx);

/**
 * modules_is_wanted() - whether a driver may be loaded just because its device is there
 * @path:       its file
 *
 * Screens, sound, cameras and radio are of no use to an agent, take long, and want firmware that an initrd
 * does not have.
 */
bool modules_is_wanted(const char *path);
