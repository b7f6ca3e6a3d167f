/* One simulated board; see board.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-sim/board.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
        PORT_DHCP_SERVER = 67,
        PORT_DHCP_CLIENT = 68,
        PORT_TFTP = 69,
        PORT_CONSOLE = 6665,
        PORT_LISTENER = 6666,
        CONSOLE_ADDR = 0xa9fe0101, /* 169.254.1.1, which netconsole's documentation has it make up */
        ARP_MS = 1000,
        ARP_TRIES = 5,
        REQUEST_MS = 4000, /* DHCP_REQ_TIMEOUT */
        REQUEST_TRIES = 3,
        ROUND_REST_MS = 1000, /* before the boot order begins again: a round over nothing but an empty slot
                                 takes no time here, as it does on a board */

        /* An OFFER for another board with the same constant xid within this time after its own confuses the
         * ROM: it takes the other's address (firmware issue 1067). Our reading of the reports, not a
         * measurement. */
        ROM_CONFUSION_MS = 1000,

        MODE_NETWORK = 2 /* its nibble */
};

static void enter(struct board *b, enum board_phase phase, uint64_t now_ms) {
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

static void send_udp(struct board *b, const struct mac *to, uint32_t dst_ip, uint16_t src_port,
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
static void say(struct board *b, const char *format, ...) PRINTF(2, 3);
static void say(struct board *b, const char *format, ...) {
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
        send_udp(b, &frame_broadcast, UINT32_MAX, PORT_CONSOLE, PORT_LISTENER, text, len);
        b->addr = own;
}

static void send_dhcp(struct board *b, enum dhcp_type type, uint32_t addr, uint32_t server) {
        uint8_t message[DHCP_MESSAGE_SIZE];
        uint32_t own = b->addr;

        size_t n = dhcp_write(&b->family->dhcp, &b->asker, type, addr, server, message);
        b->addr = 0; /* it speaks from 0.0.0.0 until the exchange is over */
        send_udp(b, &frame_broadcast, UINT32_MAX, PORT_DHCP_CLIENT, PORT_DHCP_SERVER, message, n);
        b->addr = own;
}

static void fill_uuid(struct board *b) {
        uint8_t *u = b->asker.uuid;
        const uint32_t words[4] = { b->family->fourcc, b->revision, 0, b->serial };

        u[0] = 0;
        if (b->family->uuid_octet) {
                memset(u + 1, b->family->uuid_octet, 16);
                return;
        }
        if (!b->family->fourcc) { /* the old form: the serial four times, octets as they lie in memory */
                for (size_t i = 0; i < 16; i++)
                        u[1 + i] = (uint8_t)(b->serial >> 8 * (i % 4));
                return;
        }
        for (size_t i = 0; i < 16; i++)
                u[1 + i] = (uint8_t)(words[i / 4] >> 8 * (i % 4));
        memcpy(u + 9, b->mac.octets + 2, 4);
}

static void discover(struct board *b, uint64_t now_ms) {
        enter(b, BOARD_DISCOVERING, now_ms);
        b->asker = (struct dhcp_asker){
                .mac = b->mac,
                .xid = b->family->dhcp.constant_xid ? b->family->dhcp.constant_xid
                                                    : b->world->random(b->world->ctx),
        };
        b->addr = b->server = b->tftp = b->foreign = 0;
        b->has_boot_offer = false;
        fill_uuid(b);
        send_dhcp(b, DHCP_DISCOVER, 0, 0);
}

/* ---- what it boots from ---- */

static void begin_network(struct board *b, uint64_t now_ms) {
        if (b->checks_signatures && b->family->signed_one)
                b->family = b->family->signed_one;
        memcpy(b->prefix, b->first_prefix, sizeof(b->prefix));
        discover(b, now_ms);
}

/* By HTTP a signature is wanted in any case, and DHCP is as for the network. */
static void begin_http(struct board *b, uint64_t now_ms) {
        if (!b->family->signed_one || !b->http_addr) {
                board_fail(b, "it has no HTTP_HOST, or no firmware that could ask it");
                return;
        }
        b->family = b->family->signed_one;
        b->is_web = true;
        memcpy(b->prefix, b->http_path, sizeof(b->prefix));
        discover(b, now_ms);
}

static void next_stage(struct board *b, uint64_t now_ms);

static void begin_card(struct board *b, uint64_t now_ms) {
        const char *why = "there is no card in its slot";

        b->prefix[0] = 0; /* a folder of its own is for one server's many boards */
        b->addr = b->tftp = 0;
        b->card = b->world->insert_card ? b->world->insert_card(b->world->ctx, &why) : NULL;
        if (!b->card) {
                board_fail(b, why);
                return;
        }
        enter(b, BOARD_FETCHING, now_ms);
        next_stage(b, now_ms);
}

static void begin_nothing(struct board *b, uint64_t now_ms) {
        (void)now_ms;
        board_fail(b, "nothing of this kind is plugged into a simulated board");
}

static void begin_stop(struct board *b, uint64_t now_ms) {
        (void)now_ms;
        board_stick(b, b->why ? b->why : "its boot order begins with STOP");
}

static void begin_rest(struct board *b, uint64_t now_ms) {
        enter(b, BOARD_RESTING, now_ms);
}

/* By its nibble (raspberry-pi.md section 4). Those without a name are passed over. */
static const struct mode {
        const char *name; /* in reports */
        void (*begin)(struct board *b, uint64_t now_ms);
        bool is_attempt;
} modes[16] = {
        [1] = { "SD card", begin_card, true },       [MODE_NETWORK] = { "network", begin_network, true },
        [4] = { "USB drive", begin_nothing, true },  [5] = { "USB drive", begin_nothing, true },
        [6] = { "NVMe drive", begin_nothing, true }, [7] = { "HTTP", begin_http, true },
        [0xe] = { "stop", begin_stop, false },       [0xf] = { "restart", begin_rest, false },
};

static void forget_loaded(struct board *b) {
        if (b->card)
                b->world->eject_card(b->card);
        b->card = NULL;
        b->family = b->first_family;
        b->next_port = b->family->first_port;
        b->stage = b->kernel_candidate = b->overlay = 0;
        b->kernel[0] = b->initramfs[0] = b->device_tree[0] = b->cmdline[0] = b->config_note[0] = 0;
        b->has_handed_over = b->leaves_card = b->runs_stub = b->is_web = false;
        b->accepted_ms = 0;
        config_defaults(&b->config, b->family->is_64bit);
}

static void note_attempt(struct board *b, const struct mode *m) {
        if (b->n_attempts == BOARD_ATTEMPTS_MAX) {
                memmove(b->attempts, b->attempts + 1, sizeof(b->attempts) - sizeof(b->attempts[0]));
                b->n_attempts--;
                b->n_told -= b->n_told > 0;
        }
        b->attempts[b->n_attempts++] = (struct board_attempt){ .mode = m->name };
}

/* Goes to the next mode of the boot order. */
static void next_mode(struct board *b, uint64_t now_ms) {
        while (b->order_left && !modes[b->order_left & 0xf].name)
                b->order_left >>= 4;
        const struct mode *m = &modes[b->order_left ? b->order_left & 0xf : 0xe];

        b->order_left >>= 4;
        forget_loaded(b);
        if (m->is_attempt)
                note_attempt(b, m);
        say(b, "Boot mode: ");
        say(b, "%s order %x\n", m->name, b->order_left);
        m->begin(b, now_ms);
}

/* What failed is followed by what the boot order names next; call after everything that may have failed. */
static void settle(struct board *b, uint64_t now_ms) {
        while (b->phase == BOARD_FAILED && !b->is_stuck) {
                b->attempts[b->n_attempts - 1].why = b->why;
                say(b, "Boot failed: %s\n", b->why);
                next_mode(b, now_ms);
        }
        if (!board_is_done(b) || b->end_ms)
                return;
        b->end_ms = now_ms;
        if (b->phase == BOARD_BOOTED)
                b->why = NULL; /* that was of a mode before */
        if (b->n_attempts)
                b->attempts[b->n_attempts - 1].why = b->why;
        if (b->card)
                b->world->eject_card(b->card);
        b->card = NULL;
}

static bool see_enough(void *ctx, const void *data, size_t len) {
        (void)ctx, (void)data, (void)len;
        return false;
}

/* Looked for before the boot order is: the boot ROM does not know it. */
static bool begin_recovery(struct board *b, uint64_t now_ms) {
        static const struct mode mode = { "recovery.bin", NULL, true };
        const char *why;

        if (!b->family->recovery || !b->world->insert_card)
                return false;
        b->card = b->world->insert_card(b->world->ctx, &why);
        if (!b->card)
                return false;
        if (b->world->read_card(b->card, "recovery.bin", see_enough, NULL) != CARD_WHOLE) {
                b->world->eject_card(b->card);
                b->card = NULL;
                return false;
        }
        note_attempt(b, &mode);
        b->family = b->family->recovery;
        b->prefix[0] = 0;
        enter(b, BOARD_FETCHING, now_ms);
        next_stage(b, now_ms);
        return true;
}

void board_power_on(struct board *b, uint64_t now_ms) {
        b->power_on_ms = now_ms;
        b->first_family = b->family;
        memcpy(b->first_prefix, b->prefix, sizeof(b->first_prefix));
        b->order_left = b->boot_order;
        say(b, "NETCONSOLE %d@169.254.1.1,%d:255.255.255.255\n", PORT_CONSOLE, PORT_LISTENER);
        if (!begin_recovery(b, now_ms))
                next_mode(b, now_ms);
        settle(b, now_ms);
}

/* ---- what it loads ---- */

static void send_tcp(struct board *b, const struct web_step *step) {
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

static void begin_web(struct board *b, const char *path, uint64_t now_ms) {
        char host[IP_TEXT_SIZE];
        const struct ip_addr server = ip_from_v4(b->http_addr);

        b->fetch = (struct fetch){ .want = WANT_WHOLE, .start_ms = now_ms };
        (void)snprintf(b->fetch.path, sizeof(b->fetch.path), "%s", path);
        const struct web_step step = web_begin(&b->web, ip_text(&server, host), b->http_port, path,
                                               ++b->next_port, b->world->random(b->world->ctx), now_ms);
        send_tcp(b, &step);
}

static void begin_fetch(struct board *b, const struct stage *s, const char *path, uint64_t now_ms) {
        uint8_t packet[FETCH_PACKET_SIZE];

        b->text_len = 0;
        b->hash = 0;
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
        struct fetch_step step =
                fetch_begin(&b->fetch, b->family, path, s->want, b->next_port, now_ms, packet);
        if (b->file_timeout_ms)
                b->fetch.file_ms = b->file_timeout_ms;
        send_udp(b, &b->next_hop, b->tftp, b->fetch.port, PORT_TFTP, packet, step.send_len);
}

/* Goes to the first stage, from the present one on, that this board does not skip. */
static void next_stage(struct board *b, uint64_t now_ms) {
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
                        next_stage(b, now_ms); /* that one has no successor */
                else
                        discover(b, now_ms);
                return;
        }
        b->phase = BOARD_BOOTED;
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
                say(b, "Read %s bytes %8llu\n", f->path, (unsigned long long)f->octets);
        else if (f->state == FETCH_BROKEN)
                say(b, "Failed to read %s\n", f->path);
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

/* In its own order, as if it had begun there. */
static void go_on_over_network(struct board *b, uint64_t now_ms) {
        b->leaves_card = false;
        b->attempts[b->n_attempts - 1].why = b->why;
        note_attempt(b, &modes[MODE_NETWORK]);
        b->world->eject_card(b->card);
        b->card = NULL;
        b->stage = 0;
        begin_network(b, now_ms);
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
                go_on_over_network(b, now_ms);
                return;
        }
        if (b->restarts) { /* it is dark for a moment, and begins from the beginning */
                b->restarts = false;
                enter(b, BOARD_RESTING, now_ms);
                return;
        }
        b->stage++;
        next_stage(b, now_ms);
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
                send_udp(b, &b->next_hop, b->tftp, f->port, step->to_listener ? PORT_TFTP : f->server_port,
                         packet, step->send_len);
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
        send_tcp(b, step);
        if (!web_is_over(&b->web))
                return;
        b->fetch.state = states[b->web.state];
        b->fetch.resent = b->web.resent;
        end_fetch(b, now_ms);
}

/* Where the files come from: option 66, else siaddr, else the one that answered (facts 1.3). */
static uint32_t tftp_server_of(const struct dhcp_reply *r) {
        if (r->tftp_server)
                return r->tftp_server;
        return r->next_server ? r->next_server : r->server;
}

static void resolve(struct board *b, uint64_t now_ms) {
        uint8_t frame[FRAME_MAX];
        if (b->is_web)
                b->tftp = b->http_addr;
        bool is_on_link = !b->mask || (b->tftp & b->mask) == (b->addr & b->mask);

        enter(b, BOARD_RESOLVING, now_ms);
        if (!is_on_link && !b->router) {
                board_fail(b, "the TFTP server is on another network and the OFFER named no router");
                return;
        }
        size_t n = frame_write_arp(&b->mac, &frame_broadcast, true, b->addr, is_on_link ? b->tftp : b->router,
                                   frame);
        b->world->send(b->world->ctx, frame, n);
}

/* An OFFER for a boot: the address may be another server's (proxyDHCP). */
static void take_offer(struct board *b, const struct dhcp_reply *r, uint64_t now_ms) {
        bool is_boot = r->names_menu || r->has_tftp_server;

        if (b->family->dhcp.too_early_ms && now_ms - b->phase_ms < b->family->dhcp.too_early_ms) {
                board_stick(b, "the OFFER came too early: this boot ROM locks up (firmware issue 934)");
                return;
        }
        if (r->addr && !b->addr) {
                b->addr = r->addr;
                b->server = r->server;
                b->mask = r->mask;
                b->router = r->router;
        }
        if (is_boot && !b->has_boot_offer) {
                b->has_boot_offer = true;
                b->tftp = tftp_server_of(r);
        }
        if (!b->addr || !b->has_boot_offer)
                return; /* the other half may still come, within the time of this try */
        if (b->family->ends_dhcp_at_offer) {
                b->accepted_ms = now_ms;
                resolve(b, now_ms);
                return;
        }
        enter(b, BOARD_REQUESTING, now_ms);
        send_dhcp(b, DHCP_REQUEST, b->addr, b->server);
}

static void take_ack(struct board *b, const struct dhcp_reply *r, uint64_t now_ms) {
        if (r->server != b->server)
                return;
        if (r->type == DHCP_NAK) {
                board_fail(b, "the server said NAK");
                return;
        }
        b->addr = r->addr;
        if (b->faults & FAULT_WRONG_SERVER)
                b->tftp = (b->addr & b->mask) | (~b->mask & ~1u); /* its last host */
        resolve(b, now_ms);
}

static void take_dhcp(struct board *b, const struct frame *f, uint64_t now_ms) {
        struct dhcp_reply r;

        if (!dhcp_parse(f->udp.payload, f->udp.len, &r) || r.xid != b->asker.xid)
                return;
        bool is_mine = mac_equal(&r.mac, &b->mac);
        if (!is_mine && b->family->dhcp.constant_xid && b->accepted_ms && !b->octets &&
            r.type == DHCP_OFFER && now_ms - b->accepted_ms < ROM_CONFUSION_MS) {
                board_stick(b, "another board's OFFER with the same constant xid came within a second: the "
                               "ROM took it");
                return;
        }
        if (!is_mine || ((b->faults & FAULT_DEAF) && r.type == DHCP_OFFER))
                return;
        if (b->phase == BOARD_DISCOVERING && r.type == DHCP_OFFER)
                take_offer(b, &r, now_ms);
        else if (b->phase == BOARD_REQUESTING && r.type != DHCP_OFFER)
                take_ack(b, &r, now_ms);
}

static void take_arp(struct board *b, const struct frame *f, uint64_t now_ms) {
        uint8_t frame[FRAME_MAX];

        if (f->arp.is_request && b->addr && f->arp.target == b->addr && b->phase >= BOARD_RESOLVING) {
                size_t n = frame_write_arp(&b->mac, &f->arp.sender_mac, false, b->addr, f->arp.sender, frame);
                b->world->send(b->world->ctx, frame, n);
                return;
        }
        bool is_awaited = f->arp.sender == b->tftp || f->arp.sender == b->router;
        if (b->phase != BOARD_RESOLVING || f->arp.is_request || !is_awaited || !mac_equal(&f->dst, &b->mac))
                return;
        b->next_hop = f->arp.sender_mac;
        enter(b, BOARD_FETCHING, now_ms);
        next_stage(b, now_ms);
}

/* What a fault makes of the second half of a kernel; false: nothing. */
static bool spoils_kernel(struct board *b) {
        struct fetch *f = &b->fetch;
        uint8_t packet[FETCH_PACKET_SIZE];
        bool is_kernel = b->kernel[0] == 0 && f->want == WANT_WHOLE && f->size != UINT64_MAX &&
                         strcmp(b->family->stages[b->stage].name, "kernel") == 0;

        if (!is_kernel || f->octets < f->size / 2)
                return false;
        if (b->faults & FAULT_HANGS) {
                struct fetch_step step = fetch_give_up(f, packet);
                send_udp(b, &b->next_hop, b->tftp, f->port, f->server_port, packet, step.send_len);
                board_stick(b, "its kernel broke off, and it hangs");
        }
        return b->faults & (FAULT_HANGS | FAULT_STALLS);
}

void board_frame(struct board *b, const struct frame *f, uint64_t now_ms) {
        uint8_t packet[FETCH_PACKET_SIZE];

        if (f->kind == FRAME_ARP) {
                take_arp(b, f, now_ms);
        } else if (f->kind == FRAME_UDP && f->udp.dst_port == PORT_DHCP_CLIENT &&
                   f->udp.src_port == PORT_DHCP_SERVER) {
                take_dhcp(b, f, now_ms);
        } else if (f->kind == FRAME_TCP && b->phase == BOARD_FETCHING && b->is_web && f->tcp.dst == b->addr &&
                   f->tcp.src == b->tftp) {
                struct web_step step = web_segment(&b->web, f, now_ms);
                take_web(b, &step, now_ms);
        } else if (f->kind == FRAME_UDP && b->phase == BOARD_FETCHING && !b->card && !b->is_web &&
                   f->udp.dst == b->addr && f->udp.src == b->tftp && f->udp.dst_port == b->fetch.port &&
                   !spoils_kernel(b)) {
                struct fetch_step step =
                        fetch_packet(&b->fetch, f->udp.src_port, f->udp.payload, f->udp.len, now_ms, packet);
                take_step(b, &step, packet, now_ms);
        }
        settle(b, now_ms);
}

/* A try of DISCOVER, REQUEST or ARP has waited long enough: another one, or the end. */
static void retry(struct board *b, uint64_t now_ms, unsigned tries_max, const char *why) {
        unsigned tries = b->tries + 1;
        enum board_phase phase = b->phase;

        if (tries >= tries_max) {
                board_fail(b, why);
                return;
        }
        if (phase == BOARD_DISCOVERING)
                discover(b, now_ms);
        else if (phase == BOARD_REQUESTING)
                send_dhcp(b, DHCP_REQUEST, b->addr, b->server);
        else
                resolve(b, now_ms);
        b->tries = tries;
        b->phase_ms = now_ms;
}

/* DISCOVERs until the time for all of DHCP is over. */
static unsigned discover_tries(const struct board *b) {
        const struct dhcp_manner *dhcp = &b->family->dhcp;
        return b->dhcp_timeout_ms ? (b->dhcp_timeout_ms + dhcp->try_ms - 1) / dhcp->try_ms : dhcp->tries;
}

static const char *discover_failure(const struct board *b) {
        if (b->addr)
                return "an address was offered, but no boot: no OFFER had option 66, or 43 with \"Raspberry "
                       "Pi Boot\"";
        return b->has_boot_offer ? "a boot was offered, but no address" : "nobody offered an address";
}

void board_tick(struct board *b, uint64_t now_ms) {
        const struct dhcp_manner *dhcp = &b->family->dhcp;
        uint64_t waited = now_ms - b->phase_ms;
        uint8_t packet[FETCH_PACKET_SIZE];

        if (b->phase == BOARD_RESTING && waited >= ROUND_REST_MS) {
                b->order_left = b->boot_order;
                next_mode(b, now_ms);
        } else if (b->phase == BOARD_DISCOVERING && waited >= dhcp->try_ms) {
                retry(b, now_ms, discover_tries(b), discover_failure(b));
        } else if (b->phase == BOARD_REQUESTING && waited >= REQUEST_MS) {
                retry(b, now_ms, REQUEST_TRIES, "the server offered an address and never acknowledged it");
        } else if (b->phase == BOARD_RESOLVING && waited >= ARP_MS) {
                retry(b, now_ms, ARP_TRIES, "ARP: the TFTP server (or the router to it) does not answer");
        } else if (b->phase == BOARD_FETCHING && b->card) {
                read_card(b, now_ms);
        } else if (b->phase == BOARD_FETCHING && b->is_web) {
                struct web_step step = web_tick(&b->web, now_ms);
                take_web(b, &step, now_ms);
        } else if (b->phase == BOARD_FETCHING) {
                struct fetch_step step = fetch_tick(&b->fetch, now_ms, packet);
                take_step(b, &step, packet, now_ms);
        }
        settle(b, now_ms);
}
