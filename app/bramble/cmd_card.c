/* bramble card … */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/bramble/api.h"
#include "app/bramble/args.h"
#include "app/bramble/card/device.h"
#include "app/bramble/card/image.h"
#include "app/bramble/card/make.h"
#include "app/bramble/card/wish.h"
#include "app/bramble/certificate.h"
#include "app/bramble/cmd.h"
#include "app/bramble/eeprom_file.h"
#include "app/bramble/print.h"
#include "app/bramble/temporary.h"
#include "io/crypto.h"
#include "io/rsa.h"

enum {
        CACERT_MAX = 4096, /* octets: more than any EEPROM has room for */
        PORT_MAX = 65535
};

#define CONFIG "bootconf.txt"

static const struct column file_columns[] = {
        { .title = "FILE", .field = "name" },
        { .title = "SIZE", .field = "size", .format = format_size, .is_right = true },
        {},
};

/* ---- what is asked for ---- */

static const char *const places[] = { "out", "device", "rpiboot" };

static int check_place(const struct args *args, const struct card_wish *wish) {
        size_t n = 0;

        for (size_t i = 0; i < ARRAY_LEN(places); i++)
                n += args_value(args, places[i]) != NULL;
        if (n != 1)
                return cli_fail(
                        CLI_USAGE,
                        "card make: where to? Give one of --out FILE, --device DEV and --rpiboot DIR");
        if (wish->is_rpiboot && !wish->kind->sets_eeprom)
                return cli_fail(
                        CLI_USAGE,
                        "card make: --rpiboot is for an EEPROM: a %s card is written by --out or --device",
                        wish->kind->name);
        if (wish->is_rpiboot && wish->is_once)
                return cli_fail(CLI_USAGE,
                                "card make: --once is for cards; over USB an EEPROM is written each time");
        if (!wish->is_rpiboot && wish->board->is_module && wish->kind->sets_eeprom)
                return cli_fail(CLI_USAGE,
                                "card make: the EEPROM of a %s is not written from a card: give --rpiboot "
                                "DIR, and run `rpiboot -d DIR` "
                                "beside the module",
                                wish->board->title);
        return CLI_OK;
}

/* Said before firmware is looked for. */
static int check_out(const char *path) {
        CLEANUP(free_at) char *target = NULL;
        struct error err = {};

        if (!path)
                return CLI_OK;
        const int r = file_target(path, &target, &err);
        if (r == -ENOTSUP)
                return cli_fail(CLI_USAGE,
                                "card make: %s: --out writes a file, and --device a card in this machine's "
                                "reader",
                                err.text);
        return r < 0 ? cli_fail_with(CLI_LOCAL, &err) : CLI_OK;
}

static int check_settings(const struct args *args, const struct card_wish *wish) {
        static const char *const of_eeprom[] = { "server", "boot-order", "pubkey", "http-port",
                                                 "cacert", "set",        "once" };

        for (size_t i = 0; !wish->kind->sets_eeprom && i < ARRAY_LEN(of_eeprom); i++)
                if (args_value(args, of_eeprom[i]))
                        return cli_fail(CLI_USAGE,
                                        "card make: --%s is a setting of the EEPROM, and a %s card sets none",
                                        of_eeprom[i], wish->kind->name);
        return CLI_OK;
}

/* The key that signs what boards boot by HTTP, as an EEPROM has it. */
static int read_pubkey(const char *path, uint8_t buf[static RSA_PUBLIC_SIZE], struct card_wish *wish) {
        CLEANUP(file_octets_end) struct file_octets pem = {};
        struct error err = {};

        if (!path)
                return CLI_OK;
        if (!wish->settings.server)
                return cli_fail(CLI_USAGE,
                                "card make: a key is for boots by HTTP, and for those the EEPROM has to know "
                                "the server: give --server ADDRESS");
        const int code = file_read(path, RSA_PEM_MAX, &pem);
        if (code != CLI_OK)
                return code;
        if (rsa_public_read(pem.octets, pem.len, buf, &err) < 0)
                return cli_fail(CLI_LOCAL, "%s: %s", path, err.text);
        wish->pubkey = buf;
        wish->settings.has_http = true;
        return CLI_OK;
}

static int read_port(const char *value, struct card_wish *wish) {
        uint64_t port = 0;

        if (!value)
                return CLI_OK;
        if (!wish->pubkey)
                return cli_fail(CLI_USAGE,
                                "card make: --http-port is for boots by HTTP, and those are signed: "
                                "give --pubkey PEM");
        if (text_parse_u64(value, PORT_MAX, &port) < 0 || port == 0)
                return cli_fail(CLI_USAGE, "card make: --http-port: ports are 1 to %d", PORT_MAX);
        wish->settings.http_port = (unsigned)port;
        return CLI_OK;
}

/* Who vouches for the server, as `bramble ca export` writes it. */
static int read_cacert(const char *path, struct file_octets *der, char hash[static 2 * SHA256_SIZE + 1],
                       struct card_wish *wish) {
        uint8_t octets[SHA256_SIZE];

        if (!path)
                return CLI_OK;
        if (!wish->pubkey)
                return cli_fail(CLI_USAGE, "card make: a certificate is for boots by HTTPS, and those are "
                                           "signed: give --pubkey PEM");
        const int code = file_read(path, CACERT_MAX, der);
        if (code != CLI_OK)
                return code;
        if (!certificate_is_der(der->octets, der->len))
                return cli_fail(CLI_LOCAL,
                                "%s: is no certificate in DER: bramble ca export writes this server's", path);
        sha256_of(der->octets, der->len, octets);
        wish->settings.cacert_hash = text_hex(octets, sizeof(octets), hash);
        wish->cacert = der->octets;
        wish->cacert_len = der->len;
        return CLI_OK;
}

/* The time of an update: now, or the one that a reproducible build gives. */
static uint64_t update_time(void) {
        const char *epoch = getenv("SOURCE_DATE_EPOCH");
        uint64_t now = (uint64_t)time(NULL);

        if (epoch && text_parse_u64(epoch, INT64_MAX, &now) < 0)
                cli_note("SOURCE_DATE_EPOCH is no number of seconds: the time is now");
        return now;
}

/* ---- where it goes ---- */

static int ask(const char *path, const struct card_device *device) {
        CLEANUP(text_free) struct text size = {};
        char answer[16] = "";

        print_size(&size, device->octets);
        (void)fprintf(stderr, "%s: %s%s%s. All that is on it will be lost. Write it? Type yes: ", path,
                      device->about, *device->about ? ", " : "", size.octets ? size.octets : "");
        if (!fgets(answer, sizeof(answer), stdin) || strcmp(answer, "yes\n") != 0)
                return cli_fail(CLI_REFUSED, "nothing was written");
        return CLI_OK;
}

/* What is written over is named first, and agreed to. */
static int agree(struct cli *cli, const struct args *args, const char *path, const struct card_files *files) {
        struct card_device device;
        struct error err = {};
        CLEANUP(text_free) struct text line = {};

        if (card_device_look(path, &device, &err) < 0)
                return cli_fail_with(CLI_REFUSED, &err);
        if (device.octets < card_image_size(files))
                return cli_fail(CLI_REFUSED, "%s is too small for this card", path);
        if (!args_value(args, "yes") && (!cli->has_progress || isatty(STDIN_FILENO) != 1))
                return cli_fail(CLI_USAGE,
                                "card make: there is no terminal to ask whether %s (%s) may be written over: "
                                "give --yes",
                                path, device.about);
        if (!args_value(args, "yes"))
                return ask(path, &device);
        print_size(&line, device.octets);
        cli_note("writing %s: %s%s%s", path, device.about, *device.about ? ", " : "",
                 line.octets ? line.octets : "");
        return CLI_OK;
}

static int write_device(struct cli *cli, const struct args *args, const struct card_wish *wish,
                        const struct card_files *files) {
        CLEANUP(temporary_folder_end) char *folder = NULL;
        const char *path = args_value(args, "device");
        CLEANUP(free_at) char *image = NULL;
        struct error err = {};
        int code = agree(cli, args, path, files);

        if (code != CLI_OK)
                return code;
        folder = temporary_folder();
        if (!folder)
                return cli_fail(CLI_LOCAL, "cannot make a folder for the card's image: %s", strerror(errno));
        if (asprintf(&image, "%s/card.img", folder) < 0) {
                image = NULL;
                return cli_fail(CLI_LOCAL, "out of memory");
        }
        if (card_image_make(files, wish->kind->label, image, &err) < 0)
                return cli_fail_with(CLI_LOCAL, &err);
        if (card_device_write(path, image, &err) < 0)
                code = cli_fail_with(CLI_LOCAL, &err);
        return code;
}

static void note(void *ctx, const char *sentence) {
        (void)ctx;
        cli_note(CONFIG " of the card: %s", sentence);
}

/* What is odd about its settings is said and written: bootloaders get keys that this does not know. */
static void say_remarks(const struct card_wish *wish, const struct card_files *files) {
        const struct card_file *f = card_files_find(files, wish->is_once ? "pieeprom.upd" : "pieeprom.bin");
        struct eeprom_file config;

        if (!f || eeprom_find(f->data, f->len, CONFIG, &config) < 0)
                return;
        const struct file_octets image = { .octets = f->data, .len = f->len };
        eeprom_file_remarks(&image, f->data + config.at, config.len, note, NULL);
}

static int write_card(struct cli *cli, const struct args *args, const struct card_wish *wish,
                      const struct card_files *files) {
        struct error err = {};
        int r;

        if (args_value(args, "device"))
                return write_device(cli, args, wish, files);
        if (wish->is_rpiboot)
                r = card_folder_make(files, args_value(args, "rpiboot"), &err);
        else
                r = card_image_make(files, wish->kind->label, args_value(args, "out"), &err);
        return r < 0 ? cli_fail_with(CLI_LOCAL, &err) : CLI_OK;
}

static int tell(struct cli *cli, const struct card_wish *wish, const struct card_files *files) {
        CLEANUP(json_decref_at) json_t *rows = json_array();

        for (size_t i = 0; i < files->n; i++)
                (void)json_array_append_new(rows, json_pack("{s:s, s:I}", "name", files->items[i].name,
                                                            "size", (json_int_t)files->items[i].len));
        if (cli->json) {
                CLEANUP(json_decref_at)
                json_t *all = json_pack("{s:s, s:s, s:O}", "kind", wish->kind->name, "board",
                                        wish->board->name, "files", rows);
                return print_json(all);
        }
        const int code = print_table(cli, file_columns, rows);
        if (code == CLI_OK)
                cli_done(
                        cli, "next: %s",
                        wish->is_rpiboot
                                ? "connect the module by USB with its boot disabled, and run `rpiboot -d DIR`"
                        : wish->is_once ? "put it into a board and switch it on: the EEPROM is written once, "
                                          "and the board starts again"
                                        : wish->kind->next);
        return code;
}

int cmd_card_make(struct cli *cli, const struct args *args) {
        const char *sources[ARGS_OPTIONS_MAX + 1], *more[ARGS_OPTIONS_MAX + 1];
        char server[INET_ADDRSTRLEN];
        uint8_t pubkey[RSA_PUBLIC_SIZE];
        char cacert_hash[2 * SHA256_SIZE + 1];
        CLEANUP(file_octets_end) struct file_octets cacert = {};
        CLEANUP(card_files_free) struct card_files files = {};
        struct error err = {};
        struct card_wish wish = {
                .kind = card_kind_find(args->words[0]),
                .board = card_board_find(args_value(args, "board")),
                .sources = sources,
                .settings = { .more = more },
                .is_once = args_value(args, "once"),
                .is_rpiboot = args_value(args, "rpiboot"),
                .now_s = update_time(),
        };
        int code;

        (void)args_values(args, "firmware", sources);
        (void)args_values(args, "set", more);
        if (!card_variant_find(wish.kind, wish.board, &err))
                return cli_fail_with(CLI_USAGE, &err);
        if ((code = check_place(args, &wish)) != CLI_OK || (code = check_settings(args, &wish)) != CLI_OK ||
            (code = check_out(args_value(args, "out"))) != CLI_OK ||
            (wish.kind->sets_eeprom &&
             (code = card_wish_settings(cli, args, server, &wish.settings)) != CLI_OK))
                return code;
        if ((code = read_pubkey(args_value(args, "pubkey"), pubkey, &wish)) != CLI_OK ||
            (code = read_port(args_value(args, "http-port"), &wish)) != CLI_OK ||
            (code = read_cacert(args_value(args, "cacert"), &cacert, cacert_hash, &wish)) != CLI_OK)
                return code;
        if (card_make_files(&wish, &files, &err) < 0)
                return cli_fail_with(CLI_LOCAL, &err);
        if (wish.kind->sets_eeprom)
                say_remarks(&wish, &files);
        code = write_card(cli, args, &wish, &files);
        return code == CLI_OK ? tell(cli, &wish, &files) : code;
}
