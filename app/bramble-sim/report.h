/* What the boards lived through, as JSON; and what they fetched, as files. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "app/bramble-sim/board.h"
#include "base/cleanup.h"

/** report_write() - one JSON object with a row for each board and a summary; "-" is standard output. 0 or
 * -errno. */
MUST_CHECK int report_write(const char *path, struct board *const *boards, size_t n, uint64_t took_ms);

/** report_differences() - files of one name whose octets differ between boards of one family; config.txt and
 * cmdline.txt may. */
size_t report_differences(struct board *const *boards, size_t n);

/** report_keep() - put octets of a fetched file below @dir, under its name; 0 or -errno. Names that lead out
 * of @dir are refused. */
MUST_CHECK int report_keep(const char *dir, const char *path, uint64_t offset, const void *data, size_t len);
