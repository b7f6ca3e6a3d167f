/*
 * What a script of an operator's says of itself, in the format that MAAS' scripts have: YAML in comments
 * between
 * "# --- Start MAAS 1.0 script metadata ---" and "# --- End MAAS 1.0 script metadata ---". Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include <jansson.h>

/** script_header() - the metadata as an object, which the caller owns; an empty one when there is none, NULL
 * when it is broken. */
json_t *script_header(const char *script, size_t len);

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
