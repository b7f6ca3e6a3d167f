/* YAML as JSON: what scripts write about themselves and what they found. Bounded, without aliases. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include <jansson.h>

enum { YAML_DEPTH_MAX = 16, YAML_NODES_MAX = 4096, YAML_TEXT_MAX = 256 * 1024 };

/**
 * yaml_to_json() - the first document of a text
 * @ret_line:   of the text, where it is broken, from 1 on; may be NULL
 *
 * Plain true, false, null and numbers become what they say, everything else text.
 *
 * Return: a value that the caller owns, or NULL: it is no YAML, or deeper or longer than the limits.
 */
json_t *yaml_to_json(const char *text, size_t len, unsigned *ret_line);
