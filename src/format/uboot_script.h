/*
 * A script as U-Boot's `source` takes it, and as it looks for by itself under the name boot.scr: a legacy
 * image of type script.
 *
 * Pure. Octet for octet what mkimage makes with SOURCE_DATE_EPOCH=0. Source: U-Boot, include/image.h, struct
 * legacy_img_hdr.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/text.h"

enum { UBOOT_SCRIPT_NAME_MAX = 32 };

/** uboot_script_make() - append the image of @script to @out; a longer @name is cut. */
void uboot_script_make(const char *name, const char *script, struct text *out);
