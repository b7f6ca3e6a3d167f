/* How the trail lies on disk; see record.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/hash.h"
#include "base/reader.h"
#include "base/writer.h"
#include "core/trail/record.h"

/* Beyond these no recorder of ours counts; what is added to them later cannot overflow. */
#define NUMBER_MAX (UINT64_C(1) << 60)
#define TIME_MAX_MS (INT64_C(1) << 50)

enum session_end { END_NONE, END_FINISHED, END_OVER, ENDS };

enum { RECORD_MAGIC = 'T' << 8 | '1', HEAD_SIZE = 9, TYPE_SESSION = 1, TYPE_EVENT = 2, TYPE_TRANSFER = 3 };

/* All texts are shorter than 256 octets: their arrays are. */
static void write_text(struct writer *w, const char *text, size_t size) {
        size_t len = strnlen(text, size - 1);
        write_u8(w, (uint8_t)len);
        write_octets(w, text, len);
}

static void read_text(struct reader *r, char *ret, size_t size) {
        size_t len = read_u8(r);
        const uint8_t *octets = read_octets(r, len);
        if (!octets || len >= size || memchr(octets, 0, len)) {
                r->bad = true;
                return;
        }
        memcpy(ret, octets, len);
}

static struct writer record_begin(uint8_t *buf, uint8_t type) {
        struct writer w = writer_of(buf, TRAIL_RECORD_MAX);
        write_u32(&w, 0); /* checksum and size come last */
        write_u16(&w, RECORD_MAGIC);
        write_u16(&w, 0);
        write_u8(&w, type);
        return w;
}

static size_t record_end(struct writer *w) {
        assert(!w->full);
        size_t size = writer_len(w);
        struct writer at_size = writer_of(w->start + 6, 2), at_checksum = writer_of(w->start, 4);
        write_u16(&at_size, (uint16_t)size);
        write_u32(&at_checksum, hash_crc32c(0, w->start + 4, size - 4));
        return size;
}

size_t trail_record_write_session(uint8_t buf[static TRAIL_RECORD_MAX], const struct trail_session *s) {
        struct writer w = record_begin(buf, TYPE_SESSION);
        write_u64(&w, s->id);
        write_u64(&w, (uint64_t)s->start_ms);
        write_u64(&w, (uint64_t)s->last_ms);
        write_octets(&w, s->mac.octets, sizeof(s->mac.octets));
        write_u8(&w, s->ip.family);
        write_octets(&w, s->ip.octets, sizeof(s->ip.octets));
        write_u8(&w, s->is_finished ? END_FINISHED : s->is_over ? END_OVER : END_NONE);
        write_u32(&w, s->n_dropped < UINT32_MAX ? (uint32_t)s->n_dropped : UINT32_MAX);
        write_text(&w, s->machine, sizeof(s->machine));
        return record_end(&w);
}

size_t trail_record_write_event(uint8_t buf[static TRAIL_RECORD_MAX], uint64_t session,
                                const struct trail_event *e) {
        struct writer w = record_begin(buf, e->blksize ? TYPE_TRANSFER : TYPE_EVENT);

        if (e->blksize)
                write_u16(&w, e->blksize);
        write_u64(&w, session);
        write_u64(&w, e->sequence);
        write_u8(&w, (uint8_t)e->kind);
        write_u8(&w, (uint8_t)e->outcome);
        write_u64(&w, (uint64_t)e->at_ms);
        write_u32(&w, e->took_ms);
        write_u64(&w, e->octets);
        write_u64(&w, e->size);
        write_u32(&w, e->resent);
        write_text(&w, e->what, sizeof(e->what));
        write_text(&w, e->detail, sizeof(e->detail));
        write_text(&w, e->client, sizeof(e->client));
        return record_end(&w);
}

static bool is_time(int64_t ms) {
        return ms >= 0 && ms <= TIME_MAX_MS;
}

static bool read_session(struct reader *r, struct trail_session *s) {
        s->id = read_u64(r);
        s->start_ms = (int64_t)read_u64(r);
        s->last_ms = (int64_t)read_u64(r);
        const uint8_t *mac = read_octets(r, sizeof(s->mac.octets));
        s->ip.family = read_u8(r);
        const uint8_t *ip = read_octets(r, sizeof(s->ip.octets));
        uint8_t end = read_u8(r);
        s->n_dropped = read_u32(r);
        read_text(r, s->machine, sizeof(s->machine));
        if (r->bad || end >= ENDS || s->id > NUMBER_MAX || !is_time(s->start_ms) || !is_time(s->last_ms) ||
            (s->ip.family != IP_NONE && s->ip.family != IP_V4 && s->ip.family != IP_V6))
                return false;
        memcpy(s->mac.octets, mac, sizeof(s->mac.octets));
        memcpy(s->ip.octets, ip, sizeof(s->ip.octets));
        s->is_over = end != END_NONE;
        s->is_finished = end == END_FINISHED;
        return true;
}

static bool read_event(struct reader *r, struct trail_event *e) {
        e->sequence = read_u64(r);
        e->kind = (enum trail_kind)read_u8(r);
        e->outcome = (enum trail_outcome)read_u8(r);
        e->at_ms = (int64_t)read_u64(r);
        e->took_ms = read_u32(r);
        e->octets = read_u64(r);
        e->size = read_u64(r);
        e->resent = read_u32(r);
        read_text(r, e->what, sizeof(e->what));
        read_text(r, e->detail, sizeof(e->detail));
        read_text(r, e->client, sizeof(e->client));
        return !r->bad && e->kind < TRAIL_KINDS && e->outcome <= TRAIL_FAILED && e->sequence <= NUMBER_MAX &&
               is_time(e->at_ms);
}

int trail_record_read(const void *data, size_t len, struct trail_record *ret) {
        struct reader head = reader_of(data, len);
        uint32_t checksum = read_u32(&head);
        uint16_t magic = read_u16(&head), size = read_u16(&head);
        uint8_t type = read_u8(&head);

        if (head.bad || magic != RECORD_MAGIC || size < HEAD_SIZE || size > TRAIL_RECORD_MAX || size > len ||
            checksum != hash_crc32c(0, (const uint8_t *)data + 4, size - 4u))
                return -EBADMSG;

        struct reader r = reader_of(head.at, size - (size_t)HEAD_SIZE);
        struct trail_record record = { .is_event = type != TYPE_SESSION };
        bool is_good = false;
        if (type == TYPE_TRANSFER)
                record.event.blksize = read_u16(&r);
        if (type == TYPE_EVENT || record.event.blksize) {
                record.session.id = read_u64(&r);
                is_good = read_event(&r, &record.event);
        } else if (type == TYPE_SESSION) {
                is_good = read_session(&r, &record.session);
        }
        if (!is_good || reader_left(&r) > 0)
                return -EBADMSG;
        *ret = record;
        return size;
}
