/* One row for each shell; names that only the daemon knows are asked of `bramble NOUN list`, silently. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "app/bramble/args.h"
#include "app/bramble/cli.h"
#include "app/bramble/cmd.h"
#include "app/bramble/completion.h"
#include "app/bramble/values.h"

/* Calls @fn for each noun once. */
static void each_noun(FILE *out, void (*fn)(FILE *out, const char *noun)) {
        const char *last = "";

        for (const struct command *c = commands; c->noun; c++) {
                if (strcmp(c->noun, last) != 0)
                        fn(out, c->noun);
                last = c->noun;
        }
}

static void print_noun(FILE *out, const char *noun) {
        (void)fprintf(out, " %s", noun);
}

/* "server|proxy|off" with spaces. */
static void print_choices(FILE *out, const char *choices) {
        for (const char *s = choices ? choices : ""; *s; s++)
                (void)fputc(*s == '|' ? ' ' : *s, out);
}

/* ---- bash, and zsh through its bashcompinit ---- */

static void bash_verbs(FILE *out, const char *noun) {
        (void)fprintf(out, "        '%s') words='", noun);
        for (const struct command *c = commands; c->noun; c++)
                if (strcmp(c->noun, noun) == 0 && c->verb)
                        (void)fprintf(out, "%s ", c->verb);
        (void)fputs("' ;;\n", out);
}

/* What completes one value, as a statement. */
static void bash_value(FILE *out, enum value_kind kind, const char *choices) {
        const struct value_row *row = value_row(kind);

        switch (choices ? COMPLETE_CHOICES : row->completion) {
        case COMPLETE_CHOICES:
                (void)fputs("words='", out);
                print_choices(out, choices);
                (void)fputs("'", out);
                return;
        case COMPLETE_FILES:
                (void)fputs("kind=file", out);
                return;
        case COMPLETE_DIRS:
                (void)fputs("kind=directory", out);
                return;
        case COMPLETE_INTERFACES:
                (void)fputs("words=$(ls /sys/class/net)", out);
                return;
        case COMPLETE_LIST:
                (void)fprintf(out, "words=$(_bramble_names %s)", row->lister);
                return;
        default:
                (void)fputs(":", out);
                return;
        }
}

static void bash_option_values(FILE *out, const struct command *c) {
        for (const struct option *o = c->options; o && o->name; o++) {
                if (!o->arg)
                        continue;
                (void)fprintf(out, "        '%s %s --%s') ", c->noun, c->verb ? c->verb : "", o->name);
                bash_value(out, o->kind, o->choices);
                (void)fputs("; return 0 ;;\n", out);
        }
}

static void bash_command(FILE *out, const struct command *c) {
        (void)fprintf(out, "        '%s %s')\n                case $place in\n", c->noun,
                      c->verb ? c->verb : "");
        for (size_t i = 0; i < WORDS_MAX && c->words[i].name; i++) {
                (void)fprintf(out, "                %zu) ", i);
                bash_value(out, c->words[i].kind, c->words[i].choices);
                (void)fputs(" ;;\n", out);
        }
        (void)fputs("                esac\n                options='", out);
        for (const struct option *o = c->options; o && o->name; o++)
                (void)fprintf(out, "--%s ", o->name);
        (void)fputs("' ;;\n", out);
}

static void print_bash(FILE *out) {
        (void)fputs("# bash completion for bramble, made by `bramble completion bash`\n\n"
                    "_bramble_names() {\n"
                    "        local column=1\n"
                    "        [ \"$1\" != machine ] || column=2\n"
                    "        bramble \"$@\" 2>/dev/null | cut -f \"$column\"\n"
                    "}\n\n"
                    "# Sets words or kind for the value of an option; 1 when it has none.\n"
                    "_bramble_value() {\n"
                    "        case \"$1 $2 $3\" in\n"
                    "        *' --socket') kind=file; return 0 ;;\n",
                    out);
        for (const struct command *c = commands; c->noun; c++)
                bash_option_values(out, c);
        (void)fputs(
                "        esac\n"
                "        return 1\n"
                "}\n\n"
                "_bramble() {\n"
                "        # Cut at blanks: the shell's own cut would also split a MAC.\n"
                "        local -a typed\n"
                "        read -ra typed <<<\"${COMP_LINE:0:COMP_POINT}x\"\n"
                "        local current=${typed[-1]%x} previous=${typed[-2]-}\n"
                "        local noun='' verb='' words='' kind='' options='' place=0 i word\n"
                "        COMPREPLY=()\n"
                "        for ((i = 1; i < ${#typed[@]} - 1; i++)); do\n"
                "                word=${typed[i]}\n"
                "                case $word in\n"
                "                --*) if _bramble_value \"$noun\" \"$verb\" \"$word\"; then ((i++)); fi; "
                "words='' kind='' ;;\n"
                "                *) if [ -z \"$noun\" ]; then noun=$word\n"
                "                   elif [ -z \"$verb\" ] && _bramble_has_verbs \"$noun\"; then verb=$word\n"
                "                   else ((place++)); fi ;;\n"
                "                esac\n"
                "        done\n"
                "        if [[ $previous != --* ]] || ! _bramble_value \"$noun\" \"$verb\" \"$previous\"; "
                "then\n"
                "                _bramble_words\n"
                "                [[ $current != -* ]] || { words=\"$options --socket --json --help "
                "--version\"; kind=''; }\n"
                "        fi\n"
                "        # Names with a colon in them would be cut; there are none among ours but MACs, "
                "which are typed.\n"
                "        if [ -n \"$kind\" ]; then mapfile -t COMPREPLY < <(compgen -A \"$kind\" -- "
                "\"$current\")\n"
                "        else mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\"); fi\n"
                "}\n\n"
                "_bramble_has_verbs() {\n"
                "        case $1 in\n",
                out);
        for (const struct command *c = commands; c->noun; c++)
                if (!c->verb)
                        (void)fprintf(out, "        '%s') return 1 ;;\n", c->noun);
        (void)fputs("        esac\n"
                    "        return 0\n"
                    "}\n\n"
                    "# Sets words, kind and options for a word at $place of a command.\n"
                    "_bramble_words() {\n"
                    "        case \"$noun $verb\" in\n"
                    "        ' ') words='",
                    out);
        each_noun(out, print_noun);
        (void)fputs("'; return ;;\n", out);
        for (const struct command *c = commands; c->noun; c++)
                bash_command(out, c);
        (void)fputs("        *) case $noun in\n", out);
        each_noun(out, bash_verbs);
        (void)fputs("        esac ;;\n"
                    "        esac\n"
                    "}\n\n"
                    "complete -F _bramble bramble\n",
                    out);
}

static void print_zsh(FILE *out) {
        (void)fputs("#compdef bramble\n"
                    "autoload -U +X bashcompinit && bashcompinit\n",
                    out);
        print_bash(out);
}

/* ---- fish ---- */

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
                print_choices(out, choices);
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

static void print_fish(FILE *out) {
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
        each_noun(out, fish_noun);
        for (const struct command *c = commands; c->noun; c++)
                fish_command(out, c);
}

bool completion_print(FILE *out, const char *shell) {
        static const struct {
                const char *name;
                void (*print)(FILE *out);
        } shells[] = {
                { "bash", print_bash },
                { "zsh", print_zsh },
                { "fish", print_fish },
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
