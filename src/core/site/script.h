/*
 * An operator's script as the site knows it: what its metadata says, and all of its octets.
 *
 * Values only, reference counted and unchanging, as all that a site holds.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/ref.h"
#include "core/machine/script_result.h"

enum {
        SCRIPT_BODY_MAX = 180 * 1024, /* octets: as base64 it fits into one request */
        SCRIPT_TEXT_MAX = 4096,       /* of a title or description */
        SCRIPT_WORDS_MAX = 32,        /* tags, and parameters */
        SCRIPTS_MAX = 256             /* in one site: all of them are held in memory */
};

enum script_type { SCRIPT_COMMISSIONING, SCRIPT_TESTING, SCRIPT_TYPES };

struct script {
        struct ref ref;
        uint64_t id;
        char name[SCRIPT_NAME_MAX + 1];
        enum script_type type;
        char *title, *description; /* NULL: none */
        uint32_t timeout_s;        /* 0: the usual one */
        bool is_destructive;       /* it writes over what is on the disks */
        char *tags,
                *parameters; /* words with a space between: what it is found by, what it takes; NULL: none */
        char *notes; /* sentences, a line each: what its metadata asks for and is not done; NULL: none */
        int64_t created_s; /* Unix time */
        char *body;        /* NUL-terminated behind its octets */
        size_t body_len;
};

struct script *script_new(void);
struct script *script_take(const struct script *s);
void script_drop(struct script *s);
DEFINE_CLEANUP(struct script, script_drop)

/** script_has_tag(), script_takes() - whether it is one of its tags, of its parameters. */
bool script_has_tag(const struct script *s, const char *tag);
bool script_takes(const struct script *s, const char *parameter);

const char *script_type_name(enum script_type type); /* "commissioning" */
MUST_CHECK int script_type_parse(const char *name, enum script_type *ret);

/** script_is_name() - letters, digits, "-", "_" and ".", and not one that hides or looks like an option. */
bool script_is_name(const char *name);
