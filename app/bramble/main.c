/* The command line of Bramble: speaks only the API, over the daemon's socket. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "app/bramble/args.h"
#include "app/bramble/cli.h"
#include "app/bramble/help.h"
#include "net/http/client.h"

static const char *socket_path(const struct args *args) {
        const char *named = getenv("BRAMBLE_SOCKET");

        if (args->socket)
                return args->socket;
        return named && *named ? named : CLI_SOCKET_DEFAULT;
}

static unsigned columns_of(int fd) {
        struct winsize size;
        return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static int answer_help(const struct args *args) {
        if (args->help && args->command)
                help_command(stdout, args->command);
        else if (args->help)
                help_all(stdout, args->help_noun);
        else
                help_all(stderr, NULL);
        return args->help ? CLI_OK : CLI_USAGE;
}

int main(int argc, char **argv) {
        static struct args args;
        struct error err = {};

        if (args_parse(argc, argv, &args, &err) < 0)
                return cli_fail_with(CLI_USAGE, &err);
        if (args.version)
                return puts("bramble " BRAMBLE_VERSION) == EOF ? CLI_LOCAL : CLI_OK;
        if (args.help || !args.command)
                return answer_help(&args);

        (void)setlocale(LC_CTYPE, "");
        (void)signal(SIGPIPE, SIG_IGN); /* a reader that ends early is told by the write */
        struct cli cli = {
                .socket = socket_path(&args),
                .json = args.json,
                .is_terminal = isatty(STDOUT_FILENO) == 1,
                .has_progress = isatty(STDERR_FILENO) == 1,
                .is_ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
                .columns = columns_of(STDOUT_FILENO),
        };
        int code = args.command->run(&cli, &args);
        http_client_free(cli.client);
        if (fflush(stdout) == EOF && code == CLI_OK)
                code = CLI_LOCAL;
        return code;
}
