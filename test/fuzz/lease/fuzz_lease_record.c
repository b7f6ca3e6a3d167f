/*
 * Any octets as one journal record: what is read is written the same again.
 *
 * A fuzzer does not find checksums, so the octets are also tried with theirs set right.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/hash.h"
#include "core/lease/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void try_record(const uint8_t *data, size_t len) {
        uint8_t again[LEASE_RECORD_MAX];
        struct lease l;
        uint64_t number;

        int size = lease_record_read(data, len, 0, &number, &l);
        if (size < 0)
                return;
        size_t n = lease_record_write(again, 0, number, &l);
        if (n != (size_t)size || memcmp(again, data, n) != 0)
                __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        static const uint8_t mark[8];
        CLEANUP(free_at) uint8_t *mended = malloc(len + 1);
        if (!mended)
                return 0;
        try_record(data, len);

        memcpy(mended, data, len);
        size_t size = len < 8 ? 0 : (size_t)(mended[6] << 8 | mended[7]);
        if (size < 8 || size > len)
                return 0;
        uint32_t sum = hash_crc32c(hash_crc32c(0, mark, sizeof(mark)), mended + 4, size - 4);
        for (int i = 0; i < 4; i++)
                mended[i] = (uint8_t)(sum >> (24 - 8 * i));
        try_record(mended, len);
        return 0;
}
