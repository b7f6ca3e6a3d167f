/* Which boards an image of a list is for, by the tags that Raspberry Pi Imager gives boards, or by our own
 * names. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "format/os_list.h"

/** catalog_suits() - whether @image is for @board ("pi4b"); one that names no boards is for all. */
bool catalog_suits(const struct os_image *image, const char *board);
