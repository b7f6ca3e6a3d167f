/* The files of a card; see make.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/card/make.h"

#include <errno.h>
#include <string.h>

#include "format/boot_sig.h"
#include "format/eeprom.h"
#include "format/uboot_script.h"
#include "io/crypto.h"
#include "io/rsa.h"

#define IMAGE "pieeprom.bin"
#define UPDATE "pieeprom.upd"
#define CONFIG "bootconf.txt"
#define RECOVERY "recovery.bin"

/* Our settings into the image. */
static int edit_image(const struct card_wish *wish, struct card_file *image, struct error *reterr) {
        const struct config_txt_board board = { .family = wish->board->family, .type = wish->board->type };
        CLEANUP(text_free) struct text config = {};
        struct eeprom_file own;
        int r = eeprom_find(image->data, image->len, CONFIG, &own);

        if (r < 0)
                return error_set(reterr, r,
                                 IMAGE " has no " CONFIG ": it is damaged, or no image of a boot EEPROM");
        r = card_settings_apply(&wish->settings, (const char *)image->data + own.at, own.len, &board, &config,
                                reterr);
        if (r < 0)
                return r;
        r = eeprom_put(image->data, image->len, CONFIG, config.octets, config.len);
        if (r == 0 && wish->pubkey) {
                r = eeprom_put(image->data, image->len, "pubkey.bin", wish->pubkey, RSA_PUBLIC_SIZE);
                if (r < 0)
                        return error_set(reterr, r, IMAGE " has no room for a key: firmware since 2022 has");
        }
        if (r == 0 && wish->cacert) {
                r = eeprom_put(image->data, image->len, "cacert.der", wish->cacert, wish->cacert_len);
                if (r < 0)
                        return error_set(reterr, r,
                                         IMAGE
                                         " has no room for a certificate of %zu octets: newer firmware has",
                                         wish->cacert_len);
        }
        return r < 0 ? error_set(reterr, r, "the configuration does not fit into " IMAGE) : 0;
}

/* What recovery.bin checks the image by. */
static int add_digest(const struct card_wish *wish, const struct card_file *image, struct card_files *out,
                      struct error *reterr) {
        struct boot_sig sig = { .has_ts = true, .ts = wish->now_s, .target_soc = wish->board->soc };
        CLEANUP(text_free) struct text text = {};

        sha256_of(image->data, image->len, sig.digest);
        boot_sig_write(&sig, &text);
        if (text.failed)
                return error_set(reterr, -ENOMEM, "out of memory");
        return card_files_put_text(out, "pieeprom.sig", text.octets, reterr);
}

static int finish_eeprom(const struct card_wish *wish, struct card_files *out, struct error *reterr) {
        struct card_file *image = card_files_find(out, IMAGE);
        int r = edit_image(wish, image, reterr);

        if (r == 0)
                r = add_digest(wish, image, out, reterr);
        if (r == 0 && wish->is_once)
                r = card_files_rename(out, IMAGE, UPDATE, reterr);
        if (r == 0 && wish->is_rpiboot)
                r = card_files_rename(out, RECOVERY, wish->board->rpiboot, reterr);
        /* Without a config.txt rpiboot's recovery.bin does not begin. */
        if (r == 0 && wish->is_rpiboot)
                r = card_files_put_text(out, "config.txt", "uart_2ndstage=1\n", reterr);
        return r;
}

static int add_texts(const struct card_variant *v, struct card_files *out, struct error *reterr) {
        CLEANUP(text_free) struct text script = {};
        int r = 0;

        if (v->config_txt && !card_files_find(out, "config.txt"))
                r = card_files_put_text(out, "config.txt", v->config_txt, reterr);
        if (r < 0 || !v->boot_script)
                return r;
        uboot_script_make("bramble", v->boot_script, &script);
        if (script.failed)
                return error_set(reterr, -ENOMEM, "out of memory");
        const size_t len = script.len;
        CLEANUP(free_at) uint8_t *octets = (uint8_t *)text_take(&script);
        r = card_files_put(out, "boot.scr", octets, len, reterr);
        if (r == 0)
                octets = NULL;
        return r;
}

int card_make_files(const struct card_wish *wish, struct card_files *out, struct error *reterr) {
        const struct card_variant *v = card_variant_find(wish->kind, wish->board, reterr);

        if (!v)
                return -EINVAL;
        const struct card_pick pick = {
                .sources = wish->sources, .wants = v->wants, .n_wants = v->n_wants, .whole = wish->kind->whole
        };
        int r = card_pick_run(&pick, out, reterr);
        if (r == 0 && wish->kind->sets_eeprom)
                r = finish_eeprom(wish, out, reterr);
        return r == 0 ? add_texts(v, out, reterr) : r;
}
