/* What a client says of itself against what is known of it: another's serial, a path of another's. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/boot/plan.h"
#include "core/site/site.h"
#include "rack/sighting.h"

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

/**
 * contradiction_of_serial() - whether another board said the serial that this one says
 * @said_before:        who said it last; NULL: nobody
 *
 * Not where both MACs are those of one machine: its card was exchanged, and its entry knows.
 */
bool contradiction_of_serial(const struct site *site, const struct mac *mac,
                             const struct sighting *said_before);
