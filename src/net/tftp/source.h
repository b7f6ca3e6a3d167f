/*
 * The octets that a worker sends, as pieces to point at instead of copies.
 *
 * A boot file's octets in memory are pointed at where they lie. Those of blobs come out of a small cache of
 * chunks, so that a thousand boards that fetch one kernel cost one read a chunk, not one a board and block.
 * What was handed out stays put until tftp_source_release(), which the worker calls when the batch is sent.
 *
 * When the clients' places in large files lie so far apart that chunks leave the cache before they are used
 * again, reading whole chunks would cost more than it saves: then only what is asked for is read.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/bootfile.h"

enum {
        TFTP_CHUNK_SIZE = 64 * 1024,    /* octets */
        TFTP_CHUNKS = 64,               /* 4 MiB a worker */
        TFTP_SCRATCH_SIZE = 256 * 1024, /* octets a worker, for what has to be copied */
};

struct tftp_source;

struct tftp_piece {
        const uint8_t *octets;
        size_t len;
};

struct tftp_source *tftp_source_new(void); /* NULL: out of memory */
void tftp_source_free(struct tftp_source *s);
DEFINE_CLEANUP(struct tftp_source, tftp_source_free)

/**
 * tftp_source_gather() - pieces that together are @len octets of @f at @offset, or up to its end
 * @pieces:     filled; @max of them
 *
 * Return: how many pieces; -ENOBUFS: send and release what was handed out, and ask again; or -errno of a
 * blob.
 */
int tftp_source_gather(struct tftp_source *s, const struct boot_file *f, uint64_t offset, size_t len,
                       struct tftp_piece *pieces, size_t max);

/** tftp_source_scratch() - @len octets of room that stay until the release; NULL when there is no more. */
uint8_t *tftp_source_scratch(struct tftp_source *s, size_t len);

/** tftp_source_release() - nothing that was handed out is used any more. */
void tftp_source_release(struct tftp_source *s);
