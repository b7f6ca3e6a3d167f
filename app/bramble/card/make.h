/* All the files of a card of some kind, from the firmware that was named. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "app/bramble/card/files.h"
#include "app/bramble/card/kind.h"
#include "app/bramble/card/settings.h"

struct card_wish {
        const struct card_kind *kind;
        const struct card_board *board;
        const char *const *sources; /* NULL-terminated */
        struct card_settings settings;
        const uint8_t *pubkey; /* pubkey.bin, RSA_PUBLIC_SIZE octets: what signs that is booted by HTTP; NULL:
                                  none */
        const uint8_t
                *cacert; /* cacert.der: who vouches for the server, where boots come by HTTPS; NULL: none */
        size_t cacert_len;
        bool is_once; /* the EEPROM takes it once, and the card is an ordinary one afterwards */
        bool is_rpiboot;
        uint64_t now_s; /* the time of the update: an EEPROM takes none that is older than what it has */
};

/** card_make_files() - 0, or -errno with a sentence. */
MUST_CHECK int card_make_files(const struct card_wish *wish, struct card_files *out, struct error *reterr);
