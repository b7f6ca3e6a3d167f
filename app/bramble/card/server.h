/* The address under which boards reach Bramble: this machine's own on the subnet that it serves. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <netinet/in.h>

#include "app/bramble/cli.h"
#include "base/cleanup.h"

/**
 * card_server_find() - from the daemon's subnets and this machine's interfaces
 *
 * Prints its failures: there is not exactly one. Return: an exit code.
 */
MUST_CHECK int card_server_find(struct cli *cli, char ret[static INET_ADDRSTRLEN]);
