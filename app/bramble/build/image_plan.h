/*
 * What an image build will do: the command lines of its tools, the texts that it adds, and what each step
 * depends on. Pure.
 *
 * The root file system is made first and knows of no disk: a squashfs of it is a diskless machine's. The disk
 * image gets it with a boot loader and the texts that name its file systems laid over.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble/build/build.h"

/* The steps, in their order; b->done[STEP_ROOT] is the folder of the root. */
enum image_step { STEP_LOADERS, STEP_ROOT, STEP_BOOT, STEP_SQUASHFS, STEP_DISK, IMAGE_STEPS };

/* Names in the steps' folders. */
#define ROOT_TAR "root.tar"
#define ROOT_SQUASHFS "root.squashfs"
#define DISK_IMAGE "disk.img"
#define DISK_ROOT "root" /* in the tree */
#define DEBCONF_ANSWERS "answers"

/* A small file that goes into the root. */
struct root_text {
        const char *name; /* in the step's folder */
        const char *path; /* in the root */
        const char *text;
        const char *variant; /* only of this one; NULL: of all */
        bool is_early;       /* before packages are installed that read it */
};

extern const struct root_text root_texts[]; /* ends with a NULL name */

struct loader;

/** image_needs_loader() - whether an image of parts goes with this one. */
bool image_needs_loader(const struct build_wish *w, const struct loader *l);

/* What each step depends on: struct build_step's inputs(). */
void image_loaders_inputs(const struct build *b, struct text *out);
void image_root_inputs(const struct build *b, struct text *out);
void image_boot_inputs(const struct build *b, struct text *out);
void image_squashfs_inputs(const struct build *b, struct text *out);
void image_disk_inputs(const struct build *b, struct text *out);

/** image_root_argv() - mmdebstrap, in the step's folder, with sources.sources and the texts beside it. */
void image_root_argv(const struct build_wish *w, struct argv *out);

/** image_boot_argv() - tar, which takes the files that boot out of the root. */
void image_boot_argv(const struct build_wish *w, const char *root_tar, const char *to, struct argv *out);

/** image_squashfs_argv() - tar2sqfs, which reads the root on its standard input. */
void image_squashfs_argv(struct argv *out);

/*
 * The numbers that the file systems of a disk image have.
 *
 * The boot loader and fstab find the root by the UUID of its file system. It is part of the file system
 * itself: a new identity of the disk or of its partitions, which a deploy gives where two disks in one
 * machine would be alike, does not touch it. It comes from what the image was made of, so that an interrupted
 * build goes on with the same.
 */
struct disk_ids {
        char root[37], disk[37], boot_partition[37], root_partition[37]; /* UUIDs */
        char boot[9];                                                    /* of FAT: 8 hex digits */
        char mbr[11];                                                    /* 0x and 8 hex digits */
};

void disk_ids_make(const char *inputs, struct disk_ids *ret);

/* In octets. */
struct disk_layout {
        uint64_t boot_start, boot_size, root_start, root_size, size;
};

/** disk_layout_make() - 0, or -ENOSPC with a sentence when @root_octets of files cannot fit. */
MUST_CHECK int disk_layout_make(const struct recipe *r, uint64_t disk_octets, uint64_t root_octets,
                                struct disk_layout *ret, struct error *reterr);

void disk_table(const struct recipe *r, const struct disk_layout *l, const struct disk_ids *ids,
                struct text *out);
void disk_fstab(const struct recipe *r, const struct disk_ids *ids, struct text *out);
void disk_grub_first(const struct disk_ids *ids, struct text *out);
void disk_grub_cfg(const struct build_wish *w, const struct disk_ids *ids, struct text *out);

/** pi_cmdline() - cmdline.txt; @ids NULL: of a machine whose root is named when it boots. */
void pi_cmdline(const struct recipe *r, const struct disk_ids *ids, struct text *out);

/** pi_defaults() - what Debian's hook writes cmdline.txt by, when a kernel is updated on the machine itself.
 */
void pi_defaults(const struct recipe *r, const struct disk_ids *ids, struct text *out);

/** disk_mke2fs_argv() - in the tree that has DISK_ROOT; writes the disk image that is its standard output. */
void disk_mke2fs_argv(const struct disk_layout *l, const struct disk_ids *ids, struct argv *out);
void disk_mkfs_fat_argv(const struct disk_layout *l, const struct disk_ids *ids, struct argv *out);
