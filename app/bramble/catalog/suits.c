/* Images and boards; see suits.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/catalog/suits.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"

/* Imager's tags say a generation and a width of words: "pi4-64bit". */
static const struct {
        const char *board, *generation;
} rows[] = {
        { "pi2b-v1.2", "pi2-" }, { "pi3b", "pi3-" },  { "pi3b-plus", "pi3-" }, { "cm3", "pi3-" },
        { "pi4b", "pi4-" },      { "pi400", "pi4-" }, { "cm4", "pi4-" },       { "cm4s", "pi4-" },
        { "pi5", "pi5-" },       { "pi500", "pi5-" }, { "cm5", "pi5-" },
};

static bool is_meant(const char *tag, const char *board) {
        if (strcmp(tag, board) == 0)
                return true;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (strcmp(rows[i].board, board) == 0)
                        return text_starts_with(tag, rows[i].generation);
        return false;
}

bool catalog_suits(const struct os_image *image, const char *board) {
        for (size_t i = 0; image->devices[i]; i++)
                if (is_meant(image->devices[i], board))
                        return true;
        return !image->devices[0];
}
