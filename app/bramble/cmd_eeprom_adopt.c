/* bramble eeprom adopt: boards that run a system already ask the network from their next start on. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/bramble/adopt/script.h"
#include "app/bramble/args.h"
#include "app/bramble/build/child.h"
#include "app/bramble/card/server.h"
#include "app/bramble/card/settings.h"
#include "app/bramble/card/wish.h"
#include "app/bramble/cmd.h"
#include "app/bramble/file.h"
#include "app/bramble/print.h"
#include "app/bramble/temporary.h"

/* ssh with a script for the shell at the other end; @said: what that wrote. */
static int run_there(const struct cli *cli, const char *host, const char *script, struct text *said,
                     struct error *reterr) {
        CLEANUP(argv_free) struct argv argv = {};
        CLEANUP(temporary_folder_end) char *folder = temporary_folder();
        CLEANUP(free_at) char *path = NULL;

        if (!folder)
                return error_set(reterr, -errno, "cannot make a folder for a script: %s", strerror(errno));
        if (asprintf(&path, "%s/script", folder) < 0) {
                path = NULL;
                return error_set(reterr, -ENOMEM, "out of memory");
        }
        if (file_write(path, script, strlen(script)) != CLI_OK)
                return error_set(reterr, -EIO, "its script could not be written");
        argv_add_all(&argv, (const char *const[]){ "ssh", "-T", "-o", "ConnectTimeout=20", NULL });
        /* Who sits at a terminal may be asked for a password, by ssh itself. */
        if (!cli->has_progress)
                argv_add_all(&argv, (const char *const[]){ "-o", "BatchMode=yes", NULL });
        argv_add_all(&argv, (const char *const[]){ "--", host, "sh", "-s", NULL });
        int r = child_run(&(struct child){ .argv = &argv, .input = path, .captured = said }, reterr);
        if (r == -ENOENT)
                r = error_set(reterr, r, "there is no ssh here: `apt-get install openssh-client`");
        return r == 0 && (said->failed || said->len > ADOPT_TEXT_MAX)
                       ? error_set(reterr, -E2BIG, "it says too much")
                       : r;
}

static int agree(struct cli *cli, const struct args *args, const char *host) {
        char answer[16] = "";

        if (args_value(args, "yes"))
                return CLI_OK;
        if (!cli->has_progress || isatty(STDIN_FILENO) != 1)
                return cli_fail(CLI_USAGE,
                                "eeprom adopt: there is no terminal to ask whether this may be done to %s: "
                                "give --yes",
                                host);
        (void)fflush(stdout);
        (void)fprintf(stderr, "Give the EEPROM of %s this configuration? Type yes: ", host);
        if (!fgets(answer, sizeof(answer), stdin) || strcmp(answer, "yes\n") != 0)
                return cli_fail(CLI_REFUSED, "%s stays as it is", host);
        return CLI_OK;
}

static void show(const char *host, const struct adopt_board *b, const char *diff) {
        CLEANUP(text_free) struct text safe = {};

        text_printf(&safe, "%s: %s, EEPROM ", host, b->board->title);
        print_text(&safe, *b->version ? b->version : "of a version that it does not say");
        text_append(&safe, "\n");
        for (const char *line = diff; *line; line += strcspn(line, "\n"), line += *line == '\n') {
                CLEANUP(free_at) char *one = strndup(line, strcspn(line, "\n"));
                text_append(&safe, "  ");
                print_text(&safe, one ? one : "");
                text_append(&safe, "\n");
        }
        (void)fputs(safe.octets ? safe.octets : "", stdout);
}

static int apply(struct cli *cli, const char *host, const struct text *config) {
        CLEANUP(text_free) struct text script = {}, said = {};
        struct error err = {};

        adopt_apply(config->octets, config->len, &script);
        if (script.failed)
                return cli_fail(CLI_LOCAL, "out of memory");
        if (run_there(cli, host, script.octets, &said, &err) < 0)
                return cli_fail(CLI_FAILED, "%s: %s", host, err.text);
        if (!said.octets || !strstr(said.octets, "BRAMBLE-APPLIED"))
                return cli_fail(CLI_FAILED, "%s: its rpi-eeprom-config did not take the configuration", host);
        (void)printf("%s: from its next start on\n", host);
        return CLI_OK;
}

static int adopt(struct cli *cli, const struct args *args, const struct card_settings *settings,
                 const char *host) {
        CLEANUP(text_free) struct text said = {}, config = {}, diff = {};
        struct adopt_board board = {};
        struct error err = {};

        if (run_there(cli, host, adopt_look, &said, &err) < 0 ||
            adopt_read(said.octets ? said.octets : "", &board, &err) < 0)
                return cli_fail(CLI_FAILED, "%s: %s", host, err.text);
        CLEANUP(free_at) char *own = board.config;
        const struct config_txt_board filters = { .family = board.board->family, .type = board.board->type };
        if (card_settings_apply(settings, own, strlen(own), &filters, &config, &err) < 0)
                return cli_fail(CLI_USAGE, "%s: %s", host, err.text);
        adopt_diff(own, config.octets, &diff);
        if (diff.len == 0) {
                (void)printf("%s: nothing to do\n", host);
                return CLI_OK;
        }
        if (adopt_check(&board, &err) < 0)
                return cli_fail(CLI_REFUSED, "%s: %s", host, err.text);
        show(host, &board, diff.octets ? diff.octets : "");
        const int code = agree(cli, args, host);
        return code == CLI_OK ? apply(cli, host, &config) : code;
}

int cmd_eeprom_adopt(struct cli *cli, const struct args *args) {
        const char *more[ARGS_OPTIONS_MAX + 1];
        struct card_settings settings = { .more = more };
        char server[INET_ADDRSTRLEN];
        int worst = CLI_OK;

        (void)args_values(args, "set", more);
        int code = card_wish_settings(cli, args, server, &settings);
        for (size_t i = 0; code == CLI_OK && i < args->n_words; i++) {
                const int each = adopt(cli, args, &settings, args->words[i]);
                worst = each == CLI_OK ? worst : each;
        }
        return code == CLI_OK ? worst : code;
}
