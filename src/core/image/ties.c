/* Ties of an image's root; see ties.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/image/ties.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "format/ties.h"

/* Of what is only looked for the name is enough, which "?" says. */
static int add_paths(char **ret, size_t *n, const char *const *paths, bool is_read) {
        for (; *paths && *n < IMAGE_TIE_PATTERNS_MAX; paths++) {
                if (asprintf(&ret[*n], "%s%s", is_read ? "" : "?", *paths) < 0)
                        return -ENOMEM;
                ++*n;
        }
        return 0;
}

int image_tie_patterns(char *ret[static IMAGE_TIE_PATTERNS_MAX]) {
        size_t n = 0;
        int r = 0;

        for (const struct tie *t = ties; t->name && r == 0; t++) {
                bool is_read = t->act == TIE_CHANGE || t->act == TIE_EMPTY;
                r = add_paths(ret, &n, t->paths, is_read);
                if (r == 0)
                        r = add_paths(ret, &n, t->signs, false);
        }
        if (r == 0)
                return (int)n;
        while (n > 0)
                free(ret[--n]);
        return r;
}

char *image_ties_look(const struct tie_root *root) {
        CLEANUP(text_free) struct text names = {};

        for (const struct tie *t = ties; t->name; t++)
                if (tie_holds(t, root))
                        text_printf(&names, "%s%s", names.len ? " " : "", t->name);
        return names.len ? text_take(&names) : NULL;
}

bool image_tie_about(const char *name, const char **ret_what, const char **ret_why) {
        const struct tie *t = tie_find(name);

        if (!t)
                return false;
        *ret_what = t->what;
        *ret_why = t->why;
        return true;
}
