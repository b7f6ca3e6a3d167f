/*
 * What the commands that build share: from the cache to an image of the daemon's.
 *
 * Functions that return an exit code (cli.h) have printed their failure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "app/bramble/build/build.h"
#include "app/bramble/cli.h"
#include "app/bramble/collect.h"

/**
 * built_is_there() - whether the daemon has an image of this name
 *
 * Asked first: a build takes minutes, and its end is no time to hear that nobody is there to take it. Return:
 * an exit code.
 */
MUST_CHECK int built_is_there(struct cli *cli, const char *name, bool *ret_is_there);

/** built_begin() - open the cache; an exit code. */
MUST_CHECK int built_begin(struct cli *cli, const struct build_wish *wish, struct build *b);

/** built_fail() - print why a build failed; names the log only where there is more in it than the sentence
 * says. */
int built_fail(const struct build *b, const struct error *err);

/** built_collect() - the file DIR/BELOW under the name that machines ask for it by. */
MUST_CHECK int built_collect(struct collection *c, const char *dir, const char *below, const char *name,
                             const char *role, struct error *reterr);

/**
 * built_collect_boot() - what boots an image of parts
 * @packages:   has boot/vmlinuz-* and the kernel's device trees, as Debian's package has them
 * @loaders_dir: has the boot loaders where their packages put them
 */
MUST_CHECK int built_collect_boot(struct collection *c, const char *arch, const char *packages,
                                  const char *initrd, const char *loaders_dir, struct error *reterr);

/** built_import() - send all, and tell what became of it; @about is taken over. An exit code. */
MUST_CHECK int built_import(struct cli *cli, json_t *about, struct collection *files);
