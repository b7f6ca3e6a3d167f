/*
 * Any octets as a journal file, read back into a table.
 *
 * A fuzzer does not find checksums, so the octets are also taken for records to be: each slice of one
 * record's size is given its number and checksum first.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "core/lease/record.h"

enum { MARK = 1, SLICE = 40, SLICES_MAX = 200 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int restore(void *ctx, const struct lease *l) {
        return lease_restore(ctx, l);
}

static void replay(const uint8_t *data, size_t len) {
        CLEANUP(lease_table_free_at) struct lease_table *t = lease_table_new((struct hash_key){ 1, 2 });
        struct lease_replay result;
        if (!t || lease_replay(data, len, restore, t, &result) < 0)
                return;
        if (result.end > len || result.torn_end > len || lease_count(t) > result.records + 1)
                __builtin_trap();
}

/* Few addresses and clients, so that they meet. */
static struct lease lease_of(const uint8_t *slice) {
        struct lease l = { .addr = 1 + slice[0] % 8, .state = (enum lease_state)(slice[1] % 4) };
        l.client.subnet = slice[2] % 2;
        l.client.key_len = slice[3] % 3;
        memcpy(l.client.key, slice + 4, l.client.key_len);
        memcpy(&l.granted_s, slice + 8, sizeof(l.granted_s));
        memcpy(&l.expires_s, slice + 16, sizeof(l.expires_s));
        memcpy(l.client.hostname, slice + 24, 8);
        return l;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        uint8_t *file = malloc(LEASE_HEAD_SIZE + SLICES_MAX * LEASE_RECORD_MAX);
        if (!file)
                return 0;
        replay(data, len);

        size_t at = LEASE_HEAD_SIZE;
        lease_head_write(file, MARK);
        for (size_t i = 0; i < SLICES_MAX && (i + 1) * SLICE <= len; i++) {
                struct lease l = lease_of(data + i * SLICE);
                at += lease_record_write(file + at, MARK, i + 1 + data[i * SLICE + 32] % 2, &l);
        }
        replay(file, at);
        free(file);
        return 0;
}
