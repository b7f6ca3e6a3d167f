/* Roll-outs of EEPROM updates, carried out; rollout.c decides. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "core/life/enlist.h"
#include "core/life/life_inside.h"
#include "core/life/rollout.h"
#include "core/life/task.h"

/* Of its EEPROM: no word of an agent, and no sign that one is up. */
bool life_is_of_eeprom(const struct agent_report *r) {
        return r->kind == REPORT_EEPROM_FETCHED || r->kind == REPORT_EEPROM_STARTED ||
               r->kind == REPORT_EEPROM_LEFT;
}

bool life_tells_eeprom(const struct machine *m, const struct agent_report *r) {
        CLEANUP(json_decref_at) json_t *said = r->body ? json_loads(r->body, 0, NULL) : NULL;
        CLEANUP(machine_drop_at) struct machine *now = NULL;
        const json_t *eeprom = json_object_get(said, "eeprom");
        struct eeprom_order o;

        if (eeprom_order_of(m, &o) && rollout_wants_found(&o))
                return true;
        now = eeprom ? machine_copy(m) : NULL;
        return now && enlist_note_eeprom(eeprom, now) != 0;
}

int life_decide_eeprom(struct question *q, const struct site *s, const struct machine *m,
                       const struct life_facts *f, struct life_outcome *ret, struct error *reterr) {
        struct eeprom_order o;
        (void)s;
        return m && rollout_on_report(m, q->report->kind, f->now_s, &o) ? rollout_decide(m, &o, ret, reterr)
                                                                        : 0;
}

/* Its agent is up and waits for work. */
static int give_task(const struct site *s, const struct eeprom_order *o, struct life_outcome *ret,
                     struct error *reterr) {
        const struct image *image = site_image(s, o->now.image);

        if (!image || !image_find_role(image, IMAGE_FILE_EEPROM))
                return 0; /* nothing is offered either: its time runs out */
        return task_set(ret->now, TASK_EEPROM, task_eeprom(image, o)) < 0
                       ? error_set(reterr, -ENOMEM, "out of memory")
                       : 0;
}

static bool may_change_way(const struct eeprom_order *o) {
        return o->step == EEPROM_OFFERED && o->flags & EEPROM_BY_AGENT && o->flags & EEPROM_OR_NETWORK;
}

static int decide_wave(struct question *q, const struct site *s, const struct machine *m,
                       const struct life_facts *f, struct life_outcome *ret, struct error *reterr) {
        struct eeprom_order o;
        (void)q;

        if (!eeprom_order_of(m, &o))
                return 0;
        const struct rollout r = rollout_of(s, o.rollout);
        bool is_new = rollout_on_time(&r, m, f->now_s, &o);
        if (may_change_way(&o) && !f->agent_is_up) {
                o.flags &= ~(unsigned)EEPROM_BY_AGENT;
                is_new = true;
        }
        const bool has_work = f->agent_is_up && rollout_wants_agent(m, &o);
        if (!is_new && !has_work)
                return 0;
        int e = rollout_decide(m, &o, ret, reterr);
        return e == 0 && has_work ? give_task(s, &o, ret, reterr) : e;
}

struct wave {
        struct life *life;
        const struct site *site;
        int64_t now_s;
        struct rollout rollout; /* of the machine before: most have the same */
};

static int look_at_wave(void *ctx, const struct machine *m) {
        struct wave *w = ctx;
        struct eeprom_order o;

        if (!eeprom_order_of(m, &o) || !rollout_is_open(&o))
                return 0;
        if (w->rollout.id != o.rollout)
                w->rollout = rollout_of(w->site, o.rollout);
        if (!rollout_on_time(&w->rollout, m, w->now_s, &o) && !rollout_wants_agent(m, &o) &&
            !may_change_way(&o))
                return 0;
        struct question *q = life_question(m->id, 0);
        if (!q)
                return 0;
        q->decide = decide_wave;
        life_ask(w->life, q);
        return 0;
}

void life_roll_on(struct life *l, int64_t now_s) {
        CLEANUP(site_drop_at) struct site *s = NULL;

        if (now_s - l->rolled_s < ROLLOUT_EVERY_S)
                return;
        l->rolled_s = now_s;
        s = l->config.keeper.site(l->config.keeper.ctx);
        (void)site_each_machine(s, look_at_wave, &(struct wave){ .life = l, .site = s, .now_s = now_s });
}

static int decide_eeprom_set(struct question *q, const struct site *s, const struct machine *m,
                             const struct life_facts *f, struct life_outcome *ret, struct error *reterr) {
        struct eeprom_order o = {};
        (void)s;

        if (m->is_locked)
                return error_set(reterr, -EBUSY, "machine %s is locked: unlock it first", m->name);
        if (eeprom_order_of(m, &o) && eeprom_step_is_open(o.step))
                return error_set(reterr, -EBUSY,
                                 "machine %s is part of a roll-out already: bramble eeprom stop ends it",
                                 m->name);
        o = *q->eeprom;
        o.since_s = f->now_s;
        return rollout_decide(m, &o, ret, reterr);
}

int life_set_eeprom(struct life *l, const char *name, const struct eeprom_order *o, struct error *reterr) {
        struct question q = { .decide = decide_eeprom_set, .name = name, .eeprom = o };

        return life_ask_and_wait(l, &q, reterr);
}

static int decide_eeprom_stop(struct question *q, const struct site *s, const struct machine *m,
                              const struct life_facts *f, struct life_outcome *ret, struct error *reterr) {
        struct eeprom_order o;
        (void)q;
        (void)s;
        return rollout_stop(m, f->now_s, &o) ? rollout_decide(m, &o, ret, reterr) : 0;
}

int life_stop_eeprom(struct life *l, const char *name, struct error *reterr) {
        struct question q = { .decide = decide_eeprom_stop, .name = name };

        return life_ask_and_wait(l, &q, reterr);
}

static int decide_eeprom_back(struct question *q, const struct site *s, const struct machine *m,
                              const struct life_facts *f, struct life_outcome *ret, struct error *reterr) {
        struct eeprom_order o;
        (void)q;
        if (m->is_locked)
                return error_set(reterr, -EBUSY, "machine %s is locked: unlock it first", m->name);
        int r = rollout_go_back(m, f->now_s, &o, reterr);
        if (r == 0)
                return error_set(reterr, -ENOENT, "machine %s has taken no update that could be taken back",
                                 m->name);
        if (r > 0 && !site_image(s, o.now.image))
                return error_set(reterr, -ENOENT,
                                 "machine %s: image %s, the firmware that it had before, was deleted",
                                 m->name, o.now.image);
        return r < 0 ? r : rollout_decide(m, &o, ret, reterr);
}

int life_go_back_eeprom(struct life *l, const char *name, struct error *reterr) {
        struct question q = { .decide = decide_eeprom_back, .name = name };

        return life_ask_and_wait(l, &q, reterr);
}
