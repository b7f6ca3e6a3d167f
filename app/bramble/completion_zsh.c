/* Completion for zsh: _arguments with a row for each option and word. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble/completion.h"
#include "app/bramble/values.h"

/* A text inside single quotes, as a description of _arguments: brackets and colons mean something there. */
static void zsh_quote(FILE *out, const char *s) {
        for (; *s; s++) {
                if (*s == '\'')
                        (void)fputs("'\\''", out);
                else
                        (void)fprintf(out, strchr("[]:\\", *s) ? "\\%c" : "%c", *s);
        }
}

/* ":MESSAGE:ACTION" of one value. */
static void zsh_value(FILE *out, const char *message, enum value_kind kind, const char *choices) {
        const struct value_row *row = value_row(kind);

        (void)fputc(':', out);
        zsh_quote(out, message);
        (void)fputc(':', out);
        switch (choices ? COMPLETE_CHOICES : row->completion) {
        case COMPLETE_CHOICES:
                (void)fputc('(', out);
                completion_choices(out, choices);
                (void)fputc(')', out);
                return;
        case COMPLETE_FILES:
                (void)fputs("_files", out);
                return;
        case COMPLETE_DIRS:
                (void)fputs("_files -/", out);
                return;
        case COMPLETE_INTERFACES:
                (void)fputs("_net_interfaces", out);
                return;
        case COMPLETE_LIST:
                (void)fprintf(out, "{_bramble_names %s}", row->lister);
                return;
        default:
                return;
        }
}

static void zsh_options(FILE *out, const struct option *options) {
        for (const struct option *o = options; o && o->name; o++) {
                (void)fprintf(out, " \\\n                '%s--%s[", o->form > FORM_NUMBER ? "*" : "",
                              o->name);
                zsh_quote(out, o->help);
                (void)fputc(']', out);
                if (o->arg)
                        zsh_value(out, o->arg, o->kind, o->choices);
                (void)fputc('\'', out);
        }
}

static void zsh_command(FILE *out, const struct command *c) {
        (void)fprintf(out, "        '%s%s%s') _arguments", c->noun, c->verb ? " " : "",
                      c->verb ? c->verb : "");
        zsh_options(out, c->options);
        zsh_options(out, global_options);
        for (const struct word *w = c->words; w->name; w++) {
                (void)fputs(" \\\n                '", out);
                zsh_value(out, w->name, w->kind, w->choices);
                (void)fputc('\'', out);
        }
        (void)fputs(" ;;\n", out);
}

static void zsh_verbs(FILE *out, const char *noun) {
        if (command_find(noun, NULL))
                return;
        (void)fprintf(out, "        '%s') compadd --", noun);
        for (const struct command *c = commands; c->noun; c++)
                if (strcmp(c->noun, noun) == 0)
                        (void)fprintf(out, " %s", c->verb);
        (void)fputs("; return ;;\n", out);
}

void completion_zsh(FILE *out) {
        (void)fputs("#compdef bramble\n"
                    "# zsh completion for bramble, made by `bramble completion zsh`\n\n"
                    "_bramble_names() {\n"
                    "        local column=1\n"
                    "        [[ $1 != machine ]] || column=2\n"
                    "        compadd -- ${(f)\"$(bramble $1 $2 2>/dev/null | cut -f $column)\"}\n"
                    "}\n\n"
                    "_bramble() {\n"
                    "        if (( CURRENT == 2 )); then\n"
                    "                compadd --",
                    out);
        completion_each_noun(out, completion_noun);
        (void)fputs("\n"
                    "                return\n"
                    "        fi\n"
                    "        (( CURRENT != 3 )) || case $words[2] in\n",
                    out);
        completion_each_noun(out, zsh_verbs);
        (void)fputs("        esac\n"
                    "        local command=$words[2]\n"
                    "        if [[ $command != (",
                    out);
        const char *bar = "";
        for (const struct command *c = commands; c->noun; c++) {
                if (c->verb)
                        continue;
                (void)fprintf(out, "%s%s", bar, c->noun);
                bar = "|";
        }
        (void)fputs(") ]]; then\n"
                    "                command+=\" $words[3]\"\n"
                    "                shift words\n"
                    "                (( CURRENT-- ))\n"
                    "        fi\n"
                    "        shift words\n"
                    "        (( CURRENT-- ))\n"
                    "        case $command in\n",
                    out);
        for (const struct command *c = commands; c->noun; c++)
                zsh_command(out, c);
        (void)fputs("        esac\n"
                    "}\n\n"
                    "if [[ $funcstack[1] == _bramble ]]; then _bramble \"$@\"; else compdef _bramble "
                    "bramble; fi\n",
                    out);
}
