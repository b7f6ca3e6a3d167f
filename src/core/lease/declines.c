/* How often a client declined; see declines.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/lease/declines.h"

/* The client's place, or the one that it gets: a free one, or that of the oldest count. */
static struct decliner *place_of(struct declines *d, const struct mac *mac) {
        struct decliner *oldest = &d->items[0];

        for (size_t i = 0; i < DECLINERS_MAX; i++) {
                struct decliner *at = &d->items[i];
                if (at->n > 0 && mac_equal(&at->mac, mac))
                        return at;
                if (oldest->n > 0 && (at->n == 0 || at->since_s < oldest->since_s))
                        oldest = at;
        }
        *oldest = (struct decliner){ .mac = *mac };
        return oldest;
}

bool declines_count(struct declines *d, const struct mac *mac, int64_t now_s, uint32_t within_s) {
        struct decliner *at = place_of(d, mac);

        if (at->n == 0 || now_s - at->since_s >= (int64_t)within_s)
                *at = (struct decliner){ .mac = *mac, .since_s = now_s };
        if (at->n >= DECLINES_MAX)
                return false;
        at->n++;
        return true;
}
