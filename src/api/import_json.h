/* The body that begins an import (ImportNew of the OpenAPI). */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "base/error.h"
#include "core/site/image.h"

struct import_wish {
        char name[IMAGE_NAME_MAX + 1];
        bool has_kind; /* else its content tells */
        enum image_kind kind;
        enum arch arch;      /* ARCH_NONE: what the files say */
        const char *cmdline; /* borrowed from the body; NULL: none */
        bool has_sha256;
        struct blob_id sha256; /* that the whole image must have */
        bool has_no_root;      /* of a disk, no root file system is made */
};

/** import_wish_from_json() - 0 with @ret, or -errno with a sentence and the field that it is about. */
MUST_CHECK int import_wish_from_json(const json_t *in, struct import_wish *ret, const char **ret_field,
                                     struct error *reterr);
