/* What a worker sends: windows of blocks, offers and errors, put together from pieces. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "net/tftp/worker.h"

/* Of one block: each segment of the file may touch two chunks, and a block is never longer than one. */
enum { PIECES_MAX = 2 * BOOT_FILE_SEGMENTS_MAX + 2 };

static struct udp_to to_peer(const struct tftp_peer *p) {
        return (struct udp_to){ .peer = p->client, .peer_port = p->client_port, .local = p->server };
}

static void count(_Atomic uint64_t *n) {
        atomic_fetch_add_explicit(n, 1, memory_order_relaxed);
}

static void message_fate(void *ctx, void *tag, enum udp_fate fate, int error) {
        struct tftp_worker *w = ctx;
        struct tftp_session *s = tag;

        (void)error; /* its retransmission settles it, or the end of its patience */
        if (fate == UDP_NOT_SENT)
                count(&w->not_sent);
        if (!s || s->is_ended)
                return;
        if (fate == UDP_UNSEGMENTED)
                s->takes_segments = false;
        if (fate == UDP_NO_ROOM) {
                tftp_transfer_not_sent(&s->transfer, w->now_us);
                tftp_wheel_wake_by(&w->wheel, &s->timer, s->transfer.wake_us);
        }
}

void tftp_worker_flush(struct tftp_worker *w) {
        for (unsigned i = 0; i < TFTP_SOCKETS; i++)
                (void)udp_out_flush(w->out[i], w->sockets[i], message_fate, w);
        tftp_source_release(w->source);
        LIST_FOR_EACH(at, &w->ended) {
                list_remove(at);
                tftp_session_free(LIST_ITEM(at, struct tftp_session, timer.link));
        }
}

/* Begins a message; the batch is empty after a flush, so that the second try succeeds. */
static struct udp_out *begin(struct tftp_worker *w, unsigned socket, const struct tftp_peer *peer) {
        const struct udp_to to = to_peer(peer);

        if (!udp_out_begin(w->out[socket], &to, 0)) {
                tftp_worker_flush(w);
                (void)udp_out_begin(w->out[socket], &to, 0);
        }
        return w->out[socket];
}

static void send_octets(struct tftp_worker *w, unsigned socket, const struct tftp_peer *peer,
                        const uint8_t *octets, size_t len, void *tag) {
        struct udp_out *out = begin(w, socket, peer);
        uint8_t *room = udp_out_room(out, len);

        if (!room) {
                tftp_worker_flush(w);
                out = begin(w, socket, peer);
                room = udp_out_room(out, len);
                assert(room);
        }
        memcpy(room, octets, len);
        udp_out_end(out, tag);
}

void tftp_worker_send_error(struct tftp_worker *w, unsigned socket, const struct tftp_peer *peer,
                            enum tftp_error code, const char *text) {
        uint8_t buf[TFTP_ERROR_TEXT_MAX + 5];
        struct writer p = writer_of(buf, sizeof(buf));

        tftp_error_write(&p, code, text);
        send_octets(w, socket, peer, buf, writer_len(&p), NULL);
}

static void send_offer(struct tftp_worker *w, struct tftp_session *s) {
        uint8_t buf[TFTP_OACK_SIZE_MAX];
        struct writer p = writer_of(buf, sizeof(buf));

        tftp_oack_write(&p, &s->transfer.granted);
        assert(!p.full);
        send_octets(w, s->socket, &s->peer, buf, writer_len(&p), s);
}

/* Converts up to @len octets of the stream from @place on, into @out or nowhere. Return: how many, or -errno.
 */
static int64_t convert(struct tftp_worker *w, const struct tftp_session *s, struct netascii_place *place,
                       uint8_t *out, size_t len) {
        enum { STEP = 16 * 1024 }; /* octets read at once: most are taken once, a read too long is cheap */
        size_t done = 0;

        while (done < len) {
                struct tftp_piece pieces[PIECES_MAX];
                size_t want = len - done < STEP ? len - done : STEP;
                int n = tftp_source_gather(w->source, s->file, place->offset, want, pieces, PIECES_MAX);
                if (n <= 0)
                        return n < 0 ? n : (int64_t)done;
                for (int i = 0; i < n && done < len; i++)
                        done += netascii_convert(place, pieces[i].octets, pieces[i].len,
                                                 out ? out + done : NULL, len - done);
        }
        return (int64_t)done;
}

/* Appends one block's octets to the message that is being put together. Return: their length, or -errno. */
static int64_t put_netascii(struct tftp_worker *w, struct tftp_session *s, struct netascii_place *place) {
        uint8_t *room = tftp_source_scratch(w->source, s->transfer.blksize);
        if (!room)
                return -ENOBUFS;
        int64_t n = convert(w, s, place, room, s->transfer.blksize);
        if (n > 0 && !udp_out_point(w->out[s->socket], room, (size_t)n))
                return -ENOBUFS;
        return n;
}

static int64_t put_octets(struct tftp_worker *w, struct tftp_session *s, uint64_t block) {
        struct tftp_piece pieces[PIECES_MAX];
        int64_t len = 0;

        int n = tftp_source_gather(w->source, s->file, (block - 1) * s->transfer.blksize, s->transfer.blksize,
                                   pieces, PIECES_MAX);
        for (int i = 0; i < n; i++) {
                if (!udp_out_point(w->out[s->socket], pieces[i].octets, pieces[i].len))
                        return -ENOBUFS;
                len += (int64_t)pieces[i].len;
        }
        return n < 0 ? n : len;
}

/* Puts one message together, of @n blocks or up to the end of the file. Return: 0 or -errno. */
static int compose(struct tftp_worker *w, struct tftp_session *s, uint64_t first, unsigned n,
                   struct netascii_place *place) {
        const struct udp_to to = to_peer(&s->peer);
        struct udp_out *out = w->out[s->socket];

        if (!udp_out_begin(out, &to, n > 1 ? TFTP_DATA_HEADER_SIZE + s->transfer.blksize : 0))
                return -ENOBUFS;
        for (unsigned i = 0; i < n; i++) {
                uint8_t *header = udp_out_room(out, TFTP_DATA_HEADER_SIZE);
                if (!header)
                        return -ENOBUFS;
                tftp_data_header_put(header, (uint16_t)(first + i));
                int64_t len = s->is_netascii ? put_netascii(w, s, place) : put_octets(w, s, first + i);
                if (len < 0)
                        return (int)len;
                if (len < s->transfer.blksize) {
                        if (s->is_netascii)
                                tftp_transfer_ends_with(&s->transfer, first + i);
                        break;
                }
        }
        udp_out_end(out, s);
        return 0;
}

/* As compose(), after a flush when something is full. */
static int send_message(struct tftp_worker *w, struct tftp_session *s, uint64_t first, unsigned n,
                        struct netascii_place *place) {
        struct netascii_place at = *place;

        int r = compose(w, s, first, n, &at);
        if (r == -ENOBUFS) {
                tftp_worker_flush(w);
                at = *place;
                r = compose(w, s, first, n, &at);
        }
        *place = at;
        return r;
}

/* How many blocks go out in one send. */
static unsigned blocks_of_message(const struct tftp_session *s) {
        size_t segment = TFTP_DATA_HEADER_SIZE + s->transfer.blksize;

        if (segment > UDP_SEGMENT_MAX || !s->takes_segments)
                return 1;
        size_t n = UDP_OCTETS_MAX / segment;
        return n < UDP_SEGMENTS_MAX ? (unsigned)n : UDP_SEGMENTS_MAX;
}

/* netascii: moves @place over @n_blocks. Return: 0, or -errno when the file cannot be read. */
static int skip(struct tftp_worker *w, const struct tftp_session *s, struct netascii_place *place,
                uint64_t n_blocks) {
        uint64_t left = n_blocks * s->transfer.blksize;

        while (left > 0) {
                struct netascii_place at = *place;
                int64_t n =
                        convert(w, s, &at, NULL, left < TFTP_BLKSIZE_MAX ? (size_t)left : TFTP_BLKSIZE_MAX);
                if (n == -ENOBUFS) {
                        tftp_worker_flush(w);
                        continue;
                }
                if (n <= 0)
                        return (int)n;
                *place = at;
                left -= (uint64_t)n;
        }
        return 0;
}

int tftp_worker_skip(struct tftp_worker *w, struct tftp_session *s, uint64_t n_blocks) {
        return skip(w, s, &s->at, n_blocks);
}

int tftp_worker_send(struct tftp_worker *w, struct tftp_session *s, const struct tftp_todo *todo) {
        struct netascii_place place = s->at;

        if (todo->act == TFTP_ACT_OACK)
                send_offer(w, s);
        if (todo->act != TFTP_ACT_BLOCKS)
                return 0;

        int skipped = s->is_netascii ? skip(w, s, &place, todo->first - s->transfer.acked - 1) : 0;
        if (skipped < 0)
                return skipped;
        unsigned at_once = blocks_of_message(s);
        for (unsigned done = 0; done < todo->n;) {
                /* netascii: the end may show itself on the way */
                if (todo->first + done > s->transfer.n_blocks)
                        break;
                unsigned n = todo->n - done < at_once ? todo->n - done : at_once;
                int r = send_message(w, s, todo->first + done, n, &place);
                if (r < 0)
                        return r;
                done += n;
        }
        return 0;
}
