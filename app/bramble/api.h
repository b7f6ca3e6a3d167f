/*
 * Asking the daemon: JSON there and back, and its problems as sentences.
 *
 * Every function prints its own failure and returns an exit code (cli.h), CLI_OK when all is well.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "app/bramble/cli.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "net/http/client.h"

DEFINE_CLEANUP(json_t, json_decref)

/** api_path() - "/api/v1/" and the given parts with '/' between them, each escaped; ends with a NULL part. */
char *api_path(const char *part, ...) __attribute__((sentinel));

/** api_query() - append "?key=value" or "&key=value"; a NULL value appends nothing. @path is replaced. */
void api_query(char **path, const char *key, const char *value);

/** api_call() - any call; a status of 400 or more is printed and becomes an exit code. */
MUST_CHECK int api_call(struct cli *cli, const struct http_call *call, struct http_reply *ret);

/** api_json() - a call that sends @body (NULL: nothing) and gets JSON (@ret NULL: it is of no interest). */
MUST_CHECK int api_json(struct cli *cli, const char *method, const char *path, const json_t *body,
                        json_t **ret);

/** api_list() - the items of all pages of a list. */
MUST_CHECK int api_list(struct cli *cli, const char *path, json_t **ret);
