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
#include "app/bramble-agent/unpack.h"
#include "base/map.h"
#include "base/text.h"

enum { FILE_MAX_OCTETS = 64 << 20, ALIAS_MAX = 512 };

struct module_set {
        const struct tree *tree;
        char dir[128]; /* lib/modules/6.1.0-30-arm64 */
        char *alias, *dep;
        struct modules texts;
        struct map *asked; /* hashes of aliases that were looked up, and of files that were loaded */
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
        CLEANUP(module_set_free_at) struct module_set *s = calloc(1, sizeof(*s));
        struct utsname kernel;
        size_t len;

        if (!s || uname(&kernel) < 0)
                return NULL;
        s->tree = t;
        (void)snprintf(s->dir, sizeof(s->dir), "lib/modules/%s", kernel.release);
        s->alias = read_file(t, s->dir, "modules.alias", &len);
        s->dep = read_file(t, s->dir, "modules.dep", &len);
        s->asked = map_new((struct hash_key){ 1, 2 }); /* no stranger chooses these keys */
        if (!s->dep || !s->asked)
                return NULL;
        s->texts = (struct modules){ .alias = s->alias ? s->alias : "", .dep = s->dep };
        return TAKE(s);
}

void module_set_free(struct module_set *s) {
        if (!s)
                return;
        free(s->alias);
        free(s->dep);
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
        CLEANUP(free_at) void *packed = read_file(s->tree, s->dir, path, &len);
        if (!packed)
                return 0; /* an initrd keeps the full list of modules, and only some of them */
        CLEANUP(free_at) void *plain = unpack_octets(packed, len, FILE_MAX_OCTETS, &plain_len);
        if (plain && (syscall(SYS_init_module, plain, plain_len, "") == 0 || errno == EEXIST))
                s->n_loaded++;
        return 0;
}

static int load_module(void *ctx, const char *name) {
        struct module_set *s = ctx;
        return modules_files(&s->texts, name, load_file, s);
}

bool module_load_by_name(struct module_set *s, const char *name) {
        unsigned before = s->n_loaded;

        s->only_wanted = false;
        (void)modules_for_alias(&s->texts, name, load_module, s);
        return s->n_loaded > before;
}

static void ask_for_bus(struct module_set *s, const char *bus) {
        CLEANUP(tree_names_free) struct tree_names devices = tree_list(s->tree, "sys/bus/%s/devices", bus);

        for (size_t i = 0; i < devices.n; i++) {
                char alias[ALIAS_MAX];
                if (tree_text(s->tree, alias, sizeof(alias), "sys/bus/%s/devices/%s/modalias", bus,
                              devices.items[i]) &&
                    is_new(s, alias))
                        (void)modules_for_alias(&s->texts, alias, load_module, s);
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
