/* The ways to a file system, as a root or as a volume in it. Each is a function for the table in root.c. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble-agent/root/order.h"

struct job;
struct volume;

/* Where a file system goes: @path "" is the root itself, else a folder in it. */
struct root_place {
        struct job *job;
        const struct volume *root; /* NULL for the root itself */
        const char *path;
        unsigned number; /* of this root's file systems; 0: the root */
};

/*
 * Each returns 0, or negative with a sentence: -EAGAIN when what it needs is away and may come back.
 */
MUST_CHECK int root_ram(const struct root_place *place, const struct root_source *from, struct error *reterr);
MUST_CHECK int root_nfs(const struct root_place *place, const struct root_source *from, struct error *reterr);
MUST_CHECK int root_nbd(const struct root_place *place, const struct root_source *from, struct error *reterr);
MUST_CHECK int root_disk(const struct root_place *place, const struct root_source *from,
                         struct error *reterr);

/** root_mount() - what all of them end with. */
MUST_CHECK int root_mount(const struct root_place *place, const char *source, const char *type,
                          const char *options, struct error *reterr);
