/* One row for each shell; names that only the daemon knows are asked of `bramble NOUN list`, silently. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble/args.h"
#include "app/bramble/cli.h"
#include "app/bramble/cmd.h"
#include "app/bramble/completion.h"

void completion_each_noun(FILE *out, void (*fn)(FILE *out, const char *noun)) {
        const char *last = "";

        for (const struct command *c = commands; c->noun; c++) {
                if (strcmp(c->noun, last) != 0)
                        fn(out, c->noun);
                last = c->noun;
        }
}

void completion_noun(FILE *out, const char *noun) {
        (void)fprintf(out, " %s", noun);
}

void completion_choices(FILE *out, const char *choices) {
        for (const char *s = choices ? choices : ""; *s; s++)
                (void)fputc(*s == '|' ? ' ' : *s, out);
}

bool completion_print(FILE *out, const char *shell) {
        static const struct {
                const char *name;
                void (*print)(FILE *out);
        } shells[] = {
                { "bash", completion_bash },
                { "zsh", completion_zsh },
                { "fish", completion_fish },
        };
        for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
                if (strcmp(shells[i].name, shell) != 0)
                        continue;
                shells[i].print(out);
                return true;
        }
        return false;
}

int cmd_completion(struct cli *cli, const struct args *args) {
        (void)cli;
        return completion_print(stdout, args->words[0]) ? CLI_OK : CLI_USAGE;
}
