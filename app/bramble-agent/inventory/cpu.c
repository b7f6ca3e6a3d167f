/* Processors: sockets, cores, threads, caches, frequencies. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/bramble-agent/arch.h"
#include "app/bramble-agent/inventory/cpuinfo.h"
#include "app/bramble-agent/inventory/fields.h"
#include "app/bramble-agent/inventory/inventory.h"
#include "app/bramble-agent/json.h"

#define CPUS "sys/devices/system/cpu"

enum { CPUINFO_MAX = 16384, CORES_MAX = 1024 };

/* Where cores and sockets were put that have come up already. */
struct cpus {
        json_t *sockets;
        struct {
                int64_t socket, die, core;
                json_t *threads;
        } cores[CORES_MAX];
        unsigned n_cores;
        int64_t n_threads;
};

/* The kernel writes its architecture's own name; MAAS and LXD know these. */
static const char *kernel_arch(void) {
        static const struct {
                const char *ours, *name;
        } names[] = { { "arm64", "aarch64" }, { "armhf", "armv7l" }, { "amd64", "x86_64" } };
        size_t i = 0;

        while (strcmp(names[i].ours, ARCH_NAME) != 0)
                i++;
        return names[i].name;
}

static int64_t number(const struct tree *t, unsigned cpu, const char *file, int64_t other) {
        int64_t value;
        return tree_number(t, &value, CPUS "/cpu%u/%s", cpu, file) && value >= 0 ? value : other;
}

static json_t *read_caches(const struct tree *t, unsigned cpu) {
        json_t *caches = json_array();
        char size[16];

        for (unsigned i = 0; tree_text(t, size, sizeof(size), CPUS "/cpu%u/cache/index%u/size", cpu, i);
             i++) {
                json_t *cache = json_object();
                char dir[TREE_PATH_MAX], *end;
                (void)tree_name(dir, CPUS "/cpu%u/cache/index%u", cpu, i);
                field_number(cache, "level", t, dir, "level", 1);
                field_text(cache, "type", t, dir, "type");
                long long value = strtoll(size, &end, 10);
                json_put_number(cache, "size", value * (*end == 'K' ? 1024 : *end == 'M' ? 1024 * 1024 : 1));
                (void)json_array_append_new(caches, cache);
        }
        return caches;
}

/* The processor of one thread: an ARM one tells its own model, as those of one machine may differ. */
static void read_model(const struct tree *t, unsigned cpu, struct cpuinfo *info) {
        int64_t midr;

        if (tree_number(t, &midr, CPUS "/cpu%u/regs/identification/midr_el1", cpu))
                cpuinfo_of_midr((unsigned)(midr >> 24 & 0xff), (unsigned)(midr >> 4 & 0xfff), info);
}

static json_t *find_socket(struct cpus *c, int64_t id) {
        for (size_t i = 0; i < json_array_size(c->sockets); i++) {
                json_t *socket = json_array_get(c->sockets, i);
                if (json_integer_value(json_object_get(socket, "socket")) == id)
                        return socket;
        }
        return NULL;
}

static json_t *make_socket(struct cpus *c, const struct tree *t, unsigned cpu, int64_t id,
                           struct cpuinfo *info) {
        json_t *socket = json_object();
        char dir[TREE_PATH_MAX];

        read_model(t, cpu, info);
        (void)tree_name(dir, CPUS "/cpu%u/cpufreq", cpu);
        json_put_number(socket, "socket", id);
        json_put_text(socket, "vendor", info->vendor);
        json_put_text(socket, "name", info->name);
        field_number(socket, "frequency_minimum", t, dir, "cpuinfo_min_freq", 1);
        field_number(socket, "frequency_turbo", t, dir, "cpuinfo_max_freq", 1);
        field_number(socket, "frequency", t, dir, "scaling_cur_freq", 1);
        json_put(socket, "cache", read_caches(t, cpu));
        (void)json_object_set_new(socket, "cores", json_array());
        (void)json_array_append_new(c->sockets, socket);
        return socket;
}

static json_t *find_threads(struct cpus *c, json_t *socket, int64_t socket_id, int64_t die, int64_t core) {
        for (unsigned i = 0; i < c->n_cores; i++)
                if (c->cores[i].socket == socket_id && c->cores[i].die == die && c->cores[i].core == core)
                        return c->cores[i].threads;
        if (c->n_cores == CORES_MAX)
                return NULL;
        json_t *object = json_object(), *threads = json_array();
        json_put_number(object, "core", core);
        json_put_number(object, "die", die);
        (void)json_object_set_new(object, "threads", threads);
        (void)json_array_append_new(json_object_get(socket, "cores"), object);
        c->cores[c->n_cores].socket = socket_id;
        c->cores[c->n_cores].die = die;
        c->cores[c->n_cores].core = core;
        return c->cores[c->n_cores++].threads = threads;
}

static void read_thread(struct cpus *c, const struct tree *t, unsigned cpu, struct cpuinfo *info) {
        int64_t socket_id = number(t, cpu, "topology/physical_package_id", 0);
        int64_t die = number(t, cpu, "topology/die_id", 0), core = number(t, cpu, "topology/core_id", cpu);
        json_t *socket = find_socket(c, socket_id);
        if (!socket)
                socket = make_socket(c, t, cpu, socket_id, info);
        json_t *threads = find_threads(c, socket, socket_id, die, core), *thread = json_object();

        json_put_number(thread, "id", cpu);
        json_put_number(thread, "thread", (int64_t)json_array_size(threads));
        json_put_bool(thread, "online", number(t, cpu, "online", 1) == 1);
        (void)json_array_append_new(threads, thread);
        c->n_threads++;
}

json_t *inventory_cpu(const struct tree *t) {
        CLEANUP(free_at) char *text = malloc(CPUINFO_MAX);
        CLEANUP(free_at) struct cpus *c = calloc(1, sizeof(*c));
        struct cpuinfo info = { 0 };
        json_t *o = json_object();

        int n = text ? tree_read(t, text, CPUINFO_MAX, "proc/cpuinfo") : 0;
        if (!c || !text)
                return o;
        cpuinfo_parse(text, n > 0 ? (size_t)n : 0, &info);
        c->sockets = json_array();
        CLEANUP(tree_names_free) struct tree_names names = tree_list(t, CPUS);
        for (size_t i = 0; i < names.n; i++) {
                unsigned cpu;
                int end = 0;
                if (sscanf(names.items[i], "cpu%u%n", &cpu, &end) == 1 && !names.items[i][end])
                        read_thread(c, t, cpu, &info);
        }
        json_put_text(o, "architecture", kernel_arch());
        json_put(o, "sockets", c->sockets);
        json_put_number(o, "total", c->n_threads);
        return o;
}
