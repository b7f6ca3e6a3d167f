/* Lists of images: what is taken has a name of its own, an address, and a sum. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "format/os_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        CLEANUP(os_list_free) struct os_list l = {};

        (void)!os_list_read((const char *)data, len, &l);
        assert(l.n <= OS_LIST_IMAGES_MAX && l.n_more <= OS_LIST_MORE_MAX);
        for (size_t i = 0; i < l.n; i++) {
                const struct os_image *image = &l.images[i];
                assert(os_list_find(&l, image->name) == image);
                assert(*image->url && (image->has_digest || image->has_packed_digest));
        }
        return 0;
}
