/*
 * bramble-sim: Raspberry Pis that boot without being there, one or thousands, on one interface or from a
 * card.
 *
 * They speak as the firmware does, with MACs of their own, and fail where a real board would. See
 * bramble-sim(1).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include "app/bramble-sim/board.h"
#include "app/bramble-sim/card.h"
#include "app/bramble-sim/report.h"
#include "app/bramble-sim/settings.h"
#include "app/bramble-sim/wire.h"
#include "base/map.h"
#include "base/text.h"
#include "format/eeprom.h"
#include "io/crypto.h"
#include "io/rsa.h"

enum { BOARDS_MAX = 20000, TICK_MS = 5, EXIT_USAGE = 2 };

struct options {
        const struct family *family;
        const char *interface, *out, *report, *prefix, *card, *eeprom;
        struct mac mac;
        uint32_t serial, revision;
        unsigned dhcp_timeout_ms, file_timeout_ms, faults, count, stagger_ms, timeout_s, loss_permille;
        bool quiet, netconsole, has_system, stays;
        uint32_t client_ip, tftp_ip;
        struct settings settings;      /* of each board's EEPROM */
        unsigned breaks, is_protected; /* which board, from 1; 0: none */
};

struct sim {
        struct options options;
        struct board_world world;
        struct wire *wire;
        struct board **boards;
        struct map *by_mac;
        struct sha256 **hashes; /* of each board's file in work; NULL: nothing is checked */
        uint64_t now_ms, seed;
        bool disk_failed;
};

static volatile sig_atomic_t stop_asked, reset_asked;

static void on_signal(int signo) {
        *(signo == SIGUSR1 ? &reset_asked : &stop_asked) = 1;
}

static uint64_t monotonic_ms(void) {
        struct timespec t;
        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static uint32_t draw(void *ctx) {
        struct sim *sim = ctx;
        sim->seed = sim->seed * 6364136223846793005 + 1442695040888963407;
        return (uint32_t)(sim->seed >> 32);
}

static bool is_lost(struct sim *sim) {
        return sim->options.loss_permille && draw(sim) % 1000 < sim->options.loss_permille;
}

static void send_frame(void *ctx, const void *frame, size_t len) {
        struct sim *sim = ctx;
        if (!is_lost(sim))
                wire_send(sim->wire, frame, len);
}

static size_t number_of(const struct sim *sim, const struct board *b) {
        size_t i = 0;
        while (sim->boards[i] != b)
                i++;
        return i;
}

/* Of the file in work, as it comes: nothing of a volume is kept. */
static void hash(struct sim *sim, const struct board *b, uint64_t offset, const void *data, size_t len) {
        struct sha256 **h = &sim->hashes[number_of(sim, b)];

        if (offset == 0) {
                sha256_free(*h);
                *h = sha256_new();
        }
        if (*h)
                sha256_update(*h, data, len);
}

static bool is_signed(void *ctx, const struct board *b, const struct boot_sig *sig) {
        struct sim *sim = ctx;
        uint8_t digest[SHA256_SIZE];

        if (!sim->hashes || !sim->hashes[number_of(sim, b)])
                return false;
        sha256_finish(TAKE(sim->hashes[number_of(sim, b)]), digest);
        return memcmp(digest, sig->digest, sizeof(digest)) == 0 &&
               rsa_public_verify(sim->options.settings.pubkey, digest, sig->rsa);
}

static void keep(void *ctx, const struct board *b, const char *path, uint64_t offset, const void *data,
                 size_t len) {
        struct sim *sim = ctx;

        if (sim->hashes && b->family->stages == b->first_family->signed_one->stages)
                hash(sim, b, offset, data, len);

        /* Of many boards only the first one's files are kept: they are what the report describes in full. */
        if (!sim->options.out || b != sim->boards[0] || sim->disk_failed)
                return;
        int r = report_keep(sim->options.out, path, offset, data, len);
        if (r < 0) {
                (void)fprintf(stderr, "bramble-sim: %s/%s: %s, keeping no more files\n", sim->options.out,
                              path, strerror(-r));
                sim->disk_failed = true;
        }
}

static struct card *insert_card(void *ctx, const char **retwhy) {
        struct sim *sim = ctx;

        if (sim->options.card)
                return card_insert(sim->options.card, retwhy);
        *retwhy = "there is no card in its slot";
        return NULL;
}

static void take_frame(void *ctx, const void *octets, size_t len) {
        struct sim *sim = ctx;
        struct frame f;

        frame_parse(octets, len, &f);
        if (f.kind == FRAME_OTHER || is_lost(sim))
                return;
        if (!mac_equal(&f.dst, &frame_broadcast)) {
                struct board *b = map_get(sim->by_mac, f.dst.octets, sizeof(f.dst.octets));
                if (b)
                        board_frame(b, &f, sim->now_ms);
                return;
        }
        for (size_t i = 0; i < sim->options.count; i++)
                if (sim->boards[i]->phase != BOARD_OFF)
                        board_frame(sim->boards[i], &f, sim->now_ms);
}

/* The MAC of board @i: the last three octets count on. */
static struct mac mac_of(const struct options *o, unsigned i) {
        struct mac m = o->mac;
        uint32_t low = ((uint32_t)m.octets[3] << 16 | (uint32_t)m.octets[4] << 8 | m.octets[5]) + i;

        m.octets[3] = (uint8_t)(low >> 16);
        m.octets[4] = (uint8_t)(low >> 8);
        m.octets[5] = (uint8_t)low;
        return m;
}

static void set_prefix(struct board *b, const char *prefix) {
        const uint8_t *m = b->mac.octets;

        if (strcmp(prefix, "serial") == 0)
                (void)snprintf(b->prefix, sizeof(b->prefix), "%08x/", b->serial);
        else if (strcmp(prefix, "mac") == 0)
                (void)snprintf(b->prefix, sizeof(b->prefix), "%02x-%02x-%02x-%02x-%02x-%02x/", m[0], m[1],
                               m[2], m[3], m[4], m[5]);
        else if (strcmp(prefix, "none") != 0)
                (void)snprintf(b->prefix, sizeof(b->prefix), "%s", prefix);
}

static int make_boards(struct sim *sim) {
        const struct options *o = &sim->options;

        sim->boards = calloc(o->count, sizeof(struct board *));
        if (o->settings.has_pubkey && o->family->signed_one &&
            !(sim->hashes = calloc(o->count, sizeof(*sim->hashes))))
                return -ENOMEM;
        sim->by_mac = map_new((struct hash_key){ 1, 2 });
        if (!sim->boards || !sim->by_mac)
                return -ENOMEM;
        for (unsigned i = 0; i < o->count; i++) {
                struct board *b = calloc(1, sizeof(*b));
                if (!b)
                        return -ENOMEM;
                sim->boards[i] = b;
                b->family = o->family;
                b->world = &sim->world;
                b->mac = mac_of(o, i);
                b->serial = o->serial + i;
                b->revision = o->revision ? o->revision : o->family->revision;
                b->next_port = o->family->first_port;
                settings_apply(&o->settings, b);
                b->dhcp_timeout_ms = o->dhcp_timeout_ms;
                b->file_timeout_ms = o->file_timeout_ms;
                b->faults = o->faults;
                b->has_netconsole = o->netconsole;
                b->has_system = o->has_system;
                b->client_ip = o->client_ip ? o->client_ip + i : 0;
                b->tftp_ip = o->tftp_ip;
                b->eeprom.fault = i + 1 == o->breaks         ? EEPROM_BREAKS
                                  : i + 1 == o->is_protected ? EEPROM_PROTECTED
                                                             : EEPROM_SOUND;
                (void)snprintf(b->name, sizeof(b->name), "%s-%u", o->family->name, i + 1);
                set_prefix(b, o->prefix);
                config_defaults(&b->config, b->family->is_64bit);
                if (map_put(sim->by_mac, b->mac.octets, sizeof(b->mac.octets), b, NULL) < 0)
                        return -ENOMEM;
        }
        return 0;
}

/* What it tried in vain, when it goes on with something else. */
static void say_attempts(const struct sim *sim, struct board *b) {
        size_t n_over = b->n_attempts - (b->n_attempts > 0);

        for (; b->n_told < n_over; b->n_told++)
                if (!sim->options.quiet)
                        (void)printf("%s: %s: %s\n", b->name, b->attempts[b->n_told].mode,
                                     b->attempts[b->n_told].why);
}

static void say_end(const struct sim *sim, const struct board *b) {
        if (sim->options.quiet)
                return;
        double seconds = (double)(b->end_ms - b->power_on_ms) / 1000;
        if (b->phase == BOARD_BOOTED)
                (void)printf("%s: %s: fetched everything in %.1f s: kernel %s, initramfs %s, %.1f MB\n",
                             b->name, board_mode(b), seconds, b->kernel,
                             b->initramfs[0] ? b->initramfs : "none", (double)b->octets / 1e6);
        else
                (void)printf("%s: failed after %.1f s: %s\n", b->name, seconds, b->why);
        (void)fflush(stdout);
}

/* The button on each board that booted. */
static void reset_boards(struct sim *sim) {
        reset_asked = 0;
        for (size_t i = 0; i < sim->options.count; i++)
                if (sim->boards[i]->phase == BOARD_BOOTED)
                        board_reset(sim->boards[i], sim->now_ms);
}

/* Runs until every board is done, the time is up, or a signal came. Returns how many booted. */
static size_t run(struct sim *sim) {
        const struct options *o = &sim->options;
        uint64_t start_ms = sim->now_ms = monotonic_ms(), ticked_ms = 0;
        size_t n_done = 0, n_booted = 0;

        while ((n_done < o->count || o->stays) && !stop_asked &&
               sim->now_ms - start_ms < (uint64_t)o->timeout_s * 1000) {
                wire_receive(sim->wire, TICK_MS, take_frame, sim);
                sim->now_ms = monotonic_ms();
                if (sim->now_ms - ticked_ms < TICK_MS)
                        continue;
                ticked_ms = sim->now_ms;
                if (reset_asked)
                        reset_boards(sim);
                n_done = n_booted = 0;
                for (size_t i = 0; i < o->count; i++) {
                        struct board *b = sim->boards[i];
                        bool was_done = b->has_told_end;
                        if (b->phase == BOARD_OFF && sim->now_ms - start_ms >= (uint64_t)i * o->stagger_ms)
                                board_power_on(b, sim->now_ms);
                        else if (b->phase != BOARD_OFF && !board_is_done(b))
                                board_tick(b, sim->now_ms);
                        say_attempts(sim, b);
                        if (board_is_done(b) && !was_done) {
                                b->has_told_end = true;
                                say_end(sim, b);
                        }
                        n_done += board_is_done(b);
                        n_booted += b->phase == BOARD_BOOTED;
                }
        }
        wire_flush(sim->wire);
        return n_booted;
}

static void usage(FILE *out) {
        (void)fprintf(
                out,
                "usage: bramble-sim pi3|pi4|pi5 --interface IF [options]\n"
                "  --mac M            of the first board; the others count on (default dc:a6:32:c3:d4:01)\n"
                "  --serial S         of the first board, eight hex digits (default a1b2c3d4)\n"
                "  --revision R       board revision code, hex\n"
                "  --prefix P         serial (default), mac, none, or a fixed one with its slash\n"
                "  --boot-order H     BOOT_ORDER, hex, read from the right (default e2, the network alone)\n"
                "  --card FILE        the image of a card in each board's slot; it is only read\n"
                "  --http H:P/PATH/   HTTP_HOST (an address), HTTP_PORT and HTTP_PATH, for BOOT_ORDER 7\n"
                "  --pubkey FILE      pubkey.bin or a key in PEM in its EEPROM: what it loads by HTTP is "
                "checked\n"
                "  --signed           SIGNED_BOOT=1: what it loads by TFTP too\n"
                "  --eeprom FILE      its image: what stands in it counts, and not the four before\n"
                "  --dhcp-timeout MS  DHCP_TIMEOUT, after which a board takes its network for lost\n"
                "  --file-timeout MS  TFTP_FILE_TIMEOUT, after which it gives a file up\n"
                "  --netconsole       NETCONSOLE: the EEPROM's console goes to the network, too\n"
                "  --client-ip A      CLIENT_IP of the first board, which asks for no address then\n"
                "  --tftp-ip A        TFTP_IP, with it\n"
                "  --system           what was loaded starts, and asks for an address\n"
                "  --stay             boards that booted stay; SIGUSR1 starts them again, SIGTERM ends it\n"
                "  --fault NAME       what is wrong with the boards; may be given more than once\n"
                "  --eeprom-breaks N  the Nth board does not start any more once its EEPROM is updated\n"
                "  --eeprom-protected N  the EEPROM of the Nth board cannot be written\n"
                "  --count N          that many boards (default 1)\n"
                "  --stagger MS       between the boards' power-ons (default 0: all at once)\n"
                "  --loss P           lose P of 1000 frames each way\n"
                "  --seed N           of chance (default: by the kernel)\n"
                "  --timeout S        give up after so many seconds (default 120)\n"
                "  --out DIR          keep the first board's files below DIR\n"
                "  --report FILE      write what happened as JSON; - is standard output\n"
                "  --quiet            no line for each board\n"
                "exit status: 0 all boards fetched everything, 1 some did not, 2 usage\n");
}

static int bad(const char *option, const char *value, const char *wanted) {
        (void)fprintf(stderr, "bramble-sim: %s %s: %s\n", option, value, wanted);
        return -EINVAL;
}

static int parse_number(const char *option, const char *text, uint64_t max, unsigned *ret) {
        uint64_t v;
        if (text_parse_u64(text, max, &v) < 0)
                return bad(option, text, "is no number that this option takes");
        *ret = (unsigned)v;
        return 0;
}

static int parse_hex32(const char *option, const char *text, uint32_t *ret) {
        char *end;
        unsigned long v = strtoul(text, &end, 16);
        if (!*text || *end || v > UINT32_MAX)
                return bad(option, text, "is no hexadecimal number of eight digits at most");
        *ret = (uint32_t)v;
        return 0;
}

enum {
        OPT_INTERFACE,
        OPT_MAC,
        OPT_SERIAL,
        OPT_REVISION,
        OPT_PREFIX,
        OPT_BOOT_ORDER,
        OPT_CARD,
        OPT_HTTP,
        OPT_PUBKEY,
        OPT_SIGNED,
        OPT_EEPROM,
        OPT_DHCP_TIMEOUT,
        OPT_FILE_TIMEOUT,
        OPT_FAULT,
        OPT_NETCONSOLE,
        OPT_CLIENT_IP,
        OPT_TFTP_IP,
        OPT_SYSTEM,
        OPT_STAY,
        OPT_EEPROM_BREAKS,
        OPT_EEPROM_PROTECTED,
        OPT_COUNT,
        OPT_STAGGER,
        OPT_LOSS,
        OPT_SEED,
        OPT_TIMEOUT,
        OPT_OUT,
        OPT_REPORT,
        OPT_QUIET,
        OPT_HELP
};

static const struct option rows[] = {
        [OPT_INTERFACE] = { "interface", required_argument, NULL, OPT_INTERFACE },
        [OPT_MAC] = { "mac", required_argument, NULL, OPT_MAC },
        [OPT_SERIAL] = { "serial", required_argument, NULL, OPT_SERIAL },
        [OPT_REVISION] = { "revision", required_argument, NULL, OPT_REVISION },
        [OPT_PREFIX] = { "prefix", required_argument, NULL, OPT_PREFIX },
        [OPT_BOOT_ORDER] = { "boot-order", required_argument, NULL, OPT_BOOT_ORDER },
        [OPT_CARD] = { "card", required_argument, NULL, OPT_CARD },
        [OPT_HTTP] = { "http", required_argument, NULL, OPT_HTTP },
        [OPT_PUBKEY] = { "pubkey", required_argument, NULL, OPT_PUBKEY },
        [OPT_SIGNED] = { "signed", no_argument, NULL, OPT_SIGNED },
        [OPT_EEPROM] = { "eeprom", required_argument, NULL, OPT_EEPROM },
        [OPT_DHCP_TIMEOUT] = { "dhcp-timeout", required_argument, NULL, OPT_DHCP_TIMEOUT },
        [OPT_FILE_TIMEOUT] = { "file-timeout", required_argument, NULL, OPT_FILE_TIMEOUT },
        [OPT_NETCONSOLE] = { "netconsole", no_argument, NULL, OPT_NETCONSOLE },
        [OPT_CLIENT_IP] = { "client-ip", required_argument, NULL, OPT_CLIENT_IP },
        [OPT_TFTP_IP] = { "tftp-ip", required_argument, NULL, OPT_TFTP_IP },
        [OPT_SYSTEM] = { "system", no_argument, NULL, OPT_SYSTEM },
        [OPT_STAY] = { "stay", no_argument, NULL, OPT_STAY },
        [OPT_FAULT] = { "fault", required_argument, NULL, OPT_FAULT },
        [OPT_EEPROM_BREAKS] = { "eeprom-breaks", required_argument, NULL, OPT_EEPROM_BREAKS },
        [OPT_EEPROM_PROTECTED] = { "eeprom-protected", required_argument, NULL, OPT_EEPROM_PROTECTED },
        [OPT_COUNT] = { "count", required_argument, NULL, OPT_COUNT },
        [OPT_STAGGER] = { "stagger", required_argument, NULL, OPT_STAGGER },
        [OPT_LOSS] = { "loss", required_argument, NULL, OPT_LOSS },
        [OPT_SEED] = { "seed", required_argument, NULL, OPT_SEED },
        [OPT_TIMEOUT] = { "timeout", required_argument, NULL, OPT_TIMEOUT },
        [OPT_OUT] = { "out", required_argument, NULL, OPT_OUT },
        [OPT_REPORT] = { "report", required_argument, NULL, OPT_REPORT },
        [OPT_QUIET] = { "quiet", no_argument, NULL, OPT_QUIET },
        [OPT_HELP] = { "help", no_argument, NULL, OPT_HELP },
        { NULL, 0, NULL, 0 },
};

/* "10.77.0.1:5248/net/": what is behind the port is the path as it stands. */
static int parse_http(const char *text, struct options *o) {
        char host[IP_TEXT_SIZE], port[6] = "80";
        size_t host_len = strcspn(text, ":/");
        const char *at = text + host_len;
        struct ip_addr ip;
        uint64_t number;

        (void)snprintf(host, sizeof(host), "%.*s", (int)host_len, text);
        if (*at == ':') {
                size_t len = strcspn(++at, "/");
                (void)snprintf(port, sizeof(port), "%.*s", (int)len, at);
                at += len;
        }
        at += *at == '/';
        if (ip_parse(host, &ip) < 0 || ip.family != IP_V4 || text_parse_u64(port, UINT16_MAX, &number) < 0 ||
            strlen(at) >= BOARD_PREFIX_SIZE)
                return bad("--http", text, "is no ADDRESS:PORT/PATH/");
        o->settings.http_addr = ip_to_v4(&ip);
        o->settings.http_port = (uint16_t)number;
        (void)snprintf(o->settings.http_path, sizeof(o->settings.http_path), "%s", at);
        return 0;
}

static int parse_ipv4(const char *option, const char *text, uint32_t *ret) {
        struct ip_addr ip;

        if (ip_parse(text, &ip) < 0 || ip.family != IP_V4)
                return bad(option, text, "is no IPv4 address");
        *ret = ip_to_v4(&ip);
        return 0;
}

static int read_pubkey(const char *path, struct options *o) {
        char octets[16 * 1024];
        FILE *f = fopen(path, "re");
        size_t n = f ? fread(octets, 1, sizeof(octets), f) : 0;
        struct error error = { .text = "is no key" };

        if (f)
                (void)fclose(f);
        if (n == RSA_PUBLIC_SIZE)
                memcpy(o->settings.pubkey, octets, n);
        else if (n == 0 || rsa_public_read(octets, n, o->settings.pubkey, &error) < 0)
                return bad("--pubkey", path, error.text);
        o->settings.has_pubkey = true;
        return 0;
}

static int read_eeprom(struct options *o) {
        CLEANUP(free_at) uint8_t *image = malloc(EEPROM_SIZE_2712);
        FILE *f = fopen(o->eeprom, "re");
        size_t n = f && image ? fread(image, 1, EEPROM_SIZE_2712, f) : 0;
        struct error error;

        if (f)
                (void)fclose(f);
        return settings_read(image, n, o->family, o->serial, &o->settings, &error) < 0
                       ? bad("--eeprom", o->eeprom, error.text)
                       : 0;
}

static int take_fault(struct options *o, const char *name) {
        const struct fault_name *f = fault_by_name(name);

        if (!f)
                return bad("--fault", name, "is no fault that boards have here; bramble-sim(1) lists them");
        o->faults |= f->fault;
        return 0;
}

static int take_option(struct sim *sim, int option, const char *value) {
        struct options *o = &sim->options;
        unsigned seed;

        switch (option) {
        case OPT_INTERFACE:
                o->interface = value;
                return 0;
        case OPT_MAC:
                return mac_parse(value, &o->mac) < 0 ? bad("--mac", value, "is no MAC address") : 0;
        case OPT_SERIAL:
                return parse_hex32("--serial", value, &o->serial);
        case OPT_REVISION:
                return parse_hex32("--revision", value, &o->revision);
        case OPT_PREFIX:
                o->prefix = value;
                return strlen(value) < BOARD_PREFIX_SIZE ? 0 : bad("--prefix", value, "is too long");
        case OPT_BOOT_ORDER:
                return parse_hex32("--boot-order", value, &o->settings.boot_order);
        case OPT_CARD:
                o->card = value;
                return 0;
        case OPT_HTTP:
                return parse_http(value, o);
        case OPT_PUBKEY:
                return read_pubkey(value, o);
        case OPT_SIGNED:
                o->settings.checks_signatures = true;
                return 0;
        case OPT_EEPROM:
                o->eeprom = value;
                return 0;
        case OPT_DHCP_TIMEOUT:
                return parse_number("--dhcp-timeout", value, 3600000, &o->dhcp_timeout_ms);
        case OPT_FILE_TIMEOUT:
                return parse_number("--file-timeout", value, 3600000, &o->file_timeout_ms);
        case OPT_NETCONSOLE:
                o->netconsole = true;
                return 0;
        case OPT_CLIENT_IP:
                return parse_ipv4("--client-ip", value, &o->client_ip);
        case OPT_TFTP_IP:
                return parse_ipv4("--tftp-ip", value, &o->tftp_ip);
        case OPT_SYSTEM:
                o->has_system = true;
                return 0;
        case OPT_STAY:
                o->stays = true;
                return 0;
        case OPT_FAULT:
                return take_fault(o, value);
        case OPT_EEPROM_BREAKS:
                return parse_number("--eeprom-breaks", value, BOARDS_MAX, &o->breaks);
        case OPT_EEPROM_PROTECTED:
                return parse_number("--eeprom-protected", value, BOARDS_MAX, &o->is_protected);
        case OPT_COUNT:
                return parse_number("--count", value, BOARDS_MAX, &o->count);
        case OPT_STAGGER:
                return parse_number("--stagger", value, 60000, &o->stagger_ms);
        case OPT_LOSS:
                return parse_number("--loss", value, 999, &o->loss_permille);
        case OPT_SEED:
                if (parse_number("--seed", value, UINT32_MAX, &seed) < 0)
                        return -EINVAL;
                sim->seed = seed;
                return 0;
        case OPT_TIMEOUT:
                return parse_number("--timeout", value, 86400, &o->timeout_s);
        case OPT_OUT:
                o->out = value;
                return 0;
        case OPT_REPORT:
                o->report = value;
                return 0;
        case OPT_QUIET:
                o->quiet = true;
                return 0;
        case OPT_HELP:
                usage(stdout);
                exit(EXIT_SUCCESS);
        default:
                return -EINVAL; /* getopt has said why */
        }
}

static int parse_options(struct sim *sim, int argc, char **argv) {
        struct options *o = &sim->options;

        for (int c; (c = getopt_long(argc, argv, "", rows, NULL)) != -1;)
                if (take_option(sim, c, optarg) < 0)
                        return -EINVAL;
        if (optind + 1 != argc || !o->interface || !o->count) {
                usage(stderr);
                return -EINVAL;
        }
        if (!o->client_ip != !o->tftp_ip)
                return bad(o->client_ip ? "--client-ip" : "--tftp-ip", "alone",
                           "names no server: --client-ip and --tftp-ip belong together");
        o->family = family_by_name(argv[optind]);
        if (!o->family)
                return bad("family", argv[optind], "is none of pi3, pi4, pi5");
        if (o->eeprom && read_eeprom(o) < 0)
                return -EINVAL;
        if (o->out && mkdir(o->out, 0755) < 0 && errno != EEXIST)
                return bad("--out", o->out, strerror(errno));
        return 0;
}

static void free_boards(struct sim *sim) {
        for (size_t i = 0; sim->boards && i < sim->options.count; i++) {
                if (sim->boards[i]) {
                        card_eject(sim->boards[i]->card);
                        eeprom_end(&sim->boards[i]->eeprom);
                        web_end(&sim->boards[i]->web);
                }
                free(sim->boards[i]);
        }
        for (size_t i = 0; sim->hashes && i < sim->options.count; i++)
                sha256_free(sim->hashes[i]);
        free((void *)sim->hashes);
        free(sim->boards);
        map_free(sim->by_mac);
}

int main(int argc, char **argv) {
        struct sim sim = {
                .options = { .count = 1,
                             .timeout_s = 120,
                             .prefix = "serial",
                             .serial = 0xa1b2c3d4,
                             .settings = { .boot_order = BOARD_ORDER_NETWORK },
                             .mac = { { 0xdc, 0xa6, 0x32, 0xc3, 0xd4, 0x01 } } },
        };
        sim.world = (struct board_world){ .send = send_frame,
                                          .keep = keep,
                                          .random = draw,
                                          .insert_card = insert_card,
                                          .read_card = card_read,
                                          .eject_card = card_eject,
                                          .is_signed = is_signed,
                                          .ctx = &sim };
        if (getrandom(&sim.seed, sizeof(sim.seed), 0) < 0)
                sim.seed = monotonic_ms();
        if (parse_options(&sim, argc, argv) < 0)
                return EXIT_USAGE;

        (void)signal(SIGINT, on_signal);
        (void)signal(SIGTERM, on_signal);
        (void)signal(SIGUSR1, on_signal);
        CLEANUP(wire_close_at) struct wire *wire = sim.wire = wire_open(sim.options.interface);
        if (!wire)
                return EXIT_FAILURE;
        int r = make_boards(&sim);
        if (r < 0) {
                (void)fprintf(stderr, "bramble-sim: %u boards: %s\n", sim.options.count, strerror(-r));
                free_boards(&sim);
                return EXIT_FAILURE;
        }

        uint64_t start_ms = monotonic_ms();
        size_t n_booted = run(&sim);
        int status = n_booted == sim.options.count ? EXIT_SUCCESS : EXIT_FAILURE;
        if (sim.options.report) {
                r = report_write(sim.options.report, sim.boards, sim.options.count,
                                 monotonic_ms() - start_ms);
                if (r < 0) {
                        (void)fprintf(stderr, "bramble-sim: %s: %s\n", sim.options.report, strerror(-r));
                        status = EXIT_FAILURE;
                }
        }
        free_boards(&sim);
        return status;
}
