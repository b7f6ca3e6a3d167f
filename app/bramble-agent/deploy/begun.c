/* Marks of deployments; see begun.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/deploy/begun.h"
#include "app/bramble-agent/deploy/order.h"
#include "app/bramble-agent/io/sha256.h"
#include "base/text.h"

void begun_mark_write(const struct deploy_order *o, uint8_t ret[static BEGUN_MARK_SIZE]) {
        char image[2 * SHA256_SIZE + 1], instance[2 * SHA256_SIZE + 1];
        uint8_t digest[SHA256_SIZE];
        const char *meta_data = o->seed[0]; /* with the name of the instance, which no other deployment has */

        sha256_of(meta_data, strlen(meta_data), digest);
        memset(ret, 0, BEGUN_MARK_SIZE);
        (void)snprintf((char *)ret, BEGUN_MARK_SIZE, "bramble-deploy %s %s\n",
                       text_hex(o->map.sha256, SHA256_SIZE, image), text_hex(digest, SHA256_SIZE, instance));
}

bool begun_mark_is(const struct deploy_order *o, const uint8_t octets[static BEGUN_MARK_SIZE]) {
        uint8_t mark[BEGUN_MARK_SIZE];

        begun_mark_write(o, mark);
        return memcmp(mark, octets, BEGUN_MARK_SIZE) == 0;
}
