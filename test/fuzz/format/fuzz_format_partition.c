/* Any octets as the begin of a disk image that is larger than they are: what is not there reads as zeros. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/partition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { IMAGE_SIZE = 1 << 20 }; /* octets */

struct input {
        const uint8_t *data;
        size_t len;
};

static int read_input(void *ctx, uint64_t offset, void *buf, size_t len) {
        const struct input *in = ctx;

        if (offset > IMAGE_SIZE || len > IMAGE_SIZE - offset)
                abort();
        memset(buf, 0, len);
        if (offset < in->len)
                memcpy(buf, in->data + offset, in->len - offset < len ? in->len - offset : len);
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct input in = { data, len };
        static struct partition_table table;
        struct partition_extent extent;

        if (partition_list(read_input, &in, IMAGE_SIZE, &table) == PARTITION_FOUND)
                for (size_t i = 0; i < table.n; i++)
                        if (table.items[i].len == 0 ||
                            table.items[i].offset > UINT64_MAX - table.items[i].len)
                                abort();

        if (partition_find_fat(read_input, &in, IMAGE_SIZE, &extent) == PARTITION_FOUND &&
            (extent.offset >= IMAGE_SIZE || extent.len > IMAGE_SIZE - extent.offset))
                abort();
        return 0;
}
