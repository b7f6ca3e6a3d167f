/*
 * What a card writes into EEPROMs: the image's own configuration, with our settings in place of the lines
 * that say otherwise.
 *
 * Pure. Source: raspberry-pi.md sections 4 and 6.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "format/config_txt.h"

struct card_settings {
        const char *server;      /* dotted: where files come from, whatever DHCP says; NULL: as DHCP says */
        bool has_http;           /* the server is asked for signed boots too */
        const char *cacert_hash; /* by HTTPS: the SHA-256 of cacert.der in hex; NULL: by HTTP */
        unsigned http_port;      /* 0: as brambled has it where nothing is configured */
        uint32_t boot_order;     /* 0: as it is, with the network before every disk */
        const char *const *more; /* KEY=VALUE, which count more than ours; NULL-terminated */
};

/**
 * card_settings_apply() - append a configuration to @out
 *
 * Lines for other boards and comments stay. A setting that would be said twice for this board is said once,
 * at the end and for all boards.
 *
 * Return: 0, -EINVAL for a setting that is none, -E2BIG when it does not fit into the EEPROM; with a
 * sentence.
 */
MUST_CHECK int card_settings_apply(const struct card_settings *s, const char *own, size_t own_len,
                                   const struct config_txt_board *board, struct text *out,
                                   struct error *reterr);
