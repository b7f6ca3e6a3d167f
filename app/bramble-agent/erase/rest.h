/* Whether an erased disk can still be read: no disk's word is taken for it. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble-agent/io/block.h"

enum { REST_SAMPLES = 256, REST_SAMPLE_SIZE = 64 << 10 };

/** rest_look_for() - samples from one end to the other, both of them among these. 0: all are zeros; -EUCLEAN
 * with half a sentence: not all are; or another negative with a sentence. */
MUST_CHECK int rest_look_for(struct block *b, struct error *reterr);

/** rest_look_in() - the same of a part of it, @at and @size octets. One smaller than a sample is not looked
 * at. */
MUST_CHECK int rest_look_in(struct block *b, uint64_t at, uint64_t size, struct error *reterr);
