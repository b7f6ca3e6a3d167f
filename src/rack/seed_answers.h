/* What a system asks and says: cloud-init's seed, and how a deployment reports (docs/agent-protocol.md). */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rack/asked.h"

/** seed_answer() - a member of the seed, to who was let in. */
void seed_answer(struct asked *a);

/** seed_deployment() - the machine whose deployment somebody knows the token of, wherever it asks from; NULL.
 */
const struct machine *seed_deployment(struct view *v, const char *token);

/* The next two let in whoever knows a deployment's token. */
void seed_answer_wanted(struct asked *a, const struct asked_path *p);
void seed_answer_phone_home(struct asked *a, const struct asked_path *p);
