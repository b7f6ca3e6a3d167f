/* The end of an import, which may take minutes: how far it is, and how to stop it. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "app/bramble/cli.h"

/**
 * import_finish() - ask the daemon to make an image of what was sent
 * @id:         of the import
 * @ret:        the image
 *
 * Shows how far it is on standard error, where that is a terminal. Ctrl-C gives the import up, and waits
 * until nothing is left of it. Prints its failures; returns an exit code.
 */
MUST_CHECK int import_finish(struct cli *cli, const char *id, json_t **ret);
