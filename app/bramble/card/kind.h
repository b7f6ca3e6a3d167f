/*
 * The kinds of cards, and the boards that they are for: which firmware each needs, and what is written beside
 * it.
 *
 * Pure. Sources: raspberry-pi.md sections 1.2, 6 and 8; the configuration that comes with each firmware.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/bramble/card/pick.h"
#include "format/config_txt.h"

struct card_board {
        const char *name;  /* "pi4" */
        const char *title; /* "Raspberry Pi 4" */
        unsigned soc;      /* 2711; 0: without an EEPROM it does not matter */
        enum config_txt_family family;
        int type;           /* of the revision code: filters in its EEPROM's configuration ask for it */
        size_t eeprom_size; /* 0: it has none */
        const char *
                rpiboot; /* the name of recovery.bin for a board that is written over USB; NULL: it is none */
        bool is_module;  /* no recovery.bin from a card: only over USB */
};

/* What a kind of card is on a board. */
struct card_variant {
        const char *board;
        const char *why_not; /* the whole sentence; NULL: there is one */
        const struct card_want *wants;
        size_t n_wants;
        const char *config_txt;  /* where the firmware brings none; NULL: the card has none */
        const char *boot_script; /* for U-Boot, as boot.scr; NULL: none */
};

enum { CARD_VARIANTS_MAX = 8 };

struct card_kind {
        const char *name;  /* "eeprom" */
        const char *label; /* of its volume */
        const char *next;  /* what is done with it */
        const char *whole; /* see struct card_pick */
        bool sets_eeprom;
        struct card_variant variants[CARD_VARIANTS_MAX]; /* up to one without a board */
};

extern const struct card_kind card_kinds[];   /* end with a NULL name */
extern const struct card_board card_boards[]; /* likewise */

const struct card_kind *card_kind_find(const char *name);
const struct card_board *card_board_find(const char *name);

/** card_variant_find() - NULL with a sentence when there is no such card. */
const struct card_variant *card_variant_find(const struct card_kind *kind, const struct card_board *board,
                                             struct error *reterr);
