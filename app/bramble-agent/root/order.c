/* The server's word about a root; see order.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "app/bramble-agent/json.h"
#include "app/bramble-agent/root/order.h"
#include "base/addr.h"
#include "base/text.h"

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

static int refuse(struct error *reterr, const char *member) {
        return error_set(reterr, -EBADMSG, "the server's word about the root makes no sense: \"%s\"", member);
}

/* Nothing but these characters and letters and digits, and something at all. */
static bool is_of(const char *text, const char *more, size_t max) {
        size_t len = strlen(text);

        for (size_t i = 0; i < len; i++)
                if (!strchr(letters, text[i]) && !strchr(more, text[i]))
                        return false;
        return len > 0 && len <= max;
}

/* A path from the root, which leads out of it nowhere. */
static bool is_path(const char *path) {
        return path[0] == '/' && is_of(path, "/._-+@", ROOT_PATH_MAX) && !strstr(path, "/../") &&
               !text_ends_with(path, "/..");
}

static int read_ram(const json_t *in, struct root_source *ret, struct error *reterr) {
        const json_t *squashfs = json_object_get(in, "squashfs");

        ret->blob = json_text_of(squashfs, "path");
        ret->size = json_number_of(squashfs, "size", INT64_MAX, 0);
        if (ret->size == 0 || !is_of(ret->blob, "/", ROOT_PATH_MAX) ||
            text_parse_hex(json_text_of(squashfs, "sha256"), ret->sha256, sizeof(ret->sha256)) < 0)
                return refuse(reterr, "squashfs");
        return 0;
}

static int read_server(const json_t *in, struct root_source *ret, struct error *reterr) {
        struct ip_addr address;

        ret->server = json_text_of(in, "server");
        ret->port = (uint16_t)json_number_of(in, "port", UINT16_MAX, 0);
        if (strlen(ret->server) >= SERVER_ADDRESS_SIZE || ip_parse(ret->server, &address) < 0)
                return refuse(reterr, "server");
        return ret->port ? 0 : refuse(reterr, "port");
}

static int read_nfs(const json_t *in, struct root_source *ret, struct error *reterr) {
        int r = read_server(in, ret, reterr);

        ret->path = json_text_of(in, "path");
        ret->options = json_text_of(in, "options");
        if (r == 0 && !is_path(ret->path))
                r = refuse(reterr, "path");
        if (r == 0 && *ret->options && !is_of(ret->options, "=,._-", ROOT_PATH_MAX))
                r = refuse(reterr, "options");
        return r;
}

static int read_nbd(const json_t *in, struct root_source *ret, struct error *reterr) {
        int r = read_server(in, ret, reterr);

        ret->export = json_text_of(in, "export");
        ret->fs = json_text_of(in, "fs");
        if (r == 0 && !is_of(ret->export, "._-/", ROOT_PATH_MAX))
                r = refuse(reterr, "export");
        if (r == 0 && !is_of(ret->fs, "", 16))
                r = refuse(reterr, "fs");
        return r;
}

/* A UUID of zeros is that of many disks. */
static int read_disk(const json_t *in, struct root_source *ret, struct error *reterr) {
        static const uint8_t none[DATA_UUID_SIZE];
        const char *make = json_text_of(in, "make");

        ret->hint = json_text_of(in, "disk");
        ret->may_overwrite = strcmp(make, "any") == 0;
        ret->may_make = ret->may_overwrite || strcmp(make, "empty") == 0;
        if (text_parse_hex(json_text_of(in, "uuid"), ret->uuid, sizeof(ret->uuid)) < 0 ||
            memcmp(ret->uuid, none, sizeof(none)) == 0)
                return refuse(reterr, "uuid");
        return *make && !ret->may_make ? refuse(reterr, "make") : 0;
}

static const struct {
        const char *name;
        int (*read)(const json_t *in, struct root_source *ret, struct error *reterr);
        bool is_root, is_data;
} sources[ROOT_SOURCES] = {
        [ROOT_FROM_RAM] = { "ram", read_ram, true, false },
        [ROOT_FROM_NFS] = { "nfs", read_nfs, true, true },
        [ROOT_FROM_NBD] = { "nbd", read_nbd, true, true },
        [ROOT_FROM_DISK] = { "disk", read_disk, false, true },
};

const char *root_source_name(enum root_source_kind k) {
        return sources[k].name;
}

static int read_source(const json_t *in, const char *kind, bool is_root, struct root_source *ret,
                       struct error *reterr) {
        for (size_t i = 0; i < ROOT_SOURCES; i++) {
                if (strcmp(sources[i].name, kind) != 0)
                        continue;
                ret->kind = (enum root_source_kind)i;
                if (is_root ? sources[i].is_root : sources[i].is_data)
                        return sources[i].read(in, ret, reterr);
        }
        return error_set(reterr, -EBADMSG, "this agent (%s) knows no %s of the kind \"%.32s\"",
                         BRAMBLE_VERSION, is_root ? "root" : "volume", kind);
}

static int read_data(const json_t *in, struct root_order *ret, struct error *reterr) {
        size_t i;
        json_t *row;

        if (json_array_size(in) > ROOT_DATA_MAX)
                return refuse(reterr, "data");
        json_array_foreach(in, i, row) {
                struct root_data *data = &ret->data[ret->n_data++];
                int r = read_source(row, json_text_of(row, "kind"), false, &data->from, reterr);
                data->mount = json_text_of(row, "mount");
                if (r < 0)
                        return r;
                if (!is_path(data->mount) || !data->mount[1])
                        return refuse(reterr, "mount");
        }
        return 0;
}

/* Keys are lines: what is none would begin another one in the file that they go into. */
static int read_first_boot(const json_t *in, struct root_order *ret, struct error *reterr) {
        const json_t *keys = json_object_get(in, "authorized_keys");

        ret->has_first_boot = json_is_object(in);
        ret->hostname = json_text_of(in, "hostname");
        ret->phone_home = json_text_of(in, "phone_home");
        if ((*ret->hostname && !is_of(ret->hostname, ".-", ROOT_PATH_MAX)) ||
            (*ret->phone_home && !is_of(ret->phone_home, ":/._-[]", ROOT_PATH_MAX)) ||
            json_array_size(keys) > ROOT_KEYS_MAX)
                return refuse(reterr, "first_boot");
        for (; ret->n_keys < json_array_size(keys); ret->n_keys++) {
                const char *key = json_string_value(json_array_get(keys, ret->n_keys));
                if (!key || strpbrk(key, "\n\r"))
                        return refuse(reterr, "authorized_keys");
                ret->keys[ret->n_keys] = key;
        }
        return 0;
}

static void read_seed(const json_t *in, struct root_order *ret) {
        ret->has_seed = json_is_object(in);
        for (size_t i = 0; i < ORDER_SEED_FILES; i++)
                ret->seed[i] = json_text_of(in, order_seed_names[i]);
}

int root_order_parse(const char *text, size_t len, struct root_order *ret, struct error *reterr) {
        CLEANUP(root_order_clear) struct root_order order = { 0 };
        json_error_t fault;

        order.body = json_loadb(text, len, JSON_REJECT_DUPLICATES, &fault);
        if (!json_is_object(order.body))
                return error_set(reterr, -EBADMSG, "the server's word about the root is no JSON object");
        order.init = json_text_of(order.body, "init");
        if (!is_path(order.init))
                return refuse(reterr, "init");
        int r = read_source(order.body, json_text_of(order.body, "root"), true, &order.root, reterr);
        if (r == 0)
                r = read_first_boot(json_object_get(order.body, "first_boot"), &order, reterr);
        if (r == 0)
                r = read_data(json_object_get(order.body, "data"), &order, reterr);
        read_seed(json_object_get(order.body, "seed"), &order);
        if (r < 0)
                return r;
        *ret = order;
        order.body = NULL;
        return 0;
}

void root_order_clear(struct root_order *o) {
        json_decref(o->body);
        *o = (struct root_order){ 0 };
}
