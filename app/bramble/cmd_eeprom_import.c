/* bramble eeprom import: firmware of EEPROMs, as an operator has it, becomes the images that updates are made
 * of. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "app/bramble/api.h"
#include "app/bramble/args.h"
#include "app/bramble/card/image.h"
#include "app/bramble/card/kind.h"
#include "app/bramble/card/source.h"
#include "app/bramble/cmd.h"
#include "app/bramble/imported.h"
#include "app/bramble/print.h"
#include "app/bramble/temporary.h"
#include "app/bramble/upload.h"
#include "base/text.h"

/* A board of each chip: which files are its firmware, a card for it knows. */
static const struct chip {
        const char *number, *board, *image, *size;
} chips[] = { { "2711", "pi4", "eeprom-2711", "512 KiB" }, { "2712", "pi5", "eeprom-2712", "2 MiB" } };

static int check_sources(const char *const *sources) {
        for (; *sources; sources++)
                if (access(*sources, R_OK) < 0)
                        return cli_fail(CLI_LOCAL, "cannot read %s: %s", *sources, strerror(errno));
        return CLI_OK;
}

static int pick(const char *const *sources, const struct chip *chip, struct card_files *files,
                struct error *reterr) {
        const struct card_board *board = card_board_find(chip->board);
        const struct card_variant *v = card_variant_find(card_kind_find("eeprom"), board, reterr);
        const struct card_pick p = { .sources = sources, .wants = v->wants, .n_wants = v->n_wants };

        return card_pick_run(&p, files, reterr);
}

/* Channels lie in a folder of their chip: its number says that firmware of it is meant to be there. */
static int look_for_chip(void *ctx, const struct source_entry *e, struct error *reterr) {
        const struct chip *chip = *(const struct chip *const *)ctx;
        const char *at = strstr(e->path, chip->number), *slash = strrchr(e->path, '/');
        const char *name = slash ? slash + 1 : e->path;
        (void)reterr;
        return at && slash && at < slash &&
               (strcmp(name, "recovery.bin") == 0 || strncmp(name, "pieeprom", 8) == 0);
}

static bool is_meant(const char *const *sources, const struct chip *chip) {
        struct error ignored = {};
        int r = 0;

        for (; r == 0 && *sources; sources++)
                r = source_each(*sources, look_for_chip, &chip, &ignored);
        return r > 0;
}

/* Appends what @chip lacks, where one of its two files is there or was meant to be. */
static void note_lack(const char *const *sources, const struct chip *chip, const struct card_files *files,
                      struct text *lacks) {
        const char *lead = lacks->len ? ", " : "";

        if (card_files_find(files, "pieeprom.bin"))
                text_printf(lacks, "%s%s (there is no recovery.bin beside its pieeprom*.bin)", lead,
                            chip->image);
        else if (is_meant(sources, chip))
                text_printf(lacks, "%s%s (there is no pieeprom*.bin of %s)", lead, chip->image, chip->size);
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

static int import_chip(struct cli *cli, const char *const *sources, const struct chip *chip, json_t *images,
                       struct text *lacks) {
        CLEANUP(card_files_free) struct card_files files = {};
        struct error err = {};
        json_t *image = NULL;

        const int r = pick(sources, chip, &files, &err);
        if (r == -ENOENT) {
                note_lack(sources, chip, &files, lacks);
                return CLI_OK;
        }
        if (r < 0)
                return cli_fail_with(CLI_LOCAL, &err);
        const int code = send(cli, chip->image, &files, &image);
        if (code == CLI_OK)
                (void)json_array_append_new(images, image);
        return code;
}

static int tell_nothing(const struct text *lacks) {
        return lacks->len ? cli_fail(CLI_LOCAL, "nothing is imported; left out: %s", lacks->octets)
                          : cli_fail(CLI_LOCAL, "there is no firmware of an EEPROM in what was named: "
                                                "pieeprom*.bin and recovery.bin, "
                                                "as the package rpi-eeprom of Raspberry Pi OS has them");
}

int cmd_eeprom_import(struct cli *cli, const struct args *args) {
        CLEANUP(json_decref_at) json_t *images = json_array();
        CLEANUP(text_free) struct text lacks = {};
        const char *sources[ARGS_WORDS_MAX + 1];
        json_t *image;
        size_t i;

        memcpy(sources, args->words, args->n_words * sizeof(*sources));
        sources[args->n_words] = NULL;
        int code = check_sources(sources);
        for (i = 0; code == CLI_OK && i < ARRAY_LEN(chips); i++)
                code = import_chip(cli, sources, &chips[i], images, &lacks);
        if (code != CLI_OK)
                return code;
        if (lacks.failed)
                return cli_fail(CLI_LOCAL, "out of memory");
        if (json_array_size(images) == 0)
                return tell_nothing(&lacks);
        if (lacks.len)
                cli_note("left out: %s", lacks.octets);
        if (cli->json)
                return print_json(images);
        json_array_foreach(images, i, image) tell_imported(image);
        cli_done(cli, "next: `bramble eeprom plan --all`");
        return CLI_OK;
}
