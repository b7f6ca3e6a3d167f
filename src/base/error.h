/*
 * A failure as a sentence for people: what was tried, on which thing, and what to do.
 *
 * Used in core/ and above as the last parameter `reterr`; codecs and formats only return codes.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdarg.h>

#include "base/cleanup.h"

struct error {
        int code;       /* negative errno */
        char text[400]; /* one sentence, no full stop, no newline */
};

/** error_set() - say what failed; @err may be NULL. Returns @code, so that `return error_set(…)` reads well.
 */
int error_set(struct error *err, int code, const char *format, ...) PRINTF(3, 4);

/** error_prefix() - name the thing that an error from below was about: "PREFIX: TEXT". Returns err->code. */
int error_prefix(struct error *err, const char *format, ...) PRINTF(2, 3);

/** error_append() - say more at the end of the sentence; what does not fit is left out. Returns err->code. */
int error_append(struct error *err, const char *format, ...) PRINTF(2, 3);
