/* What an agent asks and says: one function for each name of its protocol (docs/agent-protocol.md). Each
 * answers who was let in (asked.h). */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rack/asked.h"

void agent_answer_hello(struct asked *a);
void agent_answer_knock(struct asked *a); /* who was let in came to the right door */
void agent_answer_task(struct asked *a);
void agent_answer_root(struct asked *a);
void agent_answer_progress(struct asked *a);
void agent_answer_result(struct asked *a);
void agent_answer_script(struct asked *a);
void agent_answer_blob(struct asked *a); /* what its image is made of, by its SHA-256 */
