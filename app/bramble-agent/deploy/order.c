/* Orders to deploy; see order.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "app/bramble-agent/deploy/order.h"
#include "app/bramble-agent/json.h"
#include "base/text.h"
#include "format/blockmap.h"

const char *const order_seed_names[ORDER_SEED_FILES] = { "meta-data", "user-data", "vendor-data",
                                                         "network-config" };

/* A path that can only be a blob's: it goes into a request as it is. */
static bool is_path(const char *path) {
        return text_starts_with(path, "blob/") &&
               path[strspn(path, "abcdefghijklmnopqrstuvwxyz0123456789/")] == '\0';
}

bool order_blob_parse(const json_t *o, uint64_t max, struct order_blob *ret) {
        const char *sha256 = json_text_of(o, "sha256");

        ret->path = json_text_of(o, "path");
        ret->size = json_number_of(o, "size", max, 0);
        return is_path(ret->path) && ret->size > 0 &&
               (!*sha256 || text_parse_hex(sha256, ret->sha256, SHA256_SIZE) == 0);
}

/* A host name becomes a line of files and a word of command lines. */
static bool is_host_name(const char *name) {
        return strlen(name) <= 253 &&
               name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.")] == '\0';
}

static bool is_one_line(const char *text) {
        for (; *text; text++)
                if ((unsigned char)*text < ' ')
                        return false;
        return true;
}

static bool parse_keys(const json_t *list, struct deploy_order *o) {
        size_t i;
        json_t *key;

        json_array_foreach(list, i, key) {
                const char *text = json_string_value(key);
                if (!text || !is_one_line(text) || o->n_keys == ORDER_KEYS_MAX)
                        return false;
                o->keys[o->n_keys++] = text;
        }
        return true;
}

static bool flag(const json_t *o, const char *key) {
        return json_is_true(json_object_get(o, key));
}

int deploy_order_parse(const json_t *task, struct deploy_order *ret, struct error *reterr) {
        const json_t *disk = json_object_get(task, "disk"), *seed = json_object_get(task, "seed");
        const json_t *assertion = json_object_get(task, "assertion");
        struct deploy_order o = { .hint = json_text_of(disk, "hint"),
                                  .overwrite_boot_medium = flag(disk, "overwrite_boot_medium"),
                                  .keep_firmware = flag(disk, "keep_firmware"),
                                  .network_first = flag(task, "network_first"),
                                  .new_disk_id = flag(task, "new_disk_id"),
                                  .unchanged = flag(task, "unchanged"),
                                  .hostname = json_text_of(task, "hostname"),
                                  .cmdline_extra = json_text_of(task, "cmdline_extra"),
                                  .config_txt_extra = json_text_of(task, "config_txt_extra"),
                                  .phone_home = json_text_of(task, "phone_home"),
                                  .wanted = json_text_of(task, "wanted"),
                                  .assertion = json_text_of(assertion, "text"),
                                  .assertion_disk = json_text_of(assertion, "disk"),
                                  .reboots = strcmp(json_text_of(task, "then"), "reboot") == 0 };

        if (!order_blob_parse(json_object_get(task, "map"), BLOCKMAP_SIZE_MAX, &o.map))
                return error_set(reterr, -EBADMSG, "the task to deploy names no map of the image");
        if (!order_blob_parse(json_object_get(task, "frames"), INT64_MAX, &o.frames))
                return error_set(reterr, -EBADMSG, "the task to deploy names no frames of the image");
        if (!is_host_name(o.hostname))
                return error_set(reterr, -EBADMSG,
                                 "the task to deploy has a host name that is none: \"%.60s\"", o.hostname);
        if (!is_one_line(o.cmdline_extra) || !is_one_line(o.phone_home) || !is_one_line(o.wanted))
                return error_set(reterr, -EBADMSG,
                                 "the task to deploy has words for the kernel in several lines");
        if (!parse_keys(json_object_get(task, "authorized_keys"), &o))
                return error_set(reterr, -EBADMSG,
                                 "the task to deploy has keys that are no lines, or more than %d",
                                 ORDER_KEYS_MAX);
        for (size_t i = 0; i < ORDER_SEED_FILES; i++)
                o.seed[i] = json_text_of(seed, order_seed_names[i]);
        *ret = o;
        return 0;
}

bool order_has_seed(const struct deploy_order *o) {
        for (size_t i = 0; i < ORDER_SEED_FILES; i++)
                if (*o->seed[i])
                        return true;
        return false;
}
