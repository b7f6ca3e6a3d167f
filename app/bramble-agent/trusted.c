/* The list of what may be fetched; see trusted.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-agent/trusted.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { LIST_MAX = 256 * 1024 }; /* octets; the server writes fewer */

#define LIST "bramble/trusted"

bool trusted_is_required(const struct tree *tree) {
        return tree_exists(tree, LIST);
}

int trusted_check(const struct tree *tree, const uint8_t sha256[static SHA256_SIZE], const char *what,
                  struct error *reterr) {
        char hex[2 * SHA256_SIZE + 1];

        if (!trusted_is_required(tree))
                return 0;
        CLEANUP(free_at) char *list = malloc(LIST_MAX);
        if (!list)
                return error_set(reterr, -ENOMEM, "out of memory");
        (void)tree_text(tree, list, LIST_MAX, LIST);
        (void)text_hex(sha256, SHA256_SIZE, hex);
        if (strstr(list, hex))
                return 0;
        return error_set(
                reterr, -EPERM,
                "%s (SHA-256 %.16s...) is none that the signed boot.img names: it is not used; if its "
                "image is newer than this boot, let the machine boot again",
                what, hex);
}
