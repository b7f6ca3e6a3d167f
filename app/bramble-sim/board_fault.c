/* What is wrong with a board, where it shows; see fault.h and board_inside.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble-sim/board_inside.h"

enum {
        WALL_BLKSIZE = 8, /* so small that a test's kernel has as many blocks as one of 96 MB */
        WALL_BLOCK = 65535,
        LOST_EACH = 20, /* blocks */
        PORT_CONSOLE = 6665,
        PORT_LISTENER = 6666
};

uint32_t board_nobody(const struct board *b) {
        return (b->addr & b->mask) | (~b->mask & ~1u); /* the last host */
}

static bool is_kernel(const struct stage *s) {
        return s->want == WANT_WHOLE && strcmp(s->name, "kernel") == 0;
}

struct family board_manner(const struct board *b, const struct stage *s) {
        struct family manner = *b->family;

        if ((b->faults & FAULT_BLOCK_WALL) && is_kernel(s)) {
                manner.rrq_blksize = WALL_BLKSIZE;
                manner.last_block = WALL_BLOCK;
        }
        return manner;
}

/* Chance would make a test of it a gamble. */
static bool loses_block(struct board *b) {
        const uint64_t block = b->fetch.block + 1;

        if (!(b->faults & FAULT_LOSSY) || block % LOST_EACH || b->lost_block == block)
                return false;
        b->lost_block = block;
        return true;
}

bool board_spoils(struct board *b) {
        struct fetch *f = &b->fetch;
        uint8_t packet[FETCH_PACKET_SIZE];

        if (b->kernel[0] || f->size == UINT64_MAX || !is_kernel(&b->family->stages[b->stage]))
                return false;
        if (loses_block(b))
                return true;
        if (f->octets < f->size / 2)
                return false;
        if (b->faults & FAULT_HANGS) {
                struct fetch_step step = fetch_give_up(f, packet);
                board_send_udp(b, &b->next_hop, b->tftp, f->port, f->server_port, packet, step.send_len);
                board_stick(b, "its kernel broke off, and it hangs");
        }
        return b->faults & (FAULT_HANGS | FAULT_STALLS);
}

/* By the extended netconsole of Linux. */
void board_panic(struct board *b) {
        static const char words[] =
                "0,512,1718293,-;Kernel panic - not syncing: VFS: Unable to mount root fs on "
                "unknown-block(0,0)\n";

        board_send_udp(b, &frame_broadcast, UINT32_MAX, PORT_CONSOLE, PORT_LISTENER, words,
                       sizeof(words) - 1);
        board_stick(b, "its kernel found no root, and panicked");
}
