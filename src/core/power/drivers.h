/* The drivers by name, for drivers.c and for tests; everybody else asks power_driver_by_name(). */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/power/power.h"

extern const struct power_driver power_manual, power_wol, power_ipmi, power_redfish, power_snmp_poe,
        power_webhook, power_tasmota, power_shelly, power_exec, power_fake;
