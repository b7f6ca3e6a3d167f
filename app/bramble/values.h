/* What the kinds of values are: one row each, with its check and how shells complete it. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble/commands.h"
#include "base/cleanup.h"
#include "base/error.h"

/* What a shell can propose for a value. */
enum completion_kind {
        COMPLETE_NOTHING,
        COMPLETE_CHOICES,
        COMPLETE_FILES,
        COMPLETE_DIRS,
        COMPLETE_INTERFACES,
        COMPLETE_LIST
};

struct value_row {
        bool (*is_right)(const char *value); /* NULL: anything */
        const char *wanted;                  /* "six hex pairs, as in dc:a6:32:01:02:03" */
        enum completion_kind completion;
        const char *lister; /* COMPLETE_LIST: the command that prints proposals in its first column */
};

const struct value_row *value_row(enum value_kind kind);

/** value_check() - whether @value can be what @label takes; 0 or -EINVAL with a sentence. */
MUST_CHECK int value_check(enum value_kind kind, const char *choices, const char *label, const char *value,
                           struct error *reterr);
