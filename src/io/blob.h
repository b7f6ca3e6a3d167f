/* Blobs from files: what the store holds, opened for reading. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/bootfile.h"

/** blob_open_file() - the file at @path as a blob named @id; NULL with -errno in @error. The descriptor is
 * closed with the last reference. */
struct blob *blob_open_file(const char *path, const struct blob_id *id, int *error);
