/* Which interfaces are served: the subnets of the site on the interfaces that are there now. Control thread
 * only. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

struct rack;

/** links_watch() - follow interfaces that come, go and change their addresses; 0 or -errno with a sentence.
 */
MUST_CHECK int links_watch(struct rack *r, struct error *reterr);
void links_unwatch(struct rack *r);

/** links_update() - serve what the site says on what is there now. What cannot be served is a problem that
 * people see. */
void links_update(struct rack *r);
