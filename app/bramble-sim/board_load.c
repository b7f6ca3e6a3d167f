/* What a board loads, stage by stage; see board_inside.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-sim/board_inside.h"

#include <stdio.h>
#include <string.h>

#include "app/bramble-sim/tls.h"

static void begin_web(struct board *b, const char *path, uint64_t now_ms) {
        char host[IP_TEXT_SIZE];
        struct tls *tls = NULL;

        (void)ip4_text(b->http_addr, host);
        if (b->cacert_hash && !(tls = tls_new(b->cacert, b->cacert_len, host))) {
                board_fail(b, "its cacert.der is no certificate");
                return;
        }
        b->fetch = (struct fetch){ .want = WANT_WHOLE, .start_ms = now_ms };
        (void)snprintf(b->fetch.path, sizeof(b->fetch.path), "%s", path);
        const struct web_step step = web_begin(&b->web, tls, host, b->http_port, path, ++b->next_port,
                                               b->world->random(b->world->ctx), now_ms);
        board_send_tcp(b, &step);
}

static void begin_fetch(struct board *b, const struct stage *s, const char *path, uint64_t now_ms) {
        uint8_t packet[FETCH_PACKET_SIZE];

        b->text_len = 0;
        b->hash = b->lost_block = 0;
        if (b->card) { /* the next tick reads it */
                b->fetch = (struct fetch){ .want = s->want, .start_ms = now_ms };
                (void)snprintf(b->fetch.path, sizeof(b->fetch.path), "%s", path);
                return;
        }
        if (b->is_web) {
                begin_web(b, path, now_ms);
                return;
        }
        if (!b->family->keeps_port)
                b->next_port++;
        const struct family manner = board_manner(b, s);
        struct fetch_step step = fetch_begin(&b->fetch, &manner, path, s->want, b->next_port, now_ms, packet);
        if (b->file_timeout_ms)
                b->fetch.file_ms = b->file_timeout_ms;
        board_send_udp(b, &b->next_hop, b->tftp, b->fetch.port, PORT_TFTP, packet, step.send_len);
}

/* Its system goes through the phases of its DHCP as firmware does, and fetches nothing. */
static void start(struct board *b, uint64_t now_ms) {
        if (b->faults & FAULT_PANICS) {
                board_panic(b);
                return;
        }
        if (!b->has_system || b->family == &family_system) {
                b->phase = BOARD_BOOTED;
                return;
        }
        b->family = &family_system;
        b->stage = 0;
        b->is_web = false;
        b->has_handed_over = true;
        board_discover(b, now_ms);
}

/* Goes to the first stage, from the present one on, that this board does not skip. */
void board_next_stage(struct board *b, uint64_t now_ms) {
        char path[PATH_SIZE];

        for (; b->phase == BOARD_FETCHING && b->stage < b->family->n_stages; b->stage++) {
                const struct stage *s = &b->family->stages[b->stage];
                if (s->path(b, path)) {
                        begin_fetch(b, s, path, now_ms);
                        return;
                }
        }
        if (b->phase != BOARD_FETCHING)
                return;
        if (b->family->then) {
                b->family = b->family->then;
                b->stage = 0;
                b->next_port = b->family->first_port;
                if (b->card)
                        board_next_stage(b, now_ms); /* that one has no successor */
                else
                        board_discover(b, now_ms);
                return;
        }
        start(b, now_ms);
}

void board_go(struct board *b, size_t stage) {
        b->stage = stage - 1; /* the caller steps on */
}

static void note_file(struct board *b, uint64_t now_ms) {
        static const char *const outcomes[] = {
                [FETCH_FOUND] = "probed",
                [FETCH_WHOLE] = "fetched",
                [FETCH_NOT_FOUND] = "not found",
                [FETCH_BROKEN] = "broken",
        };
        const struct fetch *f = &b->fetch;

        b->octets += f->octets;
        b->resent += f->resent;
        if (f->state == FETCH_WHOLE)
                board_say(b, "Read %s bytes %8llu\n", f->path, (unsigned long long)f->octets);
        else if (f->state == FETCH_BROKEN)
                board_say(b, "Failed to read %s\n", f->path);
        if (b->n_files == BOARD_FILES_MAX) {
                b->n_files_lost++;
                return;
        }
        struct board_file *file = &b->files[b->n_files++];
        *file = (struct board_file){
                .outcome = outcomes[f->state],
                .octets = f->octets,
                .hash = b->hash,
                .took_ms = (uint32_t)(now_ms - f->start_ms),
                .resent = f->resent,
        };
        (void)snprintf(file->path, sizeof(file->path), "%.127s", f->path);
}

static void end_fetch(struct board *b, uint64_t now_ms) {
        const struct stage *s = &b->family->stages[b->stage];
        enum got got = b->fetch.state == FETCH_NOT_FOUND ? GOT_NOT_FOUND
                       : b->fetch.state == FETCH_BROKEN  ? GOT_NOTHING
                                                         : GOT_IT;

        note_file(b, now_ms);
        if (s->done)
                s->done(b, got);
        if (b->leaves_card) {
                board_go_on_over_network(b, now_ms);
                return;
        }
        if (b->restarts) { /* it is dark for a moment, and begins from the beginning */
                b->restarts = false;
                board_enter(b, BOARD_RESTING, now_ms);
                return;
        }
        b->stage++;
        board_next_stage(b, now_ms);
}

/* A sum that a wrong, lost or exchanged octet changes; fast, for thousands of boards in one process. */
static uint64_t hash_on(uint64_t hash, const uint8_t *data, size_t len) {
        for (; len >= 8; len -= 8, data += 8) {
                uint64_t word;
                memcpy(&word, data, sizeof(word));
                hash = (hash ^ word) * 0x9e3779b97f4a7c15;
                hash ^= hash >> 29;
        }
        for (; len > 0; len--, data++)
                hash = (hash ^ *data) * 0x100000001b3;
        return hash;
}

/* The next octets of the file in work; fetch.octets counts them already. */
static void take_data(struct board *b, const uint8_t *data, size_t len) {
        size_t room = sizeof(b->text) - 1 - b->text_len, n = len < room ? len : room;

        memcpy(b->text + b->text_len, data, n);
        b->text_len += n;
        b->text[b->text_len] = 0;
        b->hash = hash_on(b->hash, data, len);
        if (b->eeprom.offered_ts)
                eeprom_collect(b, data, len);
        b->world->keep(b->world->ctx, b, b->fetch.path, b->fetch.octets - len, data, len);
}

static bool take_card_data(void *ctx, const void *data, size_t len) {
        struct board *b = ctx;

        if (b->fetch.want == WANT_PROBE)
                return false;
        b->fetch.octets += len;
        take_data(b, data, len);
        return true;
}

static void read_card(struct board *b, uint64_t now_ms) {
        static const enum fetch_state states[] = {
                [CARD_NOT_FOUND] = FETCH_NOT_FOUND, [CARD_BROKEN] = FETCH_BROKEN
        };

        b->text[0] = 0;
        enum card_got got = b->world->read_card(b->card, b->fetch.path, take_card_data, b);
        b->fetch.state = got != CARD_WHOLE             ? states[got]
                         : b->fetch.want == WANT_PROBE ? FETCH_FOUND
                                                       : FETCH_WHOLE;
        end_fetch(b, now_ms);
}

static void take_step(struct board *b, const struct fetch_step *step, const uint8_t *packet,
                      uint64_t now_ms) {
        struct fetch *f = &b->fetch;

        if (step->data)
                take_data(b, step->data, step->data_len);
        if (step->send_len)
                board_send_udp(b, &b->next_hop, b->tftp, f->port,
                               step->to_listener ? PORT_TFTP : f->server_port, packet, step->send_len);
        if (fetch_is_over(f))
                end_fetch(b, now_ms);
}

static void take_web(struct board *b, const struct web_step *step, uint64_t now_ms) {
        static const enum fetch_state states[] = {
                [WEB_WHOLE] = FETCH_WHOLE, [WEB_NOT_FOUND] = FETCH_NOT_FOUND, [WEB_BROKEN] = FETCH_BROKEN
        };

        if (step->data) {
                b->fetch.octets += step->data_len;
                take_data(b, step->data, step->data_len);
        }
        board_send_tcp(b, step);
        if (!web_is_over(&b->web))
                return;
        b->fetch.state = states[b->web.state];
        b->fetch.resent = b->web.resent;
        end_fetch(b, now_ms);
}

void board_hear_file(struct board *b, const struct frame *f, uint64_t now_ms) {
        uint8_t packet[FETCH_PACKET_SIZE];

        if (b->phase != BOARD_FETCHING || b->card || f->kind == FRAME_ARP)
                return;
        if (f->kind == FRAME_TCP && b->is_web && f->tcp.dst == b->addr && f->tcp.src == b->tftp) {
                struct web_step step = web_segment(&b->web, f, now_ms);
                take_web(b, &step, now_ms);
        } else if (f->kind == FRAME_UDP && !b->is_web && f->udp.dst == b->addr && f->udp.src == b->tftp &&
                   f->udp.dst_port == b->fetch.port && !board_spoils(b)) {
                struct fetch_step step =
                        fetch_packet(&b->fetch, f->udp.src_port, f->udp.payload, f->udp.len, now_ms, packet);
                take_step(b, &step, packet, now_ms);
        }
}

void board_load_tick(struct board *b, uint64_t now_ms) {
        uint8_t packet[FETCH_PACKET_SIZE];

        if (b->card) {
                read_card(b, now_ms);
        } else if (b->is_web) {
                struct web_step step = web_tick(&b->web, now_ms);
                take_web(b, &step, now_ms);
        } else {
                struct fetch_step step = fetch_tick(&b->fetch, now_ms, packet);
                take_step(b, &step, packet, now_ms);
        }
}
