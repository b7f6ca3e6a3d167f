/* What machines' power can hang on, the one list. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/power/drivers.h"

const struct power_driver *const power_drivers[] = {
        &power_manual,   &power_wol,     &power_ipmi,    &power_redfish,
        &power_snmp_poe, &power_webhook, &power_tasmota, &power_shelly,
        &power_exec,     &power_fake,    NULL,
};
