/*
 * Where the system of an image can live, and how it can say that it is up: decided from what is in the image
 * and from what its kernels can do.
 *
 * Pure. What it cannot carry gets one sentence that names what is missing.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "core/site/image.h"

enum { ROOTS_RELEASE_SIZE = 64, ROOTS_KERNELS_MAX = 8 };

/* What is known of one kernel; NULL: that is not there. */
struct kernel_facts {
        char release[ROOTS_RELEASE_SIZE]; /* "": it does not tell */
        char *config;                     /* CONFIG_… lines */
        char *builtin, *dep;              /* modules.builtin, modules.dep */
};

struct roots_facts {
        bool has_disk, has_squashfs;
        bool is_root_left_out; /* as was asked for */
        const struct kernel_facts *kernels;
        size_t n_kernels;
};

/** roots_decide() - fill i->roots and i->why_not; 0 or -ENOMEM with a sentence. */
MUST_CHECK int roots_decide(struct image *i, const struct roots_facts *f, struct error *reterr);

/** roots_compression() - the best that all of the kernels read a squashfs with: "zstd" before "gzip", and
 * slow "xz" last. "gzip" where their configurations are not known: hardly a kernel with squashfs lacks that.
 */
const char *roots_compression(const struct kernel_facts *kernels, size_t n);

/** roots_module() - the modules that are kept for the agent, one after another; NULL at the end. */
const char *roots_module(size_t i);
