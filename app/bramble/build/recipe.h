/*
 * What can be built: distributions, and for each variant and architecture which packages an image is made of,
 * how its disk is laid out and how it starts.
 *
 * Two visible arrays: a new distribution or board family is a row. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

enum { RECIPE_PACKAGES_MAX = 16, RECIPE_BOOT_FILES_MAX = 4 };

struct distribution {
        const char *name; /* as it is asked for: "debian/12" */
        const char *title;
        const char *codename;
        const char *components;
        const char *const *packages; /* of every image; NULL-terminated */
};

enum disk_table { DISK_GPT, DISK_MBR };

/* A file of the root that the boot volume holds too. */
struct boot_file {
        const char *from, *to; /* relative */
};

struct recipe {
        const char *variant;
        const char *arch;
        const char *title;
        const char *kind;    /* of the image, as the API takes it: parts or pi */
        const char *cmdline; /* consoles, and what all its machines need */
        const char *packages[RECIPE_PACKAGES_MAX];
        const char *debconf; /* answers for its packages' questions; NULL: none */
        const char *makes;   /* words for the shell of the image: what no package has; NULL: nothing */

        enum disk_table table;
        unsigned boot_mib;
        const char *boot_mount;                             /* where the running system has its boot volume */
        const char *boot_tree;                              /* of the root: goes to it whole; NULL: none */
        struct boot_file boot_files[RECIPE_BOOT_FILES_MAX]; /* until a NULL */
};

extern const struct distribution distributions[]; /* ends with a NULL name */
extern const struct recipe recipes[];             /* ends with a NULL variant */

/** distribution_find(), recipe_find() - NULL with a sentence that names what there is. */
const struct distribution *distribution_find(const char *name, struct error *reterr);
const struct recipe *recipe_find(const char *variant, const char *arch, struct error *reterr);

/**
 * recipe_name() - what an image is called when nobody says: "debian-12-arm64", "debian-12-raspi-arm64"
 *
 * Return: 0 or -ENAMETOOLONG.
 */
MUST_CHECK int recipe_name(const struct distribution *d, const struct recipe *r, char *buf, size_t size);

/** recipe_has_dtbs() - whether a kernel of this architecture comes with device trees. */
bool recipe_has_dtbs(const char *arch);

enum { RECIPE_DISK_MIB = 3072 }; /* of a disk image when nobody says */

/** recipe_size_parse() - "3G", "2500M" in octets; 0, or -EINVAL with a sentence. */
MUST_CHECK int recipe_size_parse(const char *s, uint64_t *ret, struct error *reterr);
