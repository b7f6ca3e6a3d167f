/*
 * A way to boot: what a method is, and what plans offer to methods.
 *
 * A method is one file with a row in methods.c. It decides from the plan so far (client, machine, image) and
 * names files; it opens nothing until one of them is asked for. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/bootfile.h"
#include "core/boot/plan.h"

enum {
        BOOT_PATH_SIZE =
                IMAGE_PATH_MAX + 64, /* a requested path: an image's, a firmware's prefix, and the NUL */
        BOOT_GENERATED_MAX = 8,
        BOOT_MODULES_MAX = 6, /* archives of modules, one for each kernel of an image */
        BOOT_INITRD_PARTS = 2 * (1 + BOOT_MODULES_MAX + 1 + 1) - 1
};

/* A file of the tree that is not simply the image's file of that name. */
struct boot_generated {
        const char *path; /* lives as long as the plan's arena */
        const char *why;  /* for `bramble boot files` */

        /* Either the image's file under another name … */
        const struct image_file *file;
        /* … or one that is made when it is asked for: 0 with a reference, BOOT_FILE_MISSING, or -errno. */
        int (*make)(const struct boot_plan *p, const struct blob_source *blobs, struct boot_file **ret);
};

/* What both of U-Boot's methods say beside another DHCP server. */
#define BOOT_UBOOT_NO_PROXY \
        "U-Boot does not listen to a second DHCP server: set serverip in its environment, or let Bramble " \
        "hand " \
        "out the addresses"

struct boot_method {
        const char *name, *title;

        /* Whether this is the way for the plan's client and image. Asked in the order of the rows. */
        bool (*match)(const struct boot_plan *p);

        /* Fills the offer and says reasons. */
        void (*plan)(struct boot_plan *p);

        /* The files that are not simply the image's; how many, at most BOOT_GENERATED_MAX. NULL: none. */
        size_t (*generate)(const struct boot_plan *p, struct boot_generated list[static BOOT_GENERATED_MAX]);

        /*
         * The name in the tree for a normalised path as this firmware asks for it: prefixes taken off,
         * spellings made one. Returns @path, a part of it, or a text in the arena; NULL: there is no such
         * thing. NULL itself: @path as it is.
         */
        const char *(*resolve)(const struct boot_plan *p, const char *path);

        /* Whether a file of the image must not be seen by this firmware. NULL: all may. */
        bool (*hides)(const struct boot_plan *p, const char *path);

        /* Whether a file of the image is given with something of ours laid over it, by lay_over(). NULL: none
         * is. */
        bool (*is_laid_over)(const struct boot_plan *p, const struct image_file *base);
        int (*lay_over)(const struct boot_plan *p, const struct image_file *base,
                        const struct blob_source *blobs, struct boot_file **ret);

        bool has_no_image_files; /* nothing of the image but what generate() names */
};

extern const struct boot_method *const boot_methods[]; /* NULL-terminated, in order of matching */

/** boot_plan_say() - add a sentence to the reasons. */
void boot_plan_say(struct boot_plan *p, const char *format, ...) PRINTF(2, 3);

/** boot_plan_say_fixed() - the same for a text that needs no filling in: costs nothing. */
void boot_plan_say_fixed(struct boot_plan *p, const char *sentence);

bool boot_plan_is_proxy(const struct boot_plan *p);

/** boot_plan_starts_kernel() - whether a kernel is started over the network, for itself or for the agent. */
bool boot_plan_starts_kernel(const struct boot_plan *p);

/** boot_plan_client_arch() - what the client's firmware runs; ARCH_NONE: it does not tell. */
enum arch boot_plan_client_arch(const struct boot_plan *p);

/** boot_plan_can_start() - whether that firmware can start kernels of the plan's image at all. */
bool boot_plan_can_start(const struct boot_plan *p);

/** boot_plan_find_method() - the way to boot that matches the plan so far; NULL: none does. */
const struct boot_method *boot_plan_find_method(const struct boot_plan *p);

/** boot_plan_needs() - what an image must hold so that the client can boot it: "a kernel"; NULL: it boots
 * nothing. */
const char *boot_plan_needs(const struct boot_plan *p);

/** boot_plan_name() - what to call the one who asks: the machine's name, or "unknown". */
const char *boot_plan_name(const struct boot_plan *p);

/** boot_plan_url() - "http://SERVER:PORT/b/TOKEN/PATH", in the arena. */
const char *boot_plan_url(const struct boot_plan *p, const char *path);

/** boot_plan_offer_file() - the plain offer of PXE: our address and a file name; proxies also say who they
 * are. */
void boot_plan_offer_file(struct boot_plan *p, const char *bootfile);

/** boot_plan_role() - the image's file of a role, NULL when it has none. */
const struct image_file *boot_plan_role(const struct boot_plan *p, enum image_role role);

/* The kernel that a boot loader other than the Pi's own shall start, with what belongs to it. */
struct boot_kernel {
        const struct image_file *kernel;
        const char *initrd; /* its path in the tree; NULL: none */
        const char *fdtdir; /* the folder of its device trees; NULL: none. In the arena */
};

/** boot_plan_has_netconsole() - whether it is to write its console to us: by its own switch, or by a profile
 * that says so of its EEPROM. */
bool boot_plan_has_netconsole(const struct boot_plan *p);

/** boot_kernel_of() - false when the image has no kernel. */
bool boot_kernel_of(const struct boot_plan *p, struct boot_kernel *ret);

/**
 * boot_kernel_cmdline() - the image's command line and the machine's words, one line
 * @base:       text to begin with, in the place of the image's own; NULL: the image's own
 *
 * Return: its length, or -E2BIG.
 */
int boot_kernel_cmdline(const struct boot_plan *p, const char *base, char *buf, size_t size);

/* The signed loaders of UEFI, as the tree has them. */
struct boot_efi_loaders {
        enum arch arch;
        const char *letters;     /* that EFI ends names with: "aa64" */
        const char *shim, *grub; /* shim asks for GRUB under this name beside itself */
};

/** boot_efi_loaders() - of arm64 or amd64. */
const struct boot_efi_loaders *boot_efi_loaders(enum arch arch);

struct boot_loader_entry; /* format/boot_entry.h */

/**
 * boot_loader_entry_of() - what a boot loader is told to start
 * @spell:      how that loader names a file of the tree; in the arena, NULL when that is full
 * @line:       room for the command line, CMDLINE_MAX + 1 octets, borrowed by the entry
 *
 * Return: BOOT_FILE_FOUND, BOOT_FILE_MISSING without a kernel, or -errno.
 */
int boot_loader_entry_of(const struct boot_plan *p,
                         const char *(*spell)(const struct boot_plan *p, const char *path), char *line,
                         struct boot_loader_entry *ret);

/* What a kernel unpacks, piece by piece: archives one after another, the agent's last. */
struct boot_initrd {
        struct boot_segment parts[BOOT_INITRD_PARTS]; /* blobs: with references of its own */
        size_t n;
        uint64_t size; /* octets of all */
};

/**
 * boot_initrd_open() - the initrd of the plan's kernel
 * @own:        the image's own; NULL: it has none
 *
 * Return: 0, or -errno. boot_initrd_close() gives the references back; also after a failure.
 */
int boot_initrd_open(const struct boot_plan *p, const struct blob_source *blobs, const struct image_file *own,
                     struct boot_initrd *ret);
void boot_initrd_close(struct boot_initrd *i);

/** boot_initrd_size() - octets of the same without a look at content; not those of the list of what may be
 * fetched later, which are few. */
uint64_t boot_initrd_size(const struct boot_plan *p, const struct image_file *own);

/** boot_initrd_lay_over() - @own with what belongs behind it, as one file; as lay_over(). */
int boot_initrd_lay_over(const struct boot_plan *p, const struct image_file *own,
                         const struct blob_source *blobs, struct boot_file **ret);

/** boot_initrd_make() - likewise for the first initrd of the plan's image. A `make` of struct boot_generated.
 */
int boot_initrd_make(const struct boot_plan *p, const struct blob_source *blobs, struct boot_file **ret);

/** boot_uki_make() - the UKI of the plan's kernel: BOOT_FILE_FOUND, BOOT_FILE_MISSING, or -errno. A `make` of
 * struct boot_generated. */
int boot_uki_make(const struct boot_plan *p, const struct blob_source *blobs, struct boot_file **ret);
bool boot_uki_is_possible(const struct boot_plan *p);
const char *boot_uki_name(const struct boot_plan *p); /* "NAME.efi", in the arena */

/** boot_path_normalise() - one spelling: no leading, double or trailing slash, no "."; false for "..",
 * control characters, or too long. */
bool boot_path_normalise(const char *path, char buf[static BOOT_PATH_SIZE]);

/* One component of a path: which identity it spells. */
enum boot_path_prefix { PREFIX_NONE, PREFIX_SERIAL, PREFIX_MAC };
enum boot_path_prefix boot_path_prefix_parse(const char *component, size_t len, uint32_t *serial,
                                             struct mac *mac);

/**
 * boot_path_below_prefix() - what of @path stands behind a serial or a MAC
 *
 * Return: a part of @path; @path, which has no such prefix; NULL: it leads into another machine's tree, which
 * is not this one's to see.
 */
const char *boot_path_below_prefix(const struct boot_plan *p, const char *path);

/** boot_file_from_blob() - one whole blob as a boot file. */
int boot_file_from_blob(const struct blob_source *blobs, const struct image_file *file,
                        struct boot_file **ret);

/* Opens nothing, -ENODATA: what can be said without a look at content, while a plan is made. */
extern const struct blob_source boot_no_blobs;

/** boot_file_text() - the text of a small file of the image, in memory or from its blob into the arena; NULL
 * with -errno in @error. */
const char *boot_file_text(const struct boot_plan *p, const struct blob_source *blobs,
                           const struct image_file *file, int *error);
