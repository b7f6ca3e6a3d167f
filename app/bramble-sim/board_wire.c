/* What a board sends; see board_inside.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-sim/board_inside.h"

#include <stdarg.h>
#include <stdio.h>

enum {
        PORT_CONSOLE = 6665,
        PORT_LISTENER = 6666,
        CONSOLE_ADDR = 0xa9fe0101 /* 169.254.1.1, which netconsole's documentation has it make up */
};

void board_send_udp(struct board *b, const struct mac *to, uint32_t dst_ip, uint16_t src_port,
                    uint16_t dst_port, const void *payload, size_t len) {
        uint8_t frame[FRAME_MAX];
        const struct frame_udp u = {
                .dst = *to,
                .src = b->mac,
                .src_ip = b->addr,
                .dst_ip = dst_ip,
                .src_port = src_port,
                .dst_port = dst_port,
                .payload = payload,
                .len = len,
        };
        size_t n = frame_write_udp(&u, &b->family->style, frame);
        b->world->send(b->world->ctx, frame, n);
}

/*
 * A piece of its console, or some lines: each write is a datagram (raspberry-pi.md section 7). Only the
 * EEPROM writes there, and start4.elf does not. The words are like those of its serial console.
 */
void board_say(struct board *b, const char *format, ...) {
        char text[256];
        uint32_t own = b->addr;
        va_list args;

        if (!b->has_netconsole || b->has_handed_over || !b->family->fourcc)
                return;
        va_start(args, format);
        int n = vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        size_t len = n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;
        b->addr = own ? own : CONSOLE_ADDR;
        board_send_udp(b, &frame_broadcast, UINT32_MAX, PORT_CONSOLE, PORT_LISTENER, text, len);
        b->addr = own;
}

void board_say_netconsole(struct board *b) {
        board_say(b, "NETCONSOLE %d@169.254.1.1,%d:255.255.255.255\n", PORT_CONSOLE, PORT_LISTENER);
}

void board_send_dhcp(struct board *b, enum dhcp_type type, uint32_t addr, uint32_t server) {
        uint8_t message[DHCP_MESSAGE_SIZE];
        uint32_t own = b->addr;

        size_t n = dhcp_write(&b->family->dhcp, &b->asker, type, addr, server, message);
        b->addr = 0; /* it speaks from 0.0.0.0 until the exchange is over */
        board_send_udp(b, &frame_broadcast, UINT32_MAX, PORT_DHCP_CLIENT, PORT_DHCP_SERVER, message, n);
        b->addr = own;
}

void board_send_tcp(struct board *b, const struct web_step *step) {
        uint8_t frame[FRAME_MAX];
        const struct frame_tcp t = {
                .dst = b->next_hop,
                .src = b->mac,
                .src_ip = b->addr,
                .dst_ip = b->tftp,
                .src_port = b->web.port,
                .dst_port = b->web.server_port,
                .seq = step->seq,
                .ack = step->ack,
                .flags = step->flags,
                .payload = step->payload,
                .len = step->len,
        };
        if (step->sends)
                b->world->send(b->world->ctx, frame, frame_write_tcp(&t, &b->family->style, frame));
}
