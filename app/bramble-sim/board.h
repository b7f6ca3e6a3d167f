/*
 * One simulated board: from power-on through its boot order, over DHCP, ARP and TFTP or from its card, to a
 * kernel, or to the reason why there is none.
 *
 * Pure but for what it asks its world to do: frames and time in, frames out through `send`. It fails where a
 * real board would, and says so.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/bramble-sim/card.h"
#include "app/bramble-sim/config.h"
#include "app/bramble-sim/dhcp.h"
#include "app/bramble-sim/eeprom.h"
#include "app/bramble-sim/family.h"
#include "app/bramble-sim/fault.h"
#include "app/bramble-sim/fetch.h"
#include "app/bramble-sim/frame.h"
#include "app/bramble-sim/web.h"
#include "base/addr.h"
#include "format/boot_sig.h"

/* BOOT_ORDER: the network, then STOP. */
enum { BOARD_ORDER_NETWORK = 0xe2 };
enum { BOARD_TEXT_SIZE = 8192, BOARD_FILES_MAX = 192, BOARD_PREFIX_SIZE = 64, BOARD_ATTEMPTS_MAX = 16 };

enum board_phase {
        BOARD_OFF,     /* its power-on time has not come */
        BOARD_RESTING, /* between two rounds through its boot order */
        BOARD_DISCOVERING,
        BOARD_REQUESTING,
        BOARD_RESOLVING, /* ARP for who sends the files */
        BOARD_FETCHING,
        BOARD_BOOTED, /* everything that a kernel needs has arrived */
        BOARD_FAILED
};

/* One request, for the report. */
struct board_file {
        char path[128];      /* cut if longer */
        const char *outcome; /* static text */
        uint64_t octets, hash;
        uint32_t took_ms, resent;
};

/* One thing that it tried to boot from. */
struct board_attempt {
        const char *mode, *why; /* static texts; why: NULL while it goes on, and when it booted */
};

struct board_world {
        void (*send)(void *ctx, const void *frame, size_t len);
        void (*keep)(void *ctx, const struct board *b, const char *path, uint64_t offset, const void *data,
                     size_t len);
        uint32_t (*random)(void *ctx);
        /* The card in the board's slot, as firmware begins to boot from it: NULL, with why it cannot. NULL:
         * boards of this world have no cards. */
        struct card *(*insert_card)(void *ctx, const char **retwhy);
        enum card_got (*read_card)(const struct card *c, const char *path,
                                   bool (*fn)(void *ctx, const void *data, size_t len), void *ctx);
        void (*eject_card)(struct card *c);
        /* Whether what @b kept last is signed like that with the key in its EEPROM. NULL: there is none. */
        bool (*is_signed)(void *ctx, const struct board *b, const struct boot_sig *sig);
        void *ctx;
};

struct board {
        /* What it is. */
        const struct family *family,
                *first_family; /* of the stage that runs now; that power-on begins with */
        const struct board_world *world;
        char name[32];
        struct mac mac;
        uint32_t serial, revision;
        char prefix[BOARD_PREFIX_SIZE]; /* with its slash; cleared when nothing lies below it, and for a card
                                         */
        char first_prefix[BOARD_PREFIX_SIZE];
        uint32_t boot_order;      /* BOOT_ORDER, a nibble for each mode, the lowest first */
        unsigned dhcp_timeout_ms; /* DHCP_TIMEOUT; 0: as its family has it */
        bool checks_signatures;   /* SIGNED_BOOT=1 */
        uint32_t http_addr;       /* HTTP_HOST, HTTP_PORT, HTTP_PATH with its slash */
        uint16_t http_port;
        char http_path[BOARD_PREFIX_SIZE];
        const uint8_t
                *cacert_hash;  /* HTTP_CACERT_HASH, SHA256_SIZE octets, borrowed: by HTTPS; NULL: by HTTP */
        const uint8_t *cacert; /* cacert.der, likewise */
        size_t cacert_len;
        unsigned file_timeout_ms;    /* TFTP_FILE_TIMEOUT, likewise */
        unsigned faults;             /* enum fault */
        uint32_t client_ip, tftp_ip; /* CLIENT_IP, TFTP_IP; 0: it asks for both */
        bool has_system;             /* its kernel comes up, and asks for an address */
        bool has_netconsole;         /* NETCONSOLE: its EEPROM writes what it does to the network, too */
        uint64_t power_on_ms, end_ms;

        /* Where it stands. */
        enum board_phase phase;
        uint64_t phase_ms; /* when the phase, or its newest try, began */
        unsigned tries;
        uint32_t order_left;                               /* of the boot order, in this round */
        struct board_attempt attempts[BOARD_ATTEMPTS_MAX]; /* the newest last; later rounds replace it */
        size_t n_attempts, n_told;
        const char *why;      /* of BOARD_FAILED */
        bool is_stuck;        /* no other mode is tried: only power helps */
        bool has_handed_over; /* to firmware that was loaded, and that knows no other mode */
        bool leaves_card;     /* what was loaded from the card goes on over the network */
        bool restarts;        /* with what was written into its EEPROM */
        struct eeprom eeprom;
        bool runs_stub;    /* there is no kernel: the stub that config.txt names is the system */
        struct card *card; /* that the files come from; NULL: from the network */
        struct dhcp_asker asker;
        uint32_t addr, server, tftp, mask, router;
        uint32_t foreign; /* an OFFER without boot options came from here (proxy: its address is ours) */
        bool has_boot_offer;
        uint64_t accepted_ms; /* when the ROM took its OFFER */
        struct mac next_hop;

        /* What it loads. */
        size_t stage;
        struct fetch fetch;
        bool is_web; /* by HTTP: then @web counts, and fetch has what of it is reported */
        struct web web;
        struct boot_sig signature;
        uint16_t next_port;
        struct config config;
        char kernel[PATH_SIZE], initramfs[PATH_SIZE],
                device_tree[PATH_SIZE]; /* what was loaded; "" not yet */
        size_t kernel_candidate, overlay;
        uint64_t lost_block;        /* of the file in work, by its fault; 0: none */
        char text[BOARD_TEXT_SIZE]; /* of the file in work, as far as it fits */
        size_t text_len;
        uint64_t hash;
        char cmdline[BOARD_TEXT_SIZE];
        char config_note[96];
        bool has_told_end;

        struct board_file files[BOARD_FILES_MAX];
        size_t n_files, n_files_lost;
        uint64_t octets, resent;
};

/** board_power_on() - what its boot order begins with: the first DISCOVER, or a look at its card. */
void board_power_on(struct board *b, uint64_t now_ms);

/** board_reset() - a board that booted starts again without having been switched off, if it can. */
void board_reset(struct board *b, uint64_t now_ms);

/** board_frame() - a frame that reached its network card. */
void board_frame(struct board *b, const struct frame *f, uint64_t now_ms);

/** board_tick() - time passes; call every few milliseconds. */
void board_tick(struct board *b, uint64_t now_ms);

static inline bool board_is_done(const struct board *b) {
        return b->phase == BOARD_BOOTED || b->phase == BOARD_FAILED;
}

/** board_mode() - what it boots from now, or booted from; static text. */
static inline const char *board_mode(const struct board *b) {
        return b->n_attempts ? b->attempts[b->n_attempts - 1].mode : "nothing";
}

/* For the stages of a family. */
void board_go(struct board *b, size_t stage);         /* this stage is next */
void board_fail(struct board *b, const char *why);    /* so what it boots from does not do: the next mode */
void board_stick(struct board *b, const char *why);   /* nor will any other */
void board_restart(struct board *b, const char *why); /* from the beginning of its boot order */
void board_leave_card(struct board *b, const char *why); /* the firmware that runs goes on over the network */
