/* What a client asks for against what is known of it: a path that names somebody else. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/boot/plan.h"
#include "core/site/site.h"

/**
 * contradiction_in_path() - whether @path names another board than the one that asks
 * @ask:        who asks, as DHCP told it
 * @buf:        the sentence about it
 *
 * A serial or MAC in front of a path, or a MAC in pxelinux.cfg/01-…, is compared with what DHCP said, and
 * with the machine that it belongs to.
 */
bool contradiction_in_path(const struct site *site, const struct boot_ask *ask, const char *path, char *buf,
                           size_t size);
