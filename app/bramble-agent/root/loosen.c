/* Loosening the ties of a root; see loosen.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-agent/root/loosen.h"

#include <errno.h>
#include <stdlib.h>

#include "app/bramble-agent/io/log.h"
#include "app/bramble-agent/io/volume.h"
#include "base/text.h"
#include "format/ties.h"

static bool exists(void *ctx, const char *path) {
        return volume_exists(ctx, path);
}

static char *read_text(void *ctx, const char *path) {
        return volume_read(ctx, path);
}

static int change_text(const struct volume *v, const struct tie *t, const char *path, struct error *reterr) {
        CLEANUP(free_at) char *text = volume_read(v, path);
        CLEANUP(free_at) char *changed = text && t->change ? t->change(text) : NULL;

        if (t->act == TIE_EMPTY)
                return text && *text ? volume_write(v, path, "", 0444, reterr) : 0;
        return changed ? volume_write(v, path, changed, 0644, reterr) : 0;
}

static int loosen_path(const struct volume *v, const struct tie *t, const char *path, struct error *reterr) {
        switch (t->act) {
        case TIE_CHANGE:
        case TIE_EMPTY:
                return change_text(v, t, path, reterr);
        case TIE_REMOVE:
                return volume_remove(v, path, reterr);
        case TIE_MASK:
                return volume_link(v, path, "/dev/null", reterr);
        case TIE_WRITE:
                return volume_write(v, path, t->text, 0644, reterr);
        }
        return 0;
}

static int loosen(const struct volume *v, const struct tie *t, struct error *reterr) {
        int r = 0;

        log_line("root: %s", t->what);
        for (const char *const *path = t->paths; *path && r == 0; path++)
                r = loosen_path(v, t, *path, reterr);
        return r;
}

int root_loosen(const struct volume *root, struct error *reterr) {
        const struct tie_root as_root = { .exists = exists, .read = read_text, .ctx = (void *)root };
        CLEANUP(text_free) struct text done = {};
        int r = 0;

        if (volume_exists(root, LOOSEN_STAMP))
                return 0;
        for (const struct tie *t = ties; t->name && r == 0; t++) {
                if (!tie_holds(t, &as_root))
                        continue;
                text_printf(&done, "%s\n", t->name);
                r = loosen(root, t, reterr);
        }
        if (r == 0 && done.failed)
                r = error_set(reterr, -ENOMEM, "out of memory");
        return r < 0 ? r : volume_write(root, LOOSEN_STAMP, done.octets ? done.octets : "", 0644, reterr);
}
