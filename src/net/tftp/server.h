/*
 * The TFTP server: worker threads, each with its own epoll, its own sockets and its own transfers.
 *
 * Thin: packet.c decodes, transfer.c decides, this sends. It knows no machines; it asks the backend what lies
 * at a path.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/bootfile.h"
#include "base/error.h"

/* Who asked, as the socket saw it. */
struct tftp_peer {
        struct ip_addr client, server; /* @server: the address of ours that was asked */
        uint16_t client_port;
        unsigned ifindex;
};

/* What the backend says to a read request. */
struct tftp_grant {
        struct boot_file *file; /* one reference, the server's; NULL: refused */
        const char *refusal;    /* text of the ERROR, valid until this worker's next open(); NULL: "File not
                                   found" */
        bool is_ignored; /* no answer at all: the request came where we serve nobody, or the file is not
                            made yet and the client will ask again; @file is NULL */
        uint16_t retransmit_min_ms; /* nothing is sent again sooner, for firmware that stumbles over doubles;
                                       0: 20 */
        uint16_t retransmit_max_ms; /* what this firmware bears; 0: no limit of its own */
        uint64_t tag;               /* the backend's own: handed back in reports (a boot session) */
};

enum tftp_outcome {
        TFTP_DONE,   /* last block acknowledged */
        TFTP_PROBED, /* ended by the client after the OACK or first block, which was all it wanted (EDK2, Pi)
                      */
        TFTP_NOT_FOUND,
        TFTP_ABORTED,   /* the client sent ERROR in the middle */
        TFTP_TIMED_OUT, /* no answer any more */
        TFTP_REFUSED,   /* too many transfers, or not a read request */
        TFTP_BROKEN     /* we could not go on: the file could not be read, or the server stopped */
};

/* One finished transfer, for the trail. */
struct tftp_report {
        struct tftp_peer peer;
        char path[256]; /* as asked, cut if longer */
        enum tftp_outcome outcome;
        uint64_t tag;
        uint64_t start_ms, end_ms; /* monotonic */
        uint64_t size;             /* octets of the file */
        uint64_t sent;             /* octets of it that were acknowledged */
        uint32_t blksize, windowsize;
        uint32_t resent;       /* blocks sent again, but for those that a slow client acknowledged twice */
        char client_error[64]; /* text of the client's ERROR, "" without */
};

/* Called on a worker's thread; @worker counts from 0, so that the backend can keep state without locks. Must
 * not wait. */
struct tftp_backend {
        void (*open)(void *ctx, unsigned worker, const struct tftp_peer *peer, const char *path,
                     uint64_t now_ms, struct tftp_grant *ret);
        void (*report)(void *ctx, unsigned worker, const struct tftp_report *r);
        void (*batch_end)(
                void *ctx,
                unsigned worker); /* after each batch of packets: give snapshots back; may be NULL */
};

struct tftp_config {
        unsigned n_workers;
        uint16_t port;          /* 69; 0: any, for tests */
        unsigned transfers_max; /* in all workers together */
        unsigned transfers_per_client_max;
};

struct tftp_server;

/**
 * tftp_server_start() - open the sockets and start the workers
 *
 * Listens on the wildcard address (replies leave from the address that was asked); requests on interfaces
 * that the backend does not serve get no answer because its open() says is_ignored. Return: 0, or -errno with
 * a sentence.
 */
MUST_CHECK int tftp_server_start(const struct tftp_config *config, const struct tftp_backend *backend,
                                 void *ctx, struct tftp_server **ret, struct error *reterr);

/** tftp_server_port() - where it listens. */
uint16_t tftp_server_port(const struct tftp_server *s);

/* What led to nothing, since the start. */
struct tftp_counts {
        uint64_t malformed; /* datagrams that are no TFTP */
        uint64_t stray;     /* answers to no transfer that runs */
        uint64_t not_sent;  /* messages that the kernel refused */
};

void tftp_server_counts(const struct tftp_server *s, struct tftp_counts *ret);

void tftp_server_stop(struct tftp_server *s); /* joins the workers; frees */
