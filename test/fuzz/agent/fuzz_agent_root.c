/* Whatever a server, or who plays one, says of a root; and whatever an NBD server says when it shakes hands.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "app/bramble-agent/root/nbd_packet.h"
#include "app/bramble-agent/root/order.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void shake_hands(const uint8_t *data, size_t len) {
        struct error error = { 0 };
        struct nbd_export export = { 0 };
        struct nbd_reply reply;

        if (len < NBD_GREETING_SIZE || nbd_greeting_parse(data, &error) < 0)
                return;
        data += NBD_GREETING_SIZE;
        len -= NBD_GREETING_SIZE;
        while (len >= NBD_REPLY_SIZE && nbd_reply_parse(data, &reply, &error) == 0) {
                data += NBD_REPLY_SIZE;
                len -= NBD_REPLY_SIZE;
                assert(reply.len <= NBD_REPLY_DATA_MAX && *nbd_refusal(&reply));
                if (reply.kind != NBD_SAYS_MORE || reply.len > len ||
                    nbd_info_parse(data, reply.len, &export) < 0)
                        return;
                data += reply.len;
                len -= reply.len;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct root_order order = { 0 };
        struct error error = { 0 };

        shake_hands(data, len);
        if (root_order_parse((const char *)data, len, &order, &error) < 0) {
                assert(*error.text && !order.body);
                return 0;
        }
        assert(order.init[0] == '/' && !strstr(order.init, "/../"));
        for (unsigned i = 0; i < order.n_data; i++)
                assert(order.data[i].mount[0] == '/' && order.data[i].mount[1]);
        root_order_clear(&order);
        return 0;
}
