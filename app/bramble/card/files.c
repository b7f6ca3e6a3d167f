/* The files of a card; see files.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/card/files.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void card_files_free(struct card_files *f) {
        for (size_t i = 0; i < f->n; i++) {
                free(f->items[i].name);
                free(f->items[i].data);
        }
        free(f->items);
        *f = (struct card_files){};
}

struct card_file *card_files_find(const struct card_files *f, const char *name) {
        for (size_t i = 0; i < f->n; i++)
                if (strcasecmp(f->items[i].name, name) == 0)
                        return &f->items[i];
        return NULL;
}

/* Letters that a long name on FAT can have, in folders that lead nowhere else. */
static bool is_name(const char *name) {
        if (*name == '/' || *name == 0 || strlen(name) > CARD_NAME_MAX)
                return false;
        for (const char *part = name; part; part = strchr(part, '/')) {
                part += *part == '/';
                const size_t len = strcspn(part, "/");
                if (len == 0 || strncmp(part, ".", len) == 0 || (len == 2 && strncmp(part, "..", len) == 0))
                        return false;
        }
        for (const char *c = name; *c; c++)
                if ((unsigned char)*c < ' ' || *c == 0x7f || strchr("\"*:<>?\\|", *c))
                        return false;
        return true;
}

/* Room for one more; where it belongs by its name. */
static int make_room(struct card_files *f, const char *name, size_t *ret) {
        if (f->n == f->room) {
                const size_t room = f->room ? 2 * f->room : 16;
                void *items = reallocarray(f->items, room, sizeof(*f->items));
                if (!items)
                        return -ENOMEM;
                f->items = items;
                f->room = room;
        }
        size_t at = f->n;
        while (at > 0 && strcmp(f->items[at - 1].name, name) > 0)
                at--;
        memmove(f->items + at + 1, f->items + at, (f->n - at) * sizeof(*f->items));
        f->n++;
        *ret = at;
        return 0;
}

int card_files_put(struct card_files *f, const char *name, uint8_t *data, size_t len, struct error *reterr) {
        struct card_file *there = card_files_find(f, name);
        size_t at;

        if (!is_name(name))
                return error_set(reterr, -EINVAL, "\"%.80s\" is no name that a file on a card can have",
                                 name);
        if (f->n == CARD_FILES_MAX || len > CARD_OCTETS_MAX || f->octets > CARD_OCTETS_MAX - len)
                return error_set(reterr, -E2BIG,
                                 "that is more than firmware: at most %d files and %llu MiB go on a card",
                                 CARD_FILES_MAX, CARD_OCTETS_MAX >> 20);
        if (there) {
                free(there->data);
                f->octets -= there->len;
        } else {
                CLEANUP(free_at) char *copy = strdup(name);
                if (!copy || make_room(f, name, &at) < 0)
                        return error_set(reterr, -ENOMEM, "out of memory");
                there = &f->items[at];
                there->name = TAKE(copy);
        }
        there->data = data;
        there->len = len;
        f->octets += len;
        return 0;
}

int card_files_put_text(struct card_files *f, const char *name, const char *text, struct error *reterr) {
        uint8_t *data = (uint8_t *)strdup(text);

        if (!data)
                return error_set(reterr, -ENOMEM, "out of memory");
        const int r = card_files_put(f, name, data, strlen(text), reterr);
        if (r < 0)
                free(data);
        return r;
}

int card_files_rename(struct card_files *f, const char *name, const char *to, struct error *reterr) {
        struct card_file *old = card_files_find(f, name);
        const struct card_file moved = *old;

        free(old->name);
        memmove(old, old + 1, (size_t)(f->items + f->n - old - 1) * sizeof(*old));
        f->n--;
        f->octets -= moved.len;
        const int r = card_files_put(f, to, moved.data, moved.len, reterr);
        if (r < 0)
                free(moved.data);
        return r;
}
