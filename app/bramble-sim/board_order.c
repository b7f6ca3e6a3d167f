/* What a board boots from, in its order; see board_inside.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-sim/board_inside.h"

#include <string.h>

#include "io/crypto.h"

enum { MODE_NETWORK = 2 /* its nibble */ };

static void begin_network(struct board *b, uint64_t now_ms) {
        if (b->checks_signatures && b->family->signed_one)
                b->family = b->family->signed_one;
        memcpy(b->prefix, b->first_prefix, sizeof(b->prefix));
        board_discover(b, now_ms);
}

/* It believes the certificate in its EEPROM only where the configuration names its hash. */
static bool has_other_cacert(const struct board *b) {
        uint8_t hash[SHA256_SIZE];

        if (!b->cacert_hash)
                return false;
        sha256_of(b->cacert, b->cacert_len, hash);
        return memcmp(hash, b->cacert_hash, sizeof(hash)) != 0;
}

/* By HTTP a signature is wanted in any case, and DHCP is as for the network. */
static void begin_http(struct board *b, uint64_t now_ms) {
        if (!b->family->signed_one || !b->http_addr) {
                board_fail(b, "it has no HTTP_HOST, or no firmware that could ask it");
                return;
        }
        if (has_other_cacert(b)) {
                board_fail(b, "its cacert.der is not the one that HTTP_CACERT_HASH names");
                return;
        }
        b->family = b->family->signed_one;
        b->is_web = true;
        memcpy(b->prefix, b->http_path, sizeof(b->prefix));
        board_discover(b, now_ms);
}

static void begin_card(struct board *b, uint64_t now_ms) {
        const char *why = "there is no card in its slot";

        b->prefix[0] = 0; /* a folder of its own is for one server's many boards */
        b->addr = b->tftp = 0;
        b->card = b->world->insert_card ? b->world->insert_card(b->world->ctx, &why) : NULL;
        if (!b->card) {
                board_fail(b, why);
                return;
        }
        board_enter(b, BOARD_FETCHING, now_ms);
        board_next_stage(b, now_ms);
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
        board_enter(b, BOARD_RESTING, now_ms);
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
void board_next_mode(struct board *b, uint64_t now_ms) {
        while (b->order_left && !modes[b->order_left & 0xf].name)
                b->order_left >>= 4;
        const struct mode *m = &modes[b->order_left ? b->order_left & 0xf : 0xe];

        b->order_left >>= 4;
        forget_loaded(b);
        if (m->is_attempt)
                note_attempt(b, m);
        board_say(b, "Boot mode: ");
        board_say(b, "%s order %x\n", m->name, b->order_left);
        m->begin(b, now_ms);
}

/* What failed is followed by what the boot order names next; call after everything that may have failed. */
void board_settle(struct board *b, uint64_t now_ms) {
        while (b->phase == BOARD_FAILED && !b->is_stuck) {
                b->attempts[b->n_attempts - 1].why = b->why;
                board_say(b, "Boot failed: %s\n", b->why);
                board_next_mode(b, now_ms);
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

void board_reset(struct board *b, uint64_t now_ms) {
        if (b->faults & FAULT_NO_RESTART)
                return;
        b->power_on_ms = now_ms;
        b->end_ms = 0;
        b->has_told_end = false;
        b->attempts[b->n_attempts - 1].why = "it was restarted";
        b->order_left = b->boot_order;
        board_next_mode(b, now_ms);
        board_settle(b, now_ms);
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
        board_enter(b, BOARD_FETCHING, now_ms);
        board_next_stage(b, now_ms);
        return true;
}

void board_power_on(struct board *b, uint64_t now_ms) {
        b->power_on_ms = now_ms;
        b->first_family = b->family;
        memcpy(b->first_prefix, b->prefix, sizeof(b->first_prefix));
        b->order_left = b->boot_order;
        board_say_netconsole(b);
        if (!begin_recovery(b, now_ms))
                board_next_mode(b, now_ms);
        board_settle(b, now_ms);
}

/* In its own order, as if it had begun there. */
void board_go_on_over_network(struct board *b, uint64_t now_ms) {
        b->leaves_card = false;
        b->attempts[b->n_attempts - 1].why = b->why;
        note_attempt(b, &modes[MODE_NETWORK]);
        b->world->eject_card(b->card);
        b->card = NULL;
        b->stage = 0;
        begin_network(b, now_ms);
}
