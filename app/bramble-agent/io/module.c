/* Modules; see module.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "app/bramble-agent/io/module.h"
#include "app/bramble-agent/modules.h"
#include "app/bramble-agent/places.h"
#include "app/bramble-agent/unpack.h"
#include "base/map.h"
#include "base/text.h"

#define FILE_SYSTEM "fs-"

enum { FILE_MAX_OCTETS = 64 << 20, ALIAS_MAX = 512 };

/* A folder of modules with the texts that depmod left there. */
struct shelf {
        char dir[128];     /* lib/modules/6.1.0-30-arm64 */
        char *alias, *dep; /* NULL: none */
};

enum { SHELVES = 2 };

struct module_set {
        const struct tree *tree;
        struct shelf
                shelves[SHELVES]; /* the initrd's own, then what import kept of the same kernel's modules */
        const struct shelf *at;   /* that is looked through now */
        struct map *asked;        /* hashes of aliases that were looked up, and of files that were loaded */
        unsigned n_loaded;
        bool only_wanted;
};

static void *read_file(const struct tree *t, const char *dir, const char *name, size_t *ret_len) {
        char path[TREE_PATH_MAX];
        struct stat status;

        (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
        int fd = openat(t->root, path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return NULL;
        int64_t size = fstat(fd, &status) == 0 && status.st_size <= FILE_MAX_OCTETS ? status.st_size : -1;
        (void)close(fd);
        char *data = size < 0 ? NULL : malloc((size_t)size + 1);
        int n = data ? tree_read(t, data, (size_t)size, "%s", path) : -1;
        if (n < 0) {
                free(data);
                return NULL;
        }
        data[n] = '\0';
        *ret_len = (size_t)n;
        return data;
}

struct module_set *module_set_open(const struct tree *t) {
        static const char *const places[SHELVES] = { "lib/modules", PLACE_MODULES };
        CLEANUP(module_set_free_at) struct module_set *s = calloc(1, sizeof(*s));
        struct utsname kernel;
        bool has_any = false;
        size_t len;

        if (!s || uname(&kernel) < 0)
                return NULL;
        s->tree = t;
        for (size_t i = 0; i < SHELVES; i++) {
                struct shelf *shelf = &s->shelves[i];
                (void)snprintf(shelf->dir, sizeof(shelf->dir), "%s/%s", places[i], kernel.release);
                shelf->alias = read_file(t, shelf->dir, "modules.alias", &len);
                shelf->dep = read_file(t, shelf->dir, "modules.dep", &len);
                has_any = has_any || shelf->dep;
        }
        s->asked = map_new((struct hash_key){ 1, 2 }); /* no stranger chooses these keys */
        return has_any && s->asked ? TAKE(s) : NULL;
}

void module_set_free(struct module_set *s) {
        if (!s)
                return;
        for (size_t i = 0; i < SHELVES; i++) {
                free(s->shelves[i].alias);
                free(s->shelves[i].dep);
        }
        map_free(s->asked);
        free(s);
}

/* True the first time. */
static bool is_new(struct module_set *s, const char *text) {
        uint64_t hash = hash_siphash((struct hash_key){ 3, 4 }, text, strlen(text));

        if (map_get(s->asked, &hash, sizeof(hash)))
                return false;
        (void)!map_put(s->asked, &hash, sizeof(hash), s, NULL); /* out of memory: it is asked again */
        return true;
}

static int load_file(void *ctx, const char *path) {
        struct module_set *s = ctx;
        size_t len, plain_len;

        if ((s->only_wanted && !modules_is_wanted(path)) || !is_new(s, path))
                return 0;
        CLEANUP(free_at) void *packed = read_file(s->tree, s->at->dir, path, &len);
        if (!packed)
                return 0; /* an initrd keeps the full list of modules, and only some of them */
        CLEANUP(free_at) void *plain = unpack_octets(packed, len, FILE_MAX_OCTETS, &plain_len);
        if (plain && (syscall(SYS_init_module, plain, plain_len, "") == 0 || errno == EEXIST))
                s->n_loaded++;
        return 0;
}

static int load_module(void *ctx, const char *name) {
        struct module_set *s = ctx;
        const struct modules texts = { .alias = "", .dep = s->at->dep };
        return modules_files(&texts, name, load_file, s);
}

/* On each shelf: what one has by name, the other may have as a file. */
static void load_for_alias(struct module_set *s, const char *alias) {
        for (size_t i = 0; i < SHELVES; i++) {
                s->at = &s->shelves[i];
                const struct modules texts = { .alias = s->at->alias ? s->at->alias : "", .dep = s->at->dep };
                if (texts.dep)
                        (void)modules_for_alias(&texts, alias, load_module, s);
        }
}

bool module_load_by_name(struct module_set *s, const char *name) {
        unsigned before = s->n_loaded;

        s->only_wanted = false;
        load_for_alias(s, name);
        /* "fs-squashfs": what import kept has no list of other names, and most file systems are called as
         * their module. */
        if (text_starts_with(name, FILE_SYSTEM))
                load_for_alias(s, name + strlen(FILE_SYSTEM));
        return s->n_loaded > before;
}

static void ask_for_bus(struct module_set *s, const char *bus) {
        CLEANUP(tree_names_free) struct tree_names devices = tree_list(s->tree, "sys/bus/%s/devices", bus);

        for (size_t i = 0; i < devices.n; i++) {
                char alias[ALIAS_MAX];
                if (tree_text(s->tree, alias, sizeof(alias), "sys/bus/%s/devices/%s/modalias", bus,
                              devices.items[i]) &&
                    is_new(s, alias))
                        load_for_alias(s, alias);
        }
}

unsigned module_load_for_devices(struct module_set *s) {
        unsigned before = s->n_loaded;

        s->only_wanted = true;
        CLEANUP(tree_names_free) struct tree_names buses = tree_list(s->tree, "sys/bus");
        for (size_t i = 0; i < buses.n; i++)
                ask_for_bus(s, buses.items[i]);
        return s->n_loaded - before;
}
