/*
 * What cloud-init of a deployed system is told: the four files of its NoCloud data source. Pure.
 *
 * Where a file needs an address of ours it has MACHINE_RACK_MARK, which the rack fills in.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "core/machine/machine.h"

enum { TOKEN_TEXT_SIZE = 2 * MACHINE_TOKEN_HASH_SIZE + 1 }; /* of a deployment: 256 bits in hex */

/**
 * seed_make() - {"meta-data", "user-data", "vendor-data", "network-config"}, each a text; and "give_secrets"
 * where the order says that whoever has the machine's address may read them
 * @wish:       of the order deploy
 * @token:      of this deployment, by which its phone-home is known
 *
 * The hostname and the keys are in the meta-data; the vendor data asks to phone home. What the order brings
 * of its own is handed on as it is: cloud-init lays user data over vendor data. Return: a new object, or
 * NULL: out of memory.
 */
json_t *seed_make(const struct machine *m, const json_t *wish, const char *token);
