/* Parts of roll-outs of EEPROM updates as the API shows them. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "core/machine/eeprom_order.h"

/** eeprom_order_json() - the part of machine @m; a new reference or NULL. */
json_t *eeprom_order_json(const struct machine *m, const struct eeprom_order *o);
