/*
 * Whole boots of simulated boards against a server and a card that follow a script: what they ask, in which
 * order, and that they fail where a real board would.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble-sim/board.h"
#include "base/cleanup.h"
#include "base/writer.h"

enum {
        SERVER = 0x0a4d0001,
        CLIENT = 0x0a4d0005,
        QUEUE = 64,
        TICK_MS = 50,
        LIMIT_MS = 600000,
        FILES_MAX = 24,
        TID_FIRST = 30000
};

#define PREFIX "a1b2c3d4/"

/* ---- a script ---- */

/* What the server says besides an address. */
enum boot_words {
        MENU = 1,
        NAME_66 = 2,
        WRONG_MAC = 4,
        NO_ACK = 8,
        NAK = 16,
        SILENT = 32,
        TWO_OFFERS = 64,
        NO_ARP = 128
};

struct script {
        const char *family;
        unsigned words;
        unsigned delay_ms;               /* of OFFER and ACK */
        const char *add[4], *without[4]; /* files beyond, or missing from, what every board needs */
        const char *config;              /* config.txt; NULL: an empty one */
        size_t config_len;               /* 0: of the text */
        const char *why;                 /* it fails, and says this; NULL: it boots … */
        const char *kernel, *cmdline;    /* … this; NULL: not looked at */
        const char *remark;
        uint32_t order; /* BOOT_ORDER; 0: the network alone */
        unsigned dhcp_timeout_ms;
        unsigned card;           /* what is in the slot */
        const char *not_on_card; /* a file that a good card lacks */
        const char *attempts; /* "mode: why" of each, a part of it, with "; " between; NULL: not looked at */
};

enum { NO_CARD, GOOD_CARD, EMPTY_CARD, LATE_CARD /* nothing on it at first, as a system writes it */ };

static const char *const pi3_files[] = { "/bootcode.bin", "start.elf",   "fixup.dat", "bcm2710-rpi-3-b.dtb",
                                         "cmdline.txt",   "kernel7.img", NULL };
static const char *const pi4_files[] = { "start4.elf",  "fixup4.dat",  "bcm2711-rpi-4-b.dtb",
                                         "cmdline.txt", "kernel8.img", NULL };
static const char *const pi5_files[] = { "bcm2712-rpi-5-b.dtb", "cmdline.txt", "kernel_2712.img", NULL };

/* ---- the server ---- */

struct waiting {
        uint64_t due_ms;
        size_t len;
        uint8_t octets[FRAME_MAX];
};

struct transfer {
        uint16_t client, server;
        const char *text;
        size_t len, at, blksize;
        uint16_t block;
};

struct world {
        const struct script *script;
        struct board board;
        uint64_t now_ms;
        struct waiting queue[QUEUE];
        size_t n_queue;
        struct transfer transfer;
        uint16_t next_tid;
        uint32_t n_random;
        char asked[8192]; /* the paths in their order, a line each */
        char config[8192];
        unsigned n_inserted;
        bool is_inserted;
};

static const struct mac server_mac = { { 2, 0, 0, 0, 0, 0xfe } };
static const struct frame_style plain = { .ttl = 64 };

static void later(struct world *w, unsigned in_ms, const uint8_t *frame, size_t len) {
        assert_true(w->n_queue < QUEUE);
        struct waiting *to = &w->queue[w->n_queue++];
        to->due_ms = w->now_ms + in_ms;
        to->len = len;
        memcpy(to->octets, frame, len);
}

static void send_udp(struct world *w, unsigned in_ms, uint32_t dst, uint16_t from, uint16_t to,
                     const void *payload, size_t len) {
        uint8_t frame[FRAME_MAX];
        size_t n = frame_write_udp(
                &(struct frame_udp){ .dst = dst == UINT32_MAX ? frame_broadcast : w->board.mac,
                                     .src = server_mac,
                                     .src_ip = SERVER,
                                     .dst_ip = dst,
                                     .src_port = from,
                                     .dst_port = to,
                                     .payload = payload,
                                     .len = len },
                &plain, frame);
        later(w, in_ms, frame, n);
}

static void put_u32(struct writer *m, uint8_t number, uint32_t v) {
        write_u8(m, number);
        write_u8(m, 4);
        write_u32(m, v);
}

static void answer_dhcp(struct world *w, const uint8_t *asked, uint8_t type, uint8_t mac_bit) {
        static const char menu[] = "\53\40\6\1\3\12\4\0PXE\11\24\0\0\21Raspberry Pi Boot\377";
        static const char name[] = "\102\01110.77.0.1";
        uint8_t message[512];
        struct writer m = writer_of(message, sizeof(message));

        write_octets(&m, "\2\1\6\0", 4);
        write_octets(&m, asked + 4, 4); /* xid */
        write_zeros(&m, 8);
        write_u32(&m, type == DHCP_NAK ? 0 : CLIENT);
        write_u32(&m, SERVER);
        write_zeros(&m, 4);
        write_octets(&m, asked + 28, 5);
        write_u8(&m, asked[33] ^ mac_bit);
        write_zeros(&m, 10 + 64 + 128);
        write_octets(&m, "\x63\x82\x53\x63\65\1", 6);
        write_u8(&m, type);
        put_u32(&m, 54, SERVER);
        put_u32(&m, 1, 0xffffff00);
        if (w->script->words & MENU)
                write_octets(&m, menu, sizeof(menu) - 1);
        if (w->script->words & NAME_66)
                write_octets(&m, name, sizeof(name) - 1);
        write_u8(&m, 255);
        send_udp(w, w->script->delay_ms, UINT32_MAX, 67, 68, message, writer_len(&m));
}

static void take_dhcp(struct world *w, const uint8_t *asked) {
        unsigned words = w->script->words;
        bool is_discover = asked[242] == DHCP_DISCOVER;

        if (words & SILENT)
                return;
        if (is_discover) {
                answer_dhcp(w, asked, DHCP_OFFER, words & WRONG_MAC ? 1 : 0);
                if (words & TWO_OFFERS)
                        answer_dhcp(w, asked, DHCP_OFFER, 1); /* another board's, with the same xid */
        } else if (!(words & NO_ACK)) {
                answer_dhcp(w, asked, words & NAK ? DHCP_NAK : DHCP_ACK, 0);
        }
}

static bool is_in(const char *const *list, size_t n, const char *name) {
        for (size_t i = 0; i < n && list[i]; i++)
                if (strcmp(list[i], name) == 0)
                        return true;
        return false;
}

/* The text of a file: its own name, but for those that boards read. NULL: there is none. */
static const char *file_at(struct world *w, const char *path) {
        const struct script *s = w->script;
        const char *const *files = s->family[2] == '3'   ? pi3_files
                                   : s->family[2] == '4' ? pi4_files
                                                         : pi5_files;
        char name[PATH_SIZE + 2];

        /* "/x": in the root; all else below the prefix, where "//" means "/" */
        if (strncmp(path, PREFIX, strlen(PREFIX)) == 0)
                (void)snprintf(name, sizeof(name), "%s",
                               path + strlen(PREFIX) + (path[strlen(PREFIX)] == '/'));
        else
                (void)snprintf(name, sizeof(name), "/%s", path);
        if (is_in(s->without, ARRAY_LEN(s->without), name))
                return NULL;
        if (strcmp(name, "config.txt") == 0)
                return w->config;
        if (!is_in(files, FILES_MAX, name) && !is_in(s->add, ARRAY_LEN(s->add), name))
                return NULL;
        return strcmp(name, "cmdline.txt") == 0 ? "console=serial0 root=/dev/nfs\n" : path;
}

/* ---- the card ---- */

struct card {
        struct world *world;
};

/* Looks at an empty slot: of the boot ROM for recovery.bin, and twice by the boot order. */
enum { LATE = 3 };

static struct card *insert_card(void *ctx, const char **retwhy) {
        static struct card card;
        struct world *w = ctx;

        assert_false(w->is_inserted);
        w->n_inserted++;
        *retwhy = w->script->card == EMPTY_CARD || (w->script->card == LATE_CARD && w->n_inserted <= LATE)
                          ? "its card is empty"
                          : "there is no card";
        if (w->script->card == NO_CARD || (w->script->card != GOOD_CARD && strstr(*retwhy, "empty")))
                return NULL;
        w->is_inserted = true;
        card.world = w;
        return &card;
}

static void eject_card(struct card *c) {
        c->world->is_inserted = false;
}

static enum card_got read_card(const struct card *c, const char *path,
                               bool (*fn)(void *ctx, const void *data, size_t len), void *ctx) {
        struct world *w = c->world;
        char below[PATH_SIZE + sizeof(PREFIX)];

        assert_true(w->is_inserted);
        size_t used = strlen(w->asked);
        (void)snprintf(w->asked + used, sizeof(w->asked) - used, "card %s\n", path);
        if (w->script->not_on_card && strcmp(w->script->not_on_card, path) == 0)
                return CARD_NOT_FOUND;
        (void)snprintf(below, sizeof(below), "%s%s", strcmp(path, "bootcode.bin") == 0 ? "" : PREFIX, path);
        const char *text = file_at(w, below);
        if (!text)
                return CARD_NOT_FOUND;
        if (strcmp(path, "cmdline.txt") == 0)
                text = "root=/dev/mmcblk0p2\n";
        /* In pieces, as a pipe gives them. */
        for (size_t at = 0, len = strlen(text); at < len; at += 7)
                if (!fn(ctx, text + at, len - at < 7 ? len - at : 7))
                        break;
        return CARD_WHOLE;
}

/* ---- the network ---- */

static void send_block(struct world *w) {
        struct transfer *t = &w->transfer;
        uint8_t packet[FRAME_PAYLOAD_MAX] = { 0, 3, (uint8_t)(t->block >> 8), (uint8_t)t->block };
        size_t at = (t->block - 1u) * t->blksize, len = t->len - at < t->blksize ? t->len - at : t->blksize;

        memcpy(packet + 4, t->text + at, len);
        send_udp(w, 0, CLIENT, t->server, t->client, packet, 4 + len);
}

static void take_request(struct world *w, const struct frame *f) {
        const char *path = (const char *)f->udp.payload + 2;
        size_t head = 2 + strlen(path) + 1 + strlen("octet") + 1, used = strlen(w->asked);
        bool has_options = f->udp.len > head;
        char oack[64];
        static char kept[PATH_SIZE];

        (void)snprintf(w->asked + used, sizeof(w->asked) - used, "%s\n", path);
        (void)snprintf(kept, sizeof(kept), "%s", path);
        const char *text = file_at(w, kept);
        uint16_t tid = w->next_tid++;
        if (!text) {
                send_udp(w, 0, CLIENT, tid, f->udp.src_port, "\0\5\0\1no", 7);
                return;
        }
        w->transfer = (struct transfer){ .client = f->udp.src_port,
                                         .server = tid,
                                         .text = text,
                                         .len = strlen(text),
                                         .blksize = f->udp.len > head + 20 ? 1468 : 512,
                                         .block = 1 };
        if (!has_options) {
                send_block(w);
                return;
        }
        int n = snprintf(oack, sizeof(oack), "xxtsize%c%zu%c", 0, strlen(text), 0);
        if (w->transfer.blksize == 1468)
                n += snprintf(oack + n, sizeof(oack) - (size_t)n, "blksize%c1468%c", 0, 0);
        memcpy(oack, "\0\6", 2);
        send_udp(w, 0, CLIENT, tid, f->udp.src_port, oack, (size_t)n);
}

static void take_ack(struct world *w, const struct frame *f) {
        struct transfer *t = &w->transfer;
        const uint8_t *p = f->udp.payload;

        if (p[1] != 4 || f->udp.dst_port != t->server)
                return; /* an early end */
        uint16_t acked = (uint16_t)(p[2] << 8 | p[3]);
        if ((size_t)acked * t->blksize > t->len && acked > 0)
                return; /* that was the last one */
        t->block = (uint16_t)(acked + 1);
        send_block(w);
}

static void take_frame(void *ctx, const void *frame, size_t len) {
        struct world *w = ctx;
        struct frame f;
        uint8_t answer[FRAME_MAX];

        frame_parse(frame, len, &f);
        if (f.kind == FRAME_ARP && f.arp.is_request && f.arp.target == SERVER && !(w->script->words & NO_ARP))
                later(w, 0, answer,
                      frame_write_arp(&server_mac, &w->board.mac, false, SERVER, f.arp.sender, answer));
        else if (f.kind == FRAME_UDP && f.udp.dst_port == 67)
                take_dhcp(w, f.udp.payload);
        else if (f.kind == FRAME_UDP && f.udp.dst_port == 69)
                take_request(w, &f);
        else if (f.kind == FRAME_UDP)
                take_ack(w, &f);
}

static void keep_nothing(void *ctx, const struct board *b, const char *path, uint64_t offset,
                         const void *data, size_t len) {
        (void)ctx;
        (void)b;
        (void)path;
        (void)offset;
        (void)data;
        (void)len;
}

/* Each time another. */
static uint32_t count_on(void *ctx) {
        struct world *w = ctx;
        return ++w->n_random;
}

/* Everything that is due by now reaches the board. */
static void deliver(struct world *w) {
        for (size_t i = 0; i < w->n_queue;) {
                if (w->queue[i].due_ms > w->now_ms) {
                        i++;
                        continue;
                }
                struct waiting due = w->queue[i];
                memmove(&w->queue[i], &w->queue[i + 1], (--w->n_queue - i) * sizeof(due));
                struct frame f;
                frame_parse(due.octets, due.len, &f);
                board_frame(&w->board, &f, w->now_ms);
                i = 0; /* the board may have asked for more */
        }
}

static void run(struct world *w, const struct script *s) {
        static struct board_world board_world;

        *w = (struct world){ .script = s, .now_ms = 1000, .next_tid = TID_FIRST };
        board_world = (struct board_world){
                .send = take_frame,
                .keep = keep_nothing,
                .random = count_on,
                .insert_card = insert_card,
                .read_card = read_card,
                .eject_card = eject_card,
                .ctx = w,
        };
        const char *config = s->config ? s->config : "";
        memset(w->config, '#', s->config_len);
        memcpy(w->config, config, strlen(config));

        struct board *b = &w->board;
        b->family = family_by_name(s->family);
        b->world = &board_world;
        b->serial = 0xa1b2c3d4;
        b->revision = b->family->revision;
        b->next_port = b->family->first_port;
        b->boot_order = s->order ? s->order : BOARD_ORDER_NETWORK;
        b->dhcp_timeout_ms = s->dhcp_timeout_ms;
        (void)snprintf(b->prefix, sizeof(b->prefix), PREFIX);
        assert_int_equal(mac_parse("dc:a6:32:c3:d4:01", &b->mac), 0);
        config_defaults(&b->config, b->family->is_64bit);
        board_power_on(b, w->now_ms);
        while (!board_is_done(b) && w->now_ms < LIMIT_MS) {
                deliver(w);
                w->now_ms += TICK_MS;
                if (!board_is_done(b))
                        board_tick(b, w->now_ms);
        }
}

/* ---- tests ---- */

#define EACH (MENU | NAME_66)

static void boards_boot_or_say_why_not(void **state) {
        static const struct script scripts[] = {
                { "pi4", EACH, .kernel = PREFIX "kernel8.img", .cmdline = "console=serial0 root=/dev/nfs" },
                { "pi4", MENU, .kernel = PREFIX "kernel8.img", .remark = "the menu is enough" },
                { "pi4", NAME_66, .kernel = PREFIX "kernel8.img", .remark = "so is option 66" },
                { "pi5", EACH, .kernel = PREFIX "kernel_2712.img" },
                { "pi5", EACH, .add = { "kernel8.img" }, .without = { "kernel_2712.img" },
                  .kernel = PREFIX "kernel8.img" },
                { "pi3", EACH, .delay_ms = 1000, .kernel = PREFIX "kernel7.img" },

                { "pi4", 0, .why = "no boot", .remark = "neither option 43 nor 66" },
                { "pi5", 0, .why = "no boot" },
                { "pi3", 0, .delay_ms = 1000, .why = "no boot" },
                { "pi4", EACH | SILENT, .why = "nobody offered an address" },
                { "pi4", EACH | WRONG_MAC, .why = "nobody offered an address",
                  .remark = "chaddr is another's" },
                { "pi3", EACH | WRONG_MAC, .delay_ms = 1000, .why = "nobody offered an address" },
                { "pi4", EACH | NO_ACK, .why = "never acknowledged" },
                { "pi4", EACH | NAK, .why = "NAK" },
                { "pi4", EACH | NO_ARP, .why = "ARP" },
                { "pi4", EACH, .delay_ms = 5000, .why = "nobody offered an address",
                  .remark = "each try waits 4 s" },
                { "pi3", EACH, .delay_ms = 100, .why = "too early", .remark = "it locks up" },
                { "pi3", EACH | TWO_OFFERS, .delay_ms = 1000, .why = "another board's OFFER",
                  .remark = "the constant xid" },
                { "pi4", EACH | TWO_OFFERS, .kernel = PREFIX "kernel8.img", .remark = "its xid is its own" },

                { "pi4", EACH, .add = { "recovery.elf" }, .why = "recovery file" },
                { "pi4", EACH, .add = { "recover4.elf" }, .why = "recovery file" },
                { "pi3", EACH, .delay_ms = 1000, .add = { "recovery.elf" }, .why = "recovery file" },
                { "pi4", EACH, .without = { "start4.elf" }, .why = "firmware not found" },
                { "pi4", EACH, .without = { "fixup4.dat" }, .why = "cannot do without" },
                { "pi4", EACH, .without = { "bcm2711-rpi-4-b.dtb" }, .why = "cannot do without" },
                { "pi4", EACH, .without = { "kernel8.img" }, .why = "no kernel" },
                { "pi4", EACH, .add = { "kernel7l.img" }, .without = { "kernel8.img" }, .why = "no kernel",
                  .remark = "it is told to run 64 bits" },
                { "pi4", EACH, .add = { "kernel7l.img" }, .config = "arm_64bit=0\n",
                  .kernel = PREFIX "kernel7l.img" },
                { "pi4", EACH, .without = { "cmdline.txt" }, .kernel = PREFIX "kernel8.img", .cmdline = "" },
                { "pi5", EACH, .without = { "config.txt" }, .why = "config.txt is missing" },
                { "pi5", EACH, .without = { "bcm2712-rpi-5-b.dtb" }, .why = "cannot do without" },
                { "pi5", EACH, .without = { "kernel_2712.img" }, .why = "no kernel" },
                { "pi3", EACH, .delay_ms = 1000, .without = { "/bootcode.bin" }, .why = "cannot do without" },
                { "pi3", EACH, .delay_ms = 1000, .without = { "start.elf" }, .why = "start.elf not found" },

                { "pi3", EACH, .delay_ms = 1000, .add = { "bcm2837-rpi-3-b.dtb" },
                  .without = { "bcm2710-rpi-3-b.dtb" }, .config = "upstream_kernel=1\n",
                  .kernel = PREFIX "kernel7.img", .remark = "the kernel's own name of its device tree" },
                { "pi4", EACH, .add = { "vmlinuz" }, .config = "kernel=vmlinuz\n",
                  .kernel = PREFIX "vmlinuz" },
                { "pi4", EACH, .config = "kernel=vmlinuz\n", .why = "no kernel",
                  .remark = "nothing else is tried then" },
                { "pi4", EACH, .add = { "vmlinuz" }, .config = "kernel=vmlinuz\n", .config_len = 4095,
                  .kernel = PREFIX "vmlinuz" },
                { "pi4", EACH, .add = { "vmlinuz" }, .config = "kernel=vmlinuz\n", .config_len = 4096,
                  .kernel = PREFIX "kernel8.img", .remark = "so long a config.txt is not read" },
                { "pi5", EACH, .config_len = 4096, .why = "4096 octets" },
                { "pi4", EACH, .add = { "os/kernel8.img", "os/bcm2711-rpi-4-b.dtb", "os/cmdline.txt" },
                  .config = "os_prefix=os/\n", .kernel = PREFIX "os/kernel8.img" },
                { "pi4", EACH, .add = { "os/kernel8.img" }, .config = "os_prefix=os/\n",
                  .kernel = PREFIX "kernel8.img", .remark = "no device tree below it: it does not count" },
                { "pi4", EACH, .add = { "initramfs8" }, .config = "auto_initramfs=1\n",
                  .kernel = PREFIX "kernel8.img" },
        };
        static struct world w;
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
                const struct script *s = &scripts[i];
                run(&w, s);
                const char *why = w.board.why ? w.board.why : "";
                bool is_right = s->why ? w.board.phase == BOARD_FAILED && strstr(why, s->why)
                                       : w.board.phase == BOARD_BOOTED;
                if (is_right && s->kernel)
                        is_right = strcmp(w.board.kernel, s->kernel) == 0;
                if (is_right && s->cmdline)
                        is_right = strcmp(w.board.cmdline, s->cmdline) == 0;
                if (!is_right)
                        fail_msg("script %zu (%s, %s): phase %d, %s, kernel %s\n%s", i, s->family,
                                 s->remark ? s->remark : "", w.board.phase, why, w.board.kernel, w.asked);
        }
}

#define P PREFIX

/* As logs of real boards show them (raspberry-pi.md sections 2.2 to 2.4). */
static void files_in_the_order_of_real_boards(void **state) {
        static const struct {
                struct script script;
                const char *asked;
        } rows[] = {
                { { "pi3", EACH, .delay_ms = 1000 },
                  "bootcode.bin\nbootsig.bin\n" P "start.elf\n" P "autoboot.txt\n" P "config.txt\n" P
                  "recovery.elf\n" P "start.elf\n" P "fixup.dat\n" P "config.txt\n" P "dt-blob.bin\n" P
                  "bootcfg.txt\n" P "bcm2710-rpi-3-b.dtb\n" P "overlays/overlay_map.dtb\n" P "cmdline.txt\n" P
                  "recovery8.img\n" P "recovery7.img\n" P "kernel8-32.img\n" P "kernel7.img\n" P
                  "armstub8-32.bin\n" P "kernel7.img\n" },
                { { "pi4", EACH, .config = "dtoverlay=fan\ninitramfs initrd.img followkernel\n",
                    .add = { "initrd.img" } },
                  P "start4.elf\n" P "config.txt\n" P "vl805.sig\n" P "pieeprom.sig\n" P "recover4.elf\n" P
                    "recovery.elf\n" P "start4.elf\n" P "fixup4.dat\n" P "recovery.elf\n" P "config.txt\n" P
                    "dt-blob.bin\n" P "bootcfg.txt\n" P "initrd.img\n" P "bcm2711-rpi-4-b.dtb\n" P
                    "overlays/overlay_map.dtb\n" P "overlays/fan.dtbo\n" P "config.txt\n" P "cmdline.txt\n" P
                    "kernel8.img\n" P "armstub8-gic.bin\n" P "kernel8.img\n" },
                { { "pi5", EACH, .config = "auto_initramfs=1\n" },
                  P "config.txt\n" P "pieeprom.sig\n" P "/config.txt\n" P "/config.txt\n" P
                    "kernel_2712.img\n" P "bcm2712-rpi-5-b.dtb\n" P "overlays/overlay_map.dtb\n" P
                    "overlays/hat_map.dtb\n" P "/cmdline.txt\n" P "armstub8-2712.bin\n" P
                    "kernel_2712.img\n" P "initramfs_2712\n" },
        };
        static struct world w;
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                run(&w, &rows[i].script);
                assert_int_equal(w.board.phase, BOARD_BOOTED);
                assert_string_equal(w.asked, rows[i].asked);
        }
}

/* Whether each "mode: why" of @want, divided by "; ", is what was tried next, and nothing more was. */
static bool has_attempts(const struct board *b, const char *want) {
        size_t i = 0;

        for (const char *at = want; *at; i++) {
                char part[128];
                size_t len = strcspn(at, ";");
                (void)snprintf(part, sizeof(part), "%.*s", (int)len, at);
                char *why = strstr(part, ": ");
                assert_non_null(why);
                *why = 0;
                if (i == b->n_attempts || strcmp(b->attempts[i].mode, part) != 0 ||
                    !strstr(b->attempts[i].why ? b->attempts[i].why : "", why + 2))
                        return false;
                at += len;
                at += strspn(at, "; ");
        }
        return i == b->n_attempts;
}

static void boards_follow_their_boot_order(void **state) {
        static const struct script scripts[] = {
                { "pi4", EACH, .order = 0xf12, .card = GOOD_CARD, .kernel = PREFIX "kernel8.img",
                  .attempts = "network: ", .remark = "read from the right" },
                { "pi4", EACH, .order = 0xf21, .card = GOOD_CARD, .kernel = "kernel8.img",
                  .cmdline = "root=/dev/mmcblk0p2", .attempts = "SD card: " },
                { "pi5", EACH, .order = 0xf21, .card = GOOD_CARD, .kernel = "kernel_2712.img",
                  .attempts = "SD card: " },
                { "pi3", EACH, .order = 0xf21, .card = GOOD_CARD, .kernel = "kernel7.img",
                  .attempts = "SD card: " },
                { "pi4", SILENT, .order = 0xf12, .card = GOOD_CARD, .kernel = "kernel8.img",
                  .attempts = "network: nobody offered; SD card: " },
                { "pi4", 0, .order = 0xf12, .card = GOOD_CARD, .kernel = "kernel8.img",
                  .attempts = "network: no boot; SD card: ", .remark = "an address and nothing more" },
                { "pi4", EACH, .order = 0xf41, .card = GOOD_CARD, .kernel = "kernel8.img",
                  .attempts = "SD card: ", .remark = "as it leaves the factory" },
                { "pi4", EACH, .order = 0xf21, .kernel = PREFIX "kernel8.img",
                  .attempts = "SD card: no card; network: " },
                { "pi4", EACH, .order = 0xf21, .card = EMPTY_CARD, .kernel = PREFIX "kernel8.img",
                  .attempts = "SD card: empty; network: " },
                { "pi4", EACH, .order = 0xf21, .card = GOOD_CARD, .not_on_card = "start4.elf",
                  .kernel = PREFIX "kernel8.img", .attempts = "SD card: firmware not found; network: " },
                { "pi5", EACH, .order = 0xf21, .card = GOOD_CARD, .not_on_card = "config.txt",
                  .kernel = PREFIX "kernel_2712.img",
                  .attempts = "SD card: config.txt is missing; network: " },
                { "pi5", EACH, .order = 0xf21, .card = GOOD_CARD, .not_on_card = "kernel_2712.img",
                  .kernel = PREFIX "kernel_2712.img", .attempts = "SD card: no kernel; network: " },
                { "pi4", EACH, .order = 0xf21, .card = GOOD_CARD, .not_on_card = "kernel8.img",
                  .why = "no kernel", .attempts = "SD card: no kernel",
                  .remark = "start4.elf runs by then, and knows nothing else" },
                { "pi4", EACH, .order = 0x641,
                  .attempts = "SD card: empty; USB drive: plugged; NVMe drive: plugged", .card = EMPTY_CARD,
                  .why = "plugged", .remark = "and no more is named" },
                { "pi4", EACH, .order = 0xe, .why = "begins with STOP" },
                { "pi4", EACH, .order = 0x2c, .kernel = PREFIX "kernel8.img",
                  .attempts = "network: ", .remark = "a number that nobody defined is passed over" },
                { "pi4", EACH, .order = 0xf1, .card = LATE_CARD, .kernel = "kernel8.img",
                  .attempts = "SD card: empty; SD card: empty; SD card: ", .remark = "round and round" },
                { "pi4", EACH, .order = 0xf21, .card = GOOD_CARD, .config_len = 5000, .kernel = "kernel8.img",
                  .add = { "other.img" }, .config = "arm_64bit=1\n",
                  .remark = "a card's config.txt may be longer than one by TFTP" },
                { "pi3", EACH, .delay_ms = 100, .order = 0xf12, .card = GOOD_CARD, .why = "too early",
                  .attempts = "network: too early", .remark = "who locked up looks at no card" },
        };
        static struct world w;
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
                const struct script *s = &scripts[i];
                run(&w, s);
                const struct board *b = &w.board;
                const char *why = b->why ? b->why : "";
                bool is_right = s->why ? b->phase == BOARD_FAILED && strstr(why, s->why)
                                       : b->phase == BOARD_BOOTED && !*why;
                is_right = is_right && (!s->kernel || strcmp(b->kernel, s->kernel) == 0) &&
                           (!s->cmdline || strcmp(b->cmdline, s->cmdline) == 0) &&
                           (!s->attempts || has_attempts(b, s->attempts)) && !w.is_inserted;
                if (!is_right)
                        fail_msg("script %zu (%s, %s): phase %d, %s after %s, kernel %s, command line %s\n%s",
                                 i, s->family, s->remark ? s->remark : "", b->phase, why, board_mode(b),
                                 b->kernel, b->cmdline, w.asked);
        }
}

static void a_board_waits_for_the_network_as_long_as_it_is_told(void **state) {
        static const struct {
                unsigned dhcp_timeout_ms, least_s, most_s;
        } rows[] = { { 0, 36, 37 }, { 5000, 8, 9 }, { 45000, 48, 49 } }; /* it looks every 4 s */
        static struct world w;
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const struct script script = { .family = "pi4",
                                               .words = SILENT,
                                               .order = 0xf12,
                                               .card = GOOD_CARD,
                                               .dhcp_timeout_ms = rows[i].dhcp_timeout_ms };
                run(&w, &script);
                assert_string_equal(board_mode(&w.board), "SD card");
                uint64_t took_ms = w.board.end_ms - w.board.power_on_ms;
                assert_in_range(took_ms, 1000 * rows[i].least_s, 1000 * rows[i].most_s + 1000);
        }
}

static void a_card_is_read_in_the_order_of_its_firmware(void **state) {
        static const struct script script = { "pi4", 0, .order = 0xf21, .card = GOOD_CARD };
        static struct world w;
        (void)state;

        run(&w, &script);
        assert_int_equal(w.board.phase, BOARD_BOOTED);
        assert_string_equal(
                w.asked,
                "card recovery.bin\ncard start4.elf\ncard config.txt\ncard vl805.sig\n"
                "card pieeprom.sig\ncard recover4.elf\ncard recovery.elf\ncard start4.elf\ncard fixup4.dat\n"
                "card recovery.elf\ncard config.txt\ncard dt-blob.bin\ncard bootcfg.txt\n"
                "card bcm2711-rpi-4-b.dtb\ncard overlays/overlay_map.dtb\n"
                "card config.txt\ncard cmdline.txt\ncard kernel8.img\n"
                "card armstub8-gic.bin\ncard kernel8.img\n");
        assert_string_equal(w.board.device_tree, "bcm2711-rpi-4-b.dtb");
}

static void without_a_tree_of_its_own_a_board_takes_the_root(void **state) {
        static const struct script script = { "pi4", EACH, .without = { "start4.elf" },
                                              .add = { "/start4.elf", "/fixup4.dat", "/bcm2711-rpi-4-b.dtb",
                                                       "/kernel8.img" } };
        static struct world w;
        (void)state;

        run(&w, &script);
        assert_int_equal(w.board.phase, BOARD_BOOTED);
        assert_string_equal(w.board.kernel, "kernel8.img");
        assert_string_equal(w.board.prefix, "");
        const char begin[] = P "start4.elf\n" P "start.elf\nconfig.txt\nvl805.sig\npieeprom.sig\n"
                               "recover4.elf\nrecovery.elf\nstart4.elf\n";
        assert_memory_equal(w.asked, begin, sizeof(begin) - 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(boards_boot_or_say_why_not),
                cmocka_unit_test(files_in_the_order_of_real_boards),
                cmocka_unit_test(boards_follow_their_boot_order),
                cmocka_unit_test(a_board_waits_for_the_network_as_long_as_it_is_told),
                cmocka_unit_test(a_card_is_read_in_the_order_of_its_firmware),
                cmocka_unit_test(without_a_tree_of_its_own_a_board_takes_the_root),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
