/* Whatever an HTTP server sends in the course of a download: segments of a length octet, flags, how far they
 * are off, and so many octets. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "app/bramble-sim/web.h"

enum { OURS = 1000, THEIRS = 77, BACKWARDS = 0x80 /* a flag that TCP has for something else */ };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(const struct web *w, const struct web_step *step, const uint8_t *payload, size_t len) {
        assert(!step->data_len || (step->data >= payload && step->data + step->data_len <= payload + len));
        assert(step->len <= WEB_ASK_MAX);
        assert(w->head_len < WEB_HEAD_MAX && w->octets <= w->size);
        assert(w->state != WEB_WHOLE || w->octets == w->size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct web w = {};
        uint64_t now_ms = 0;
        uint32_t seq = THEIRS + 1;

        (void)web_begin(&w, NULL, "10.77.0.1", 80, "boot.img", 30000, OURS, now_ms);
        struct frame f = { .kind = FRAME_TCP,
                           .tcp = { .src_port = 80,
                                    .dst_port = 30000,
                                    .seq = THEIRS,
                                    .ack = OURS + 1,
                                    .flags = FRAME_TCP_SYN | FRAME_TCP_ACK } };
        struct web_step step = web_segment(&w, &f, now_ms);
        check(&w, &step, NULL, 0);
        f.tcp.ack = OURS + 1 + (uint32_t)w.ask_len;
        for (size_t at = 0; at + 3 <= len;) {
                size_t n = data[at];
                f.tcp.flags = data[at + 1];
                f.tcp.seq = data[at + 1] & BACKWARDS ? seq - data[at + 2] : seq + data[at + 2];
                at += 3;
                n = n < len - at ? n : len - at;
                f.tcp.payload = data + at;
                f.tcp.len = n;
                step = web_segment(&w, &f, now_ms);
                check(&w, &step, data + at, n);
                seq = w.theirs;
                at += n;
                now_ms += n * 10;
                step = web_tick(&w, now_ms);
                check(&w, &step, NULL, 0);
        }
        return 0;
}
