/*
 * What shall become of one machine's EEPROM: its part of a roll-out.
 *
 * Kept with the machine as a text, so that it is in the database and in every snapshot: the boot plan reads
 * it, core/life moves it on. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "core/machine/machine.h"

enum {
        EEPROM_CONFIG_MAX = 4076, /* octets of a bootconf.txt */
        EEPROM_WHY_MAX = 255,
        EEPROM_DIGEST_SIZE = 32,
        EEPROM_RSA_SIZE = 256,
        EEPROM_WITHIN_S =
                24 * 3600 /* how long an update is offered at most, unless somebody says otherwise */
};

enum eeprom_step {
        EEPROM_WAITING, /* for the waves before its own */
        EEPROM_OFFERED, /* the update lies in its tree, until it has fetched it */
        EEPROM_TAKEN,   /* it has, and is to come back with it */
        EEPROM_STARTED, /* it is back, and its agent is to tell what it has now */
        EEPROM_DONE,
        EEPROM_FAILED,
        EEPROM_STOPPED, /* another one of the roll-out failed, or somebody gave it up */
        EEPROM_STEPS
};

enum {
        EEPROM_HAS_TAKEN = 1 << 0, /* its flash was written: the board was restarted with it */
        EEPROM_IS_READ = 1 << 1,   /* its agent has told what it has, and that was judged */
        EEPROM_IS_BACK = 1 << 2,   /* what is offered is what it had before */
        EEPROM_GOES_BACK = 1 << 3, /* and is so by itself when a machine of the roll-out fails */
        EEPROM_BY_AGENT = 1 << 4,  /* its agent writes it, and the network has none for it */
        EEPROM_OR_NETWORK = 1 << 5 /* where no agent is up, or cannot, the network has it */
};

/* An image with a configuration in it, and with what a board that checks its boots has there too. */
struct eeprom_content {
        char image[MACHINE_IMAGE_MAX + 1];  /* NAME@VERSION that its firmware is of; "": not known */
        uint64_t build_s;                   /* when that was built, Unix time; 0: not known */
        uint8_t digest[EEPROM_DIGEST_SIZE]; /* SHA-256 of all of it together */
        const char *config;                 /* its bootconf.txt; borrowed, without a NUL */
        size_t config_len;
        const char *files; /* its key, signature and authority, as format/eeprom_files.h has them; likewise */
        size_t files_len;
        bool has_rsa; /* it goes to a board that may take signed updates only: */
        uint8_t rsa[EEPROM_RSA_SIZE]; /* its key's signature of all of it */
};

struct eeprom_order {
        uint64_t rollout; /* which one: Unix milliseconds of its beginning */
        unsigned wave;    /* 0: the canaries */
        enum eeprom_step step;
        int64_t since_s;              /* Unix time */
        uint32_t ts;                  /* of the update: a board takes only what is later than what it has */
        uint32_t within_s;            /* how long it is offered at most */
        unsigned flags;               /* EEPROM_HAS_TAKEN … */
        char why[EEPROM_WHY_MAX + 1]; /* one line; "": there is nothing to be said */
        struct eeprom_content now;    /* what it gets */
        struct eeprom_content former; /* what it had; without an image where that cannot be given back */
};

/** eeprom_order_parse() - 0, or -EBADMSG. @ret's configurations are of @text. */
MUST_CHECK int eeprom_order_parse(const char *text, struct eeprom_order *ret);

/** eeprom_order_print() - the text, the caller's; NULL: out of memory. */
char *eeprom_order_print(const struct eeprom_order *o);

/** eeprom_order_of() - that of @m; false: it has none. */
bool eeprom_order_of(const struct machine *m, struct eeprom_order *ret);

/** eeprom_order_no_way_back() - why what it had before cannot be given back, in words; NULL: it can. */
const char *eeprom_order_no_way_back(const struct eeprom_order *o);

/** eeprom_step_name() - "waiting", as the API has it. */
const char *eeprom_step_name(enum eeprom_step step);

/** eeprom_step_is_open() - whether something is still to come. */
bool eeprom_step_is_open(enum eeprom_step step);
