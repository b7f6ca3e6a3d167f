/* Any octets as one journal record: what is read is written the same again. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/lease/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        uint8_t again[LEASE_RECORD_MAX];
        struct lease l;
        uint64_t number;

        int size = lease_record_read(data, len, 0, &number, &l);
        if (size < 0)
                return 0;
        size_t n = lease_record_write(again, 0, number, &l);
        if (n != (size_t)size || memcmp(again, data, n) != 0)
                __builtin_trap();
        return 0;
}
