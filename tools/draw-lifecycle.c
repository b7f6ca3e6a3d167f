/*
 * Draws docs/lifecycle.md from the table in src/core/machine/lifecycle.c.
 *
 * draw-lifecycle --write FILE writes the page, draw-lifecycle --check FILE fails where it says something
 * else.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/machine/lifecycle.h"

static const char head[] =
        "# The life of a machine\n"
        "\n"
        "Drawn from the table in `src/core/machine/lifecycle.c`; a test checks that both say the same. "
        "States have the\n"
        "numbers and names that MAAS gives them.\n"
        "\n"
        "A box that something leaves by itself has a time limit: what it waits for happens, fails, or is "
        "given up with a\n"
        "reason that `bramble machine show` prints. `(back)` is the state that the machine came from.\n"
        "\n"
        "An agent at work has its time again and again, as long as it gets on. When neither what it is at "
        "nor its numbers\n"
        "have changed for 30 minutes it is given up, whatever its heartbeat. A disk that erases itself says "
        "nothing before\n"
        "it is done, and has 24 hours; a script has its own limit, and 30 minutes.\n"
        "\n"
        "A machine that is Ready again with a disk that should have been erased, and is not, says so in its "
        "reason.\n"
        "\n";

static void print_id(struct text *t, enum machine_state s) {
        if (s == STATE_PRIOR) {
                text_append(t, "back");
                return;
        }
        for (const char *c = machine_state_name(s); *c; c++)
                text_printf(t, "%c", *c == ' ' ? '_' : *c);
}

static const char *name_of(enum machine_state s) {
        return s == STATE_PRIOR ? "(back)" : machine_state_name(s);
}

/* One arrow between two states, with all events that it stands for, where the first of its rows stands. */
static void draw_arrow(struct text *t, size_t first) {
        const struct lifecycle_row *row = &lifecycle[first];
        const char *between = ": ";

        for (size_t i = 0; i < first; i++) {
                if (lifecycle[i].from == row->from && lifecycle[i].to == row->to)
                        return;
        }
        text_append(t, "    ");
        print_id(t, row->from);
        text_append(t, " --> ");
        print_id(t, row->to);
        for (size_t i = first; i < lifecycle_len; i++) {
                if (lifecycle[i].from != row->from || lifecycle[i].to != row->to)
                        continue;
                text_append(t, between);
                text_append(t, machine_event_name(lifecycle[i].event));
                between = ", ";
        }
        text_append(t, "\n");
}

static void draw(struct text *t) {
        text_append(t, "```mermaid\nstateDiagram-v2\n    [*] --> New\n    state \"(back)\" as back\n");
        for (size_t s = 0; s < MACHINE_STATES; s++) {
                const char *name = machine_state_name((enum machine_state)s);
                if (!strchr(name, ' '))
                        continue;
                text_printf(t, "    state \"%s\" as ", name);
                print_id(t, (enum machine_state)s);
                text_append(t, "\n");
        }
        for (size_t i = 0; i < lifecycle_len; i++) {
                if (lifecycle[i].from != lifecycle[i].to)
                        draw_arrow(t, i);
        }
        text_append(t, "```\n\n");
}

static void list_states(struct text *t) {
        text_append(t, "| number | state |\n|---|---|\n");
        for (size_t s = 0; s < MACHINE_STATES; s++)
                text_printf(t, "| %zu | %s |\n", s, machine_state_name((enum machine_state)s));
        text_append(t, "\n");
}

static void list_actions(struct text *t, unsigned action) {
        const char *between = "";

        for (unsigned flag = 1; flag < ACT_ALL; flag <<= 1) {
                if (!(action & flag))
                        continue;
                text_printf(t, "%s%s", between, machine_action_name(flag));
                between = ", ";
        }
}

static void list_rows(struct text *t) {
        text_append(t, "| from | on | to | then | at most |\n|---|---|---|---|---|\n");
        for (size_t i = 0; i < lifecycle_len; i++) {
                const struct lifecycle_row *row = &lifecycle[i];
                text_printf(t, "| %s | %s | %s | ", name_of(row->from), machine_event_name(row->event),
                            name_of(row->to));
                list_actions(t, row->action);
                if (row->timeout_s)
                        text_printf(t, " | %u s |\n", row->timeout_s);
                else
                        text_append(t, " | |\n");
        }
}

static int write_page(const char *path, const struct text *page) {
        FILE *f = fopen(path, "w");
        if (!f)
                return -errno;
        bool is_written = fwrite(page->octets, 1, page->len, f) == page->len;
        return fclose(f) == 0 && is_written ? 0 : -EIO;
}

static int check_page(const char *path, const struct text *page) {
        CLEANUP(free_at) char *there = malloc(page->len + 1);
        FILE *f = there ? fopen(path, "r") : NULL;
        if (!f)
                return -errno;
        size_t len = fread(there, 1, page->len + 1, f);
        (void)fclose(f);
        if (len == page->len && memcmp(there, page->octets, len) == 0)
                return 0;
        (void)fprintf(stderr, "%s is not what the table says: draw it again with draw-lifecycle --write\n",
                      path);
        return -EINVAL;
}

int main(int argc, char **argv) {
        CLEANUP(text_free) struct text page = {};

        text_append(&page, head);
        draw(&page);
        list_rows(&page);
        text_append(&page, "\n");
        list_states(&page);
        page.len -= 1; /* the last line stands alone */
        page.octets[page.len] = 0;
        if (page.failed)
                return 1;
        if (argc == 3 && strcmp(argv[1], "--write") == 0)
                return write_page(argv[2], &page) < 0;
        if (argc == 3 && strcmp(argv[1], "--check") == 0)
                return check_page(argv[2], &page) < 0;
        (void)fprintf(stderr, "usage: draw-lifecycle --write FILE | --check FILE\n");
        return 2;
}
