/*
 * The parts of one simulated board, for each other: what it boots from (board_order.c), how it comes to an
 * address (board_address.c), what it loads (board_load.c), and what it sends (board_wire.c). What may have
 * failed is settled by who called: board.c.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble-sim/board.h"
#include "base/cleanup.h"

enum { PORT_DHCP_SERVER = 67, PORT_DHCP_CLIENT = 68, PORT_TFTP = 69 };

void board_enter(struct board *b, enum board_phase phase, uint64_t now_ms);

/* board_order.c */
void board_next_mode(struct board *b, uint64_t now_ms); /* of the boot order, or its end */
void board_settle(struct board *b, uint64_t now_ms);
void board_go_on_over_network(struct board *b, uint64_t now_ms); /* with what the card began */

/* board_address.c */
void board_discover(struct board *b, uint64_t now_ms);
void board_hear_dhcp(struct board *b, const struct frame *f, uint64_t now_ms);
void board_hear_arp(struct board *b, const struct frame *f, uint64_t now_ms);
void board_address_tick(struct board *b, uint64_t now_ms);

/* board_load.c */
void board_next_stage(struct board *b, uint64_t now_ms);
void board_hear_file(struct board *b, const struct frame *f, uint64_t now_ms);
void board_load_tick(struct board *b, uint64_t now_ms);

/* board_fault.c */
uint32_t board_nobody(const struct board *b); /* an address of its network where nobody is */
struct family board_manner(const struct board *b, const struct stage *s); /* that it fetches by */
bool board_spoils(struct board *b); /* whether a packet of the file in work comes to nothing */
void board_panic(struct board *b);

/* board_wire.c */
void board_send_udp(struct board *b, const struct mac *to, uint32_t dst_ip, uint16_t src_port,
                    uint16_t dst_port, const void *payload, size_t len);
void board_send_tcp(struct board *b, const struct web_step *step);
void board_send_dhcp(struct board *b, enum dhcp_type type, uint32_t addr, uint32_t server);
void board_say(struct board *b, const char *format, ...) PRINTF(2, 3); /* on its console, if that is heard */
void board_say_netconsole(struct board *b);                            /* where it says it */
