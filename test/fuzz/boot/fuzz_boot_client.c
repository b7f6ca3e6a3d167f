/* What a DHCP packet says of its sender: any evidence has exactly one row, and option 97 is read within its
 * bounds. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/reader.h"
#include "core/boot/client.h"
#include "core/boot/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Input: MAC, option 93 (0xffff: none), then lengths and octets of options 97, 55, 94, 60 and 77. */
static const uint8_t *take_octets(struct reader *r, size_t *ret_len) {
        *ret_len = read_u8(r);
        const uint8_t *octets = read_octets(r, *ret_len);
        if (!octets)
                *ret_len = 0;
        return octets;
}

static void take_text(struct reader *r, char text[static 256]) {
        size_t len;
        const uint8_t *octets = take_octets(r, &len);
        if (octets)
                memcpy(text, octets, len);
        text[octets ? len : 0] = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct reader r = reader_of(data, len);
        static struct board_set *boards;
        struct boot_evidence e = {};
        char vendor_class[256], user_class[256];
        struct boot_ask ask;

        if (!boards)
                boards = board_set_builtin();
        e.boards = boards;
        const uint8_t *mac = read_octets(&r, sizeof(e.mac.octets));
        if (mac)
                memcpy(e.mac.octets, mac, sizeof(e.mac.octets));
        uint16_t arch = read_u16(&r);
        e.arch = arch == UINT16_MAX ? -1 : arch;
        e.uuid = take_octets(&r, &e.uuid_len);
        e.params = take_octets(&r, &e.n_params);
        e.undi = take_octets(&r, &e.undi_len);
        take_text(&r, vendor_class);
        take_text(&r, user_class);
        e.vendor_class = vendor_class;
        e.user_class = user_class;
        e.xid = read_u32(&r);

        boot_ask_from_evidence(&e, &ask);
        const struct boot_client *c = boot_client_by_id(ask.client);
        assert(c && c->match(&e));
        assert(!ask.has_serial || boot_client_is_pi(c->id));
        /* A client that says an x86 architecture and is no Pi never becomes an ARM one, nor the other way
         * round. */
        if (arch == 7 && strcmp(user_class, "iPXE") != 0 && strncmp(vendor_class, "U-Boot", 6) != 0)
                assert(c->arch == ARCH_AMD64);
        return 0;
}
