/*
 * What was built already: a folder for each whole step, named by what it was made of.
 *
 * A step is made in a folder beside it, which gets the step's name only when all of it is on the disk: an
 * interrupted build finds what was whole, and goes on from there. Folders of other inputs stay until the same
 * step is made anew.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

struct cache {
        char *dir;
        int lock; /* one build at a time */
};

/** cache_dir_choose() - $BRAMBLE_CACHE, else $XDG_CACHE_HOME/bramble, else ~/.cache/bramble; NULL: out of
 * memory, or no home. The caller's. */
char *cache_dir_choose(void);

/** cache_open() - makes what is missing; -EBUSY with a sentence when another build is at work there. */
MUST_CHECK int cache_open(const char *dir, struct cache *ret, struct error *reterr);
void cache_close(struct cache *c); /* also for CLEANUP() on the stack */

/** cache_name() - the folder of a step: "STEP-WHAT-HASH" of @inputs; the caller's, NULL: out of memory. Pure.
 */
char *cache_name(const char *step, const char *what, const char *inputs);

/** cache_find() - the path of a step that is whole, was made of exactly @inputs; NULL when there is none. The
 * caller's. */
char *cache_find(const struct cache *c, const char *name, const char *inputs);

/**
 * cache_begin() - an empty folder to make a step in
 *
 * What earlier attempts at this step left is removed.
 */
MUST_CHECK int cache_begin(const struct cache *c, const char *name, char **ret_path, struct error *reterr);

/**
 * cache_clear_tree() - empty and remove a tree whose files may belong to users of a namespace of mmdebstrap's
 *
 * No such tree is no error.
 */
MUST_CHECK int cache_clear_tree(const char *path, struct error *reterr);

#define CACHE_TREE "tree" /* the only folder of a step in which there may be such files */

/** cache_commit() - it is whole: @part gets its name. Steps of the same kind and other inputs are removed. */
MUST_CHECK int cache_commit(const struct cache *c, const char *name, const char *inputs, const char *part,
                            char **ret_path, struct error *reterr);
