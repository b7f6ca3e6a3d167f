/* The site snapshot on persistent maps; see site.h. What changes it is in site_change.c. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/site/site.h"
#include "core/site/site_inside.h"

struct site_key site_key(enum site_key_kind kind, const void *octets, size_t len) {
        struct site_key k = { .octets = { (uint8_t)kind }, .len = 1 + len };
        assert(len < sizeof(k.octets));
        memcpy(k.octets + 1, octets, len);
        return k;
}

static void *machine_take_value(void *value) {
        return machine_take(value);
}

static void machine_drop_value(void *value) {
        machine_drop(value);
}

static void *image_take_value(void *value) {
        return image_take(value);
}

static void image_drop_value(void *value) {
        image_drop(value);
}

static const struct pmap_ops machine_ops = { .take = machine_take_value, .drop = machine_drop_value };
static const struct pmap_ops image_ops = { .take = image_take_value, .drop = image_drop_value };

struct subnet_list *subnet_list_new(size_t n) {
        struct subnet_list *list = calloc(1, sizeof(*list) + n * sizeof(list->items[0]));
        if (list)
                ref_init(&list->ref);
        return list;
}

void subnet_list_drop(struct subnet_list *list) {
        if (!list || !ref_drop(&list->ref))
                return;
        for (size_t i = 0; i < list->n; i++)
                subnet_drop(list->items[i]);
        free(list);
}

struct script_list *script_list_new(size_t n) {
        struct script_list *list = calloc(1, sizeof(*list) + n * sizeof(list->items[0]));
        if (list)
                ref_init(&list->ref);
        return list;
}

void script_list_drop(struct script_list *list) {
        if (!list || !ref_drop(&list->ref))
                return;
        for (size_t i = 0; i < list->n; i++)
                script_drop(list->items[i]);
        free(list);
}

struct config_lines_list *config_lines_list_new(size_t n) {
        struct config_lines_list *list = calloc(1, sizeof(*list) + n * sizeof(list->items[0]));
        if (list)
                ref_init(&list->ref);
        return list;
}

void config_lines_list_drop(struct config_lines_list *list) {
        if (!list || !ref_drop(&list->ref))
                return;
        for (size_t i = 0; i < list->n; i++)
                config_lines_drop(list->items[i]);
        free(list);
}

struct site *site_empty(void) {
        CLEANUP(site_drop_at) struct site *s = calloc(1, sizeof(*s));
        if (!s)
                return NULL;
        ref_init(&s->ref);
        s->boards = board_set_builtin();
        s->subnets = subnet_list_new(0);
        s->scripts = script_list_new(0);
        s->config_lines = config_lines_list_new(0);
        s->machines = pmap_new(&machine_ops);
        s->keys = pmap_new(&machine_ops);
        s->images = pmap_new(&image_ops);
        if (!s->boards || !s->subnets || !s->scripts || !s->config_lines || !s->machines || !s->keys ||
            !s->images)
                return NULL;
        return TAKE(s);
}

struct site *site_take(const struct site *s) {
        struct site *taken = (struct site *)s;
        ref_take(&taken->ref);
        return taken;
}

void site_drop(struct site *s) {
        if (!s || !ref_drop(&s->ref))
                return;
        board_set_drop(s->boards);
        subnet_list_drop(s->subnets);
        script_list_drop(s->scripts);
        config_lines_list_drop(s->config_lines);
        pmap_drop(s->machines);
        pmap_drop(s->keys);
        pmap_drop(s->images);
        free(s);
}

const struct board_set *site_boards(const struct site *s) {
        return s->boards;
}

uint64_t site_revision(const struct site *s) {
        return s->revision;
}

size_t site_n_subnets(const struct site *s) {
        return s->subnets->n;
}

const struct subnet *site_subnet(const struct site *s, size_t i) {
        return i < s->subnets->n ? s->subnets->items[i] : NULL;
}

const struct subnet *site_subnet_of(const struct site *s, const struct ip_addr *addr) {
        const struct subnet *best = NULL;

        for (size_t i = 0; i < s->subnets->n; i++) {
                const struct subnet *at = s->subnets->items[i];
                if (ip_net_contains(&at->net, addr) && (!best || at->net.prefix_len > best->net.prefix_len))
                        best = at;
        }
        return best;
}

static bool net_equal(const struct ip_net *a, const struct ip_net *b) {
        return ip_equal(&a->addr, &b->addr) && a->prefix_len == b->prefix_len;
}

const struct subnet *site_subnet_find(const struct site *s, const struct ip_net *net) {
        for (size_t i = 0; i < s->subnets->n; i++) {
                if (net_equal(&s->subnets->items[i]->net, net))
                        return s->subnets->items[i];
        }
        return NULL;
}

static const struct machine *machine_by(const struct site *s, enum site_key_kind kind, const void *octets,
                                        size_t len) {
        if (len > MACHINE_CLIENT_ID_MAX)
                return NULL;
        struct site_key key = site_key(kind, octets, len);
        return pmap_get(s->keys, key.octets, key.len);
}

const struct machine *site_machine_by_name(const struct site *s, const char *name) {
        return machine_by(s, KEY_NAME, name, strlen(name));
}

const struct machine *site_machine_by_mac(const struct site *s, const struct mac *mac) {
        return machine_by(s, KEY_MAC, mac->octets, sizeof(mac->octets));
}

const struct machine *site_machine_by_serial(const struct site *s, uint32_t serial) {
        return machine_by(s, KEY_SERIAL, &serial, sizeof(serial));
}

const struct machine *site_machine_by_uuid(const struct site *s, const uint8_t uuid[16]) {
        return machine_by(s, KEY_UUID, uuid, 16);
}

const struct machine *site_machine_by_client_id(const struct site *s, const void *id, size_t len) {
        return machine_by(s, KEY_CLIENT_ID, id, len);
}

const struct machine *site_machine(const struct site *s, uint64_t id) {
        return pmap_get(s->machines, &id, sizeof(id));
}

const struct machine *site_machine_by_ip(const struct site *s, const struct ip_addr *ip) {
        return machine_by(s, KEY_IP, ip, sizeof(*ip));
}

const struct machine *site_machine_by_token(const struct site *s,
                                            const uint8_t hash[static MACHINE_TOKEN_HASH_SIZE]) {
        return machine_by(s, KEY_TOKEN, hash, MACHINE_TOKEN_HASH_SIZE);
}

size_t site_n_machines(const struct site *s) {
        return pmap_len(s->machines);
}

/* Strips the key from what pmap_each() tells. */
struct each {
        void *ctx;
        int (*machine_fn)(void *ctx, const struct machine *m);
        int (*image_fn)(void *ctx, const struct image *i);
};

static int each_machine(void *ctx, const void *key, size_t key_len, void *value) {
        const struct each *each = ctx;
        (void)key;
        (void)key_len;
        return each->machine_fn(each->ctx, value);
}

static int each_image(void *ctx, const void *key, size_t key_len, void *value) {
        const struct each *each = ctx;
        (void)key;
        (void)key_len;
        return each->image_fn(each->ctx, value);
}

int site_each_machine(const struct site *s, int (*fn)(void *ctx, const struct machine *m), void *ctx) {
        struct each each = { .machine_fn = fn, .ctx = ctx };
        return pmap_each(s->machines, each_machine, &each);
}

struct newest_search {
        const char *name;
        const struct image *found;
};

static int find_newest(void *ctx, const struct image *i) {
        struct newest_search *search = ctx;

        if (strcmp(i->name, search->name) == 0 && (!search->found || i->version > search->found->version))
                search->found = i;
        return 0;
}

/* Few images have few versions, and nobody who serves a packet asks without one. */
const struct image *site_image(const struct site *s, const char *ref) {
        struct newest_search search = { .name = ref };

        if (strchr(ref, '@'))
                return pmap_get(s->images, ref, strlen(ref));
        (void)site_each_image(s, find_newest, &search);
        return search.found;
}

size_t site_n_images(const struct site *s) {
        return pmap_len(s->images);
}

int site_each_image(const struct site *s, int (*fn)(void *ctx, const struct image *i), void *ctx) {
        struct each each = { .image_fn = fn, .ctx = ctx };
        return pmap_each(s->images, each_image, &each);
}

size_t site_n_scripts(const struct site *s) {
        return s->scripts->n;
}

const struct script *site_script(const struct site *s, size_t i) {
        return i < s->scripts->n ? s->scripts->items[i] : NULL;
}

const struct script *site_script_by_name(const struct site *s, const char *name) {
        for (size_t i = 0; i < s->scripts->n; i++) {
                if (strcmp(s->scripts->items[i]->name, name) == 0)
                        return s->scripts->items[i];
        }
        return NULL;
}

size_t site_n_config_lines(const struct site *s) {
        return s->config_lines->n;
}

const struct config_lines *site_config_lines(const struct site *s, size_t i) {
        return i < s->config_lines->n ? s->config_lines->items[i] : NULL;
}

const struct config_lines *site_config_lines_of(const struct site *s, enum config_lines_file file,
                                                enum config_lines_scope scope, const char *name) {
        for (size_t i = 0; i < s->config_lines->n; i++) {
                const struct config_lines *l = s->config_lines->items[i];
                if (l->file == file && l->scope == scope && strcmp(l->name, name) == 0)
                        return l;
        }
        return NULL;
}
