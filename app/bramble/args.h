/* A command line, read by the table of commands. Pure: texts are borrowed from argv. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/bramble/commands.h"
#include "base/cleanup.h"
#include "base/error.h"

enum { ARGS_OPTIONS_MAX = 256, ARGS_WORDS_MAX = 64 };

struct args {
        const struct command *command; /* NULL: only global options, or help of a whole noun */
        const char *help_noun;         /* `bramble NOUN --help` */
        const char *socket;            /* NULL: the default */
        bool json, help, version;
        const char *words[ARGS_WORDS_MAX];
        size_t n_words;
        struct given {
                const struct option *option;
                const char *value; /* "" for an option without a value */
        } given[ARGS_OPTIONS_MAX];
        size_t n_given;
};

/**
 * args_parse() - read argv and check every value that can be checked without asking anybody
 *
 * Options may stand anywhere, as "--name VALUE" or "--name=VALUE"; "--" ends them.
 * Return: 0, or -EINVAL with a sentence that says what was probably meant.
 */
MUST_CHECK int args_parse(int argc, char *const argv[], struct args *ret, struct error *reterr);

/** args_value() - the last value of an option; NULL when it was not given. */
const char *args_value(const struct args *a, const char *option);

/** args_values() - all values of an option, in their order, up to a NULL; returns how many. */
size_t args_values(const struct args *a, const char *option, const char *ret[static ARGS_OPTIONS_MAX + 1]);
