/* Who may use the API's socket; see peer.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/peer.h"

bool api_peer_is_welcome(const struct http_peer *peer, unsigned own_uid, long group) {
        if (peer->uid == 0 || peer->uid == own_uid)
                return true;
        if (group == API_GROUP_NONE)
                return false;
        if (peer->gid == group)
                return true;
        for (size_t i = 0; i < peer->n_groups; i++) {
                if (peer->groups[i] == group)
                        return true;
        }
        return false;
}
