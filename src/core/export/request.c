/* Requests to bramble-helper as octets; see request.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/export/request.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/reader.h"
#include "base/text.h"
#include "base/writer.h"

/* What a verb needs to be told. */
enum needs { VOLUME = 1, CONTENT = 2, BOOT = 4, ADDRESSES = 8 };

static const struct verb {
        const char *name;
        unsigned needs;
} verbs[HELPER_VERBS] = {
        [HELPER_HELLO] = { "hello", 0 },
        [HELPER_LIST] = { "list", 0 },
        [HELPER_CHECK] = { "check", 0 },
        [HELPER_MAKE] = { "make", VOLUME | CONTENT },
        [HELPER_RESET] = { "reset", VOLUME | CONTENT | BOOT },
        [HELPER_REMOVE] = { "remove", VOLUME },
        [HELPER_OFFER] = { "offer", VOLUME | ADDRESSES },
        [HELPER_WITHDRAW] = { "withdraw", VOLUME },
        [HELPER_TAKE] = { "take", VOLUME | CONTENT },
};

const char *helper_verb_name(enum helper_verb verb) {
        return verb < HELPER_VERBS ? verbs[verb].name : "";
}

static void write_volume(struct writer *w, const struct volume *v) {
        write_u8(w, (uint8_t)v->kind);
        write_u8(w, (uint8_t)v->part);
        write_u64(w, v->machine);
}

static struct volume read_volume(struct reader *r) {
        struct volume v = {};

        v.kind = (enum volume_kind)read_u8(r);
        v.part = (enum volume_part)read_u8(r);
        v.machine = read_u64(r);
        return v;
}

void helper_request_write(const struct helper_request *q, uint8_t buf[static HELPER_REQUEST_SIZE]) {
        struct writer w = writer_of(buf, HELPER_REQUEST_SIZE);

        write_u8(&w, HELPER_VERSION);
        write_u8(&w, (uint8_t)q->verb);
        write_u32(&w, q->serial);
        write_volume(&w, &q->volume);
        write_octets(&w, q->content, sizeof(q->content));
        write_u64(&w, q->size);
        write_u64(&w, q->deployment);
        write_u64(&w, q->boot);
        write_u32(&w, ip_to_v4(&q->server));
        write_u32(&w, ip_to_v4(&q->client));
        assert(!w.full && writer_left(&w) == 0);
}

static struct ip_addr read_v4(struct reader *r) {
        uint32_t v4 = read_u32(r);
        return v4 ? ip_from_v4(v4) : (struct ip_addr){};
}

static bool is_sound(const struct helper_request *q) {
        if (q->verb >= HELPER_VERBS)
                return false;
        const unsigned needs = verbs[q->verb].needs;

        if (needs & VOLUME && !volume_is_sound(&q->volume))
                return false;
        if (needs & CONTENT && q->volume.kind == VOLUME_NBD &&
            (q->size < VOLUME_SIZE_LEAST || q->size > VOLUME_SIZE_MOST || q->size % VOLUME_MIB))
                return false;
        if (needs & BOOT && q->boot == 0)
                return false;
        return !(needs & ADDRESSES) || (ip_is_set(&q->server) && ip_is_set(&q->client));
}

int helper_request_parse(const void *data, size_t len, struct helper_request *ret) {
        struct reader r = reader_of(data, len);
        const bool is_ours = read_u8(&r) == HELPER_VERSION;
        struct helper_request q = {};

        q.verb = (enum helper_verb)read_u8(&r);
        q.serial = read_u32(&r);
        q.volume = read_volume(&r);
        const uint8_t *content = read_octets(&r, sizeof(q.content));
        if (content)
                memcpy(q.content, content, sizeof(q.content));
        q.size = read_u64(&r);
        q.deployment = read_u64(&r);
        q.boot = read_u64(&r);
        q.server = read_v4(&r);
        q.client = read_v4(&r);
        if (r.bad || reader_left(&r) || !is_ours || !is_sound(&q))
                return -EBADMSG;
        *ret = q;
        return 0;
}

void helper_answer_write(const struct helper_answer *a, uint8_t buf[static HELPER_ANSWER_SIZE]) {
        struct writer w = writer_of(buf, HELPER_ANSWER_SIZE);
        char text[HELPER_TEXT_SIZE] = "";

        (void)memccpy(text, a->text, 0, sizeof(text) - 1);
        write_u8(&w, HELPER_VERSION);
        write_u8(&w, (uint8_t)a->kind);
        write_u32(&w, a->serial);
        write_u32(&w, (uint32_t)a->result);
        write_u32(&w, a->kinds);
        write_u64(&w, a->done);
        write_u64(&w, a->total);
        write_volume(&w, &a->volume);
        write_octets(&w, text, sizeof(text));
        assert(!w.full && writer_left(&w) == 0);
}

int helper_answer_parse(const void *data, size_t len, struct helper_answer *ret) {
        struct reader r = reader_of(data, len);
        const bool is_ours = read_u8(&r) == HELPER_VERSION;
        struct helper_answer a = {};

        a.kind = (enum helper_answer_kind)read_u8(&r);
        a.serial = read_u32(&r);
        a.result = (int32_t)read_u32(&r);
        a.kinds = read_u32(&r);
        a.done = read_u64(&r);
        a.total = read_u64(&r);
        a.volume = read_volume(&r);
        const uint8_t *text = read_octets(&r, sizeof(a.text));
        if (r.bad || reader_left(&r) || !is_ours || a.kind > HELPER_DONE || a.result > 0 ||
            (a.kind == HELPER_LISTED && !volume_is_sound(&a.volume)) || text[sizeof(a.text) - 1] != 0)
                return -EBADMSG;
        memcpy(a.text, text, sizeof(a.text));
        *ret = a;
        return 0;
}
