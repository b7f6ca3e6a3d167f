/* `bramble help`, `bramble NOUN --help`, `bramble NOUN VERB --help`. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

#include "app/bramble/args.h"
#include "app/bramble/cli.h"
#include "app/bramble/cmd.h"
#include "app/bramble/help.h"

enum { WIDTH = 80, INDENT = 24 };

/* Words of @s in lines of WIDTH, from @column on; lines after the first begin at @indent. */
static void wrap(FILE *out, const char *s, int column, int indent) {
        while (*s) {
                const int len = (int)strcspn(s, " ");
                if (column > indent && column + 1 + len > WIDTH) {
                        (void)fprintf(out, "\n%*s", indent, "");
                        column = indent;
                }
                column += fprintf(out, "%s%.*s", column > indent ? " " : "", len, s);
                s += len;
                s += strspn(s, " ");
        }
        (void)fputc('\n', out);
}

static void print_row(FILE *out, const char *head, const char *help) {
        const int n = fprintf(out, "  %-*s", INDENT - 2, head);

        if (n > INDENT || (int)strlen(head) > INDENT - 3)
                (void)fprintf(out, "\n%*s", INDENT, "");
        wrap(out, help, INDENT, INDENT);
}

static void print_option(FILE *out, const struct option *o) {
        char head[64];

        (void)snprintf(head, sizeof(head), "--%s%s%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
        print_row(out, head, o->help);
}

static void print_usage(FILE *out, const struct command *c) {
        (void)fprintf(out, "%s%s%s", c->noun, c->verb ? " " : "", c->verb ? c->verb : "");
        for (const struct word *w = c->words; w->name; w++)
                (void)fprintf(out, w->is_optional ? " [%s]" : " %s", w->name);
        for (const struct option *o = c->options; o && o->name; o++)
                if (option_is_required(c, o))
                        (void)fprintf(out, " --%s %s", o->name, o->arg);
}

void help_command(FILE *out, const struct command *c) {
        (void)fputs("usage: bramble ", out);
        print_usage(out, c);
        (void)fprintf(out, "%s\n\n", c->options ? " [OPTION]..." : "");
        wrap(out, c->help, 0, 0);
        if (c->more) {
                (void)fputc('\n', out);
                wrap(out, c->more, 0, 0);
        }
        if (c->options)
                (void)fputs("\noptions:\n", out);
        for (const struct option *o = c->options; o && o->name; o++)
                print_option(out, o);
        (void)fputs("\nfor every command:\n", out);
        for (const struct option *o = global_options; o->name; o++)
                print_option(out, o);
}

void help_all(FILE *out, const char *noun) {
        const char *last = "";
        bool had_verb = false;

        (void)fputs("usage: bramble COMMAND [OPTION]...\n\n", out);
        if (!noun)
                (void)fputs(
                        "Tells brambled, the network boot server, what to serve, and shows what it does.\n\n",
                        out);
        for (const struct command *c = commands; c->noun; c++) {
                char head[128] = "";
                if (noun && strcmp(noun, c->noun) != 0)
                        continue;
                if (*last && strcmp(last, c->noun) != 0 && (c->verb || had_verb))
                        (void)fputc('\n', out);
                last = c->noun;
                had_verb = c->verb;
                FILE *f = fmemopen(head, sizeof(head), "w");
                if (f) {
                        print_usage(f, c);
                        (void)fclose(f);
                }
                print_row(out, head, c->help);
        }
        (void)fputs("\nfor every command:\n", out);
        for (const struct option *o = global_options; o->name; o++)
                print_option(out, o);
}

int cmd_help(struct cli *cli, const struct args *args) {
        char *argv[] = { "bramble", (char *)(uintptr_t)args->words[0], (char *)(uintptr_t)args->words[1],
                         "--help", NULL };
        struct args wanted;
        struct error err = {};

        (void)cli;
        if (args->n_words == 0) {
                help_all(stdout, NULL);
                return CLI_OK;
        }
        argv[1 + args->n_words] = "--help";
        if (args_parse(2 + (int)args->n_words, argv, &wanted, &err) < 0)
                return cli_fail_with(CLI_USAGE, &err);
        if (wanted.command)
                help_command(stdout, wanted.command);
        else
                help_all(stdout, wanted.help_noun);
        return CLI_OK;
}
