/*
 * One TFTP worker: a thread with its own listener, data sockets, transfers, timers and chunks. Shares the
 * limits and nothing else with the others.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdatomic.h>

#include "base/hash.h"
#include "io/udp.h"
#include "net/tftp/limits.h"
#include "net/tftp/session.h"
#include "net/tftp/source.h"

struct tftp_worker {
        unsigned number;
        const struct tftp_backend *backend;
        void *ctx; /* the backend's */
        struct tftp_limits *limits;
        struct hash_key key;

        int listener, sockets[TFTP_SOCKETS];
        int epoll, stop; /* @stop: readable when it is time to end; the server's */
        struct udp_in *requests, *answers;
        struct udp_out *out[TFTP_SOCKETS];

        struct tftp_peers *peers;
        struct tftp_wheel wheel;
        struct tftp_source *source;
        struct list ended; /* sessions whose octets may still lie in a batch that was not sent */
        uint64_t now_us;
        unsigned turn; /* the socket of the next answer that begins no transfer */

        /* Read by other threads. */
        _Atomic uint64_t malformed, stray, not_sent;
};

/** tftp_worker_open() - sockets and tables. @port 0: any. 0 or -errno; tftp_worker_close() either way. */
MUST_CHECK int tftp_worker_open(struct tftp_worker *w, uint16_t port);
void tftp_worker_close(struct tftp_worker *w);

/** tftp_worker_run() - serve until @stop is readable; then end all transfers. */
void tftp_worker_run(struct tftp_worker *w);

/* worker_send.c: what goes out. Everything is put into batches; tftp_worker_flush() sends them. */

/** tftp_worker_send_error() - an ERROR from the data socket @socket. */
void tftp_worker_send_error(struct tftp_worker *w, unsigned socket, const struct tftp_peer *peer,
                            enum tftp_error code, const char *text);

/** tftp_worker_send() - carry out @todo. Return: 0, or -errno when the file cannot be read. */
MUST_CHECK int tftp_worker_send(struct tftp_worker *w, struct tftp_session *s, const struct tftp_todo *todo);

/** tftp_worker_skip() - netascii: move to behind the first @n_blocks. Return: as tftp_worker_send(). */
MUST_CHECK int tftp_worker_skip(struct tftp_worker *w, struct tftp_session *s, uint64_t n_blocks);

/** tftp_worker_flush() - hand all batches to the kernel; frees ended sessions. */
void tftp_worker_flush(struct tftp_worker *w);
