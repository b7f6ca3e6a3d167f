/*
 * Agents and seeds on boot HTTP: /a/TOKEN/... and /seed/TOKEN/... (docs/agent-protocol.md).
 *
 * Called on any of the server's threads. Answers come from the snapshot and from what is known of the boot
 * session; what was said goes to the control thread (hearing.h).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "net/http/server.h"
#include "rack/view.h"

enum { AGENT_BODIES_MAX = 64 << 20 }; /* octets of all bodies that are collected at one time */

/** agent_http_is_mine() - whether a path is an agent's or a seed's. */
bool agent_http_is_mine(const char *path);

/** agent_http_path() - the same without its token, for the trail: "a/task". */
const char *agent_http_path(const char *path, char *buf, size_t size);

/** agent_http_answer() - @tag: the boot session. */
void agent_http_answer(struct view *v, const struct http_request *r, struct http_answer *ret, uint64_t *tag);

/** agent_http_body_max() - octets of a body that this request may bring. */
size_t agent_http_body_max(struct view *v, const struct http_request *r);

/** agent_http_why() - why a request was refused, asked again; "" when it would be let in. */
void agent_http_why(struct view *v, const struct http_report *r, char *buf, size_t size);
