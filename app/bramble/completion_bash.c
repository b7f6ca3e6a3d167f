/* Completion for bash: one function that finds noun, verb and place, and tables of what stands there. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble/completion.h"
#include "app/bramble/values.h"

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
                completion_choices(out, choices);
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

void completion_bash(FILE *out) {
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
        completion_each_noun(out, completion_noun);
        (void)fputs("'; return ;;\n", out);
        for (const struct command *c = commands; c->noun; c++)
                bash_command(out, c);
        (void)fputs("        *) case $noun in\n", out);
        completion_each_noun(out, bash_verbs);
        (void)fputs("        esac ;;\n"
                    "        esac\n"
                    "}\n\n"
                    "complete -F _bramble bramble\n",
                    out);
}
