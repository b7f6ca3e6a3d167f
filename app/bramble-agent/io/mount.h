/* Mounting the root of a system that the agent starts, and what belongs into it. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

struct volume;

/** mount_root() - a file system as the root, in PLACE_ROOT. @options: of mount(2); "" none. 0, or negative
 * with a sentence. */
MUST_CHECK int mount_root(const char *source, const char *type, const char *options, struct error *reterr);

/** mount_inside() - likewise at a path of the root, whose folder is made. */
MUST_CHECK int mount_inside(const struct volume *root, const char *path, const char *source, const char *type,
                            const char *options, struct error *reterr);

/** mount_clear() - nothing is mounted as root any more; what was is let go. */
void mount_clear(void);

/* A file in memory that becomes a root: read only itself, with a writable layer above. */
struct ram_root;

/** ram_root_new() - room for a file of @size octets; NULL with a sentence. */
struct ram_root *ram_root_new(uint64_t size, struct error *reterr);
void ram_root_free(struct ram_root *r); /* what is mounted stays */
DEFINE_CLEANUP(struct ram_root, ram_root_free)

/** ram_root_put() - more octets at its end; 0 or -errno. */
MUST_CHECK int ram_root_put(struct ram_root *r, const void *data, size_t len);
void ram_root_empty(struct ram_root *r); /* begin anew */

/** ram_root_mount() - as the root, where @room octets may be written. 0, or negative with a sentence. */
MUST_CHECK int ram_root_mount(struct ram_root *r, uint64_t room, struct error *reterr);
