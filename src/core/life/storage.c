/* What is kept for diskless machines; see storage.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/life/storage.h"

#include <jansson.h>
#include <string.h>

#include "core/life/job.h"
#include "core/life/trial.h"

/* ---- what is wanted ---- */

bool storage_want_equal(const struct storage_want *a, const struct storage_want *b) {
        return volume_equal(&a->volume, &b->volume) &&
               memcmp(a->content, b->content, sizeof(a->content)) == 0 && a->size == b->size &&
               a->deployment == b->deployment && a->is_reset == b->is_reset && a->is_aside == b->is_aside;
}

static bool kind_of(const char *name, enum volume_kind *ret) {
        for (size_t i = 0; name && i < VOLUME_KINDS; i++) {
                if (strcmp(volume_kind_name((enum volume_kind)i), name) == 0) {
                        *ret = (enum volume_kind)i;
                        return true;
                }
        }
        return false;
}

static uint64_t size_of(const json_t *o) {
        const json_int_t size = json_integer_value(json_object_get(o, "size"));
        const uint64_t octets = size > 0 ? (uint64_t)size / VOLUME_MIB * VOLUME_MIB : VOLUME_SIZE_USUAL;

        if (octets < VOLUME_SIZE_LEAST)
                return VOLUME_SIZE_LEAST;
        return octets > VOLUME_SIZE_MOST ? VOLUME_SIZE_MOST : octets;
}

/* Before there was a number the first octets of its token told a deployment from others. */
static uint64_t deployment_of(const struct machine *m) {
        uint64_t n = m->deployment;

        if (n == 0)
                memcpy(&n, m->token_hash, sizeof(n));
        return n;
}

static bool want_root(const struct site *s, const struct machine *m, const json_t *run,
                      struct storage_want *ret) {
        const struct image *i = site_image(s, m->image);
        const struct image_file *root = i ? image_find_role(i, IMAGE_FILE_ROOT_SQUASHFS) : NULL;
        struct storage_want w = { .volume = { .machine = m->id } };

        if (!root || !kind_of(json_string_value(json_object_get(run, "root")), &w.volume.kind))
                return false;
        w.volume.part = trial_part_of(run);
        memcpy(w.content, root->blob.octets, sizeof(w.content));
        w.size = w.volume.kind == VOLUME_NBD ? size_of(run) : 0;
        w.deployment = deployment_of(m);
        w.is_ordered = m->state == STATE_DEPLOYING;
        w.is_reset = !json_is_true(json_object_get(run, "persistent"));
        *ret = w;
        return true;
}

/* The first that is kept here: a machine has one for data at most. */
static bool want_data(const struct machine *m, const json_t *run, struct storage_want *ret) {
        const json_t *list = json_object_get(run, "data");
        struct storage_want w = { .volume = { .part = VOLUME_DATA, .machine = m->id } };
        size_t i;
        json_t *one;

        json_array_foreach((json_t *)list, i, one) {
                if (!kind_of(json_string_value(json_object_get(one, "kind")), &w.volume.kind))
                        continue;
                w.size = w.volume.kind == VOLUME_NBD ? size_of(one) : 0;
                *ret = w;
                return true;
        }
        return false;
}

/* A root that its system does not run from, and that is kept nevertheless. */
static bool want_aside(const struct machine *m, const json_t *other, struct storage_want *ret) {
        struct storage_want w = { .volume = { .part = trial_part_of(other), .machine = m->id },
                                  .is_aside = true };

        if (!other || !kind_of(json_string_value(json_object_get(other, "root")), &w.volume.kind))
                return false;
        *ret = w;
        return true;
}

size_t storage_wants(const struct site *s, const struct machine *m,
                     struct storage_want ret[static STORAGE_WANTS_MAX]) {
        CLEANUP(json_decref_at) json_t *run = m->run ? json_loads(m->run, 0, NULL) : NULL;
        CLEANUP(json_decref_at) json_t *good = trial_good_run(m);
        size_t n = 0;

        if (!run)
                return 0;
        n += want_root(s, m, run, &ret[n]);
        n += want_data(m, run, &ret[n]);
        n += want_aside(m, good, &ret[n]);
        n += want_aside(m, json_object_get(run, TRIAL_LEFT), &ret[n]);
        return n;
}

/* ---- what is to be done ---- */

enum storage_step storage_next(const struct storage_state *s) {
        const bool is_met = s->boot.session == 0 || s->boot_failed || s->offered_to == s->boot.session;

        if (!s->is_wanted)
                return s->may_be_there && s->is_given_up ? STORAGE_REMOVE : STORAGE_REST;
        if (s->want.is_aside)
                return is_met ? STORAGE_REST : STORAGE_WITHDRAW;
        if (!s->is_made && s->has_failed)
                return STORAGE_REST;
        if (!s->is_made)
                return s->is_stale ? STORAGE_REMOVE : STORAGE_MAKE;
        if (is_met)
                return STORAGE_REST;
        return s->want.is_reset && s->reset_for != s->boot.session ? STORAGE_RESET : STORAGE_OFFER;
}

static void know_nothing(struct storage_state *s) {
        s->is_made = s->has_failed = s->boot_failed = false;
        s->reset_for = s->offered_to = 0;
}

void storage_begin_again(struct storage_state *s) {
        s->boot = (struct storage_boot){};
        know_nothing(s);
}

void storage_want(struct storage_state *s, const struct storage_want *want) {
        const bool is_same = want && s->is_wanted && storage_want_equal(want, &s->want);

        if (is_same) {
                s->want.is_ordered = want->is_ordered;
                return;
        }
        /* A boot that asked for another root, or was there before this one was set aside, says nothing of it.
         */
        if (!want || want->is_aside != s->want.is_aside)
                s->boot = (struct storage_boot){};
        s->is_stale = want && s->may_be_there && (s->is_given_up || s->is_stale);
        s->is_given_up = !want && (s->is_wanted || s->is_given_up);
        s->is_wanted = want != NULL;
        know_nothing(s);
        if (want)
                s->want = *want;
}

void storage_give_up(struct storage_state *s) {
        s->is_given_up = !s->is_wanted;
}

bool storage_is_left(const struct storage_state *s) {
        return s->may_be_there && !s->is_wanted && !s->is_given_up;
}

static bool is_same_boot(const struct storage_boot *a, const struct storage_boot *b) {
        return a->session == b->session && ip_equal(&a->server, &b->server) &&
               ip_equal(&a->client, &b->client);
}

void storage_ask(struct storage_state *s, const struct storage_boot *boot) {
        if (!is_same_boot(boot, &s->boot))
                s->offered_to = 0;
        s->boot = *boot;
        s->has_failed = s->boot_failed = false; /* it may be better by now */
}

static void step_done(struct storage_state *s, enum storage_step step, const struct storage_boot *boot) {
        if (step == STORAGE_MAKE)
                s->is_made = true;
        else if (step == STORAGE_RESET)
                s->reset_for = boot->session;
        else if ((step == STORAGE_OFFER || step == STORAGE_WITHDRAW) && is_same_boot(boot, &s->boot))
                s->offered_to = boot->session;
}

void storage_done(struct storage_state *s, enum storage_step step, const struct storage_want *want,
                  const struct storage_boot *boot, bool is_well) {
        if (step == STORAGE_REMOVE) {
                s->may_be_there = !is_well;
                s->is_stale = s->is_stale && !is_well;
                s->has_failed = s->is_wanted && !is_well;
                return;
        }
        s->may_be_there = true;
        if (!s->is_wanted || !storage_want_equal(want, &s->want))
                return; /* it was for what nobody wants any more */
        if (is_well)
                step_done(s, step, boot);
        else if (step == STORAGE_MAKE)
                s->has_failed = true;
        else if (is_same_boot(boot, &s->boot))
                s->boot_failed = true;
        if (!is_well && step == STORAGE_RESET) { /* what is there now is not known */
                s->is_made = false;
                s->has_failed = true;
        }
}

bool storage_is_ready(const struct storage_state *s) {
        if (s->is_wanted && s->want.is_aside)
                return true;
        return s->is_wanted && s->is_made && s->boot.session && s->offered_to == s->boot.session;
}
