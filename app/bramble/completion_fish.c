/* Completion for fish: a `complete` line for each command, word and option. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble/completion.h"
#include "app/bramble/values.h"

/* A text in single quotes. */
static void fish_quote(FILE *out, const char *s) {
        (void)fputc('\'', out);
        for (; *s; s++)
                (void)fprintf(out, *s == '\'' || *s == '\\' ? "\\%c" : "%c", *s);
        (void)fputc('\'', out);
}

static void fish_value(FILE *out, enum value_kind kind, const char *choices) {
        const struct value_row *row = value_row(kind);

        switch (choices ? COMPLETE_CHOICES : row->completion) {
        case COMPLETE_CHOICES:
                (void)fputs(" -xa '", out);
                completion_choices(out, choices);
                (void)fputs("'", out);
                return;
        case COMPLETE_FILES:
                (void)fputs(" -rF", out);
                return;
        case COMPLETE_DIRS:
                (void)fputs(" -xa '(__fish_complete_directories)'", out);
                return;
        case COMPLETE_INTERFACES:
                (void)fputs(" -xa '(ls /sys/class/net)'", out);
                return;
        case COMPLETE_LIST:
                (void)fprintf(out, " -xa '(bramble %s 2>/dev/null | cut -f %d)'", row->lister,
                              strncmp(row->lister, "machine", 7) == 0 ? 2 : 1);
                return;
        default:
                (void)fputs(" -x", out);
                return;
        }
}

/* When a command's words and options apply. */
static void fish_condition(FILE *out, const struct command *c) {
        if (c->verb)
                (void)fprintf(out, " -n '__fish_seen_subcommand_from %s; and __fish_seen_subcommand_from %s'",
                              c->noun, c->verb);
        else
                (void)fprintf(out, " -n '__fish_seen_subcommand_from %s'", c->noun);
}

static void fish_command(FILE *out, const struct command *c) {
        if (c->verb) {
                (void)fprintf(out, "complete -c bramble -n '__bramble_wants_verb %s' -a %s -d ", c->noun,
                              c->verb);
        } else {
                (void)fprintf(out, "complete -c bramble -n __fish_use_subcommand -a %s -d ", c->noun);
        }
        fish_quote(out, c->help);
        (void)fputc('\n', out);
        for (const struct word *w = c->words; w->name; w++) {
                (void)fputs("complete -c bramble", out);
                fish_condition(out, c);
                fish_value(out, w->kind, w->choices);
                (void)fputc('\n', out);
        }
        for (const struct option *o = c->options; o && o->name; o++) {
                (void)fputs("complete -c bramble", out);
                fish_condition(out, c);
                (void)fprintf(out, " -l %s -d ", o->name);
                fish_quote(out, o->help);
                if (o->arg)
                        fish_value(out, o->kind, o->choices);
                (void)fputc('\n', out);
        }
}

static void fish_noun(FILE *out, const char *noun) {
        if (!command_find(noun, NULL))
                (void)fprintf(out, "complete -c bramble -n __fish_use_subcommand -a %s\n", noun);
}

void completion_fish(FILE *out) {
        (void)fputs("# fish completion for bramble, made by `bramble completion fish`\n\n"
                    "function __bramble_wants_verb\n"
                    "        set -l words (commandline -opc)\n"
                    "        test \"$words[-1]\" = $argv[1]\n"
                    "end\n\n"
                    "complete -c bramble -f\n",
                    out);
        for (const struct option *o = global_options; o->name; o++) {
                (void)fprintf(out, "complete -c bramble -l %s -d ", o->name);
                fish_quote(out, o->help);
                (void)fputs(o->arg ? " -rF\n" : "\n", out);
        }
        completion_each_noun(out, fish_noun);
        for (const struct command *c = commands; c->noun; c++)
                fish_command(out, c);
}
