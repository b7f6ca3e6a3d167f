/*
 * Changes of the site snapshot; see site.h.
 *
 * A change starts from a twin of the old snapshot that shares every map, replaces what changes in the twin,
 * and gives the twin away or drops it: the old one is never touched.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/machine/eeprom_order.h"
#include "core/site/site_inside.h"

struct site *site_twin(const struct site *s, struct error *reterr) {
        struct site *twin = calloc(1, sizeof(*twin));
        if (!twin) {
                (void)error_set(reterr, -ENOMEM, "out of memory");
                return NULL;
        }
        ref_init(&twin->ref);
        twin->revision = s->revision + 1;
        twin->boards = board_set_take(s->boards);
        ref_take(&s->subnets->ref);
        twin->subnets = s->subnets;
        ref_take(&s->scripts->ref);
        twin->scripts = s->scripts;
        ref_take(&s->config_lines->ref);
        twin->config_lines = s->config_lines;
        twin->machines = pmap_take(s->machines);
        twin->keys = pmap_take(s->keys);
        twin->images = pmap_take(s->images);
        return twin;
}

/* Puts the changed map in the place of the old one. */
static int map_step(struct pmap **map, struct pmap *changed, struct error *reterr) {
        if (!changed)
                return error_set(reterr, -ENOMEM, "out of memory");
        pmap_drop(*map);
        *map = changed;
        return 0;
}

struct site *site_with_boards(const struct site *s, const struct board_set *boards, struct error *reterr) {
        struct site *next = site_twin(s, reterr);
        if (!next)
                return NULL;
        board_set_drop(next->boards);
        next->boards = board_set_take(boards);
        return next;
}

static size_t machine_keys(const struct machine *m, struct site_key keys[static KEYS_MAX]) {
        size_t n = 0;

        keys[n++] = site_key(KEY_NAME, m->name, strlen(m->name));
        for (size_t i = 0; i < m->n_macs; i++)
                keys[n++] = site_key(KEY_MAC, m->macs[i].octets, sizeof(m->macs[i].octets));
        if (m->has_serial)
                keys[n++] = site_key(KEY_SERIAL, &m->serial, sizeof(m->serial));
        if (m->has_uuid)
                keys[n++] = site_key(KEY_UUID, m->uuid, sizeof(m->uuid));
        if (m->client_id_len)
                keys[n++] = site_key(KEY_CLIENT_ID, m->client_id, m->client_id_len);
        if (ip_is_set(&m->ip))
                keys[n++] = site_key(KEY_IP, &m->ip, sizeof(m->ip));
        if (m->has_token)
                keys[n++] = site_key(KEY_TOKEN, m->token_hash, sizeof(m->token_hash));
        return n;
}

/* Says which of its keys a machine shares with another one. */
static int conflict_error(const struct machine *m, const struct site_key *key, const struct machine *other,
                          struct error *reterr) {
        char mac[MAC_TEXT_SIZE], ip[IP_TEXT_SIZE];
        struct mac addr;

        switch ((enum site_key_kind)key->octets[0]) {
        case KEY_NAME:
                return error_set(
                        reterr, -EEXIST,
                        "there is a machine %s already: change or delete that one, or choose another name",
                        other->name);
        case KEY_MAC:
                memcpy(addr.octets, key->octets + 1, sizeof(addr.octets));
                return error_set(reterr, -EEXIST, "machine %s: MAC %s belongs to machine %s", m->name,
                                 mac_text(&addr, mac), other->name);
        case KEY_SERIAL:
                return error_set(reterr, -EEXIST, "machine %s: serial %08x belongs to machine %s", m->name,
                                 m->serial, other->name);
        case KEY_UUID:
                return error_set(reterr, -EEXIST, "machine %s: its UUID belongs to machine %s", m->name,
                                 other->name);
        case KEY_CLIENT_ID:
                return error_set(reterr, -EEXIST, "machine %s: its client-id belongs to machine %s", m->name,
                                 other->name);
        case KEY_IP:
                return error_set(reterr, -EEXIST, "machine %s: address %s is reserved for machine %s",
                                 m->name, ip_text(&m->ip, ip), other->name);
        case KEY_TOKEN:
                return error_set(reterr, -EEXIST, "machine %s: its token belongs to machine %s", m->name,
                                 other->name);
        }
        return -EEXIST;
}

static int check_conflicts(const struct site *s, const struct machine *m, struct error *reterr) {
        struct site_key keys[KEYS_MAX];
        size_t n = machine_keys(m, keys);

        for (size_t i = 0; i < n; i++) {
                const struct machine *other = pmap_get(s->keys, keys[i].octets, keys[i].len);
                if (other && other->id != m->id)
                        return conflict_error(m, &keys[i], other, reterr);
        }
        return 0;
}

/* Whether the subnets of @s allow a machine's reservation. */
static int check_reservation(const struct site *s, const struct machine *m, struct error *reterr) {
        char ip[IP_TEXT_SIZE], net[IP_NET_TEXT_SIZE];

        if (!ip_is_set(&m->ip))
                return 0;
        ip_text(&m->ip, ip);
        const struct subnet *subnet = site_subnet_of(s, &m->ip);
        if (!subnet)
                return error_set(reterr, -EINVAL, "machine %s: address %s lies in no subnet", m->name, ip);
        ip_net_text(&subnet->net, net);
        if (subnet->dhcp == SUBNET_DHCP_PROXY)
                return error_set(
                        reterr, -EINVAL,
                        "machine %s: address %s lies on %s, a proxy subnet: another server hands out the "
                        "addresses there, so reserve it on that server",
                        m->name, ip, net);
        if (!subnet_is_host(subnet, &m->ip))
                return error_set(reterr, -EINVAL, "machine %s: address %s is no host's address on %s",
                                 m->name, ip, net);
        if (ip_equal(&m->ip, &subnet->gateway))
                return error_set(reterr, -EINVAL, "machine %s: address %s is the gateway of %s", m->name, ip,
                                 net);
        return 0;
}

static int check_board(const struct site *s, const struct machine *m, struct error *reterr) {
        if (!m->board[0])
                return 0;
        const struct board *board = board_find(s->boards, m->board);
        if (!board)
                return error_set(reterr, -ENOENT, "machine %s: there is no board %s", m->name, m->board);
        for (size_t i = 0; m->arch != ARCH_NONE && i < BOARD_ARCHS_MAX; i++) {
                if (board->archs[i] == m->arch)
                        return 0;
        }
        return m->arch == ARCH_NONE ? 0
                                    : error_set(reterr, -EINVAL, "machine %s: board %s cannot run %s",
                                                m->name, m->board, arch_name(m->arch));
}

static int check_machine_image(const struct site *s, const struct machine *m, struct error *reterr) {
        if (!m->image[0])
                return 0;
        const struct image *image = site_image(s, m->image);
        if (!image)
                return error_set(reterr, -ENOENT, "machine %s: there is no image %s", m->name, m->image);
        if (m->arch != ARCH_NONE && image->arch != ARCH_NONE && !arch_is_kin(m->arch, image->arch))
                return error_set(reterr, -EINVAL, "machine %s: image %s is for %s and cannot run on %s",
                                 m->name, m->image, arch_name(image->arch), arch_name(m->arch));
        return 0;
}

static int remove_keys(struct site *s, const struct machine *m, struct error *reterr) {
        struct site_key keys[KEYS_MAX];
        size_t n = machine_keys(m, keys);
        int r = 0;

        for (size_t i = 0; i < n && r == 0; i++)
                r = map_step(&s->keys, pmap_remove(s->keys, keys[i].octets, keys[i].len), reterr);
        return r;
}

static int put_keys(struct site *s, const struct machine *m, struct error *reterr) {
        struct site_key keys[KEYS_MAX];
        size_t n = machine_keys(m, keys);
        int r = 0;

        for (size_t i = 0; i < n && r == 0; i++)
                r = map_step(&s->keys, pmap_put(s->keys, keys[i].octets, keys[i].len, (void *)m), reterr);
        return r;
}

struct site *site_put_machine(const struct site *s, const struct machine *m, struct error *reterr) {
        if (machine_check(m, reterr) < 0 || check_conflicts(s, m, reterr) < 0 ||
            check_reservation(s, m, reterr) < 0 || check_board(s, m, reterr) < 0)
                return NULL;
        if (check_machine_image(s, m, reterr) < 0)
                return NULL;

        CLEANUP(site_drop_at) struct site *next = site_twin(s, reterr);
        if (!next)
                return NULL;
        const struct machine *old = pmap_get(s->machines, &m->id, sizeof(m->id));
        if (old && remove_keys(next, old, reterr) < 0)
                return NULL;
        if (put_keys(next, m, reterr) < 0 ||
            map_step(&next->machines, pmap_put(next->machines, &m->id, sizeof(m->id), (void *)m), reterr) < 0)
                return NULL;
        return TAKE(next);
}

struct site *site_remove_machine(const struct site *s, const char *name, struct error *reterr) {
        const struct machine *old = site_machine_by_name(s, name);
        if (!old) {
                (void)error_set(reterr, -ENOENT, "there is no machine %s", name);
                return NULL;
        }
        CLEANUP(site_drop_at) struct site *next = site_twin(s, reterr);
        if (!next || remove_keys(next, old, reterr) < 0 ||
            map_step(&next->machines, pmap_remove(next->machines, &old->id, sizeof(old->id)), reterr) < 0)
                return NULL;
        return TAKE(next);
}

/* Whether every reservation still makes sense after the subnets changed. */
struct reservation_check {
        const struct site *site;
        struct error *reterr;
};

static int check_machine_reservation(void *ctx, const struct machine *m) {
        const struct reservation_check *check = ctx;
        return check_reservation(check->site, m, check->reterr);
}

static int compare_nets(const struct ip_net *a, const struct ip_net *b) {
        int r = memcmp(a->addr.octets, b->addr.octets, sizeof(a->addr.octets));
        return r ? r : (int)a->prefix_len - (int)b->prefix_len;
}

/* The list with @subnet (NULL: none) in the place of what has the network @net. */
static struct subnet_list *list_with(const struct subnet_list *list, const struct ip_net *net,
                                     const struct subnet *subnet) {
        struct subnet_list *next = subnet_list_new(list->n + 1);
        if (!next)
                return NULL;
        for (size_t i = 0; i < list->n; i++) {
                int r = compare_nets(&list->items[i]->net, net);
                if (r > 0 && subnet) {
                        next->items[next->n++] = subnet_take(subnet);
                        subnet = NULL;
                }
                if (r != 0)
                        next->items[next->n++] = subnet_take(list->items[i]);
        }
        if (subnet)
                next->items[next->n++] = subnet_take(subnet);
        return next;
}

static struct site *with_subnet(const struct site *s, const struct ip_net *net, const struct subnet *subnet,
                                struct error *reterr) {
        CLEANUP(site_drop_at) struct site *next = site_twin(s, reterr);
        if (!next)
                return NULL;
        struct subnet_list *list = list_with(s->subnets, net, subnet);
        if (!list) {
                (void)error_set(reterr, -ENOMEM, "out of memory");
                return NULL;
        }
        subnet_list_drop(next->subnets);
        next->subnets = list;

        struct reservation_check check = { .site = next, .reterr = reterr };
        if (site_each_machine(next, check_machine_reservation, &check) < 0)
                return NULL;
        return TAKE(next);
}

/* One subnet may lie in another that is off; two that are served would answer the same clients. */
static int check_overlap(const struct site *s, const struct subnet *subnet, struct error *reterr) {
        const struct subnet *own = site_subnet_find(s, &subnet->net);
        char net[IP_NET_TEXT_SIZE], other_net[IP_NET_TEXT_SIZE];

        for (size_t i = 0; subnet->dhcp != SUBNET_DHCP_OFF && i < s->subnets->n; i++) {
                const struct subnet *other = s->subnets->items[i];
                const bool overlaps = ip_net_contains(&other->net, &subnet->net.addr) ||
                                      ip_net_contains(&subnet->net, &other->net.addr);
                if (other->dhcp != SUBNET_DHCP_OFF && overlaps && other != own)
                        return error_set(reterr, -EINVAL, "subnet %s overlaps %s, and both have DHCP on",
                                         ip_net_text(&subnet->net, net), ip_net_text(&other->net, other_net));
        }
        return 0;
}

struct site *site_put_subnet(const struct site *s, const struct subnet *subnet, struct error *reterr) {
        char net[IP_NET_TEXT_SIZE];

        if (subnet_check(subnet, reterr) < 0 || check_overlap(s, subnet, reterr) < 0)
                return NULL;
        if (subnet->unknown == SUBNET_UNKNOWN_BOOT && !site_image(s, subnet->unknown_image)) {
                (void)error_set(reterr, -ENOENT, "subnet %s: there is no image %s",
                                ip_net_text(&subnet->net, net), subnet->unknown_image);
                return NULL;
        }
        return with_subnet(s, &subnet->net, subnet, reterr);
}

struct reservation_search {
        const struct subnet *subnet;
        const struct machine *found;
};

static int find_reservation(void *ctx, const struct machine *m) {
        struct reservation_search *search = ctx;

        if (!ip_is_set(&m->ip) || !ip_net_contains(&search->subnet->net, &m->ip))
                return 0;
        search->found = m;
        return 1;
}

struct site *site_remove_subnet(const struct site *s, const struct ip_net *net, struct error *reterr) {
        struct reservation_search search = { .subnet = site_subnet_find(s, net) };
        char text[IP_NET_TEXT_SIZE], ip[IP_TEXT_SIZE];

        if (!search.subnet) {
                (void)error_set(reterr, -ENOENT, "there is no subnet %s", ip_net_text(net, text));
                return NULL;
        }
        struct site *next = with_subnet(s, net, NULL, reterr);
        if (!next && site_each_machine(s, find_reservation, &search) != 0)
                (void)error_set(
                        reterr, -EBUSY,
                        "subnet %s has address %s reserved for machine %s; give that one another address, or "
                        "none, first",
                        ip_net_text(net, text), ip_text(&search.found->ip, ip), search.found->name);
        return next;
}

struct site *site_put_image(const struct site *s, const struct image *i, struct error *reterr) {
        assert(i->n_files == 0 || i->folded); /* image_index() was called */
        if (!i->name[0]) {
                (void)error_set(reterr, -EINVAL, "an image needs a name");
                return NULL;
        }
        char ref[IMAGE_REF_SIZE];
        (void)image_ref(i, ref);
        CLEANUP(site_drop_at) struct site *next = site_twin(s, reterr);
        if (!next || map_step(&next->images, pmap_put(next->images, ref, strlen(ref), (void *)i), reterr) < 0)
                return NULL;
        return TAKE(next);
}

struct user_search {
        const struct site *site;
        const struct image *image;
        const char *machine; /* that uses it */
        const char *how;     /* "boots" */
};

/* Words for a firmware's day or the newest one name no image. */
static bool is_firmware(const struct user_search *search, const char *word) {
        return word[0] && site_image(search->site, word) == search->image;
}

/* What it is offered, and what it may be given back. */
static bool is_rolled_out(const struct machine *m, const char *ref) {
        struct eeprom_order o;

        return eeprom_order_of(m, &o) && eeprom_step_is_open(o.step) &&
               (strcmp(o.now.image, ref) == 0 || strcmp(o.former.image, ref) == 0);
}

static int machine_uses_image(void *ctx, const struct machine *m) {
        struct user_search *search = ctx;
        char ref[IMAGE_REF_SIZE];

        (void)image_ref(search->image, ref);
        if (machine_falls_back_to(m, ref) ||
            (m->image[0] && site_image(search->site, m->image) == search->image))
                search->how = "boots";
        else if (is_rolled_out(m, ref) || is_firmware(search, m->eeprom_firmware))
                search->how = "is to have in its EEPROM";
        search->machine = m->name;
        return search->how != NULL;
}

static int check_image_unused(const struct site *s, const struct image *i, struct error *reterr) {
        struct user_search search = { .site = s, .image = i };
        char net[IP_NET_TEXT_SIZE], ref[IMAGE_REF_SIZE];

        (void)image_ref(i, ref);
        if (site_each_machine(s, machine_uses_image, &search) != 0)
                return error_set(reterr, -EBUSY, "image %s is what machine %s %s", ref, search.machine,
                                 search.how);
        for (size_t n = 0; n < site_n_config_lines(s); n++) {
                const struct config_lines *lines = site_config_lines(s, n);
                if (is_firmware(&search, lines->firmware))
                        return error_set(reterr, -EBUSY,
                                         "image %s is what machines of %s %s are to have in their EEPROMs",
                                         ref, config_lines_scope_name(lines->scope), lines->name);
        }
        for (size_t n = 0; n < s->subnets->n; n++) {
                const struct subnet *subnet = s->subnets->items[n];
                if (subnet->unknown == SUBNET_UNKNOWN_BOOT && site_image(s, subnet->unknown_image) == i)
                        return error_set(reterr, -EBUSY, "image %s is what unknown machines on %s boot", ref,
                                         ip_net_text(&subnet->net, net));
        }
        return 0;
}

struct site *site_remove_image(const struct site *s, const char *ref, struct error *reterr) {
        const struct image *image = site_image(s, ref);
        char key[IMAGE_REF_SIZE];

        if (!image) {
                (void)error_set(reterr, -ENOENT, "there is no image %s", ref);
                return NULL;
        }
        if (check_image_unused(s, image, reterr) < 0)
                return NULL;
        (void)image_ref(image, key);
        CLEANUP(site_drop_at) struct site *next = site_twin(s, reterr);
        if (!next || map_step(&next->images, pmap_remove(next->images, key, strlen(key)), reterr) < 0)
                return NULL;
        return TAKE(next);
}

/* The scripts with @script (NULL: none) in the place of what is called @name. */
static struct site *with_script(const struct site *s, const char *name, const struct script *script,
                                struct error *reterr) {
        CLEANUP(site_drop_at) struct site *next = site_twin(s, reterr);
        struct script_list *list = next ? script_list_new(s->scripts->n + 1) : NULL;
        if (!list) {
                (void)error_set(reterr, -ENOMEM, "out of memory");
                return NULL;
        }
        for (size_t i = 0; i < s->scripts->n; i++) {
                int r = strcmp(s->scripts->items[i]->name, name);
                if (r > 0 && script) {
                        list->items[list->n++] = script_take(script);
                        script = NULL;
                }
                if (r != 0)
                        list->items[list->n++] = script_take(s->scripts->items[i]);
        }
        if (script)
                list->items[list->n++] = script_take(script);
        script_list_drop(next->scripts);
        next->scripts = list;
        return TAKE(next);
}

struct site *site_put_script(const struct site *s, const struct script *script, struct error *reterr) {
        if (!script_is_name(script->name) || !script->body) {
                (void)error_set(reterr, -EINVAL,
                                "a script has a name of letters, digits, \"-\", \"_\" and \".\", and a body");
                return NULL;
        }
        if (!site_script_by_name(s, script->name) && s->scripts->n >= SCRIPTS_MAX) {
                (void)error_set(reterr, -ENOSPC,
                                "there are %d scripts already, and more are not kept: delete one",
                                SCRIPTS_MAX);
                return NULL;
        }
        return with_script(s, script->name, script, reterr);
}

struct site *site_remove_script(const struct site *s, const char *name, struct error *reterr) {
        if (!site_script_by_name(s, name)) {
                (void)error_set(reterr, -ENOENT, "there is no script %s", name);
                return NULL;
        }
        return with_script(s, name, NULL, reterr);
}
