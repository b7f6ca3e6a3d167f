/* Which boards an image of a list is for, by the tags that Raspberry Pi Imager gives boards, or by our own
 * names. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/text.h"
#include "format/os_list.h"

/** catalog_suits() - whether @image is for @board: "pi4b", or "pi4" for any of them; one that names no boards
 * is for all. */
bool catalog_suits(const struct os_image *image, const char *board);

/**
 * catalog_knows() - whether there is a board of this name, here or in the images of @l
 * @ret_meant:  where there is none: the name that probably was meant; NULL
 */
bool catalog_knows(const struct os_list *l, const char *board, const char **ret_meant);

/** catalog_print_boards() - append the names of those here. */
void catalog_print_boards(struct text *out);
