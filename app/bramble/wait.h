/* Waiting for machines, with a line for each that says how far it is. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "app/bramble/cli.h"

/**
 * wait_for() - until each machine rests again
 * @machines:   as they were when it began
 *
 * On a terminal the lines are drawn anew every second; else there is one for each change.
 * Return: CLI_OK when all went well, CLI_REFUSED when one ended in a failed state, or fell back from
 * a trial.
 */
MUST_CHECK int wait_for(struct cli *cli, const json_t *machines);
