/* An assertion for Ubuntu Core, on a medium beside its disk: aside.h asked with what is on the disks. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble-agent/disk.h"
#include "base/cleanup.h"
#include "base/error.h"

struct job_world;

/** assertion_find_medium() - where it will go; @target: the disk that the system is written to. Nothing is
 * written yet. 0, or negative with a sentence. */
MUST_CHECK int assertion_find_medium(const struct job_world *world, const struct disk *target,
                                     const char *hint, struct disk *ret, struct error *reterr);

/** assertion_write() - a volume that has it in a file, in the place of all that was on the medium. */
MUST_CHECK int assertion_write(const struct job_world *world, const struct disk *medium, const char *text,
                               struct error *reterr);
