/* Any octets as the kernel's answer about links, addresses and neighbours. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/neighbour.h"
#include "io/netif.h"
#include "io/netlink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int take(void *ctx, const struct nlmsghdr *m) {
        struct neighbour n;
        uint16_t state;

        (void)neighbour_read(m, &n, &state);
        return netif_take(ctx, m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        CLEANUP(free_at) struct netif *items = calloc(NETIF_MAX, sizeof(*items));
        CLEANUP(free_at) uint8_t *octets = malloc(len ? len : 1); /* aligned, as what the kernel answers is */
        struct netif_table t = { .items = items };

        if (!items || !octets)
                return 0;
        if (len)
                memcpy(octets, data, len);
        int r = netlink_read(octets, len, take, &t);
        assert(r <= 1 && t.n <= NETIF_MAX);
        for (size_t i = 0; i < t.n; i++) {
                assert(memchr(items[i].name, 0, sizeof(items[i].name)));
                assert(items[i].n_addrs <= NETIF_ADDRS_MAX);
        }
        return 0;
}
