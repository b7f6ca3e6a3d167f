/* The begin of any disk: what is read as a table can be changed and written, and is read again. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "format/disk_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        static uint8_t head[DISK_TABLE_HEAD], tail[DISK_TABLE_HEAD], random[DISK_TABLE_RANDOM];
        static struct disk_table t, joined, again;
        char text[DISK_TABLE_UUID_TEXT];
        uint64_t n_sectors = 1 << 20, shift;
        uint32_t sector_size = len > 0 && data[len - 1] & 1 ? 4096 : 512;

        if (disk_table_parse(data, len, sector_size, &t) != DISK_TABLE_FOUND)
                return 0;
        assert(t.n_parts <= DISK_TABLE_PARTS_MAX);
        if (disk_table_put_behind(&t, &t, &joined, &shift) == 0)
                assert(joined.n_parts == t.n_parts + 1);
        (void)disk_table_grow(&t, n_sectors, 2048);
        (void)disk_table_add_data(&t, 2048, n_sectors, random);
        memset(random, 0x5a, sizeof(random));
        disk_table_renew(&t, random);
        for (size_t i = 0; i < t.n_parts; i++)
                assert(strlen(disk_part_uuid(&t, &t.parts[i], text)) < sizeof(text));
        struct writer w = writer_of(head, sizeof(head)), w2 = writer_of(tail, sizeof(tail));
        disk_table_write_head(&t, n_sectors, &w);
        disk_table_write_tail(&t, n_sectors, &w2);
        assert(!w.full && !w2.full);
        memset(w.at, 0, (size_t)(w.end - w.at));
        assert(disk_table_parse(head, sizeof(head), sector_size, &again) == DISK_TABLE_FOUND);
        return 0;
}
