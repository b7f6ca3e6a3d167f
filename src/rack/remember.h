/*
 * After a start: the boots that the restart broke into go on. Control thread only.
 *
 * The trail has the story of each, and its tokens are made of what the story says (token.h); so an agent that
 * waits, a loader with URLs of ours and a system with its seed notice nothing but a short silence.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rack/state.h"

/** rack_remember() - from leases and trail, once the first snapshot is there. */
void rack_remember(struct rack *r);
