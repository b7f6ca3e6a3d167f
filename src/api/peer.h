/* Who may use the API's socket: root, the daemon's own user, and members of its group. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "net/http/server.h"

enum { API_GROUP_NONE = -1 };

/** api_peer_is_welcome() - @own_uid: the daemon's; @group: the group's number, or API_GROUP_NONE when there
 * is no such group. */
bool api_peer_is_welcome(const struct http_peer *peer, unsigned own_uid, long group);
