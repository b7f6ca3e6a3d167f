/* Whether somebody is alive: ICMP echo (RFC 792). The caller waits: for threads that may. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/addr.h"

/** ping_answers() - whether @ip (IPv4) answers within @timeout_ms. false also when we may not ask. */
bool ping_answers(const struct ip_addr *ip, unsigned timeout_ms);
