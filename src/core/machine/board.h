/*
 * Boards: what kinds of computers there are, as data.
 *
 * One YAML file a board in data/boards, checked and built in; files of the operator's folder are laid over
 * them at start, by the same parser. What stands here is what cannot be asked over the wire: names of device
 * trees, the type in a Raspberry Pi's revision code, what its firmware speaks.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/machine/machine.h"

enum {
        BOARD_NAME_MAX = 31,
        BOARD_ARCHS_MAX = 4,
        BOARD_TYPES_MAX = 8,
        BOARD_DTBS_MAX = 8,
        BOARD_METHODS_MAX = 8,
        BOARD_OUIS_MAX = 8,
        BOARD_STEPPINGS_MAX = 4,
        BOARD_REVISIONS_MAX = 8 /* of one stepping */
};

/* Octets of a boot.img: firmware cuts off what is longer, and a signature of all of it is wrong then
 * (raspberry-pi.md section 5). */
enum { BOARD_RAMDISK_MAX = 96 << 20 };

/* Boards that load the same way (raspberry-pi.md: three families). */
enum board_family {
        BOARD_OTHER, /* not a Raspberry Pi: its firmware tells what it wants */
        BOARD_PI_ROM,
        BOARD_PI_2711,
        BOARD_PI_2712
};

/* A revision of its processor that wants files of its own. The board's revision code does not name it, and
 * still tells which one it is, as far as that is known. */
struct board_stepping {
        const char *name;    /* "D0" */
        const char *dtb;     /* of the board's device trees the one that it asks for first */
        const char *overlay; /* that makes another of them do, without its ending; NULL: none */
        uint32_t revisions[BOARD_REVISIONS_MAX]; /* codes of boards that have it */
        size_t n_revisions;
        uint8_t since_pcb; /* boards of revision 1.N have it, and later ones; 0: not known of any */
};

/* What the firmware of an EEPROM learnt on a day. */
enum board_since {
        BOARD_SINCE_HTTP,           /* it boots over HTTP */
        BOARD_SINCE_HTTPS_CA,       /* with a certificate authority of the operator's */
        BOARD_SINCE_TCP_WINDOW,     /* with a window that is not small */
        BOARD_SINCE_BLOCK_ROLLOVER, /* TFTP goes on behind block 65535 */
        BOARD_SINCE_SIGNED_TFTP,    /* a signed boot.img over TFTP */
        BOARD_SINCE_KINDS
};

enum { BOARD_DAY_SIZE = 16 }; /* of a day as text, with its NUL */

struct board {
        const char *name;  /* "pi4b", as --board takes it */
        const char *title; /* "Raspberry Pi 4B" */
        enum board_family family;
        enum arch archs[BOARD_ARCHS_MAX]; /* that it can run, the usual one first; ARCH_NONE fills up */
        uint8_t types[BOARD_TYPES_MAX];   /* of the revision code, bits 4 to 11; Raspberry Pi only */
        size_t n_types;
        const char *dtbs[BOARD_DTBS_MAX + 1]; /* that its firmware asks for, in order; NULL-terminated */
        const char
                *upstream_dtbs[BOARD_DTBS_MAX + 1]; /* names of the same in the kernel's own tree, likewise */
        const char *client; /* the firmware it usually asks with: a name of boot/clients.c */
        const char *methods[BOARD_METHODS_MAX + 1]; /* ways it can boot: names of boot/methods.c, likewise */

        uint8_t ouis[BOARD_OUIS_MAX][3]; /* that its MACs begin with, as far as known */
        size_t n_ouis;
        struct board_stepping steppings[BOARD_STEPPINGS_MAX];
        size_t n_steppings;
        uint32_t since[BOARD_SINCE_KINDS]; /* the day of the EEPROM's version, 20250923; 0: none can it, or it
                                              has none */
        uint16_t offer_delay_ms;           /* before it is offered its boot; 0: as its firmware wants it */
};

/* Boards by name: the built-in ones, and those that an operator laid over them. Unchanging and reference
 * counted. */
struct board_set;

struct board_set *board_set_builtin(void); /* one reference, the caller's; NULL: out of memory */
struct board_set *board_set_take(const struct board_set *s);
void board_set_drop(struct board_set *s);
DEFINE_CLEANUP(struct board_set, board_set_drop)

/**
 * board_set_lay_over() - a set with one more board, or with one replaced
 * @s:          the set; not changed
 * @yaml:       text of one board's file
 * @file:       its name, for the sentence
 *
 * Return: the new set, or NULL with a sentence that names file and fault.
 */
struct board_set *board_set_lay_over(const struct board_set *s, const char *yaml, size_t len,
                                     const char *file, struct error *reterr);

size_t board_set_len(const struct board_set *s);
const struct board *board_set_item(const struct board_set *s, size_t i); /* in the order of names */
const struct board *board_find(const struct board_set *s, const char *name);

/** board_since_day() - from which day on the EEPROM of @b has learnt @what, as "2025-09-23"; NULL: that is not
 * known of it, or @b is NULL. */
const char *board_since_day(const struct board *b, enum board_since what, char buf[static BOARD_DAY_SIZE]);

/** board_stepping_of() - which stepping a board is by its revision code; NULL: that does not tell. */
const struct board_stepping *board_stepping_of(const struct board *b, uint32_t revision);

/** board_find_type() - the board with a type of revision code; NULL when there is none. */
const struct board *board_find_type(const struct board_set *s, unsigned type);

/** board_families_of_mac() - the families of Raspberry Pis, bits 1 << enum board_family, whose boards have
 * MACs that begin so. What firmware says of itself counts more. */
unsigned board_families_of_mac(const struct board_set *s, const struct mac *mac);

/* What board_set_builtin() has: sorted by name. */
extern const struct board boards_builtin[];
extern const size_t n_boards_builtin;
