/* The files of a card, in memory and in the order of their names: firmware is a few megabytes. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

enum { CARD_FILES_MAX = 4096, CARD_NAME_MAX = 255 };
#define CARD_OCTETS_MAX (256ULL << 20)

struct card_file {
        char *name; /* on the card: "overlays/miniuart-bt.dtbo" */
        uint8_t *data;
        size_t len;
};

struct card_files {
        struct card_file *items;
        size_t n, room;
        uint64_t octets;
};

void card_files_free(struct card_files *f); /* also for CLEANUP() on the stack */

/**
 * card_files_put() - one more, in the place of one that has its name
 * @data:       taken over on success
 *
 * Return: 0; -EINVAL for a name that no card can have; -E2BIG when they are more than a card is made of; each
 * with a sentence.
 */
MUST_CHECK int card_files_put(struct card_files *f, const char *name, uint8_t *data, size_t len,
                              struct error *reterr);

/** card_files_put_text() - a copy of @text. */
MUST_CHECK int card_files_put_text(struct card_files *f, const char *name, const char *text,
                                   struct error *reterr);

/** card_files_find() - upper and lower case alike, as FAT has it; NULL when there is none. */
struct card_file *card_files_find(const struct card_files *f, const char *name);

/** card_files_rename() - @name is there, @to is not. */
MUST_CHECK int card_files_rename(struct card_files *f, const char *name, const char *to,
                                 struct error *reterr);
