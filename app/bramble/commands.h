/*
 * What `bramble` can be told: one table of commands, each with its words, its options and the function that
 * does it.
 *
 * Parsing, --help, completion, the request's JSON and the check of bramble(1) all read this table.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct args;
struct cli;

/* What a word or an option's value is: how it is checked early and completed. values.c has a row for each. */
enum value_kind {
        VALUE_NONE, /* an option without a value */
        VALUE_TEXT,
        VALUE_NAME, /* one DNS label */
        VALUE_MACHINE,
        VALUE_MACHINE_OR_MAC,
        VALUE_IMAGE,
        VALUE_MAC,
        VALUE_IP,
        VALUE_HOST, /* an address or a name */
        VALUE_NET,
        VALUE_RANGE,
        VALUE_ROUTE,
        VALUE_NUMBER,
        VALUE_SERIAL,
        VALUE_UUID,
        VALUE_MACHINE_KEY,
        VALUE_STATE,
        VALUE_SCRIPT,
        VALUE_KEY,
        VALUE_WORD, /* a tag, pool, zone or owner */
        VALUE_POWER_DRIVER,
        VALUE_HEX,
        VALUE_CHOICE, /* one of `choices` */
        VALUE_UNKNOWN_POLICY,
        VALUE_DHCP_OPTION,
        VALUE_INTERFACE,
        VALUE_FILE,
        VALUE_DIR,
        VALUE_FILE_OR_DIR,
        VALUE_PACKAGE,
        VALUE_SIZE, /* of a disk */
        VALUE_PATH  /* of a boot tree */
};

/* How a value stands in the request. */
enum json_form {
        FORM_NONE,
        FORM_TEXT,
        FORM_NUMBER,
        FORM_FLAG,
        FORM_SWITCH,
        FORM_LIST,
        FORM_RANGES,
        FORM_ROUTES
};

struct option {
        const char *name; /* without the dashes */
        const char *arg;  /* what its value is called; NULL: none */
        enum value_kind kind;
        const char *choices; /* VALUE_CHOICE, and proposals for others: "server|proxy|off" */
        const char *field;   /* of the request; NULL: the command looks at it itself */
        enum json_form form; /* lists may be given more than once */
        const char *help;
};

struct word {
        const char *name; /* the last one may end in dots: as many as there are */
        enum value_kind kind;
        const char *choices; /* VALUE_CHOICE */
        bool is_optional;
};

enum { WORDS_MAX = 2 };

struct command {
        const char *noun;
        const char *verb; /* NULL: the noun says it all */
        struct word words[WORDS_MAX + 1];
        const struct option *options; /* ends with a NULL name; NULL: none */
        bool is_change;               /* of a thing that is there: an option's value "none" unsets */
        const char *help;             /* one sentence, for lists */
        const char *more;             /* paragraphs below it; NULL: none */
        int (*run)(struct cli *cli, const struct args *args);
};

extern const struct command commands[];      /* ends with a NULL noun; one noun's commands stand together */
extern const struct option global_options[]; /* ends with a NULL name */

/** command_find() - @verb may be NULL; NULL when there is none. */
const struct command *command_find(const char *noun, const char *verb);

/** option_is_required() - whether @c cannot do without @o, one of its options. */
bool option_is_required(const struct command *c, const struct option *o);
