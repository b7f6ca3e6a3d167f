/* Memory: how much there is, by NUMA node. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/bramble-agent/inventory/inventory.h"
#include "app/bramble-agent/json.h"

enum { MEMINFO_MAX = 8192, KIB = 1024 };

/* "MemTotal:  1024 kB", also behind "Node 0 ". */
static int64_t value_of(const char *text, const char *key) {
        const char *at = strstr(text, key);
        return at && at[strlen(key)] == ':' ? strtoll(at + strlen(key) + 1, NULL, 10) : 0;
}

static json_t *read_node(const struct tree *t, const char *name) {
        char text[MEMINFO_MAX];
        unsigned number;

        if (sscanf(name, "node%u", &number) != 1 ||
            !tree_text(t, text, sizeof(text), "sys/devices/system/node/%s/meminfo", name))
                return NULL;
        json_t *node = json_object();
        json_put_number(node, "numa_node", number);
        json_put_number(node, "total", value_of(text, "MemTotal") * KIB);
        json_put_number(node, "used", value_of(text, "MemUsed") * KIB);
        return node;
}

json_t *inventory_memory(const struct tree *t) {
        CLEANUP(tree_names_free) struct tree_names names = tree_list(t, "sys/devices/system/node");
        json_t *o = json_object(), *nodes = json_array();
        char text[MEMINFO_MAX];

        for (size_t i = 0; i < names.n; i++) {
                json_t *node = read_node(t, names.items[i]);
                if (node)
                        (void)json_array_append_new(nodes, node);
        }
        json_put(o, "nodes", nodes);
        if (!tree_text(t, text, sizeof(text), "proc/meminfo"))
                return o;
        int64_t total = value_of(text, "MemTotal"), page = value_of(text, "Hugepagesize");
        int64_t pages = value_of(text, "HugePages_Total");
        json_put_number(o, "total", total * KIB);
        json_put_number(o, "used", (total - value_of(text, "MemAvailable")) * KIB);
        json_put_number(o, "hugepages_size", page * KIB);
        json_put_number(o, "hugepages_total", pages * page * KIB);
        json_put_number(o, "hugepages_used", (pages - value_of(text, "HugePages_Free")) * page * KIB);
        return o;
}
