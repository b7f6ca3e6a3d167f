/* What every Raspberry Pi accepts as an offer to boot (raspberry-pi.md section 1.4). */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

struct boot_plan;

/** pi_offer_fill() - the superset of options known to work: 43, 60, 66, 67, 97, siaddr. */
void pi_offer_fill(struct boot_plan *p);
