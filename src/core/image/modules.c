/* Module archives; see modules.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/image/modules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "format/cpio.h"
#include "format/kconfig.h"

enum { MODULES_MAX = 256, MODULE_OCTETS_MAX = 64 * 1024 * 1024, PATH_ROOM = 512 };

/* The modules that are wanted and what they need, each once. Paths lie in modules.dep. */
struct choice {
        struct chosen {
                const char *path;
                size_t len;
        } items[MODULES_MAX];
        size_t n;
};

static void choose(struct choice *c, const char *path, size_t len) {
        for (size_t i = 0; i < c->n; i++)
                if (c->items[i].path == path ||
                    (c->items[i].len == len && memcmp(c->items[i].path, path, len) == 0))
                        return;
        if (c->n < MODULES_MAX)
                c->items[c->n++] = (struct chosen){ path, len };
}

static void choose_all(struct choice *c, const char *dep) {
        const char *name, *path, *need;
        size_t len;

        for (size_t i = 0; (name = roots_module(i)); i++) {
                if (!(path = modules_find(dep, name, &len)))
                        continue;
                choose(c, path, len);
                const char *at = path + len;
                while ((need = modules_next_dependency(&at, &len)))
                        choose(c, need, len);
        }
}

/* "overlay.ko" of "kernel/fs/overlayfs/overlay.ko.xz". */
static void flat_name(const char *path, size_t len, char *buf, size_t size) {
        size_t from = len, to;

        while (from > 0 && path[from - 1] != '/')
                from--;
        for (to = from; to + 3 < len && strncmp(path + to, ".ko", 3) != 0;)
                to++;
        (void)snprintf(buf, size, "%.*s.ko", (int)(to - from), path + from);
}

static void write_dep(const struct choice *c, struct text *ret) {
        char name[PATH_ROOM];
        const char *need;

        for (size_t i = 0; i < c->n; i++) {
                const char *at = c->items[i].path + c->items[i].len;
                size_t len;
                flat_name(c->items[i].path, c->items[i].len, name, sizeof(name));
                text_printf(ret, "%s:", name);
                while ((need = modules_next_dependency(&at, &len))) {
                        flat_name(need, len, name, sizeof(name));
                        text_printf(ret, " %s", name);
                }
                text_append(ret, "\n");
        }
}

/* ---- the archive ---- */

struct archive_writer {
        struct store_writer *out;
        uint32_t number;
        struct error *reterr;
};

static int add_entry(struct archive_writer *a, const char *name, uint32_t mode, const void *data,
                     size_t len) {
        static const uint8_t zeros[4];
        uint8_t header[CPIO_HEADER_MAX];
        struct writer w = writer_of(header, sizeof(header));

        cpio_write_entry(&w, ++a->number, name, mode, (uint32_t)len);
        if (w.full)
                return error_set(a->reterr, -ENAMETOOLONG, "%.100s: a module's name is too long", name);
        int r = store_write(a->out, header, writer_len(&w), a->reterr);
        if (r == 0 && len > 0)
                r = store_write(a->out, data, len, a->reterr);
        return r == 0 && len > 0 ? store_write(a->out, zeros, cpio_padding((uint32_t)len), a->reterr) : r;
}

static int add_dirs(struct archive_writer *a, const char *release) {
        char name[PATH_ROOM];

        int r = add_entry(a, "bramble", CPIO_DIRECTORY, NULL, 0);
        if (r == 0)
                r = add_entry(a, "bramble/modules", CPIO_DIRECTORY, NULL, 0);
        (void)snprintf(name, sizeof(name), "bramble/modules/%s", release);
        return r == 0 ? add_entry(a, name, CPIO_DIRECTORY, NULL, 0) : r;
}

/* The name under which the picked file lies: its packing is gone, and /lib may be a link to /usr/lib. */
static uint8_t *read_module(const struct unpack *u, const char *release, const struct chosen *m,
                            int64_t *ret) {
        static const char *const places[] = { "files/usr/lib/modules", "files/lib/modules" };
        uint8_t *data = NULL;

        for (size_t i = 0; !data && i < ARRAY_LEN(places); i++) {
                char path[PATH_ROOM];
                size_t len = m->len;
                const char *ko = memmem(m->path, m->len, ".ko", 3);
                if (ko)
                        len = (size_t)(ko - m->path) + 3;
                (void)snprintf(path, sizeof(path), "%s/%s/%.*s", places[i], release, (int)len, m->path);
                data = unpack_read(u, path, MODULE_OCTETS_MAX, ret);
        }
        return data;
}

static int add_modules(struct archive_writer *a, const struct unpack *u, const char *release,
                       const struct choice *c) {
        CLEANUP(text_free) struct text dep = {};
        char name[PATH_ROOM], flat[PATH_ROOM / 2];
        int r = add_dirs(a, release);

        for (size_t i = 0; i < c->n && r == 0; i++) {
                int64_t len = 0;
                CLEANUP(free_at) uint8_t *data = read_module(u, release, &c->items[i], &len);
                flat_name(c->items[i].path, c->items[i].len, flat, sizeof(flat));
                if (!data)
                        return error_set(
                                a->reterr, -EBADMSG,
                                "the modules of kernel %s are not whole: modules.dep names %s, which is "
                                "not there",
                                release, flat);
                (void)snprintf(name, sizeof(name), "bramble/modules/%s/%s", release, flat);
                r = add_entry(a, name, CPIO_FILE, data, (size_t)len);
        }
        write_dep(c, &dep);
        if (r == 0 && dep.failed)
                r = error_set(a->reterr, -ENOMEM, "out of memory");
        (void)snprintf(name, sizeof(name), "bramble/modules/%s/modules.dep", release);
        return r == 0 ? add_entry(a, name, CPIO_FILE, dep.octets, dep.len) : r;
}

static int write_archive(struct import *i, const struct unpack *u, const char *release,
                         const struct choice *c, struct error *reterr) {
        CLEANUP(store_write_abort_at) struct store_writer *out = NULL;
        uint8_t end[CPIO_HEADER_MAX];
        struct writer w = writer_of(end, sizeof(end));
        char name[PATH_ROOM];
        struct blob_id id;
        uint64_t size;

        int r = store_write_begin(i->store, &out, reterr);
        if (r < 0)
                return r;
        struct archive_writer a = { .out = out, .reterr = reterr };
        r = add_modules(&a, u, release, c);
        cpio_write_end(&w);
        if (r == 0)
                r = store_write(out, end, writer_len(&w), reterr);
        if (r == 0)
                r = store_write_seal(out, &id, &size, reterr);
        (void)snprintf(name, sizeof(name), "modules/%s.cpio", release);
        return r == 0 ? import_add_sealed(i, name, IMAGE_FILE_MODULES, TAKE(out), reterr) : r;
}

int modules_stage(struct import *i, struct unpack *u, const struct root_place *root,
                  const struct kernel_facts *kernel, struct error *reterr) {
        const char *patterns[2 * MODULES_MAX + 1] = { NULL };
        struct choice c = { .n = 0 };
        size_t n = 0;

        if (!kernel->dep || !*kernel->release)
                return 0;
        choose_all(&c, kernel->dep);
        if (c.n == 0)
                return 0;
        CLEANUP(text_free) struct text names = {}; /* one after another, each with its NUL */
        for (size_t k = 0; k < c.n; k++) {
                text_printf(&names, "usr/lib/modules/%s/%.*s", kernel->release, (int)c.items[k].len,
                            c.items[k].path);
                text_append_octets(&names, "", 1);
                text_printf(&names, "lib/modules/%s/%.*s", kernel->release, (int)c.items[k].len,
                            c.items[k].path);
                text_append_octets(&names, "", 1);
        }
        if (names.failed)
                return error_set(reterr, -ENOMEM, "out of memory");
        for (const char *at = names.octets; n < 2 * c.n; at += strlen(at) + 1)
                patterns[n++] = at;
        int r = unpack_pick(u, root, patterns, reterr);
        return r == 0 ? write_archive(i, u, kernel->release, &c, reterr) : r;
}
