/* A PoE switch as its agent shows it: find a machine's port, switch it, say its state. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/power/exec_protocol.h"

/** switch_act() - carry out what was asked, as an action of a driver. */
MUST_CHECK int switch_act(const struct power_request *request, struct power_outcome *ret,
                          struct error *reterr);
