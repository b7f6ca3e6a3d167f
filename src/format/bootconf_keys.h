/*
 * The keys of bootconf.txt: what each takes, what it is without a line, which chips have it and since when;
 * and whether a text makes sense by them.
 *
 * Pure. Nothing is refused: bootloaders get new keys, and leave out what they do not know. Source: Raspberry
 * Pi documentation, "Raspberry Pi bootloader configuration", and release notes of the bootloader;
 * raspberry-pi.md section 6.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum bootconf_type {
        BOOTCONF_FLAG,   /* 0 or 1 */
        BOOTCONF_NUMBER, /* decimal, or 0x…; may be -1 where min is */
        BOOTCONF_ORDER,  /* BOOT_ORDER: a digit for each way to boot, the last one first */
        BOOTCONF_IP,
        BOOTCONF_MAC,
        BOOTCONF_HASH,       /* SHA-256 in hex */
        BOOTCONF_NETCONSOLE, /* port@address/device,port@address/mac */
        BOOTCONF_TEXT
};

struct bootconf_key {
        const char *name;
        enum bootconf_type type;
        const char *fallback; /* what counts without a line; "": nothing, or it hangs on the board */
        /* The first release that has it, "2024-04-05", by chip; "": all of them; NULL: none. */
        const char *since_2711, *since_2712;
        int64_t min, max; /* of a number; of a text max is its octets. Both 0: anything */
        const char *help;
};

/** bootconf_keys() - all of them, by name; a row without a name ends them. */
const struct bootconf_key *bootconf_keys(void);

/** bootconf_key() - NULL: there is none of this name. */
const struct bootconf_key *bootconf_key(const char *name, size_t len);

enum bootconf_fault {
        BOOTCONF_UNKNOWN_KEY,
        BOOTCONF_OTHER_CHIP, /* the key is none of this chip's */
        BOOTCONF_TOO_NEW,    /* the bootloader is older than the key */
        BOOTCONF_BAD_VALUE,
        BOOTCONF_SPACED,     /* blanks beside the = are part of the key or of the value */
        BOOTCONF_NO_SETTING, /* no KEY=VALUE, no comment and no filter */
        BOOTCONF_LONG_LINE,  /* the firmware reads only its beginning */
        BOOTCONF_TOO_LARGE   /* more than the EEPROM has room for */
};

/* Something about a text that its reader had better know. */
struct bootconf_remark {
        enum bootconf_fault fault;
        unsigned line;   /* from 1; 0: the whole text */
        const char *key; /* as it is written; borrowed from the text */
        size_t key_len;
        const struct bootconf_key *row; /* NULL: not known */
        const char *nearest;            /* key that was probably meant; NULL */
        unsigned soc;
};

/**
 * bootconf_check() - every remark about a text
 * @soc:        2711, 2712; 0: any
 * @release:    of the bootloader that will read it, "2026-05-17"; NULL: not known
 *
 * What stands behind [config.txt] is config.txt's, and is not looked at. Returns how many remarks there were.
 */
size_t bootconf_check(const char *text, size_t len, unsigned soc, const char *release,
                      void (*fn)(void *ctx, const struct bootconf_remark *remark), void *ctx);

/** bootconf_remark_text() - append a remark as a sentence. */
void bootconf_remark_text(const struct bootconf_remark *remark, struct text *out);
