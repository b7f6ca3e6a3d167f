/* Scope-bound ownership: a variable marked CLEANUP(fn) is released when it leaves scope. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdlib.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))
#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF(format_arg, first_arg) __attribute__((format(printf, format_arg, first_arg)))

/* Hands ownership out of the current scope: yields the pointer and leaves NULL behind. */
#define TAKE(ptr) \
        ({ \
                __typeof__(ptr) taken_ = (ptr); \
                (ptr) = NULL; \
                taken_; \
        })

/* Defines TYPE_free_at(), the CLEANUP() companion of a NULL-safe free function. */
#define DEFINE_CLEANUP(type, free_fn) \
        static inline void free_fn##_at(type **p) { \
                free_fn(*p); \
        }

#define ARRAY_LEN(array) (sizeof(array) / sizeof(*(array)))

/* CLEANUP() companion of free() itself, for any pointer type. */
static inline void free_at(void *p) {
        free(*(void **)p);
}
