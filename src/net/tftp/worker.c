/* A worker's life: what arrives, what is due, what ends. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tftp/worker.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/text.h"
#include "io/clock.h"
#include "io/fd.h"

enum {
        REQUESTS = 64,       /* received at once */
        REQUEST_ROOM = 1024, /* octets; RFC 2347 allows 512 */
        ANSWERS = 128,
        ANSWER_ROOM = 512,
        MESSAGES = 256, /* sent at once from one socket */
        PIECES = 2048,
        OUT_ROOM = 16 * 1024,            /* octets of headers, offers and errors */
        KERNEL_BUFFER = 4 * 1024 * 1024, /* octets; default buffers lose a burst of 130 to 250 packets */
        TOKEN_LISTENER = TFTP_SOCKETS,   /* what epoll hands back; data sockets have their number */
        TOKEN_STOP,
};

static void count(_Atomic uint64_t *n) {
        atomic_fetch_add_explicit(n, 1, memory_order_relaxed);
}

static int watch(struct tftp_worker *w, int fd, uint32_t token) {
        struct epoll_event e = { .events = EPOLLIN, .data.u32 = token };
        return epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
}

static int open_sockets(struct tftp_worker *w, uint16_t port) {
        const struct udp_config listener = {
                .port = port, .is_shared = true, .tells_local = true, .buffer_octets = KERNEL_BUFFER
        };
        const struct udp_config data = { .buffer_octets = KERNEL_BUFFER };

        w->epoll = epoll_create1(EPOLL_CLOEXEC);
        if (w->epoll < 0)
                return -errno;
        w->listener = udp_open(&listener);
        int r = w->listener < 0 ? w->listener : watch(w, w->listener, TOKEN_LISTENER);
        for (unsigned i = 0; r == 0 && i < TFTP_SOCKETS; i++) {
                w->sockets[i] = udp_open(&data);
                r = w->sockets[i] < 0 ? w->sockets[i] : watch(w, w->sockets[i], i);
        }
        return r < 0 ? r : watch(w, w->stop, TOKEN_STOP);
}

int tftp_worker_open(struct tftp_worker *w, uint16_t port) {
        bool is_whole = true;

        w->epoll = w->listener = -1;
        list_init(&w->ended);
        tftp_wheel_init(&w->wheel, clock_now_us());
        for (unsigned i = 0; i < TFTP_SOCKETS; i++) {
                w->sockets[i] = -1;
                w->out[i] = udp_out_new(MESSAGES, PIECES, OUT_ROOM);
                is_whole = is_whole && w->out[i];
        }
        w->requests = udp_in_new(REQUESTS, REQUEST_ROOM);
        w->answers = udp_in_new(ANSWERS, ANSWER_ROOM);
        w->peers = tftp_peers_new(w->key, TFTP_PEERS_IDLE_MAX);
        w->source = tftp_source_new();
        if (!is_whole || !w->requests || !w->answers || !w->peers || !w->source)
                return -ENOMEM;
        return open_sockets(w, port);
}

void tftp_worker_close(struct tftp_worker *w) {
        fd_close(w->epoll);
        fd_close(w->listener);
        for (unsigned i = 0; i < TFTP_SOCKETS; i++) {
                fd_close(w->sockets[i]);
                udp_out_free(w->out[i]);
        }
        udp_in_free(w->requests);
        udp_in_free(w->answers);
        tftp_peers_free(w->peers);
        tftp_source_free(w->source);
}

/* Reports a session and takes it out of everything; its memory goes with the next flush. */
static void end_session(struct tftp_worker *w, struct tftp_session *s, enum tftp_outcome outcome,
                        const struct tftp_packet *last) {
        struct tftp_report report;

        tftp_session_report(s, outcome, w->now_us, &report);
        if (last && last->op == TFTP_ERROR) {
                size_t len = last->error.text_len;
                if (len > sizeof(report.client_error) - 1)
                        len = sizeof(report.client_error) - 1;
                memcpy(report.client_error, last->error.text, len);
        }
        w->backend->report(w->ctx, w->number, &report);
        s->is_ended = true;
        tftp_wheel_remove(&w->wheel, &s->timer);
        tftp_peers_end(w->peers, s->client, s->socket);
        tftp_limits_give(w->limits, &s->peer.client);
        list_append(&w->ended, &s->timer.link);
}

static void break_off(struct tftp_worker *w, struct tftp_session *s, const char *why) {
        tftp_worker_send_error(w, s->socket, &s->peer, TFTP_ERROR_UNDEFINED, why);
        end_session(w, s, TFTP_BROKEN, NULL);
}

static void carry_out(struct tftp_worker *w, struct tftp_session *s, const struct tftp_todo *todo,
                      const struct tftp_packet *cause) {
        if (tftp_worker_send(w, s, todo) < 0)
                break_off(w, s, "The file cannot be read");
        else if (tftp_transfer_is_over(&s->transfer))
                end_session(w, s, tftp_session_outcome(s), cause);
        else
                tftp_wheel_wake_by(&w->wheel, &s->timer, s->transfer.wake_us);
}

/* Why a request begins no transfer. */
struct no {
        enum tftp_outcome outcome;
        enum tftp_error code;
        const char *text;
};

static void turn_down(struct tftp_worker *w, const struct tftp_peer *peer, const char *path, uint64_t tag,
                      const struct no *why) {
        struct tftp_report report = {
                .peer = *peer,
                .outcome = why->outcome,
                .tag = tag,
                .start_ms = w->now_us / 1000,
                .end_ms = w->now_us / 1000,
        };

        (void)strncpy(report.path, path, sizeof(report.path) - 1);
        tftp_worker_send_error(w, w->turn++ % TFTP_SOCKETS, peer, why->code, why->text);
        w->backend->report(w->ctx, w->number, &report);
}

/* The socket for a new transfer. A client that left as many behind as there are sockets loses the oldest of
 * them. */
static unsigned choose_socket(struct tftp_worker *w, struct tftp_client *c) {
        int free_socket = tftp_client_socket(c);
        if (free_socket >= 0)
                return (unsigned)free_socket;

        struct tftp_session *oldest = c->on[0];
        for (unsigned i = 1; i < TFTP_SOCKETS; i++) {
                struct tftp_session *s = c->on[i];
                if (s->start_us < oldest->start_us)
                        oldest = s;
        }
        unsigned socket = oldest->socket;
        end_session(w, oldest, TFTP_TIMED_OUT, NULL);
        return socket;
}

/* Ends what the client's port asked for before, where this other request says that it is over. */
static void settle_earlier(struct tftp_worker *w, struct tftp_client *c, uint64_t request) {
        for (unsigned i = 0; i < TFTP_SOCKETS; i++) {
                struct tftp_session *s = c->on[i];

                if (!s || s->request == request)
                        continue; /* a late double of its request says nothing */
                tftp_transfer_moved_on(&s->transfer);
                if (tftp_transfer_is_over(&s->transfer))
                        end_session(w, s, tftp_session_outcome(s), NULL);
        }
}

static void begin_session(struct tftp_worker *w, const struct tftp_peer *peer, const struct tftp_packet *p,
                          const struct tftp_grant *grant, uint64_t request) {
        struct tftp_session *s = tftp_session_new(peer, p->request.path, grant->file);
        struct tftp_client *c = s ? tftp_peers_add(w->peers, &peer->client, peer->client_port) : NULL;
        if (!c) {
                s ? tftp_session_free(s) : boot_file_drop(grant->file);
                tftp_limits_give(w->limits, &peer->client);
                turn_down(w, peer, p->request.path, grant->tag,
                          &(struct no){ TFTP_BROKEN, TFTP_ERROR_UNDEFINED, "Out of memory" });
                return;
        }
        s->tag = grant->tag;
        s->request = request;
        s->start_us = w->now_us;
        s->is_netascii = p->request.mode == TFTP_MODE_NETASCII;
        s->client = c;
        settle_earlier(w, c, request);
        s->socket = (uint8_t)choose_socket(w, c);
        tftp_peers_begin(w->peers, c, s->socket, s);

        const struct tftp_patience patience = { grant->retransmit_min_ms, grant->retransmit_max_ms };
        uint64_t size = s->is_netascii ? TFTP_SIZE_UNKNOWN : grant->file->size;
        struct tftp_todo todo =
                tftp_transfer_start(&s->transfer, &p->request.options, size, &patience, w->now_us);
        carry_out(w, s, &todo, NULL);
}

/* The session that this very datagram began, when nothing was acknowledged yet: our first answer was lost or
 * slow. */
static struct tftp_session *asked_before(struct tftp_worker *w, const struct tftp_peer *peer,
                                         uint64_t request) {
        struct tftp_client *c = tftp_peers_find(w->peers, &peer->client, peer->client_port);

        for (unsigned i = 0; c && i < TFTP_SOCKETS; i++) {
                struct tftp_session *s = c->on[i];
                if (s && s->request == request && !s->transfer.was_answered)
                        return s;
        }
        return NULL;
}

static void receive_read(struct tftp_worker *w, const struct tftp_peer *peer, const struct tftp_packet *p,
                         uint64_t request) {
        static const struct no too_many = { TFTP_REFUSED, TFTP_ERROR_UNDEFINED,
                                            "Too many transfers at once, try again later" };
        struct tftp_session *same = asked_before(w, peer, request);
        if (same) {
                struct tftp_todo todo = tftp_transfer_asked_again(&same->transfer, w->now_us);
                carry_out(w, same, &todo, NULL);
                return;
        }

        /* Before it is looked for: some files are put together when they are asked for. */
        if (!tftp_limits_has_room(w->limits, &peer->client)) {
                turn_down(w, peer, p->request.path, 0, &too_many);
                return;
        }
        struct tftp_grant grant = {};
        w->backend->open(w->ctx, w->number, peer, p->request.path, w->now_us / 1000, &grant);
        if (grant.is_ignored)
                return;
        const struct no not_found = { TFTP_NOT_FOUND, TFTP_ERROR_NOT_FOUND,
                                      grant.refusal ? grant.refusal : "File not found" };

        if (!grant.file) {
                turn_down(w, peer, p->request.path, grant.tag, &not_found);
        } else if (tftp_limits_take(w->limits, &peer->client)) {
                begin_session(w, peer, p, &grant, request);
        } else {
                boot_file_drop(grant.file);
                turn_down(w, peer, p->request.path, grant.tag, &too_many);
        }
}

/*
 * An ERROR to the listener names no transfer, so it ends none. But a client that sent nothing else meant its
 * probe: when that falls silent, it is not reported as lost.
 */
static void note_stray_error(struct tftp_worker *w, const struct udp_datagram *d) {
        struct tftp_client *c = tftp_peers_find(w->peers, &d->peer, d->peer_port);

        count(&w->stray);
        for (unsigned i = 0; c && i < TFTP_SOCKETS; i++) {
                struct tftp_session *s = c->on[i];
                if (s)
                        s->sent_stray_error = true;
        }
}

/* What is wrong with a request before anybody is asked what lies at its path; NULL: nothing. */
static const struct no *objection(const struct tftp_packet *p) {
        static const struct no bad_name = {
                TFTP_NOT_FOUND, TFTP_ERROR_NOT_FOUND,
                "File not found: the name is not plain ASCII of 1 to 255 octets"
        };
        static const struct no writes = { TFTP_REFUSED, TFTP_ERROR_ILLEGAL,
                                          "Files are only given here, not taken" };
        static const struct no bad_mode = { TFTP_REFUSED, TFTP_ERROR_ILLEGAL,
                                            "The transfer mode is neither octet nor netascii" };

        if (!tftp_path_is_plain(p->request.path))
                return &bad_name;
        if (p->op == TFTP_WRQ)
                return &writes;
        return p->request.mode == TFTP_MODE_OTHER ? &bad_mode : NULL;
}

static void receive_request(struct tftp_worker *w, const struct udp_datagram *d) {
        const struct tftp_peer peer = {
                .client = d->peer, .server = d->local, .client_port = d->peer_port, .ifindex = d->ifindex
        };
        struct tftp_packet p;

        if (tftp_packet_parse(d->octets, d->len, &p) < 0) {
                count(&w->malformed);
        } else if (p.op == TFTP_ERROR) {
                note_stray_error(w, d);
        } else if (p.op == TFTP_ACK) {
                count(&w->stray);
        } else {
                const struct no *why = objection(&p);
                if (why)
                        turn_down(w, &peer, tftp_path_is_plain(p.request.path) ? p.request.path : "", 0, why);
                else
                        receive_read(w, &peer, &p, hash_siphash(w->key, d->octets, d->len));
        }
}

static void receive_answer(struct tftp_worker *w, unsigned socket, const struct udp_datagram *d) {
        struct tftp_client *c = tftp_peers_find(w->peers, &d->peer, d->peer_port);
        struct tftp_session *s = c ? c->on[socket] : NULL;
        struct tftp_packet p;

        if (tftp_packet_parse(d->octets, d->len, &p) < 0) {
                count(&w->malformed);
                return;
        }
        if (!s) {
                count(&w->stray);
                return;
        }
        uint64_t acked = s->transfer.acked;
        struct tftp_todo todo = tftp_transfer_packet(&s->transfer, &p, w->now_us);
        if (s->is_netascii && s->transfer.acked > acked && !tftp_transfer_is_over(&s->transfer) &&
            tftp_worker_skip(w, s, s->transfer.acked - acked) < 0)
                break_off(w, s, "The file cannot be read");
        else
                carry_out(w, s, &todo, &p);
}

static void receive(struct tftp_worker *w, uint32_t token) {
        struct udp_in *in = token == TOKEN_LISTENER ? w->requests : w->answers;
        struct udp_datagram d;

        int n = udp_in_receive(in, token == TOKEN_LISTENER ? w->listener : w->sockets[token]);
        for (int i = 0; i < n; i++) {
                udp_in_at(in, (unsigned)i, &d);
                if (token == TOKEN_LISTENER)
                        receive_request(w, &d);
                else
                        receive_answer(w, token, &d);
        }
}

static void wake_sessions(struct tftp_worker *w) {
        for (struct tftp_timer *t; (t = tftp_wheel_expired(&w->wheel, w->now_us));) {
                struct tftp_session *s = CONTAINER_OF(t, struct tftp_session, timer);
                struct tftp_todo todo = tftp_transfer_tick(&s->transfer, w->now_us);
                carry_out(w, s, &todo, NULL);
        }
}

/* One pass over the clients; ending a session may move entries of their table, so passes go on until one
 * finds nothing. */
static bool end_some(struct tftp_worker *w) {
        bool found = false;
        size_t cursor = 0;

        for (struct tftp_client *c; (c = tftp_peers_next(w->peers, &cursor));)
                for (unsigned i = 0; i < TFTP_SOCKETS; i++)
                        if (c->on[i]) {
                                break_off(w, c->on[i], "The server is stopping");
                                found = true;
                        }
        return found;
}

static void end_all(struct tftp_worker *w) {
        w->now_us = clock_now_us();
        while (end_some(w))
                ;
        tftp_worker_flush(w);
        if (w->backend->batch_end)
                w->backend->batch_end(w->ctx, w->number);
}

void tftp_worker_run(struct tftp_worker *w) {
        struct epoll_event events[TOKEN_STOP + 1];

        for (bool is_stopping = false; !is_stopping;) {
                int n = epoll_wait(w->epoll, events, ARRAY_LEN(events),
                                   tftp_wheel_sleep_ms(&w->wheel, clock_now_us()));
                w->now_us = clock_now_us();
                for (int i = 0; i < n; i++) {
                        if (events[i].data.u32 == TOKEN_STOP)
                                is_stopping = true;
                        else
                                receive(w, events[i].data.u32);
                }
                wake_sessions(w);
                tftp_worker_flush(w);
                if (w->backend->batch_end)
                        w->backend->batch_end(w->ctx, w->number);
        }
        end_all(w);
}
