/* What --server and --boot-order mean, for all commands that set EEPROMs. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <netinet/in.h>

#include "app/bramble/args.h"
#include "app/bramble/card/settings.h"
#include "app/bramble/cli.h"

/**
 * card_wish_settings() - server and boot order of @ret
 * @server:     room for an address that was looked for
 *
 * Prints its failures. Return: an exit code.
 */
MUST_CHECK int card_wish_settings(struct cli *cli, const struct args *args,
                                  char server[static INET_ADDRSTRLEN], struct card_settings *ret);
