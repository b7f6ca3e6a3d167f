/* NBD's handshake; see nbd_packet.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "app/bramble-agent/root/nbd_packet.h"
#include "base/reader.h"
#include "base/writer.h"

static const uint64_t magic = 0x4e42444d41474943;        /* "NBDMAGIC" */
static const uint64_t option_magic = 0x49484156454f5054; /* "IHAVEOPT" */
static const uint64_t reply_magic = 0x0003e889045565a9;

enum {
        FIXED_NEWSTYLE = 1,
        NO_ZEROES = 2,
        OPT_GO = 7,
        REPLY_ACK = 1,
        REPLY_INFO = 3,
        INFO_EXPORT = 0,
        INFO_BLOCK_SIZE = 3
};
static const uint32_t reply_is_error = 1U << 31;

int nbd_greeting_parse(const uint8_t octets[static NBD_GREETING_SIZE], struct error *reterr) {
        struct reader r = reader_of(octets, NBD_GREETING_SIZE);

        if (read_u64(&r) != magic)
                return error_set(reterr, -EPROTO, "what listens there is no NBD server");
        if (read_u64(&r) != option_magic || !(read_u16(&r) & FIXED_NEWSTYLE))
                return error_set(reterr, -EPROTO,
                                 "the NBD server there speaks a handshake of the time before 2010");
        return 0;
}

size_t nbd_go_write(const char *export, uint8_t buf[static NBD_GO_SIZE]) {
        struct writer w = writer_of(buf, NBD_GO_SIZE);
        size_t len = strlen(export);

        assert(len <= NBD_EXPORT_MAX);
        write_u32(&w, FIXED_NEWSTYLE | NO_ZEROES);
        write_u64(&w, option_magic);
        write_u32(&w, OPT_GO);
        write_u32(&w, (uint32_t)(4 + len + 2 + 2));
        write_u32(&w, (uint32_t)len);
        write_octets(&w, export, len);
        write_u16(&w, 1);
        write_u16(&w, INFO_BLOCK_SIZE);
        assert(!w.full);
        return writer_len(&w);
}

int nbd_reply_parse(const uint8_t octets[static NBD_REPLY_SIZE], struct nbd_reply *ret,
                    struct error *reterr) {
        struct reader r = reader_of(octets, NBD_REPLY_SIZE);
        struct nbd_reply reply = { .kind = NBD_SAYS_MORE };

        if (read_u64(&r) != reply_magic || read_u32(&r) != OPT_GO)
                return error_set(reterr, -EPROTO, "the NBD server's reply is to another question");
        reply.type = read_u32(&r);
        reply.len = read_u32(&r);
        if (reply.type == REPLY_ACK)
                reply.kind = NBD_IS_READY;
        else if (reply.type & reply_is_error)
                reply.kind = NBD_REFUSES;
        if (reply.len > NBD_REPLY_DATA_MAX)
                return error_set(reterr, -EPROTO, "the NBD server's reply is too long");
        *ret = reply;
        return 0;
}

int nbd_info_parse(const uint8_t *data, size_t len, struct nbd_export *ret) {
        struct reader r = reader_of(data, len);
        struct nbd_export export = *ret;

        switch (read_u16(&r)) {
        case INFO_EXPORT:
                export.size = read_u64(&r);
                export.flags = read_u16(&r);
                break;
        case INFO_BLOCK_SIZE:
                export.block_min = read_u32(&r);
                break;
        }
        if (r.bad)
                return -EPROTO;
        *ret = export;
        return 0;
}

const char *nbd_refusal(const struct nbd_reply *reply) {
        static const struct {
                uint32_t code;
                const char *why;
        } rows[] = {
                { 1, "it is too old to know NBD_OPT_GO" },
                { 2, "it does not let this machine have it" },
                { 5, "it speaks TLS only" },
                { 6, "it has no such export" },
                { 7, "it is shutting down" },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if ((reply->type & ~reply_is_error) == rows[i].code)
                        return rows[i].why;
        return "it does not say why";
}
