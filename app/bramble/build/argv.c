/* Command lines that grow; see argv.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble/build/argv.h"

void argv_free(struct argv *a) {
        for (size_t i = 0; i < a->n; i++)
                free(a->words[i]);
        free(a->words);
        *a = (struct argv){};
}

/* Takes @word over; NULL is a word that there was no memory for. */
static void take(struct argv *a, char *word) {
        if (word && !a->failed && a->n + 1 >= a->room) {
                const size_t room = a->room ? a->room * 2 : 16;
                char **grown = reallocarray(a->words, room, sizeof(*grown));
                if (grown) {
                        a->words = grown;
                        a->room = room;
                }
        }
        if (!word || a->failed || a->n + 1 >= a->room) {
                free(word);
                a->failed = true;
                return;
        }
        a->words[a->n++] = word;
        a->words[a->n] = NULL;
}

void argv_add(struct argv *a, const char *word) {
        take(a, strdup(word));
}

void argv_printf(struct argv *a, const char *format, ...) {
        char *word = NULL;
        va_list args;

        va_start(args, format);
        if (vasprintf(&word, format, args) < 0)
                word = NULL;
        va_end(args);
        take(a, word);
}

void argv_add_all(struct argv *a, const char *const *words) {
        for (; words && *words; words++)
                argv_add(a, *words);
}
