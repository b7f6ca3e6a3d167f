/* Sets of boards; see board.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/machine/board.h"
#include "core/machine/board_yaml.h"

/* Of a revision code: who made it and with how much memory counts for a stepping, what its owner set does
 * not. */
enum { REVISION_NEW_STYLE = 1 << 23, REVISION_OF_BOARD = 0xffffff, REVISION_PCB = 0xf };

/* A board that an operator wrote; shared by every set that it is in. */
struct own_board {
        struct ref ref;
        struct board_parsed parsed;
};

struct board_set {
        struct ref ref;
        size_t n;
        struct {
                const struct board *board;
                struct own_board *own; /* NULL: built in */
        } items[];
};

static void own_drop(struct own_board *own) {
        if (!own || !ref_drop(&own->ref))
                return;
        board_parsed_clear(&own->parsed);
        free(own);
}
DEFINE_CLEANUP(struct own_board, own_drop)

static struct board_set *set_new(size_t room) {
        struct board_set *s = calloc(1, sizeof(*s) + room * sizeof(s->items[0]));
        if (s)
                ref_init(&s->ref);
        return s;
}

static void set_add(struct board_set *s, const struct board *board, struct own_board *own) {
        if (own)
                ref_take(&own->ref);
        s->items[s->n].board = board;
        s->items[s->n++].own = own;
}

struct board_set *board_set_builtin(void) {
        struct board_set *s = set_new(n_boards_builtin);
        for (size_t i = 0; s && i < n_boards_builtin; i++)
                set_add(s, &boards_builtin[i], NULL);
        return s;
}

struct board_set *board_set_take(const struct board_set *s) {
        struct board_set *taken = (struct board_set *)s;
        ref_take(&taken->ref);
        return taken;
}

void board_set_drop(struct board_set *s) {
        if (!s || !ref_drop(&s->ref))
                return;
        for (size_t i = 0; i < s->n; i++)
                own_drop(s->items[i].own);
        free(s);
}

/* A revision type that two boards claim would make the answer hang on their order. */
static int check_types(const struct board_set *s, const struct board *added, const char *file,
                       struct error *reterr) {
        for (size_t i = 0; i < added->n_types; i++) {
                const struct board *other = board_find_type(s, added->types[i]);
                if (other && strcmp(other->name, added->name) != 0)
                        return error_set(reterr, -EINVAL, "%s: revision type 0x%02x belongs to board %s",
                                         file, added->types[i], other->name);
        }
        return 0;
}

struct board_set *board_set_lay_over(const struct board_set *s, const char *yaml, size_t len,
                                     const char *file, struct error *reterr) {
        CLEANUP(own_drop_at) struct own_board *own = calloc(1, sizeof(*own));
        if (!own) {
                (void)error_set(reterr, -ENOMEM, "out of memory");
                return NULL;
        }
        ref_init(&own->ref);
        if (board_yaml_parse(yaml, len, file, &own->parsed, reterr) < 0)
                return NULL;
        const struct board *added = &own->parsed.board;
        if (check_types(s, added, file, reterr) < 0)
                return NULL;

        struct board_set *next = set_new(s->n + 1);
        if (!next) {
                (void)error_set(reterr, -ENOMEM, "out of memory");
                return NULL;
        }
        bool is_added = false;
        for (size_t i = 0; i < s->n; i++) {
                int r = strcmp(s->items[i].board->name, added->name);
                if (r >= 0 && !is_added) {
                        set_add(next, added, own);
                        is_added = true;
                }
                if (r != 0)
                        set_add(next, s->items[i].board, s->items[i].own);
        }
        if (!is_added)
                set_add(next, added, own);
        return next;
}

size_t board_set_len(const struct board_set *s) {
        return s->n;
}

const struct board *board_set_item(const struct board_set *s, size_t i) {
        return i < s->n ? s->items[i].board : NULL;
}

const struct board *board_find(const struct board_set *s, const char *name) {
        for (size_t i = 0; i < s->n; i++) {
                if (strcmp(s->items[i].board->name, name) == 0)
                        return s->items[i].board;
        }
        return NULL;
}

const struct board *board_find_type(const struct board_set *s, unsigned type) {
        for (size_t i = 0; i < s->n; i++) {
                const struct board *b = s->items[i].board;
                for (size_t t = 0; t < b->n_types; t++) {
                        if (b->types[t] == type)
                                return b;
                }
        }
        return NULL;
}

static bool is_of_stepping(const struct board_stepping *s, uint32_t revision) {
        for (size_t i = 0; i < s->n_revisions; i++)
                if (s->revisions[i] == revision)
                        return true;
        return s->since_pcb && (revision & REVISION_PCB) >= s->since_pcb;
}

const char *board_since_day(const struct board *b, enum board_since what, char buf[static BOARD_DAY_SIZE]) {
        const uint32_t day = b ? b->since[what] : 0;

        if (!day)
                return NULL;
        (void)snprintf(buf, BOARD_DAY_SIZE, "%04u-%02u-%02u", day / 10000 % 10000, day / 100 % 100,
                       day % 100);
        return buf;
}

const struct board_stepping *board_stepping_of(const struct board *b, uint32_t revision) {
        const int type = (int)(revision >> 4 & 0xff);

        revision &= REVISION_OF_BOARD;
        if (!(revision & REVISION_NEW_STYLE) || !memchr(b->types, type, b->n_types))
                return NULL;
        for (size_t i = 0; i < b->n_steppings; i++)
                if (is_of_stepping(&b->steppings[i], revision))
                        return &b->steppings[i];
        return NULL;
}

unsigned board_families_of_mac(const struct board_set *s, const struct mac *mac) {
        unsigned families = 0;

        for (size_t i = 0; i < s->n; i++) {
                const struct board *b = s->items[i].board;
                for (size_t k = 0; b->family != BOARD_OTHER && k < b->n_ouis; k++)
                        if (memcmp(mac->octets, b->ouis[k], sizeof(b->ouis[k])) == 0)
                                families |= 1U << b->family;
        }
        return families;
}
