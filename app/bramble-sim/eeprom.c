/* Simulated EEPROMs; see eeprom.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-sim/eeprom.h"

#include <stdlib.h>
#include <string.h>

#include "app/bramble-sim/board.h"
#include "format/bootconf.h"
#include "format/eeprom.h"
#include "io/crypto.h"

void eeprom_end(struct eeprom *e) {
        free(e->update);
        e->update = NULL;
        e->len = 0;
        e->offered_ts = 0;
}

static unsigned soc_of(const struct board *b) {
        return b->family->needs_config_txt ? 2712 : 2711;
}

bool eeprom_read_signature(struct board *b) {
        struct eeprom *e = &b->eeprom;
        struct boot_sig sig;

        eeprom_end(e);
        if (boot_sig_parse(b->text, b->text_len, &sig) < 0 || !sig.has_ts || sig.ts <= e->ts ||
            (sig.target_soc && sig.target_soc != soc_of(b)))
                return false;
        e->offered_ts = (uint32_t)sig.ts;
        memcpy(e->offered, sig.digest, sizeof(e->offered));
        e->update = malloc(EEPROM_SIZE_2712);
        return e->update != NULL;
}

void eeprom_collect(struct board *b, const void *data, size_t len) {
        struct eeprom *e = &b->eeprom;

        if (!e->update)
                return;
        const size_t room = EEPROM_SIZE_2712 - e->len, n = len < room ? len : room;
        memcpy(e->update + e->len, data, n);
        e->len += n;
}

/* What its configuration says of the boot order counts from now on. */
static void read_config(struct board *b) {
        const struct config_txt_board filters = {
                .family = soc_of(b) == 2712 ? CONFIG_TXT_2712 : CONFIG_TXT_2711,
                .type = (int)(b->revision >> 4 & 0xff),
                .has_serial = true,
                .serial = b->serial,
        };
        struct eeprom_file f;

        if (eeprom_find(b->eeprom.update, b->eeprom.len, "bootconf.txt", &f) == 0)
                b->boot_order = bootconf_boot_order((const char *)b->eeprom.update + f.at, f.len, &filters);
}

/* What came is what its signature file says, and an image for this chip. */
static bool is_right(const struct board *b) {
        const struct eeprom *e = &b->eeprom;
        uint8_t digest[SHA256_SIZE];

        if (!e->update || eeprom_soc(e->len) != soc_of(b) || eeprom_check(e->update, e->len) < 0)
                return false;
        sha256_of(e->update, e->len, digest);
        return memcmp(digest, e->offered, sizeof(digest)) == 0;
}

bool eeprom_take(struct board *b) {
        struct eeprom *e = &b->eeprom;
        const bool is_good = is_right(b);

        if (is_good && e->fault == EEPROM_BREAKS)
                board_stick(b, "its EEPROM was updated, and it does not start any more");
        else if (is_good && e->fault == EEPROM_SOUND) {
                read_config(b);
                e->ts = e->offered_ts;
                e->n_updates++;
        }
        const bool restarts = is_good && e->fault == EEPROM_SOUND;
        eeprom_end(e);
        return restarts;
}
