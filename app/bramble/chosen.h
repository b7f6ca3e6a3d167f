/* The machines that a command is about. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "app/bramble/args.h"
#include "app/bramble/cli.h"

/**
 * chosen_machines() - the one that is named, or those that --all, --tag, --pool, --zone and --state select
 * @ret_names:  an array of texts, the caller's
 *
 * Return: an exit code, with its sentence said.
 */
int chosen_machines(struct cli *cli, const struct args *args, json_t **ret_names);
