/* What most nouns do alike: list, show, add, change and delete a thing of the API. Each returns an exit code.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble/args.h"
#include "app/bramble/cli.h"
#include "app/bramble/print.h"

/* @path is the caller's, and NULL when memory was short. */
MUST_CHECK int noun_list(struct cli *cli, const char *path, const struct column *columns);
MUST_CHECK int noun_show(struct cli *cli, const char *path, const struct column *columns, json_t **ret_shown);
MUST_CHECK int noun_delete(struct cli *cli, const char *path);

/** noun_send() - @body is taken over; the answer is printed with --json. */
MUST_CHECK int noun_send(struct cli *cli, const char *method, const char *path, json_t *body);

/** noun_problems() - the problems of the daemon's status in which @about stands, each as a line on standard
 * error. */
void noun_problems(struct cli *cli, const char *about);
