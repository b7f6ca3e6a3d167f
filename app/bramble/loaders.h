/*
 * Boot loaders that an image of parts needs beside its kernel, and the firmware that cannot boot without
 * them.
 *
 * One row each: where it lies in a --boot-dir, where Debian's packages put it, and which package brings it.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble/collect.h"

enum { LOADER_NAMES_MAX = 3 };

struct loader {
        const char *arch;
        const char *role;                     /* as the API takes it */
        const char *name;                     /* under which machines are served it */
        const char *others[LOADER_NAMES_MAX]; /* names that it may have in a --boot-dir too */
        const char *path;                     /* of Debian's package */
        const char *package;
        const char *firmware; /* that cannot boot without it */
};

extern const struct loader loaders[]; /* ends with a NULL arch */

/**
 * loaders_collect() - add what an architecture needs
 * @c:          files of the --boot-dir are in it already, under their names there
 * @root:       before each package's path; "" but in tests
 * @say:        one line for each loader: what was taken, or what cannot boot and which package helps
 */
MUST_CHECK int loaders_collect(struct collection *c, const char *arch, const char *root,
                               void (*say)(void *ctx, const char *line), void *ctx, struct error *reterr);
