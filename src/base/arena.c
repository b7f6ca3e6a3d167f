/* Memory that is freed all at once; see arena.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

enum { CHUNK_SIZE = 8192 }; /* octets: a boot plan and its texts fit the first one */

struct chunk {
        struct chunk *next;
        size_t size, used;
        alignas(max_align_t) unsigned char room[];
};

struct arena {
        struct chunk *first; /* newest first; the oldest one stays over a reset */
        size_t limit, given;
};

static struct chunk *chunk_new(size_t size) {
        struct chunk *c = malloc(sizeof(*c) + size);
        if (c) {
                c->next = NULL;
                c->size = size;
                c->used = 0;
        }
        return c;
}

struct arena *arena_new(size_t limit) {
        struct arena *a = malloc(sizeof(*a));
        if (a)
                *a = (struct arena){ .limit = limit };
        return a;
}

/* Frees all chunks but the last @keep (0 or 1) of the list. */
static void free_chunks(struct arena *a, int keep) {
        while (a->first && !(keep && !a->first->next)) {
                struct chunk *next = a->first->next;
                free(a->first);
                a->first = next;
        }
}

void arena_free(struct arena *a) {
        if (!a)
                return;
        free_chunks(a, 0);
        free(a);
}

void arena_reset(struct arena *a) {
        free_chunks(a, 1);
        if (a->first)
                a->first->used = 0;
        a->given = 0;
}

void *arena_alloc(struct arena *a, size_t size) {
        const size_t align = alignof(max_align_t);
        size_t rounded, given;

        if (__builtin_add_overflow(size, align - 1, &rounded))
                return NULL;
        rounded &= ~(align - 1);
        if (__builtin_add_overflow(a->given, rounded, &given) || given > a->limit)
                return NULL;

        if (!a->first || a->first->size - a->first->used < rounded) {
                struct chunk *c = chunk_new(rounded > CHUNK_SIZE ? rounded : CHUNK_SIZE);
                if (!c)
                        return NULL;
                c->next = a->first;
                a->first = c;
        }
        void *p = a->first->room + a->first->used;
        a->first->used += rounded;
        a->given = given;
        return memset(p, 0, rounded);
}

char *arena_strdup(struct arena *a, const char *s) {
        size_t size = strlen(s) + 1;
        char *copy = arena_alloc(a, size);
        return copy ? memcpy(copy, s, size) : NULL;
}

char *arena_printf(struct arena *a, const char *format, ...) {
        va_list args;

        va_start(args, format);
        int n = vsnprintf(NULL, 0, format, args);
        va_end(args);
        if (n < 0)
                return NULL;

        char *s = arena_alloc(a, (size_t)n + 1);
        if (!s)
                return NULL;
        va_start(args, format);
        (void)vsnprintf(s, (size_t)n + 1, format, args);
        va_end(args);
        return s;
}
