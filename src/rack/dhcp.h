/* DHCP's backend: who asks, which address, which boot. On the control thread, from memory. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "net/dhcp4/server.h"

extern const struct dhcp4_backend rack_dhcp_backend; /* its context: struct rack */
