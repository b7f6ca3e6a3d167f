/* One simulated board; see board.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-sim/board.h"

#include "app/bramble-sim/board_inside.h"

enum {
        ROUND_REST_MS = 1000 /* before the boot order begins again: a round over nothing but an empty slot
                                takes no time here, as it does on a board */
};

void board_enter(struct board *b, enum board_phase phase, uint64_t now_ms) {
        b->phase = phase;
        b->phase_ms = now_ms;
        b->tries = 0;
}

void board_fail(struct board *b, const char *why) {
        b->phase = BOARD_FAILED;
        b->why = why;
        b->is_stuck = b->has_handed_over;
}

void board_restart(struct board *b, const char *why) {
        b->attempts[b->n_attempts - 1].why = why;
        b->restarts = true;
}

void board_leave_card(struct board *b, const char *why) {
        b->why = why;
        b->leaves_card = true;
}

void board_stick(struct board *b, const char *why) {
        board_fail(b, why);
        b->is_stuck = true;
}

void board_frame(struct board *b, const struct frame *f, uint64_t now_ms) {
        if (f->kind == FRAME_ARP)
                board_hear_arp(b, f, now_ms);
        else if (f->kind == FRAME_UDP && f->udp.dst_port == PORT_DHCP_CLIENT &&
                 f->udp.src_port == PORT_DHCP_SERVER)
                board_hear_dhcp(b, f, now_ms);
        else
                board_hear_file(b, f, now_ms);
        board_settle(b, now_ms);
}

void board_tick(struct board *b, uint64_t now_ms) {
        if (b->phase == BOARD_FETCHING) {
                board_load_tick(b, now_ms);
        } else if (b->phase != BOARD_RESTING) {
                board_address_tick(b, now_ms);
        } else if (now_ms - b->phase_ms >= ROUND_REST_MS) {
                b->order_left = b->boot_order;
                board_next_mode(b, now_ms);
        }
        board_settle(b, now_ms);
}
