/*
 * What ties a system to the disk it was made for: rows of files, what is changed in them, and why.
 *
 * An image keeps its root as it came. Where that root comes over the network instead (ram, nfs, nbd), the
 * copy that a machine gets is freed of these: the agent does it before it starts the system, and import looks
 * which of them an image has. Words on the command line are not here: where the agent brings up the root it
 * leaves them out (core/boot/agent.c). Pure: texts and answers in, texts out. Sources: raspberry-pi.md
 * section 10; fstab(5), machine-id(5), systemd.unit(5).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

enum { TIE_PATHS_MAX = 8 };

enum tie_act {
        TIE_CHANGE, /* the text of each path, by change() */
        TIE_EMPTY,  /* each path that has something in it */
        TIE_REMOVE, /* each path that is there */
        TIE_MASK,   /* a unit, by a link to nothing at paths[0] */
        TIE_WRITE   /* paths[0], with a text of ours; one that is there stays */
};

struct tie {
        const char *name; /* as it is kept with an image: "fstab" */
        enum tie_act act;
        const char *paths[TIE_PATHS_MAX + 1]; /* without a leading '/'; NULL-terminated */
        const char *
                signs[TIE_PATHS_MAX + 1]; /* TIE_MASK, TIE_WRITE: one of these is there, or nothing is done */
        char *(*change)(
                const char *text); /* TIE_CHANGE: the caller's; NULL: nothing to change, or no memory */
        const char *text;          /* TIE_WRITE */
        const char *what, *why;    /* for people */
};

extern const struct tie ties[]; /* ends with a row without name; in this order they are loosened */

/** tie_find() - by name; NULL: there is none. */
const struct tie *tie_find(const char *name);

/* A root file system, wherever it lies. */
struct tie_root {
        bool (*exists)(void *ctx, const char *path);
        char *(*read)(void *ctx,
                      const char *path); /* the text of a file, the caller's; NULL: there is none */
        void *ctx;
};

/** tie_holds() - whether a root has that tie: whether there is something to be changed. */
bool tie_holds(const struct tie *t, const struct tie_root *root);

/** tie_fstab() - an fstab whose lines for the root, for swap and for partitions of a disk are comments, the
 * caller's; NULL: it has none of them, or there is no memory. What is marked nofail stays. */
char *tie_fstab(const char *fstab);
