/* bramble eeprom import: firmware of EEPROMs, as an operator has it, becomes the images that updates are made
 * of. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "app/bramble/api.h"
#include "app/bramble/args.h"
#include "app/bramble/card/image.h"
#include "app/bramble/card/kind.h"
#include "app/bramble/cmd.h"
#include "app/bramble/imported.h"
#include "app/bramble/print.h"
#include "app/bramble/temporary.h"
#include "app/bramble/upload.h"

/* A board of each chip: which files are its firmware, a card for it knows. */
static const struct {
        const char *board, *image;
} chips[] = { { "pi4", "eeprom-2711" }, { "pi5", "eeprom-2712" } };

static int pick(const char *const *sources, size_t chip, struct card_files *files, struct error *reterr) {
        const struct card_board *board = card_board_find(chips[chip].board);
        const struct card_variant *v = card_variant_find(card_kind_find("eeprom"), board, reterr);
        const struct card_pick p = { .sources = sources, .wants = v->wants, .n_wants = v->n_wants };

        return card_pick_run(&p, files, reterr);
}

static int send(struct cli *cli, const char *name, const struct card_files *files, json_t **ret) {
        CLEANUP(temporary_folder_end) char *folder = temporary_folder();
        CLEANUP(collection_free) struct collection c = {};
        CLEANUP(json_decref_at) json_t *about = json_pack("{s:s, s:s}", "name", name, "kind", "parts");
        struct error err = {};

        if (!folder || !about)
                return cli_fail(CLI_LOCAL, "cannot make a folder for the firmware: %s", strerror(errno));
        if (card_folder_make(files, folder, &err) < 0 || collect_dir(&c, folder, "", NULL, NULL, &err) < 0)
                return cli_fail_with(CLI_LOCAL, &err);
        collection_sort(&c);
        return upload(cli, about, &c, ret);
}

static int import_chip(struct cli *cli, const char *const *sources, size_t chip, json_t *images,
                       struct error *reterr) {
        CLEANUP(card_files_free) struct card_files files = {};
        json_t *image = NULL;

        if (pick(sources, chip, &files, reterr) < 0)
                return reterr->code == -ENOENT ? CLI_OK : cli_fail_with(CLI_LOCAL, reterr);
        const int code = send(cli, chips[chip].image, &files, &image);
        if (code == CLI_OK)
                (void)json_array_append_new(images, image);
        return code;
}

int cmd_eeprom_import(struct cli *cli, const struct args *args) {
        CLEANUP(json_decref_at) json_t *images = json_array();
        const char *sources[ARGS_WORDS_MAX + 1];
        struct error err = {};
        json_t *image;
        size_t i;
        int code = CLI_OK;

        memcpy(sources, args->words, args->n_words * sizeof(*sources));
        sources[args->n_words] = NULL;
        for (i = 0; code == CLI_OK && i < ARRAY_LEN(chips); i++)
                code = import_chip(cli, sources, i, images, &err);
        if (code != CLI_OK)
                return code;
        if (json_array_size(images) == 0)
                return cli_fail(CLI_LOCAL, "there is no firmware of an EEPROM in what was named: "
                                           "pieeprom*.bin and recovery.bin, "
                                           "as the package rpi-eeprom of Raspberry Pi OS has them");
        if (cli->json)
                return print_json(images);
        json_array_foreach(images, i, image) tell_imported(image);
        cli_done(cli, "next: `bramble eeprom plan --all`");
        return CLI_OK;
}
