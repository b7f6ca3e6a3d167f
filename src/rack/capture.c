/* What boards said; see capture.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/capture.h"

#include <assert.h>
#include <string.h>

#include "base/reader.h"
#include "base/writer.h"
#include "rack/macs.h"

enum { RECORD_HEAD = 8 + 2 /* when, and how long it is */ };

struct capture {
        struct macs_item known;
        uint64_t session;
        size_t len, n_left_out;
        uint8_t octets[CAPTURE_OCTETS_MAX];
};

static_assert(offsetof(struct capture, known) == 0, "what macs.h finds and frees");

struct captures {
        struct macs macs;
};

struct captures *captures_new(struct hash_key key, size_t max) {
        CLEANUP(captures_free_at) struct captures *c = calloc(1, sizeof(*c));
        return c && macs_init(&c->macs, key, max) == 0 ? TAKE(c) : NULL;
}

void captures_free(struct captures *c) {
        if (!c)
                return;
        macs_destroy(&c->macs);
        free(c);
}

/* The message again: the options in their order, and the header's numbers. */
static size_t write_again(const struct dhcp4_packet *p, uint8_t buf[static DHCP4_MESSAGE_MAX]) {
        const struct dhcp4_message m = {
                .op = p->op,
                .hops = p->hops,
                .xid = p->xid,
                .secs = p->secs,
                .flags = p->flags,
                .ciaddr = p->ciaddr,
                .yiaddr = p->yiaddr,
                .siaddr = p->siaddr,
                .giaddr = p->giaddr,
                .mac = p->mac,
                .options = p->options,
                .n_options = p->n_options,
                .size_max = DHCP4_MESSAGE_MAX,
        };
        return dhcp4_message_write(&m, buf);
}

static struct capture *begin(struct captures *c, const struct mac *mac) {
        struct capture *one = macs_find(&c->macs, mac);

        if (!one && macs_is_full(&c->macs))
                macs_remove(&c->macs, macs_spare(&c->macs));
        return one ? one : macs_add(&c->macs, mac, sizeof(*one));
}

void captures_add(struct captures *c, uint64_t session, bool is_known, const struct dhcp4_packet *p,
                  int64_t at_ms) {
        uint8_t message[DHCP4_MESSAGE_MAX];
        struct capture *one = begin(c, &p->mac);
        const size_t len = one ? write_again(p, message) : 0;

        if (!one)
                return;
        if (one->session != session) {
                one->session = session;
                one->len = one->n_left_out = 0;
        }
        macs_touch(&c->macs, &one->known);
        if (is_known)
                macs_keep(&c->macs, &one->known);
        struct writer w = writer_of(one->octets + one->len, sizeof(one->octets) - one->len);
        if (len == 0 || writer_left(&w) < RECORD_HEAD + len) {
                one->n_left_out++;
                return;
        }
        write_u64(&w, (uint64_t)at_ms);
        write_u16(&w, (uint16_t)len);
        write_octets(&w, message, len);
        one->len += writer_len(&w);
}

size_t captures_each(const struct captures *c, const struct mac *mac,
                     bool (*fn)(void *ctx, int64_t at_ms, const uint8_t *octets, size_t len), void *ctx) {
        const struct capture *one = macs_find(&c->macs, mac);

        if (!one)
                return 0;
        struct reader r = reader_of(one->octets, one->len);
        while (reader_left(&r) > 0) {
                const int64_t at_ms = (int64_t)read_u64(&r);
                const size_t len = read_u16(&r);
                const uint8_t *octets = read_octets(&r, len);
                if (r.bad || !fn(ctx, at_ms, octets, len))
                        break;
        }
        return one->n_left_out;
}
