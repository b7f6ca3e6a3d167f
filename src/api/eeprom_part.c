/* One machine's part of a roll-out; see eeprom_part.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/eeprom_part.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/world.h"
#include "base/pem.h"
#include "core/boot/pi_eeprom.h"
#include "core/image/eeprom_update.h"

static void part_end(struct eeprom_part *p) {
        eeprom_wish_end(&p->wish);
        text_free(&p->files);
        text_free(&p->former_files);
}

void eeprom_parts_end(struct eeprom_parts *p) {
        for (size_t i = 0; i < p->n; i++)
                part_end(&p->items[i]);
        free(p->items);
}

uint64_t eeprom_firmware_build(void *ctx, const struct image *image) {
        struct eeprom_firmwares *known = ctx;

        for (size_t i = 0; i < known->n; i++)
                if (known->items[i].image == image)
                        return known->items[i].build_s;
        const uint64_t build_s = eeprom_update_build_time(image, known->call->world->blobs);
        if (known->n < EEPROM_FIRMWARES_MAX) {
                known->items[known->n].image = image;
                known->items[known->n++].build_s = build_s;
        }
        return build_s;
}

/* ---- what goes in beside the configuration ---- */

/* The key that @m's boots are signed with; NULL for a machine that requires no trust. */
static int key_of(const struct api_call *c, const struct machine *m, struct signing_key *buf,
                  const struct signing_key **ret, struct error *reterr) {
        *ret = NULL;
        if (!m->require_trusted)
                return 0;
        if (!signing_key_find(&c->world->keys, m->boot_key, buf))
                return error_set(
                        reterr, -ENOENT,
                        "it requires trust, and there is no key for it: bramble key create makes one");
        *ret = buf;
        return 0;
}

/* Its key and the signature of @config, and the authority where that names one. */
static int add_files(const struct api_call *c, const struct signing_key *key, const char *config,
                     struct text *text, struct eeprom_content *ret, struct error *reterr) {
        size_t len = 0;

        CLEANUP(free_at) uint8_t *authority = pem_certificate(c->world->ca_pem, &len);
        int r = eeprom_update_files(c->world->blobs, key, authority, len, config, text, reterr);
        if (r < 0)
                return r;
        ret->files = text->octets;
        ret->files_len = text->len;
        return 0;
}

/* ---- what it gets, and what it had ---- */

static bool is_same_content(const struct eeprom_content *a, const struct eeprom_content *b) {
        return strcmp(a->image, b->image) == 0 && a->config_len == b->config_len &&
               memcmp(a->config, b->config, a->config_len) == 0 && a->files_len == b->files_len &&
               (a->files_len == 0 || memcmp(a->files, b->files, a->files_len) == 0);
}

/* The same firmware with the same configuration is hashed and signed once. */
static int seal(const struct api_call *c, const struct eeprom_parts *done, const struct image *image,
                const struct signing_key *key, struct eeprom_content *content, struct error *reterr) {
        for (size_t i = done->n; i > 0; i--) {
                const struct eeprom_content *before = &done->items[i - 1].order.now;
                if (is_same_content(before, content)) {
                        memcpy(content->digest, before->digest, sizeof(content->digest));
                        memcpy(content->rsa, before->rsa, sizeof(content->rsa));
                        content->has_rsa = before->has_rsa;
                        return 0;
                }
        }
        return eeprom_update_seal(image, c->world->blobs, key, content, reterr);
}

struct search {
        struct eeprom_firmwares *known;
        const char *name;
        uint64_t build_s;
        const struct image *found;
};

static int look_at_image(void *ctx, const struct image *i) {
        struct search *s = ctx;

        if (strcmp(i->name, s->name) != 0 || eeprom_firmware_build(s->known, i) != s->build_s)
                return 0;
        s->found = i;
        return 1;
}

/* What it has now, where an image here has that firmware: with it, it can be given back. */
static void note_former(const struct api_call *c, const struct eeprom_found *found,
                        const struct signing_key *key, struct eeprom_parts *parts, struct eeprom_part *p) {
        struct eeprom_content *ret = &p->order.former;
        struct search search = { .known = &parts->known,
                                 .name = p->wish.image->name,
                                 .build_s = found->build_s };
        struct error ignored = {};

        *ret = (struct eeprom_content){ .build_s = found->build_s };
        if (!found->config)
                return;
        ret->config = found->config;
        ret->config_len = strlen(found->config);
        if (found->build_s)
                (void)site_each_image(c->site, look_at_image, &search);
        if (search.found && add_files(c, key, found->config, &p->former_files, ret, &ignored) == 0 &&
            eeprom_update_seal(search.found, c->world->blobs, key, ret, &ignored) == 0)
                (void)image_ref(search.found, ret->image);
}

/*
 * The update has our key in it, or none at all: either way it takes away what is there. A level of trust is
 * more than a key: a board that boots by HTTP among other ways is of none, and has one.
 */
static bool has_key_of_another(const struct site *s, const struct machine *m) {
        struct eeprom_found found = {};

        if (m->require_trusted)
                return false;
        if (m->trust[0] && strcmp(m->trust, "none") != 0)
                return true;
        return eeprom_found_of(m, &found) && found.config && eeprom_wish_needs_key(s, m, found.config);
}

static int check_machine(const struct site *s, const struct eeprom_parts *done, const struct machine *m,
                         struct error *reterr) {
        struct eeprom_order was;

        if (m->is_locked)
                return error_set(reterr, -EBUSY, "machine %s is locked: unlock it first", m->name);
        if (has_key_of_another(s, m))
                return error_set(reterr, -EBUSY,
                                 "machine %s checks what it boots, and this update would take the key out of "
                                 "its EEPROM: bramble machine set %s --require-trusted on says that it is "
                                 "one of this server's",
                                 m->name, m->name);
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

/* Who is handed over to its disk does not always ask for an update on its way there. */
static int check_way(const struct site *s, const struct machine *m, struct error *reterr) {
        const struct boot_client *client = boot_client_expected(site_boards(s), m, NULL);

        if (machine_purpose(m) != PURPOSE_LOCAL || (client && pi_eeprom_reaches_local(client->id, m)))
                return 0;
        return error_set(
                reterr, -EBUSY,
                "it boots its own disk, and %s: bramble machine rescue %s brings its agent up, and then "
                "an update reaches it",
                m->drop_options ? "is offered no boot (drop-options), so that it asks for no update"
                                : "a board of its kind asks for no update on its way there",
                m->name);
}

/* 1, 0: it has all that already, or -errno. */
static int fill(const struct api_call *c, const char *config, struct eeprom_part *p,
                struct eeprom_parts *parts, struct error *reterr) {
        struct eeprom_found found = {};
        struct eeprom_content *now = &p->order.now;
        const struct signing_key *key;
        struct signing_key buf;

        (void)eeprom_found_of(p->machine, &found);
        const struct eeprom_builds builds = { eeprom_firmware_build, &parts->known };
        int r = eeprom_wish_of(c->site, p->machine, &builds, &p->wish, reterr);
        if (r == 0)
                r = key_of(c, p->machine, &buf, &key, reterr);
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
        now->build_s = eeprom_firmware_build(&parts->known, p->wish.image);
        (void)image_ref(p->wish.image, now->image);
        if (!config && has_it(&found, now))
                return 0;
        r = is_for_network ? check_way(c->site, p->machine, reterr) : 0;
        if (r == 0)
                r = add_files(c, key, now->config, &p->files, now, reterr);
        if (r == 0)
                r = seal(c, parts, p->wish.image, key, now, reterr);
        if (r < 0)
                return r;
        note_former(c, &found, key, parts, p);
        return 1;
}

int eeprom_part_make(const struct api_call *c, const char *name, const char *config,
                     const struct eeprom_order *order, struct eeprom_parts *parts, struct error *reterr) {
        struct eeprom_part *p = &parts->items[parts->n];

        *p = (struct eeprom_part){ .machine = site_machine_by_name(c->site, name), .order = *order };
        if (!p->machine)
                return error_set(reterr, -ENOENT, "there is no machine %.64s", name);
        int r = check_machine(c->site, parts, p->machine, reterr);
        if (r < 0)
                return r;
        r = fill(c, config, p, parts, reterr);
        if (r > 0) {
                parts->n++;
                return 1;
        }
        part_end(p);
        if (r < 0)
                (void)error_prefix(reterr, "machine %s", name);
        return r;
}
