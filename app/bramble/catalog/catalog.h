/*
 * The catalog: lists of images, from files and from web servers, joined.
 *
 * A list of a web server is fetched when somebody says so, and kept; otherwise nothing is asked of the
 * network.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "app/bramble/args.h"
#include "app/bramble/cli.h"
#include "format/os_list.h"

#define CATALOG_DEFAULT "/etc/bramble/catalog.json"
#define CATALOG_FILE "catalog.json" /* in a folder that was exported */
#define CATALOG_PREFIX "catalog:"   /* before a name, where a file could stand too */

/**
 * catalog_load() - all of some lists
 * @sources:    files, folders with a CATALOG_FILE, URLs; NULL-terminated; none: $BRAMBLE_CATALOG, or
 * CATALOG_DEFAULT
 * @may_fetch:  ask web servers; else what they said before counts
 *
 * Addresses of images become whole ones: URLs or paths. Prints its failures. Return: an exit code.
 */
MUST_CHECK int catalog_load(struct cli *cli, const char *const *sources, bool may_fetch, struct os_list *ret);

/** catalog_load_named() - the same, as --catalog and --sync have it. */
MUST_CHECK int catalog_load_named(struct cli *cli, const struct args *args, struct os_list *ret);

/** catalog_is_there() - whether there is any without --catalog. */
bool catalog_is_there(void);

/** catalog_choose() - an image by its name, from what catalog_load() gave; NULL, and a sentence printed. */
const struct os_image *catalog_choose(const struct os_list *l, const char *name);

/** catalog_fetch() - the file of an image: *@ret is its path, and *@ret_is_ours whether it is to be removed.
 */
MUST_CHECK int catalog_fetch(struct cli *cli, const struct os_image *image, char **ret, bool *ret_is_ours);

/**
 * catalog_check() - whether a file is the image that its list describes
 *
 * By the sum of the file where the list has one, else by that of what is packed in it. Prints its failures.
 * Return: an exit code.
 */
MUST_CHECK int catalog_check(const struct os_image *image, const char *path);
