/* One TFTP download; see fetch.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-sim/fetch.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "base/writer.h"

enum { RRQ = 1, DATA = 3, ACK = 4, ERROR = 5, OACK = 6, BLKSIZE_PLAIN = 512, BLKSIZE_MIN = 8 };

static struct fetch_step send_rrq(struct fetch *f, uint64_t now_ms, uint8_t *buf) {
        struct writer w = writer_of(buf, FETCH_PACKET_SIZE);
        char number[12];

        write_u16(&w, RRQ);
        write_cstr(&w, f->path);
        write_cstr(&w, "octet");
        if (f->options) {
                write_cstr(&w, "tsize");
                write_cstr(&w, "0");
        }
        if (f->options > 1) {
                (void)snprintf(number, sizeof(number), "%u", f->options);
                write_cstr(&w, "blksize");
                write_cstr(&w, number);
        }
        assert(!w.full);
        f->last_ms = now_ms;
        return (struct fetch_step){ .send_len = writer_len(&w), .to_listener = true };
}

static struct fetch_step send_ack(struct fetch *f, uint64_t now_ms, uint8_t *buf) {
        struct writer w = writer_of(buf, FETCH_PACKET_SIZE);

        write_u16(&w, ACK);
        write_u16(&w, (uint16_t)f->block);
        f->last_ms = now_ms;
        return (struct fetch_step){ .send_len = writer_len(&w) };
}

/* How firmware ends a transfer that it only wanted to see begin (facts 2.1, rule 3). */
static struct fetch_step end_early(struct fetch *f, enum fetch_state state, uint8_t *buf) {
        struct writer w = writer_of(buf, FETCH_PACKET_SIZE);

        write_u16(&w, ERROR);
        write_u16(&w, 0);
        write_cstr(&w, "Early terminate");
        f->state = state;
        return (struct fetch_step){ .send_len = f->server_port ? writer_len(&w) : 0 };
}

static struct fetch_step send_early_terminate(struct fetch *f, uint8_t *buf) {
        return end_early(f, FETCH_FOUND, buf);
}

struct fetch_step fetch_give_up(struct fetch *f, uint8_t *buf) {
        return end_early(f, FETCH_BROKEN, buf);
}

struct fetch_step fetch_begin(struct fetch *f, const struct family *family, const char *path, enum want want,
                              uint16_t port, uint64_t now_ms, uint8_t *buf) {
        *f = (struct fetch){
                .state = FETCH_ASKING,
                .want = want,
                .options = family->rrq_blksize,
                .blksize = BLKSIZE_PLAIN,
                .last_block = family->last_block,
                .port = port,
                .size = UINT64_MAX,
                .start_ms = now_ms,
                .packet_ms = family->packet_ms,
                .file_ms = family->file_ms,
        };
        (void)snprintf(f->path, sizeof(f->path), "%s", path);
        return send_rrq(f, now_ms, buf);
}

static struct fetch_step take_oack(struct fetch *f, struct reader *r, uint64_t now_ms, uint8_t *buf) {
        if (f->state != FETCH_ASKING || !f->options) {
                if (f->block == 0 && f->state == FETCH_READING)
                        return send_ack(f, now_ms, buf); /* our ACK 0 was lost */
                return (struct fetch_step){};
        }
        while (reader_left(r) > 0) {
                const char *name = read_cstr(r), *value = read_cstr(r);
                if (r->bad)
                        return (struct fetch_step){};
                if (strcmp(name, "tsize") == 0)
                        f->size = strtoull(value, NULL, 10);
                if (strcmp(name, "blksize") == 0)
                        f->blksize = (unsigned)strtoul(value, NULL, 10);
        }
        unsigned asked = f->options > 1 ? f->options : BLKSIZE_PLAIN;
        if (f->blksize > asked || f->blksize < BLKSIZE_MIN) {
                f->state = FETCH_BROKEN; /* more than was asked for: RFC 2348 forbids it */
                return (struct fetch_step){};
        }
        f->state = FETCH_READING;
        return f->want == WANT_PROBE ? send_early_terminate(f, buf) : send_ack(f, now_ms, buf);
}

static struct fetch_step take_data(struct fetch *f, struct reader *r, uint64_t now_ms, uint8_t *buf) {
        uint16_t block = read_u16(r);

        if (r->bad || reader_left(r) > f->blksize)
                return (struct fetch_step){};
        if (f->want == WANT_PROBE)
                return send_early_terminate(f, buf);
        f->state = FETCH_READING;
        if (block != (uint16_t)(f->block + 1)) {
                f->duplicates++;
                return block == (uint16_t)f->block ? send_ack(f, now_ms, buf) : (struct fetch_step){};
        }
        f->block++;
        f->octets += reader_left(r);
        if (reader_left(r) < f->blksize)
                f->state = f->size == UINT64_MAX || f->size == f->octets ? FETCH_WHOLE : FETCH_BROKEN;
        bool is_wall = f->block == f->last_block && !fetch_is_over(f);
        struct fetch_step step = is_wall ? fetch_give_up(f, buf) : send_ack(f, now_ms, buf);
        step.data = r->at;
        step.data_len = reader_left(r);
        return step;
}

struct fetch_step fetch_packet(struct fetch *f, uint16_t port, const uint8_t *packet, size_t len,
                               uint64_t now_ms, uint8_t *buf) {
        struct reader r = reader_of(packet, len);
        uint16_t op = read_u16(&r);

        if (r.bad || (f->server_port && port != f->server_port))
                return (struct fetch_step){};
        if (op == ERROR) {
                uint16_t code = read_u16(&r);
                if (!fetch_is_over(f))
                        f->state = code == 1 ? FETCH_NOT_FOUND : FETCH_BROKEN;
                return (struct fetch_step){};
        }
        if (op != OACK && op != DATA)
                return (struct fetch_step){};
        f->server_port = port;
        if (fetch_is_over(f)) /* the last block again: our last ACK was lost */
                return op == DATA && f->state == FETCH_WHOLE ? send_ack(f, now_ms, buf)
                                                             : (struct fetch_step){};
        return op == OACK ? take_oack(f, &r, now_ms, buf) : take_data(f, &r, now_ms, buf);
}

struct fetch_step fetch_tick(struct fetch *f, uint64_t now_ms, uint8_t *buf) {
        if (fetch_is_over(f) || now_ms - f->last_ms < f->packet_ms)
                return (struct fetch_step){};
        if (now_ms - f->start_ms >= f->file_ms)
                return fetch_give_up(f, buf);
        f->resent++;
        return f->state == FETCH_ASKING ? send_rrq(f, now_ms, buf) : send_ack(f, now_ms, buf);
}
