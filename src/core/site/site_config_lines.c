/* Changes of the operators' lines for files of Raspberry Pis in the site snapshot; see site.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/site/site_inside.h"

/* The lines with @lines (NULL: none) in the place of those that are for the same as @old. */
static struct site *with_lines(const struct site *s, const struct config_lines *old,
                               const struct config_lines *lines, struct error *reterr) {
        CLEANUP(site_drop_at) struct site *next = site_twin(s, reterr);
        struct config_lines_list *list = next ? config_lines_list_new(s->config_lines->n + 1) : NULL;
        if (!list) {
                (void)error_set(reterr, -ENOMEM, "out of memory");
                return NULL;
        }
        for (size_t i = 0; i < s->config_lines->n; i++) {
                int r = config_lines_compare(s->config_lines->items[i], old);
                if (r > 0 && lines) {
                        list->items[list->n++] = config_lines_take(lines);
                        lines = NULL;
                }
                if (r != 0)
                        list->items[list->n++] = config_lines_take(s->config_lines->items[i]);
        }
        if (lines)
                list->items[list->n++] = config_lines_take(lines);
        config_lines_list_drop(next->config_lines);
        next->config_lines = list;
        return TAKE(next);
}

static int check_lines(const struct site *s, const struct config_lines *l, struct error *reterr) {
        const char *scope = config_lines_scope_name(l->scope), *file = config_lines_file_name(l->file);

        if (l->scope == CONFIG_LINES_TAG && !machine_is_word(l->name, strlen(l->name)))
                return error_set(reterr, -EINVAL, "\"%s\" is no tag", l->name);
        const struct board *board = l->scope == CONFIG_LINES_BOARD ? board_find(s->boards, l->name) : NULL;
        if (l->scope == CONFIG_LINES_BOARD && !board)
                return error_set(reterr, -ENOENT, "there is no board %s", l->name);
        if (board && board->family == BOARD_OTHER)
                return error_set(reterr, -EINVAL, "board %s is no Raspberry Pi: its firmware reads no %s",
                                 l->name, file);
        if (board && board->family == BOARD_PI_ROM && l->file == CONFIG_LINES_BOOTCONF)
                return error_set(reterr, -EINVAL, "board %s has no EEPROM that it could boot from", l->name);
        if (!l->text || (!*l->text && !l->firmware[0]))
                return error_set(reterr, -EINVAL, "%s %s: there are no lines", scope, l->name);
        int r = config_lines_check(l->file, l->text, reterr);
        if (r < 0) {
                (void)error_prefix(reterr, "%s %s", scope, l->name);
                return r;
        }
        if (!site_config_lines_of(s, l->file, l->scope, l->name) && s->config_lines->n >= CONFIG_LINES_MAX)
                return error_set(
                        reterr, -ENOSPC,
                        "there are lines for %d boards and tags already, and more are not kept: delete "
                        "some",
                        CONFIG_LINES_MAX);
        return 0;
}

struct site *site_put_config_lines(const struct site *s, const struct config_lines *lines,
                                   struct error *reterr) {
        return check_lines(s, lines, reterr) < 0 ? NULL : with_lines(s, lines, lines, reterr);
}

struct site *site_remove_config_lines(const struct site *s, enum config_lines_file file,
                                      enum config_lines_scope scope, const char *name, struct error *reterr) {
        const struct config_lines *old = site_config_lines_of(s, file, scope, name);

        if (!old) {
                (void)error_set(reterr, -ENOENT, "there are no lines for %s %s",
                                config_lines_scope_name(scope), name);
                return NULL;
        }
        return with_lines(s, old, NULL, reterr);
}

void site_put_config_txt(const struct site *s, const struct board *b, const struct machine *m,
                         const char *own, struct text *to) {
        const bool reads_any = !b || b->family != BOARD_OTHER;

        for (size_t i = 0; reads_any && i < s->config_lines->n; i++) {
                const struct config_lines *l = s->config_lines->items[i];
                if (config_lines_are_for(l, CONFIG_LINES_CONFIG_TXT, b ? b->name : "", m))
                        config_lines_put(l->text, to);
        }
        config_lines_put(own, to);
}
