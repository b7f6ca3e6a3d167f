/* Any octets as the map of a disk image: what is taken keeps its promises, and is written again as it was. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/blockmap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        uint64_t disk_end = 0, packed_end = 0;
        struct blockmap m;

        if (blockmap_parse(data, len, &m) < 0)
                return 0;
        uint8_t *again = malloc(len);
        assert(again);
        struct writer w = writer_of(again, len);
        blockmap_write_header(&w, &m);
        for (uint32_t i = 0; i < m.n_frames; i++) {
                struct blockmap_frame f = blockmap_frame(&m, i);
                assert(f.offset >= disk_end && f.len > 0 && f.len <= BLOCKMAP_FRAME_MAX);
                assert(f.packed_offset == packed_end && f.packed_len > 0);
                disk_end = f.offset + f.len;
                packed_end += f.packed_len;
                blockmap_write_frame(&w, &f);
        }
        assert(disk_end <= m.disk_size && packed_end == m.frames_size && blockmap_octets(&m) <= m.disk_size);
        assert(writer_len(&w) == len && !w.full && memcmp(again, data, len) == 0);
        free(again);
        return 0;
}
