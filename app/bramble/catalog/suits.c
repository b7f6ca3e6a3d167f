/* Images and boards; see suits.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/catalog/suits.h"

#include <stddef.h>
#include <string.h>

#include "base/nearest.h"

/* Every board that is built in. Imager's tags say a generation and a width of words: "pi4-64bit". */
static const struct {
        const char *board, *generation; /* NULL: Imager has none for it */
} rows[] = {
        { "bios-amd64", NULL },  { "cm3", "pi3-" },       { "cm4", "pi4-" },      { "cm4s", "pi4-" },
        { "cm5", "pi5-" },       { "pi2b-v1.2", "pi2-" }, { "pi3b", "pi3-" },     { "pi3b-plus", "pi3-" },
        { "pi4b", "pi4-" },      { "pi400", "pi4-" },     { "pi5", "pi5-" },      { "pi500", "pi5-" },
        { "uboot-arm64", NULL }, { "uboot-armhf", NULL }, { "uefi-amd64", NULL }, { "uefi-arm64", NULL },
};

/* All boards of one generation, by a name that none of them has: "pi4", as cards are made for it. */
static const struct {
        const char *name, *generation;
} kinds[] = { { "pi2", "pi2-" }, { "pi3", "pi3-" }, { "pi4", "pi4-" } };

static const char *generation_of(const char *board) {
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (strcmp(rows[i].board, board) == 0)
                        return rows[i].generation;
        return NULL;
}

static const char *generation_of_kind(const char *kind) {
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                if (strcmp(kinds[i].name, kind) == 0)
                        return kinds[i].generation;
        return NULL;
}

static bool is_meant(const char *tag, const char *board) {
        const char *kind = generation_of_kind(board), *generation = kind ? kind : generation_of(board);
        const char *own = kind ? generation_of(tag) : NULL;

        return strcmp(tag, board) == 0 || (generation && text_starts_with(tag, generation)) ||
               (own && strcmp(own, kind) == 0);
}

bool catalog_suits(const struct os_image *image, const char *board) {
        for (size_t i = 0; image->devices[i]; i++)
                if (is_meant(image->devices[i], board))
                        return true;
        return !image->devices[0];
}

/* ---- names ---- */

/* A name that there is: whether it is the one that is looked for. */
static bool is_it(struct nearest *n, const char *name) {
        nearest_offer(n, name);
        return strcmp(n->word, name) == 0;
}

static bool names_it(struct nearest *n, const struct os_image *image) {
        for (size_t i = 0; image->devices[i]; i++)
                if (is_it(n, image->devices[i]))
                        return true;
        return false;
}

bool catalog_knows(const struct os_list *l, const char *board, const char **ret_meant) {
        struct nearest n = nearest_to(board);

        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                if (is_it(&n, kinds[i].name))
                        return true;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (is_it(&n, rows[i].board))
                        return true;
        for (size_t i = 0; i < l->n; i++)
                if (names_it(&n, &l->images[i]))
                        return true;
        *ret_meant = n.best;
        return false;
}

void catalog_print_boards(struct text *out) {
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                text_printf(out, "%s%s", i ? ", " : "", rows[i].board);
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                text_printf(out, "%s%s", i ? ", " : "; of a whole kind ", kinds[i].name);
}
