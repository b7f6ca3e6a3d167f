/* The doctor's look at the site: /api/v1/doctor/site. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/doctor_json.h"
#include "api/handlers.h"
#include "core/life/eeprom_wish.h"

enum {
        ARENA_MAX = 1 << 20, /* octets of one plan, without the texts of its tree */
        MACHINES_MAX = 500,  /* that are looked at: each is a question to the control thread */
        FILES_MAX = 5000,
        WORDS_SIZE = 1024,
};

struct look {
        struct api_call *c;
        struct site_facts *facts;
        struct arena *arena;
        size_t n;
};

/* ---- machines ---- */

static bool is_to_boot(enum boot_purpose p) {
        return p != PURPOSE_LOCAL && p != PURPOSE_REFUSE;
}

static int look_at_machine(void *ctx, const struct machine *m) {
        struct look *l = ctx;
        const struct mac mac = m->n_macs ? m->macs[0] : (struct mac){};
        struct boot_ask ask;

        if (!is_to_boot(machine_purpose(m)))
                return 0;
        if (l->n++ == MACHINES_MAX)
                return 1;
        if (!l->c->world->ask_for(l->c->world->ctx, m, &mac, CLIENT_OTHER, &ask))
                return 0; /* no subnet is served at all, which another check says */
        arena_reset(l->arena);
        const struct boot_plan *plan = boot_plan(l->c->site, &ask, l->arena);
        if (plan && !plan->offer.is_bootable && is_to_boot(plan->purpose))
                site_names_add(&l->facts->unbootable, "%s: %.90s", m->name,
                               plan->n_reasons ? plan->reasons[plan->n_reasons - 1] : "it has no plan");
        return 0;
}

/* ---- EEPROMs ---- */

static bool is_ours(void *ctx, const struct ip_addr *ip) {
        const struct site_facts *f = ctx;

        for (size_t i = 0; i < f->n_ours; i++) {
                const struct ip_addr ours = ip_from_v4(f->ours[i]);
                if (ip_equal(&ours, ip))
                        return true;
        }
        return f->n_ours == 0; /* nobody could tell */
}

static int look_at_eeprom(void *ctx, const struct machine *m) {
        struct look *l = ctx;
        struct eeprom_found found;
        char line[80];

        if (eeprom_found_of(m, &found) && found.config &&
            eeprom_wish_stranger(found.config, is_ours, l->facts, line, sizeof(line)))
                site_names_add(&l->facts->strayed, "%s has %s", m->name, line);
        return 0;
}

/* ---- files ---- */

static int look_at_image(void *ctx, const struct image *image) {
        struct look *l = ctx;

        for (size_t i = 0; i < image->n_files; i++) {
                const struct image_file *f = &image->files[i];
                int error = 0;
                if (l->n++ == FILES_MAX)
                        return 1;
                CLEANUP(blob_drop_at)
                struct blob *blob = l->c->world->blobs->open(l->c->world->blobs->ctx, &f->blob, &error);
                if (!blob)
                        site_names_add(&l->facts->lost, "%s of image %s: %s", f->path, image->name,
                                       strerror(-error));
        }
        return 0;
}

void doctor_site(struct api_call *c) {
        CLEANUP(free_at) struct site_facts *facts = calloc(1, sizeof(*facts));
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_MAX);
        char words[WORDS_SIZE];

        if (!facts || !arena) {
                api_problem(c, 500, "out of memory");
                return;
        }
        c->world->site_facts(c->world->ctx, facts);
        struct look look = { .c = c, .facts = facts, .arena = arena };
        (void)site_each_machine(c->site, look_at_machine, &look);
        (void)site_each_machine(c->site, look_at_eeprom, &look);
        look.n = 0;
        (void)site_each_image(c->site, look_at_image, &look);

        json_t *checks = json_array();
        for (size_t i = 0; i < site_n_checks; i++) {
                bool is_wrong = site_checks[i].is_wrong(facts, words, sizeof(words));
                (void)json_array_append_new(checks,
                                            doctor_check_json(&site_checks[i], is_wrong ? words : NULL));
        }
        api_ok(c, 200, json_pack("{s:o}", "checks", checks));
}
