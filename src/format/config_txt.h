/*
 * Raspberry Pi config.txt: its lines, its filters, and what the firmware will load because of them.
 *
 * Pure: text and facts about a board in, decisions out; the files around it are reached through two
 * callbacks. Nothing is allocated. It is not a list of every key: only keys that choose files are understood
 * here. Source: Raspberry Pi documentation, config_txt/{what_is_config_txt,boot,conditional}; raspberry-pi.md
 * section 3.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum {
        CONFIG_TXT_SIZE_MAX = 4095,   /* octets: over TFTP the firmware reads less than 4096 */
        CONFIG_TXT_LINE_MAX = 98,     /* octets that the firmware reads of one line */
        CONFIG_TXT_PATH_MAX = 255,    /* octets of a file name with its prefixes */
        CONFIG_TXT_INITRAMFS_MAX = 8, /* files that one initramfs line may join */
        CONFIG_TXT_DEPTH_MAX = 8,     /* of include in include */
        CONFIG_TXT_INCLUDES_MAX = 32, /* files in all */
        CONFIG_TXT_LINES_MAX = 16384, /* with those of included files */
        CONFIG_TXT_TYPE_UNKNOWN = -1
};

/* Boards that load the same way. */
enum config_txt_family {
        CONFIG_TXT_ROM,  /* 2B v1.2, 3B, 3B+, CM3: bootcode.bin, start.elf */
        CONFIG_TXT_2711, /* 4B, 400, CM4: EEPROM, start4.elf */
        CONFIG_TXT_2712  /* 5, 500, CM5: the EEPROM does everything */
};

/* A number that an expression filter may ask for: boot_partition, boot_arg1, …. */
struct config_txt_variable {
        const char *name;
        uint32_t value;
};

/* What filters are compared with; all borrowed for the call. */
struct config_txt_board {
        enum config_txt_family family;
        int type; /* board type of the revision code (bits 4 to 11); CONFIG_TXT_TYPE_UNKNOWN */
        bool has_serial;
        uint32_t serial; /* its low 32 bits */
        bool is_tryboot;
        const char *const
                *dtbs; /* names that the firmware tries, in order; NULL-terminated; NULL: none known */
        const char *const *upstream_dtbs;            /* likewise with upstream_kernel=1; may be NULL */
        const struct config_txt_variable *variables; /* those that are known */
        size_t n_variables;
};

/* The files beside config.txt. Paths are relative, without a leading '/'. */
struct config_txt_tree {
        bool (*exists)(void *ctx, const char *path);
        /* Text of an included file, which lives as long as the tree; NULL: there is none. */
        const char *(*read)(void *ctx, const char *path, size_t *ret_len);
        void *ctx;
};

/* Whether a line applies to a board. MAYBE: it hangs on something that only the board knows (a GPIO, a
 * monitor). */
enum config_txt_match { CONFIG_TXT_NO, CONFIG_TXT_MAYBE, CONFIG_TXT_YES };

enum config_txt_kind {
        CONFIG_TXT_BLANK,
        CONFIG_TXT_COMMENT,
        CONFIG_TXT_FILTER,   /* [key] */
        CONFIG_TXT_SETTING,  /* key=value */
        CONFIG_TXT_DIRECTIVE /* key value: include and initramfs have no '=' */
};

/* One line; pointers go into the text it came from. */
struct config_txt_line {
        enum config_txt_kind kind;
        enum config_txt_match match; /* of the filters that stand over it; a filter line: with itself */
        unsigned depth;              /* 0: in config.txt itself */
        const char *text;            /* without the line end */
        size_t len;
        const char *key, *value; /* trimmed; filter: key is what stands between the brackets */
        size_t key_len, value_len;
        bool is_long; /* the firmware does not see the octets behind CONFIG_TXT_LINE_MAX */
};

bool config_txt_key_is(const struct config_txt_line *line, const char *key);

/**
 * config_txt_each() - every line in the order the firmware sees them, included files in their place
 * @text:       config.txt
 * @len:        its octets
 * @board:      what filters are compared with
 * @tree:       for included files; NULL: they are not followed
 * @fn:         called for each line until it returns non-zero
 *
 * An included file stands in the text as if it were written there: its filters stay when it ends. Files are
 * included only where the filters say CONFIG_TXT_YES.
 *
 * Return: 0, what @fn returned, -ELOOP when includes are too deep or too many, -E2BIG when there are too many
 * lines.
 */
MUST_CHECK int config_txt_each(const char *text, size_t len, const struct config_txt_board *board,
                               const struct config_txt_tree *tree,
                               int (*fn)(void *ctx, const struct config_txt_line *line), void *ctx);

/* What the firmware of one board will load. Paths are relative to the tree, prefixes applied. */
struct config_txt_choice {
        char kernel[CONFIG_TXT_PATH_MAX + 1]; /* the first candidate when none is there */
        char dtb[CONFIG_TXT_PATH_MAX + 1];    /* "" when device_tree= says none, or no name is known */
        char initramfs[CONFIG_TXT_INITRAMFS_MAX][CONFIG_TXT_PATH_MAX + 1]; /* joined in this order */
        size_t n_initramfs;
        char cmdline[CONFIG_TXT_PATH_MAX + 1];
        char os_prefix[CONFIG_TXT_PATH_MAX + 1];      /* "" when none is set, or it was ignored */
        char overlay_prefix[CONFIG_TXT_PATH_MAX + 1]; /* where overlays are loaded from */
        char armstub[CONFIG_TXT_PATH_MAX + 1];        /* "" unless it was named */
        char start_file[CONFIG_TXT_PATH_MAX + 1];     /* "" on 2712 */
        char fixup_file[CONFIG_TXT_PATH_MAX + 1];     /* likewise */
        bool has_kernel, has_dtb;                     /* the file is there */
        bool is_kernel_named;                         /* by kernel=, else it is a default of the family */
        bool is_os_prefix_ignored; /* one was set, but kernel or device tree are not under it */
        bool arm_64bit;
        bool auto_initramfs;
        bool boot_ramdisk;     /* boot.img is loaded, and all the rest is read from it */
        unsigned n_long_lines; /* that apply and that the firmware cuts */
};

/**
 * config_txt_choose() - the files that the firmware of @board loads
 * @tree:       both callbacks set
 * @ret:        set on success only
 *
 * Keys that choose a file: the last that applies wins. include is not read by the first stage of the families
 * before 2712, so start_file and its kin count only in config.txt itself there.
 *
 * Return: 0, -ENAMETOOLONG when a name with its prefixes is longer than CONFIG_TXT_PATH_MAX, or as
 * config_txt_each().
 */
MUST_CHECK int config_txt_choose(const char *text, size_t len, const struct config_txt_board *board,
                                 const struct config_txt_tree *tree, struct config_txt_choice *ret);

/**
 * config_txt_compose() - lay lines of ours over an image's config.txt
 * @base:       the image's own text
 * @board:      the board that will read it
 * @tree:       for included files, whose filters reach into what follows; may be NULL
 * @ours:       our lines, each with its newline; they come last, after [all], so that no filter swallows
 * them. "": none, and nothing is added
 * @buf:        room for the text
 * @size:       of @buf; a text of more than CONFIG_TXT_SIZE_MAX is refused in any case
 * @ret_len:    octets written (no NUL)
 *
 * The base is kept octet for octet where that fits. Where it does not, comments and blank lines are left out,
 * then the sections that can never apply to @board: what the firmware does stays the same.
 *
 * Return: 0, -E2BIG when it does not fit even so, or as config_txt_each().
 */
MUST_CHECK int config_txt_compose(const char *base, size_t base_len, const struct config_txt_board *board,
                                  const struct config_txt_tree *tree, const char *ours, char *buf,
                                  size_t size, size_t *ret_len);
