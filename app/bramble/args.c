/* Reading a command line. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble/args.h"
#include "app/bramble/values.h"
#include "base/nearest.h"
#include "base/text.h"

enum { LABEL_MAX = 64 };

/* What is left of argv. */
struct line {
        int argc, at;
        char *const *argv;
        bool options_ended;
};

const char *args_value(const struct args *a, const char *option) {
        for (size_t i = a->n_given; i > 0; i--)
                if (strcmp(a->given[i - 1].option->name, option) == 0)
                        return a->given[i - 1].value;
        return NULL;
}

size_t args_values(const struct args *a, const char *option, const char *ret[static ARGS_OPTIONS_MAX + 1]) {
        size_t n = 0;

        for (size_t i = 0; i < a->n_given; i++)
                if (strcmp(a->given[i].option->name, option) == 0)
                        ret[n++] = a->given[i].value;
        ret[n] = NULL;
        return n;
}

static const struct option *option_named(const struct option *options, const char *name, size_t len) {
        for (const struct option *o = options; o && o->name; o++)
                if (strlen(o->name) == len && strncmp(o->name, name, len) == 0)
                        return o;
        return NULL;
}

static int refuse_option(const struct command *command, const char *typed, struct error *reterr) {
        char name[NEAREST_WORD_MAX + 1];
        const size_t len = strcspn(typed + 2, "=");

        (void)snprintf(name, sizeof(name), "%.*s", (int)(len < sizeof(name) ? len : sizeof(name) - 1),
                       typed + 2);
        struct nearest n = nearest_to(name);
        for (const struct option *o = command ? command->options : NULL; o && o->name; o++)
                nearest_offer(&n, o->name);
        for (const struct option *o = global_options; o->name; o++)
                nearest_offer(&n, o->name);
        if (n.best)
                return error_set(reterr, -EINVAL, "unknown option --%s, did you mean --%s?", name, n.best);
        if (command)
                return error_set(reterr, -EINVAL, "unknown option --%s: `bramble %s%s%s --help` lists them",
                                 name, command->noun, command->verb ? " " : "",
                                 command->verb ? command->verb : "");
        return error_set(reterr, -EINVAL, "unknown option --%s: `bramble help` lists what there is", name);
}

static bool take_global(struct args *a, const struct option *o, const char *value) {
        const struct {
                const char *name;
                bool *flag;
                const char **value;
        } rows[] = {
                { "json", &a->json, NULL },
                { "help", &a->help, NULL },
                { "version", &a->version, NULL },
                { "socket", NULL, &a->socket },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                if (strcmp(rows[i].name, o->name) != 0)
                        continue;
                if (rows[i].flag)
                        *rows[i].flag = true;
                else
                        *rows[i].value = value;
                return true;
        }
        return false;
}

/* A value of an option of the command. */
static int take_option(struct args *a, const struct option *o, const char *value, struct error *reterr) {
        char label[LABEL_MAX];
        const bool unsets = a->command && a->command->is_change && o->field && strcmp(value, "none") == 0;
        const bool repeats = o->form == FORM_LIST || o->form == FORM_RANGES || o->form == FORM_ROUTES;
        int r;

        (void)snprintf(label, sizeof(label), "--%s", o->name);
        if (!repeats && args_value(a, o->name))
                return error_set(reterr, -EINVAL, "%s is given twice", label);
        if (!unsets && (r = value_check(o->kind, o->choices, label, value, reterr)) < 0)
                return r;
        if (a->n_given == ARGS_OPTIONS_MAX)
                return error_set(reterr, -EINVAL, "too many options");
        a->given[a->n_given++] = (struct given){ .option = o, .value = value };
        return 0;
}

static int parse_option(struct args *a, struct line *l, struct error *reterr) {
        const char *typed = l->argv[l->at++], *equals = strchr(typed, '=');
        const char *name = typed + 2;
        const size_t len = equals ? (size_t)(equals - name) : strlen(name);
        const struct option *o = option_named(global_options, name, len);
        const char *value = "";

        if (!o && a->command)
                o = option_named(a->command->options, name, len);
        if (!o)
                return refuse_option(a->command, typed, reterr);
        if (!o->arg && equals)
                return error_set(reterr, -EINVAL, "--%s takes no value", o->name);
        if (o->arg) {
                value = equals ? equals + 1 : l->at < l->argc ? l->argv[l->at++] : NULL;
                if (!value)
                        return error_set(reterr, -EINVAL, "--%s needs a value: --%s %s", o->name, o->name,
                                         o->arg);
        }
        return take_global(a, o, value) ? 0 : take_option(a, o, value, reterr);
}

/* ---- noun and verb ---- */

static int refuse_noun(const char *noun, struct error *reterr) {
        struct nearest n = nearest_to(noun);

        for (const struct command *c = commands; c->noun; c++)
                nearest_offer(&n, c->noun);
        if (n.best)
                return error_set(reterr, -EINVAL, "unknown command '%s', did you mean '%s'?", noun, n.best);
        return error_set(reterr, -EINVAL, "unknown command '%s': `bramble help` lists what there is", noun);
}

static int refuse_verb(const char *noun, const char *verb, struct error *reterr) {
        struct nearest n = nearest_to(verb ? verb : "");
        char verbs[400] = "";

        for (const struct command *c = commands; c->noun; c++) {
                if (strcmp(c->noun, noun) != 0)
                        continue;
                const size_t len = strlen(verbs);
                (void)snprintf(verbs + len, sizeof(verbs) - len, "%s%s", len ? ", " : "", c->verb);
                nearest_offer(&n, c->verb);
        }
        if (!verb)
                return error_set(reterr, -EINVAL, "%s: what shall be done? One of %s", noun, verbs);
        if (n.best)
                return error_set(reterr, -EINVAL, "unknown command '%s %s', did you mean '%s %s'?", noun,
                                 verb, noun, n.best);
        return error_set(reterr, -EINVAL, "unknown command '%s %s': there are %s", noun, verb, verbs);
}

static bool is_noun(const char *word) {
        for (const struct command *c = commands; c->noun; c++)
                if (strcmp(c->noun, word) == 0)
                        return true;
        return false;
}

const struct command *command_find(const char *noun, const char *verb) {
        for (const struct command *c = commands; c->noun; c++)
                if (strcmp(c->noun, noun) == 0 && (c->verb == NULL || (verb && strcmp(c->verb, verb) == 0)))
                        return c;
        return NULL;
}

/* Options before the command are global ones; the verb may also come after some. */
static const char *next_word(struct args *a, struct line *l, struct error *reterr, int *r) {
        while (l->at < l->argc) {
                const char *typed = l->argv[l->at];
                if (!text_starts_with(typed, "--") || l->options_ended) {
                        l->at++;
                        return typed;
                }
                if (typed[2] == '\0') {
                        l->options_ended = true;
                        l->at++;
                } else if ((*r = parse_option(a, l, reterr)) < 0) {
                        return NULL;
                }
        }
        return NULL;
}

static int parse_command(struct args *a, struct line *l, struct error *reterr) {
        int r = 0;
        const char *noun = next_word(a, l, reterr, &r), *verb;

        if (!noun)
                return r;
        if (!is_noun(noun))
                return refuse_noun(noun, reterr);
        a->command = command_find(noun, NULL);
        if (a->command)
                return 0;
        a->help_noun = noun;
        verb = next_word(a, l, reterr, &r);
        if (r < 0)
                return r;
        if (!verb && a->help)
                return 0;
        a->command = verb ? command_find(noun, verb) : NULL;
        return a->command ? 0 : refuse_verb(noun, verb, reterr);
}

/* ---- the words after them ---- */

/* What word @at of the command is; NULL: there is none. */
static const struct word *word_at(const struct command *c, size_t at) {
        const struct word *last = NULL;

        for (size_t i = 0; i <= at && i < WORDS_MAX && c->words[i].name; i++)
                last = &c->words[i];
        if (!last)
                return NULL;
        return (size_t)(last - c->words) == at || text_ends_with(last->name, "...") ? last : NULL;
}

static int take_word(struct args *a, const char *value, struct error *reterr) {
        const struct word *word = word_at(a->command, a->n_words);

        if (!word || a->n_words == ARGS_WORDS_MAX)
                return error_set(reterr, -EINVAL,
                                 "what is '%s' for? `bramble %s%s%s --help` says how it is written", value,
                                 a->command->noun, a->command->verb ? " " : "",
                                 a->command->verb ? a->command->verb : "");
        const int r = a->help ? 0 : value_check(word->kind, word->choices, word->name, value, reterr);
        if (r == 0)
                a->words[a->n_words++] = value;
        return r;
}

static int check_options(const struct args *a, struct error *reterr) {
        for (const struct option *o = a->command->options; o && o->name; o++) {
                if (option_is_required(a->command, o) && !args_value(a, o->name))
                        return error_set(reterr, -EINVAL, "%s%s%s: --%s %s is missing", a->command->noun,
                                         a->command->verb ? " " : "",
                                         a->command->verb ? a->command->verb : "", o->name, o->arg);
        }
        return 0;
}

static int check_complete(const struct args *a, struct error *reterr) {
        const struct word *missing = a->n_words < WORDS_MAX ? &a->command->words[a->n_words] : NULL;

        if (a->help)
                return 0;
        if (!missing || !missing->name || missing->is_optional)
                return check_options(a, reterr);
        return error_set(reterr, -EINVAL, "%s%s%s: %s is missing (%s)", a->command->noun,
                         a->command->verb ? " " : "", a->command->verb ? a->command->verb : "", missing->name,
                         missing->choices ? missing->choices : value_row(missing->kind)->wanted);
}

int args_parse(int argc, char *const argv[], struct args *ret, struct error *reterr) {
        struct line l = { .argc = argc, .at = 1, .argv = argv };
        int r;

        *ret = (struct args){};
        if ((r = parse_command(ret, &l, reterr)) < 0 || !ret->command)
                return r;
        for (const char *word; (word = next_word(ret, &l, reterr, &r));)
                if ((r = take_word(ret, word, reterr)) < 0)
                        return r;
        return r < 0 ? r : check_complete(ret, reterr);
}
