/*
 * An image as the site knows it: which files a machine can be given, by content, and what they are for.
 *
 * Made by core/image at import, kept in the database, carried by the snapshot. The octets stay in the store.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bootfile.h"
#include "base/error.h"
#include "base/ref.h"
#include "core/machine/machine.h"

enum { IMAGE_NAME_MAX = 63, IMAGE_FILES_MAX = 8192, IMAGE_PATH_MAX = 255 };

enum image_kind {
        IMAGE_PI,    /* a Raspberry Pi boot directory: config.txt and cmdline.txt say what starts */
        IMAGE_PARTS, /* kernel, initrd, device trees, given one by one or found in a root file system */
        IMAGE_BARE   /* nothing that a machine could boot over the network: a disk or a root alone */
};

/* What a file is for, so that the plan finds it without guessing at names again. */
enum image_role {
        IMAGE_FILE_OTHER,
        IMAGE_FILE_KERNEL,
        IMAGE_FILE_INITRD,
        IMAGE_FILE_DTB,
        IMAGE_FILE_CONFIG_TXT,  /* Pi: the base that ours is laid over */
        IMAGE_FILE_CMDLINE_TXT, /* Pi: likewise */
        IMAGE_FILE_SHIM,        /* EFI: signed first stage */
        IMAGE_FILE_GRUB,        /* EFI: signed GRUB for the net */
        IMAGE_FILE_EFI_STUB,    /* systemd's stub, to make a UKI of */
        IMAGE_FILE_IPXE_BIOS,   /* undionly.kpxe or like */
        IMAGE_FILE_DISK_MAP,    /* format/blockmap.h: where the frames belong on a disk */
        IMAGE_FILE_DISK_FRAMES, /* zstd frames one after another */
        IMAGE_FILE_ROOT_SQUASHFS,
        IMAGE_FILE_MODULES,  /* cpio of modules that the agent and its roots need, for one kernel release */
        IMAGE_FILE_AGENT,    /* cpio that is appended to the initrd */
        IMAGE_FILE_EEPROM,   /* Pi: an image of its boot EEPROM */
        IMAGE_FILE_RECOVERY, /* Pi: the program that writes it */
        IMAGE_ROLES
};

/* How a system that was deployed can say that it is up; bits. */
enum image_done { IMAGE_DONE_CLOUD_INIT = 1, IMAGE_DONE_SSH = 2 };

struct image_file {
        char *path; /* relative, '/' between parts, as a client asks for it; dtbs keep their vendor directory
                     */
        enum image_role role;
        struct blob_id blob;
        uint64_t size;   /* octets */
        uint8_t *octets; /* IMAGE_FILE_CONFIG_TXT, …_CMDLINE_TXT and included texts (< 64 KiB): kept here for
                            pure readers, NUL-terminated; else NULL */
};

/* What an image's `os` begins with that is written to disks unchanged, and says who may log in by assertions.
 */
#define IMAGE_OS_UBUNTU_CORE "Ubuntu Core"

struct image {
        struct ref ref;
        uint64_t id;
        char name[IMAGE_NAME_MAX + 1];
        uint32_t version; /* 1 …: of those with this name; each import of a name makes the next one */
        enum image_kind kind;
        enum arch arch; /* of its kernel; a Pi image with kernels for both says ARCH_ARM64 */
        char *cmdline;  /* IMAGE_PARTS: the kernel's command line; "" when none was given */
        char **boards;  /* names from data/boards that the files can start; NULL-terminated; empty for
                           IMAGE_PARTS */
        char *os;       /* what its root calls itself: "Debian GNU/Linux 12 (bookworm)"; NULL: not known */
        unsigned roots; /* bits 1 << enum root_kind: where its system can live */
        char *why_not[ROOT_KINDS]; /* of each that it cannot carry, a sentence; NULL */
        unsigned done_signals;     /* bits of enum image_done */
        char *ties;        /* what of its root is changed where that comes over the network: names of rows of
                              format/ties.c with a space between; NULL: nothing */
        int64_t created_s; /* Unix time */
        struct image_file *files; /* sorted by path, octet order */
        size_t n_files;

        /* Made by image_index() from the files. */
        uint64_t size;                    /* octets of all files */
        const struct image_file **folded; /* the files in the order that ignores case */
        const struct image_file *first[IMAGE_ROLES];
};

struct image *image_new(void);
struct image *image_take(const struct image *i);
void image_drop(struct image *i);
DEFINE_CLEANUP(struct image, image_drop)

/**
 * image_index() - make a filled image ready for searching: who makes or changes `files` calls it last
 *
 * Sorts the files and builds what the searches below need.
 * Return: 0, -EEXIST when a path is there twice, or -ENOMEM.
 */
MUST_CHECK int image_index(struct image *i);

/** image_find() - by exact path; NULL when there is none. image_find_folded() ignores case, as FAT does. */
const struct image_file *image_find(const struct image *i, const char *path);
const struct image_file *image_find_folded(const struct image *i, const char *path);

/** image_has_folder() - whether any file lies below the folder of @len octets, in any case. */
bool image_has_folder(const struct image *i, const char *folder, size_t len);

/** image_find_role() - the first file of a role; NULL when there is none. */
const struct image_file *image_find_role(const struct image *i, enum image_role role);

/*
 * A reference names an image: NAME@VERSION, or NAME for the newest version of it. What is written down of a
 * machine or a subnet always says the version, so that an import changes nothing that runs.
 */
enum { IMAGE_REF_SIZE = IMAGE_NAME_MAX + 12 }; /* with its NUL */

/** image_ref() - "debian@3" into @buf; returns it. */
const char *image_ref(const struct image *i, char buf[static IMAGE_REF_SIZE]);

/** image_ref_parse() - @ret_version: 0 when the reference names none. 0, or -EINVAL. */
MUST_CHECK int image_ref_parse(const char *ref, char ret_name[static IMAGE_NAME_MAX + 1],
                               uint32_t *ret_version);

/** image_name_check() - whether it can be an image's name: 1 to IMAGE_NAME_MAX printable octets without '@',
 * '/' and spaces. 0, or -EINVAL with a sentence. */
MUST_CHECK int image_name_check(const char *name, struct error *reterr);

bool image_is_ubuntu_core(const struct image *i);

const char *image_kind_name(enum image_kind kind); /* "pi", "parts", "bare" */
MUST_CHECK int image_kind_parse(const char *name, enum image_kind *ret);
const char *image_done_name(enum image_done done); /* "cloud-init"; NULL: there is no such bit */
MUST_CHECK int image_done_parse(const char *name, enum image_done *ret);
const char *image_role_name(enum image_role role);
MUST_CHECK int image_role_parse(const char *name, enum image_role *ret);
