/*
 * Streams by libarchive: xz, zstd, bzip2, and the one disk image that a zip or tar holds.
 *
 * Whatever libarchive says about the data, a warning too, ends the import: an image is whole or it is none.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/unpack/stream.h"

MUST_CHECK int open_xz(struct stream *below, struct stream **ret, struct error *reterr);
MUST_CHECK int open_zstd(struct stream *below, struct stream **ret, struct error *reterr);
MUST_CHECK int open_bzip2(struct stream *below, struct stream **ret, struct error *reterr);
MUST_CHECK int open_lz4(struct stream *below, struct stream **ret, struct error *reterr);
MUST_CHECK int open_lzma(struct stream *below, struct stream **ret, struct error *reterr);
MUST_CHECK int open_zip(struct stream *below, struct stream **ret, struct error *reterr);

/** open_tar() - 0 when the first file in it is a disk image, which is then the stream; FORMAT_IS_TREE when it
 * is not: it holds the files of a system. */
MUST_CHECK int open_tar(struct stream *below, struct stream **ret, struct error *reterr);

struct archive_entry;

/** tar_walk() - every entry of a tar archive, until @fn answers non-zero; its content is valid during the
 * call. 0, what @fn answered, or -errno. The stream stays the caller's. */
MUST_CHECK int tar_walk(struct stream *tar,
                        int (*fn)(void *ctx, struct archive_entry *e, struct stream *content,
                                  struct error *reterr),
                        void *ctx, struct error *reterr);
