/* One machine's part of a roll-out; see eeprom_part.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/eeprom_part.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/world.h"
#include "core/image/eeprom_update.h"

void eeprom_parts_end(struct eeprom_parts *p) {
        for (size_t i = 0; i < p->n; i++)
                eeprom_wish_end(&p->items[i].wish);
        free(p->items);
}

uint64_t eeprom_firmware_build(const struct api_call *c, struct eeprom_firmwares *known,
                               const struct image *image) {
        for (size_t i = 0; i < known->n; i++)
                if (known->items[i].image == image)
                        return known->items[i].build_s;
        const uint64_t build_s = eeprom_update_build_time(image, c->world->blobs);
        if (known->n < EEPROM_FIRMWARES_MAX) {
                known->items[known->n].image = image;
                known->items[known->n++].build_s = build_s;
        }
        return build_s;
}

/* The same firmware with the same configuration is hashed once. */
static int find_digest(const struct api_call *c, const struct eeprom_parts *done, const struct image *image,
                       struct eeprom_content *content, struct error *reterr) {
        for (size_t i = done->n; i > 0; i--) {
                const struct eeprom_content *before = &done->items[i - 1].order.now;
                if (strcmp(before->image, content->image) == 0 && before->config_len == content->config_len &&
                    memcmp(before->config, content->config, content->config_len) == 0) {
                        memcpy(content->digest, before->digest, sizeof(content->digest));
                        return 0;
                }
        }
        return eeprom_update_digest(image, c->world->blobs, content->config, content->digest, reterr);
}

struct search {
        const struct api_call *c;
        struct eeprom_firmwares *known;
        const char *name;
        uint64_t build_s;
        const struct image *found;
};

static int look_at_image(void *ctx, const struct image *i) {
        struct search *s = ctx;

        if (strcmp(i->name, s->name) != 0 || eeprom_firmware_build(s->c, s->known, i) != s->build_s)
                return 0;
        s->found = i;
        return 1;
}

/* What it has now, where an image here has that firmware: with it, it can be given back. */
static void note_former(const struct api_call *c, const struct eeprom_found *found, const struct image *image,
                        struct eeprom_parts *parts, struct eeprom_content *ret) {
        struct search search = {
                .c = c, .known = &parts->known, .name = image->name, .build_s = found->build_s
        };
        struct error ignored = {};

        *ret = (struct eeprom_content){ .build_s = found->build_s };
        if (!found->config)
                return;
        ret->config = found->config;
        ret->config_len = strlen(found->config);
        if (found->build_s)
                (void)site_each_image(c->site, look_at_image, &search);
        if (search.found &&
            eeprom_update_digest(search.found, c->world->blobs, found->config, ret->digest, &ignored) == 0)
                (void)image_ref(search.found, ret->image);
}

/* An image with firmware and configuration alone takes away what it checks its boots with. */
static bool has_key(const struct machine *m) {
        return m->require_trusted || (m->trust[0] && strcmp(m->trust, "none") != 0);
}

static int check_machine(const struct eeprom_parts *done, const struct machine *m, struct error *reterr) {
        struct eeprom_order was;

        if (m->is_locked)
                return error_set(reterr, -EBUSY, "machine %s is locked: unlock it first", m->name);
        if (has_key(m))
                return error_set(reterr, -EBUSY,
                                 "machine %s checks what it boots, and this update would take the key out of "
                                 "its EEPROM: write it an image that bramble eeprom edit --boot-key made",
                                 m->name);
        for (size_t i = 0; i < done->n; i++)
                if (done->items[i].machine == m)
                        return error_set(reterr, -EINVAL, "machine %s is named twice", m->name);
        return eeprom_order_of(m, &was) && eeprom_step_is_open(was.step)
                       ? error_set(reterr, -EBUSY,
                                   "machine %s is part of a roll-out already: bramble eeprom stop ends it",
                                   m->name)
                       : 0;
}

static bool has_it(const struct eeprom_found *found, const struct eeprom_content *now) {
        return found->config && found->build_s && found->build_s == now->build_s &&
               eeprom_wish_is_same(found->config, now->config);
}

/* 1, 0: it has all that already, or -errno. */
static int fill(const struct api_call *c, const char *config, struct eeprom_part *p,
                struct eeprom_parts *parts, struct error *reterr) {
        struct eeprom_found found = {};
        struct eeprom_content *now = &p->order.now;

        (void)eeprom_found_of(p->machine, &found);
        int r = eeprom_wish_of(c->site, p->machine, &p->wish, reterr);
        if (r < 0)
                return r;
        if (!p->wish.image)
                return error_set(reterr, p->wish.lack.code, "%s", p->wish.lack.text);
        now->config = config ? config : p->wish.config;
        if (!now->config)
                return error_set(
                        reterr, -ENOENT,
                        "nobody knows what configuration its EEPROM has: commission it, or say one by "
                        "--config");
        const bool is_for_network =
                (p->order.flags & (EEPROM_BY_AGENT | EEPROM_OR_NETWORK)) != EEPROM_BY_AGENT;
        r = found.config && is_for_network ? eeprom_wish_takes_update(found.config, reterr) : 0;
        if (r < 0)
                return r;
        now->config_len = strlen(now->config);
        now->build_s = eeprom_firmware_build(c, &parts->known, p->wish.image);
        (void)image_ref(p->wish.image, now->image);
        if (!config && has_it(&found, now))
                return 0;
        r = find_digest(c, parts, p->wish.image, now, reterr);
        if (r < 0)
                return r;
        note_former(c, &found, p->wish.image, parts, &p->order.former);
        return 1;
}

int eeprom_part_make(const struct api_call *c, const char *name, const char *config,
                     const struct eeprom_order *order, struct eeprom_parts *parts, struct error *reterr) {
        struct eeprom_part *p = &parts->items[parts->n];

        *p = (struct eeprom_part){ .machine = site_machine_by_name(c->site, name), .order = *order };
        if (!p->machine)
                return error_set(reterr, -ENOENT, "there is no machine %.64s", name);
        int r = check_machine(parts, p->machine, reterr);
        if (r < 0)
                return r;
        r = fill(c, config, p, parts, reterr);
        if (r > 0) {
                parts->n++;
                return 1;
        }
        eeprom_wish_end(&p->wish);
        if (r < 0)
                (void)error_prefix(reterr, "machine %s", name);
        return r;
}
