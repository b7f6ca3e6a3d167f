/*
 * What a script of an operator's says of itself, in the format that MAAS' scripts have: YAML in comments
 * between
 * "# --- Start MAAS 1.0 script metadata ---" and "# --- End MAAS 1.0 script metadata ---". Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include <jansson.h>

enum { SCRIPT_LIFETIME_S = 7 * 86400 }; /* no script is waited for longer */

/**
 * script_header() - the metadata as an object, which the caller owns; an empty one when there is none
 * @ret_line:   of the script, where it is broken, from 1 on; may be NULL
 *
 * Return: NULL when it is broken, or out of memory.
 */
json_t *script_header(const char *script, size_t len, unsigned *ret_line);

/** script_header_line() - the line of the script where the metadata has @key; 0: nowhere. */
unsigned script_header_line(const char *script, size_t len, const char *key);

/** script_timeout_s() - "timeout" of a header, in seconds or as hours:minutes:seconds; 0: none. */
unsigned script_timeout_s(const json_t *header);

/* What a script is run by. */
struct script_interpreter {
        char program[64]; /* the one behind env(1); "" the first line names none */
        char option[64];  /* what stands behind it, as one word; "" none */
};

/** script_interpreter() - by the first line of a script. */
void script_interpreter(const char *script, size_t len, struct script_interpreter *ret);

/**
 * script_argument() - one parameter as the script wants it
 * @name:       of the parameter
 * @parameter:  what the header says of it: its argument_format, or --NAME={input}
 * @fields:     what {input}, {name}, {path}, … stand for; texts
 *
 * Return: a string that the caller frees; NULL: out of memory.
 */
char *script_argument(const char *name, const json_t *parameter, const json_t *fields);
