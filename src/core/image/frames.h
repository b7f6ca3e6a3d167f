/*
 * A raw disk made into frames: only the runs that are worth keeping, in pieces of at most 4 MiB that are
 * compressed (zstd) each for itself, and the map that says where they belong (format/blockmap.h).
 *
 * A gap of less than FRAME_GAP_MAX between two runs goes into the frame as zeros: to write it costs less than
 * to begin anew behind it, and whatever lay there is told to nobody.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/image/progress.h"
#include "core/image/store.h"
#include "core/image/volumes.h"

enum { FRAME_GAP_MAX = 256 * 1024 };

/**
 * frames_write() - pack a disk
 * @disk:       path of the raw disk
 * @runs:       path of the runs, as core/unpack/survey.h writes them
 * @ret_map, @ret_frames: sealed writers, the caller's
 *
 * As many threads as there are processors pack; the caller waits.
 *
 * Return: 0, or -errno with a sentence, and nothing stays.
 */
MUST_CHECK int frames_write(struct store *store, const char *disk, const char *runs,
                            const struct volumes *volumes, struct import_progress *progress,
                            struct store_writer **ret_map, struct store_writer **ret_frames,
                            struct error *reterr);
