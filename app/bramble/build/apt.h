/*
 * Debian's mirrors as this machine's apt knows them, and a view of apt's that asks them for other
 * architectures.
 *
 * Nothing of the machine's own configuration changes, and no mirror's name stands anywhere in our files:
 * which ones there are, and whose keys they are signed with, is read from `apt-get indextargets`. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "app/bramble/build/argv.h"
#include "base/error.h"
#include "base/text.h"

/* One mirror of one suite. */
struct apt_mirror {
        char *uri;
        char *release; /* what follows the code name: "", "-updates", "-security" */
        char *key;     /* the file of its keys; NULL: those that apt trusts for all */
};

struct apt_mirrors {
        struct apt_mirror *rows;
        size_t n;
};

void apt_mirrors_free(struct apt_mirrors *m); /* also for CLEANUP() on the stack */

/** apt_targets_argv() - the command whose output apt_mirrors_parse() reads. */
void apt_targets_argv(struct argv *out);

/**
 * apt_mirrors_parse() - which mirrors that output names
 * @ret:        freed by the caller
 *
 * Lines that make no sense, of other components, and of suites that are not built from (backports) are passed
 * over. Return: 0; -ENOENT with a sentence when no mirror of a main suite is left; -ENOMEM.
 */
MUST_CHECK int apt_mirrors_parse(const char *output, size_t len, struct apt_mirrors *ret,
                                 struct error *reterr);

/** apt_sources() - a deb822 file that names these mirrors for the distribution @codename. */
void apt_sources(const struct apt_mirrors *m, const char *codename, const char *components, struct text *out);

/**
 * apt_view_options() - what makes apt-get and apt-cache look at the view in the folder @view and at nothing
 * else
 *
 * The view is a folder with sources/, lists/partial/, cache/archives/partial/ and an empty file status.
 */
void apt_view_options(struct argv *out, const char *view, const char *arch);
