/*
 * A mounted partition of somebody's image: its files, by paths as the image's own system would see them.
 *
 * Links in it never lead out of it, whatever they say: a path is resolved as if the volume were all there is
 * (openat2(2), RESOLVE_IN_ROOT).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/bramble-agent/io/tree.h"
#include "base/cleanup.h"
#include "base/error.h"

enum { VOLUME_TEXT_MAX = 1 << 20 }; /* octets of a file that is read as a text */

struct volume;

/* Where it is: a partition's device, or a part of a file. */
struct volume_source {
        const char *path;
        bool is_part; /* of the file @path */
        uint64_t offset, len;
};

/** volume_mount() - @type: as for mount(2); 0, or negative with a sentence. */
MUST_CHECK int volume_mount(const struct volume_source *source, const char *type, bool may_write,
                            struct volume **ret, struct error *reterr);

/** volume_open() - what is mounted at a folder already, and stays so. 0 or -errno. */
MUST_CHECK int volume_open(const char *dir, struct volume **ret);

/** volume_unmount() - 0 or -errno when what was written did not arrive; frees in any case. */
MUST_CHECK int volume_unmount(struct volume *v);
void volume_free(struct volume *v); /* the same, for whom it is too late */
DEFINE_CLEANUP(struct volume, volume_free)

bool volume_exists(const struct volume *v, const char *path);
bool volume_is_dir(const struct volume *v, const char *path);

/** volume_read() - a file as a text, which the caller frees; NULL: there is none, it is too long or no text.
 */
char *volume_read(const struct volume *v, const char *path);

/** volume_write() - a file with its folders; what was there is replaced. 0, or negative with a sentence. */
MUST_CHECK int volume_write(const struct volume *v, const char *path, const char *text, unsigned mode,
                            struct error *reterr);

/** volume_write_octets() - the same for what is no text, and the file is on its disk afterwards. */
MUST_CHECK int volume_write_octets(const struct volume *v, const char *path, const void *data, size_t len,
                                   struct error *reterr);

/** volume_make_dir() - a folder with those above it, as a descriptor of the caller's to close; or negative
 * with a sentence. */
MUST_CHECK int volume_make_dir(const struct volume *v, const char *path, struct error *reterr);

/** volume_link() - a symbolic link; one that is there stays. */
MUST_CHECK int volume_link(const struct volume *v, const char *path, const char *target,
                           struct error *reterr);

/** volume_remove() - a file or a link; one that is not there is none. 0, or negative with a sentence. */
MUST_CHECK int volume_remove(const struct volume *v, const char *path, struct error *reterr);

/** volume_chown() - a file or folder to another owner; 0 or -errno. */
MUST_CHECK int volume_chown(const struct volume *v, const char *path, unsigned uid, unsigned gid);

/** volume_list() - the names in a folder, without those that begin with a dot. */
struct tree_names volume_list(const struct volume *v, const char *path);

/** volume_grow() - the file system to the size of its partition, @len octets: 0, or -errno when its kernel
 * cannot. */
MUST_CHECK int volume_grow(const struct volume *v, uint64_t len);
