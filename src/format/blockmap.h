/*
 * The map of a disk image: which octets of the disk are worth writing, and where they lie in the frames blob.
 *
 * Pure codec of our own format, shared by the import that writes it and the agent that follows it. A disk is
 * held as two blobs: this map, and the frames, each compressed (zstd) for itself and lying one after another.
 * What no frame covers is a hole, or belongs to nobody: it need not be written.
 *
 *      magic "BRMBLMAP", u32 version, u32 sector size, u64 disk size, u64 size of the frames blob, u32 number
 *      of frames, u32 zero; then for each frame: u64 offset on the disk, u32 length there, u32 length in the
 *      blob, u64 offset in the blob, 32 octets SHA-256 of what is written to the disk
 *
 * Numbers are big-endian, sizes and offsets in octets.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/bootfile.h"
#include "base/cleanup.h"
#include "base/writer.h"

enum {
        BLOCKMAP_VERSION = 1,
        BLOCKMAP_HEADER = 40,                 /* octets before the first frame */
        BLOCKMAP_RECORD = 56,                 /* octets of each frame in the map */
        BLOCKMAP_FRAME_MAX = 4 * 1024 * 1024, /* of the disk: what an agent holds in memory, twice */
        BLOCKMAP_PACKED_MAX = 4224 * 1024,    /* of the blob: noise grows a little when it is packed */
        BLOCKMAP_FRAMES_MAX = 512 * 1024,     /* 28 MiB of map, which the smallest boards can hold */
        BLOCKMAP_SIZE_MAX = BLOCKMAP_HEADER + BLOCKMAP_FRAMES_MAX * BLOCKMAP_RECORD
};

struct blockmap {
        uint64_t disk_size;   /* of the image; the disk that it is written to has at least as many octets */
        uint64_t frames_size; /* of the frames blob */
        uint32_t sector_size; /* that the partition table counts in: 512 or 4096; all offsets are multiples */
        uint32_t n_frames;
        const uint8_t *records; /* made by blockmap_parse(): in the caller's octets */
};

/* One frame: @len octets that belong at @offset of the disk. */
struct blockmap_frame {
        uint64_t offset;
        uint32_t len;
        uint32_t packed_len;
        uint64_t packed_offset;      /* in the frames blob */
        uint8_t sha256[SHA256_SIZE]; /* of the @len octets */
};

/**
 * blockmap_parse() - read a map and check all of it
 * @data:       the map, which outlives @ret
 *
 * When it succeeds, frames ascend and do not overlap, lie inside the disk and on its sectors, are none longer
 * than BLOCKMAP_FRAME_MAX, and follow one another in the frames blob without a gap to its end.
 *
 * Return: 0, -EBADMSG, or -ENOTSUP for a map of a later version.
 */
MUST_CHECK int blockmap_parse(const void *data, size_t len, struct blockmap *ret);

/** blockmap_frame() - frame @i of a map that was parsed, @i < n_frames. */
struct blockmap_frame blockmap_frame(const struct blockmap *m, uint32_t i);

/** blockmap_octets() - how many octets of the disk the frames cover. */
uint64_t blockmap_octets(const struct blockmap *m);

/** blockmap_write_header(), blockmap_write_frame() - a map, from its begin; m->records is not looked at. */
void blockmap_write_header(struct writer *w, const struct blockmap *m);
void blockmap_write_frame(struct writer *w, const struct blockmap_frame *f);
