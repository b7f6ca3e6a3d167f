/*
 * An image's frames onto a disk: what is there already is left alone, the rest is fetched, checked and
 * written.
 *
 * Several threads unpack, check and write while the next frames come in; memory is bounded by the queue
 * between them. A frame is written only when its octets have the SHA-256 that the map says.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "format/blockmap.h"

struct block;
struct job;

/* The part of an image that is written, and how far it moves; offsets of the image. */
struct frames_window {
        uint64_t begin, end; /* octets */
        uint64_t shift;      /* octets, towards the end of the disk */
};

struct frames_place {
        uint64_t at;        /* of the disk */
        uint32_t from, len; /* of the frame's octets; len 0: nothing of it is written */
};

/** frames_place() - where a frame goes. Pure. */
struct frames_place frames_place(const struct blockmap_frame *f, const struct frames_window *w);

struct frames;

/** frames_new() - @path: of the blob; all are borrowed. NULL: out of memory. */
struct frames *frames_new(struct job *job, struct block *disk, const struct blockmap *map,
                          const struct frames_window *window, const char *path);
void frames_free(struct frames *f);
DEFINE_CLEANUP(struct frames, frames_free)

/**
 * frames_check() - see what of the image is on the disk already
 *
 * Looks on only as long as that may pay: a disk whose first frames are others is taken for one that has none.
 *
 * Return: how many octets there are that need not be written, or negative with a sentence.
 */
MUST_CHECK int64_t frames_check(struct frames *f, struct error *reterr);

/** frames_missing() - whether anything but the first frame is missing. */
bool frames_missing(const struct frames *f);

/** frames_forget_first() - the first frame is to be written in any case. */
void frames_forget_first(struct frames *f);

/**
 * frames_write() - fetch, check and write what is missing
 *
 * The frame that holds the partition table comes last: a disk that is half written shows no system. A server
 * that is away is waited for.
 */
MUST_CHECK int frames_write(struct frames *f, struct error *reterr);

/**
 * frames_fetch_first() - the octets of the first frame, for who must know the image's partition table before
 * @ret:        BLOCKMAP_FRAME_MAX octets
 *
 * Return: how many there are, or negative with a sentence.
 */
MUST_CHECK int frames_fetch_first(struct job *job, const struct blockmap *map, const char *path, void *ret,
                                  struct error *reterr);

/** frames_written() - octets that were written by it. */
uint64_t frames_written(const struct frames *f);
