/* Whatever a client says of itself by DHCP: the question and the key made of it stay within their bounds. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "rack/who.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        static struct dhcp4_packet p;
        static struct board_set *boards;
        struct who who;
        struct boot_ask ask;
        struct lease_client key;

        if (dhcp4_packet_parse(data, len, &p) < 0)
                return 0;
        if (!boards)
                boards = board_set_builtin();
        assert(boards);
        who_of(&p, boards, &who);
        who_ask(&p, &who, boot_client_classify(&who.evidence)->id, &ask);
        who_lease_client(&p, 7, &key);
        assert(ask.client_id_len <= sizeof(ask.client_id));
        assert(!ask.has_serial || boot_client_is_pi(ask.client));
        assert(key.key_len > 0 && key.key_len <= LEASE_KEY_MAX);
        assert(memchr(key.hostname, 0, sizeof(key.hostname)));
        assert(boot_client_by_id(ask.client)->id == ask.client);
        return 0;
}
