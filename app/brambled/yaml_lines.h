/*
 * Where each key of a YAML text stands.
 *
 * libcyaml reads values but tells lines only roughly; this walks the same text with libyaml and notes the
 * exact line of every key. What a configuration file has no use for (anchors, several documents, keys that
 * are no words, a key given twice) is refused here.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"
#include "base/error.h"

enum {
        YAML_PATH_MAX = 128,  /* octets of "section.key[3]", with the NUL */
        YAML_KEYS_MAX = 1024, /* keys and list entries in one text */
        YAML_DEPTH_MAX = 8
};

struct yaml_line {
        char path[YAML_PATH_MAX]; /* "api", "api.socket", "interfaces[0]" */
        unsigned line;            /* from 1 */
};

struct yaml_lines {
        struct yaml_line at[YAML_KEYS_MAX];
        size_t n;
};

/** yaml_lines_read() - note every key of @yaml; on failure "@shown line 3: …". Return: 0, -EINVAL or -ENOMEM.
 */
MUST_CHECK int yaml_lines_read(const void *yaml, size_t len, const char *shown, struct yaml_lines **ret,
                               struct error *reterr);

/** yaml_lines_of() - the line of a path, or 0 when the text does not have it. */
unsigned yaml_lines_of(const struct yaml_lines *l, const char *path);
