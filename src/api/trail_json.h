/* Trails as JSON: schemas TrailSession, TrailStep and BootEvent. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "core/trail/trail.h"

json_t *trail_session_json(const struct trail_session *s);
json_t *trail_event_json(const struct trail_session *s,
                         const struct trail_event *e); /* a step with whose it is */
