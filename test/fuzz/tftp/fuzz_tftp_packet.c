/* Whatever a stranger sends to port 69: what is taken stays within its bounds, and drives a transfer without
 * a fault. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "net/tftp/packet.h"
#include "net/tftp/transfer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_request(const struct tftp_packet *p, const uint8_t *data, size_t len) {
        const struct tftp_options *o = &p->request.options;
        uint8_t oack[TFTP_OACK_SIZE_MAX];
        struct writer w = writer_of(oack, sizeof(oack));

        assert(strlen(p->request.path) < len);
        assert((const uint8_t *)p->request.path > data);
        assert(!(o->present & TFTP_OPTION_BLKSIZE) ||
               (o->blksize >= TFTP_BLKSIZE_MIN && o->blksize <= TFTP_BLKSIZE_MAX));
        assert(!(o->present & TFTP_OPTION_WINDOWSIZE) ||
               (o->windowsize >= 1 && o->windowsize <= TFTP_WINDOWSIZE_MAX));
        assert(!(o->present & TFTP_OPTION_TIMEOUT) ||
               (o->timeout_s >= 1 && o->timeout_s <= TFTP_TIMEOUT_S_MAX));
        tftp_oack_write(&w, o);
        assert(!w.full);
}

/* The octets behind the first datagram are a client's answers: two for a block number, one for how long it
 * took. */
static void drive(const struct tftp_options *options, const uint8_t *data, size_t len) {
        const struct tftp_patience patience = {};
        struct tftp_transfer t;
        uint64_t now_us = 1;

        (void)tftp_transfer_start(&t, options, 100000, &patience, now_us);
        for (size_t at = 0; at + 3 <= len; at += 3) {
                const struct tftp_packet ack = { .op = TFTP_ACK,
                                                 .ack.block = (uint16_t)(data[at] << 8 | data[at + 1]) };

                now_us += data[at + 2] * 5000ULL;
                struct tftp_todo todo = data[at + 2] & 1 ? tftp_transfer_tick(&t, now_us)
                                                         : tftp_transfer_packet(&t, &ack, now_us);
                assert(t.acked <= t.sent && t.sent <= t.n_blocks);
                assert(todo.act != TFTP_ACT_BLOCKS || (todo.n >= 1 && todo.n <= t.windowsize));
                assert(todo.act != TFTP_ACT_BLOCKS || todo.first + todo.n - 1 == t.sent);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct tftp_packet p;

        if (tftp_packet_parse(data, len, &p) < 0)
                return 0;
        if (p.op == TFTP_RRQ || p.op == TFTP_WRQ)
                check_request(&p, data, len);
        if (p.op == TFTP_RRQ)
                drive(&p.request.options, data, len);
        if (p.op == TFTP_ERROR)
                assert(p.error.text_len <= len - 4);
        return 0;
}
