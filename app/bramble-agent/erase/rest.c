/* Samples of an erased disk; see rest.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "app/bramble-agent/erase/rest.h"

static bool is_zero(const uint8_t *octets, size_t len) {
        for (size_t i = 0; i < len; i++)
                if (octets[i])
                        return false;
        return true;
}

/* All of what is small, and of a larger part so many that they reach from end to end. */
static uint64_t place_of(uint64_t i, uint64_t size) {
        const uint64_t last = size - REST_SAMPLE_SIZE;

        if (size <= (uint64_t)REST_SAMPLE_SIZE * REST_SAMPLES)
                return i * REST_SAMPLE_SIZE < last ? i * REST_SAMPLE_SIZE : last;
        return i == REST_SAMPLES - 1 ? last : last / (REST_SAMPLES - 1) / BLOCK_ALIGN * BLOCK_ALIGN * i;
}

int rest_look_for(struct block *b, struct error *reterr) {
        return rest_look_in(b, 0, block_size(b), reterr);
}

int rest_look_in(struct block *b, uint64_t at, uint64_t size, struct error *reterr) {
        CLEANUP(free_at) uint8_t *sample = block_buffer(REST_SAMPLE_SIZE);

        if (!sample)
                return error_set(reterr, -ENOMEM, "out of memory");
        for (uint64_t i = 0; i < REST_SAMPLES && size >= REST_SAMPLE_SIZE; i++) {
                int r = block_read(b, at + place_of(i, size), sample, REST_SAMPLE_SIZE, reterr);
                if (r < 0)
                        return r;
                if (!is_zero(sample, REST_SAMPLE_SIZE))
                        return error_set(reterr, -EUCLEAN, "not all of it reads as zeros");
        }
        return 0;
}
