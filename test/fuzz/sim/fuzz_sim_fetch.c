/* Whatever a TFTP server sends in the course of a download: datagrams of a length octet and so many octets,
 * each after a pause of as many milliseconds. The first octet says how the board asks. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "app/bramble-sim/fetch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(const struct fetch *f, const struct fetch_step *step, const uint8_t *packet, size_t len) {
        assert(step->send_len <= FETCH_PACKET_SIZE);
        assert(!step->data_len || (step->data >= packet && step->data + step->data_len <= packet + len));
        assert(step->data_len <= f->blksize);
        assert(f->state != FETCH_WHOLE || f->size == UINT64_MAX || f->size == f->octets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        const struct family family = { .rrq_blksize = len && data[0] & 1   ? 1468
                                                      : len && data[0] & 2 ? 1
                                                                           : 0,
                                       .packet_ms = 100,
                                       .file_ms = 2000 };
        uint8_t buf[FETCH_PACKET_SIZE];
        struct fetch f;
        uint64_t now_ms = 0;

        (void)fetch_begin(&f, &family, "a1b2c3d4/config.txt", len && data[0] & 4 ? WANT_PROBE : WANT_WHOLE,
                          49152, now_ms, buf);
        for (size_t at = 1; at < len;) {
                size_t n = data[at++];
                n = n < len - at ? n : len - at;
                struct fetch_step step = fetch_packet(&f, 2000, data + at, n, now_ms, buf);
                check(&f, &step, data + at, n);
                at += n;
                now_ms += n;
                step = fetch_tick(&f, now_ms, buf);
                check(&f, &step, buf, sizeof(buf));
        }
        return 0;
}
