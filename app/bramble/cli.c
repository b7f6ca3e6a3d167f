/* Sentences for people. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "app/bramble/cli.h"

static void say(FILE *out, const char *before, const char *format, va_list args) {
        char sentence[1024];

        (void)vsnprintf(sentence, sizeof(sentence), format, args);
        for (char *s = sentence; *s; s++) /* names from elsewhere must not steer a terminal */
                if ((unsigned char)*s < ' ' || *s == 0x7f)
                        *s = '?';
        (void)fprintf(out, "%s%s\n", before, sentence);
}

int cli_fail(int code, const char *format, ...) {
        va_list args;

        va_start(args, format);
        say(stderr, "bramble: ", format, args);
        va_end(args);
        return code;
}

int cli_fail_with(int code, const struct error *err) {
        return cli_fail(code, "%s", err->text);
}

void cli_note(const char *format, ...) {
        va_list args;

        va_start(args, format);
        say(stderr, "", format, args);
        va_end(args);
}

void cli_done(const struct cli *cli, const char *format, ...) {
        va_list args;

        if (cli->json || !cli->is_terminal)
                return;
        va_start(args, format);
        say(stdout, "", format, args);
        va_end(args);
}
