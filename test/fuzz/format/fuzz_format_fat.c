/* Any octets as a FAT volume that is larger than they are: what is in use lies in it, in its order, and a
 * walk through its root ends. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "format/fat.h"
#include "format/fat_root.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { CALLS_MAX = 100000 };

struct input {
        const uint8_t *data;
        size_t len;
        uint64_t end;
        unsigned calls;
};

static int read_input(void *ctx, uint64_t offset, void *buf, size_t len) {
        const struct input *in = ctx;

        memset(buf, 0, len);
        if (offset < in->len)
                memcpy(buf, in->data + offset, in->len - offset < len ? in->len - offset : len);
        return 0;
}

static int note(void *ctx, uint64_t offset, uint64_t len) {
        struct input *in = ctx;

        assert(offset >= in->end && len > 0);
        in->end = offset + len;
        return ++in->calls > CALLS_MAX;
}

static int note_name(void *ctx, const char *name) {
        struct input *in = ctx;

        assert(strlen(name) < FAT_SHORT_NAME_SIZE);
        return ++in->calls > CALLS_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct input in = { .data = data, .len = len };
        struct fat_volume v;

        if (len < FAT_BOOT_SECTOR || fat_volume_parse(data, &v) < 0 || v.n_clusters > CALLS_MAX)
                return 0;
        if (fat_each_used(&v, read_input, note, &in) == 0)
                assert(in.end <= v.size);
        in.calls = 0;
        assert(fat_root_each(&v, read_input, note_name, &in) <= 1);
        return 0;
}
