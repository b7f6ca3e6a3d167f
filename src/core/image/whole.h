/*
 * Images that arrive whole: a disk, a root file system, packed or not. What they hold is found out by
 * content.
 *
 * First the files that machines boot from are taken out, so that the import can understand them like any;
 * then the disk is packed into frames and the root into a squashfs, whose compression depends on the kernels
 * found.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/image/roots.h"
#include "core/image/staging.h"
#include "core/image/unpack.h"
#include "core/image/volumes.h"

struct whole {
        struct import *import;
        struct unpack unpack;
        struct source_found found;
        struct volumes volumes;
        char *disk;             /* path of the raw disk; NULL: there is none */
        char *root_path;        /* that @root lies at */
        bool has_own_root;      /* it came as a file of its own, squashed already */
        struct root_place root; /* tree NULL: none */
        enum arch root_arch;    /* by its programs; ARCH_NONE */
        char *os;               /* as struct image has it */
        char *cmdline;          /* console words of its boot loader; NULL */
        char *ties;             /* as struct image has them */
        unsigned done_signals;
        struct kernel_facts kernels[ROOTS_KERNELS_MAX];
        size_t n_kernels;
};

/** whole_begin() - ready to work on an import; whole_end() releases what there is, begun or not. */
MUST_CHECK int whole_begin(struct whole *w, struct import *i, struct import_progress *progress,
                           struct error *reterr);
void whole_end(struct whole *w);

/** whole_open() - find out what the source is, and stage the files that machines boot from. Sets i->kind when
 * nobody asked for one. */
MUST_CHECK int whole_open(struct whole *w, struct error *reterr);

/** whole_add() - the rest: stage the frames of the disk, the root, the modules of the kernels; then fill what
 * @image can do. @image has its roles, and gets the new files with the import's. */
MUST_CHECK int whole_add(struct whole *w, struct image *image, struct error *reterr);
