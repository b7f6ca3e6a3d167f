/* The world of core/life's tests; see life_world.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/life/task.h"
#include "life_world.h"

struct pending {
        struct pending *next;
        life_decide_fn decide;
        life_decided_fn decided;
        void *ctx;
};

static struct site *keeper_site(void *ctx) {
        return site_take(((struct world *)ctx)->site);
}

static void keep(struct world *w, struct life_outcome *o) {
        char status[64];

        if (o->inventory) {
                free(w->inventory);
                w->inventory = TAKE(o->inventory);
        }
        if (!o->has_script)
                return;
        size_t len = strlen(w->scripts);
        (void)snprintf(status, sizeof(status), "%.40s:%s ", o->script.name,
                       script_status_name(o->script.status));
        (void)snprintf(w->scripts + len, sizeof(w->scripts) - len, "%s", status);
}

static void set_site(struct world *w, struct site *next) {
        assert_non_null(next);
        site_drop(w->site);
        w->site = next;
}

/* Decides and writes down, as the region does it. */
static int carry_out(struct world *w, life_decide_fn decide, void *ctx, struct error *error) {
        CLEANUP(life_outcome_clear) struct life_outcome o = {};
        int r = decide(ctx, w->site, w->now_s, &o, error);

        if (r < 0 || !o.now)
                return r;
        if (o.is_new)
                o.now->id = w->next_id++;
        const struct machine *gone = o.gone ? site_machine(w->site, o.gone) : NULL;
        if (gone)
                set_site(w, site_remove_machine(w->site, gone->name, NULL));
        struct site *next = site_put_machine(w->site, o.now, error);
        if (!next)
                return error->code;
        set_site(w, next);
        if (o.old) {
                o.old->id = w->next_id++;
                set_site(w, site_put_machine(w->site, o.old, NULL));
        }
        w->n_decided++;
        keep(w, &o);
        return 0;
}

static void keeper_decide(void *ctx, life_decide_fn decide, life_decided_fn decided, void *fn_ctx) {
        struct world *w = ctx;
        struct pending *p = calloc(1, sizeof(*p));

        assert_non_null(p);
        *p = (struct pending){ .decide = decide, .decided = decided, .ctx = fn_ctx };
        *w->last = p;
        w->last = &p->next;
}

static int keeper_wait(void *ctx, life_decide_fn decide, life_decided_fn decided, void *fn_ctx,
                       struct error *reterr) {
        struct world *w = ctx;
        int r = carry_out(w, decide, fn_ctx, reterr);

        decided(fn_ctx, w->site, r, reterr);
        return r;
}

static struct pending *next_pending(struct world *w) {
        struct pending *p = w->first;
        if (!p)
                return NULL;
        w->first = p->next;
        if (!w->first)
                w->last = &w->first;
        return p;
}

void world_pump(struct world *w) {
        for (struct pending *p; (p = next_pending(w));) {
                struct error error = {};
                int r = carry_out(w, p->decide, p->ctx, &error);
                p->decided(p->ctx, w->site, r, &error);
                free(p);
        }
}

static void note(struct world *w, const char *what, uint64_t machine) {
        const struct machine *m = site_machine(w->site, machine);
        assert_true(w->n_log < WORLD_EVENTS_MAX);
        (void)snprintf(w->log[w->n_log++], WORLD_LINE, "%s %s", what, m ? m->name : "?");
}

static unsigned power_can(void *ctx, const char *driver) {
        const struct world *w = ctx;
        return strcmp(driver, "fake") == 0 ? w->power_can : 0;
}

static int power_ask(void *ctx, const struct machine *m, uint64_t job, enum life_power_action action,
                     struct error *reterr) {
        struct world *w = ctx;
        (void)reterr;
        assert_int_equal(w->power_job, 0);
        w->power_machine = m->id;
        w->power_job = job;
        w->power_action = action;
        w->is_power_gone = false;
        return 0;
}

static void power_go(void *ctx, uint64_t job) {
        static const char *const names[] = { "boot", "on", "off" };
        struct world *w = ctx;

        assert_int_equal(w->power_job, job);
        w->is_power_gone = true;
        note(w, names[w->power_action], w->power_machine);
}

static void power_drop(void *ctx, uint64_t job) {
        struct world *w = ctx;
        if (w->power_job == job)
                w->power_job = 0;
}

static void a_token(void *ctx, char hex[static TOKEN_TEXT_SIZE],
                    uint8_t hash[static MACHINE_TOKEN_HASH_SIZE]) {
        struct world *w = ctx;
        (void)snprintf(hex, TOKEN_TEXT_SIZE, "%064llx", (unsigned long long)++w->n_tokens);
        memset(hash, (int)(w->n_tokens & 0xff), MACHINE_TOKEN_HASH_SIZE);
        memcpy(hash, &w->n_tokens, sizeof(w->n_tokens));
}

static void probe(void *ctx, uint64_t machine, const struct ip_addr *ip) {
        struct world *w = ctx;
        (void)machine;
        (void)ip_text(ip, w->probed);
}

static void be_born(struct world *w) {
        const struct life_config config = {
                .keeper = { .ctx = w,
                            .site = keeper_site,
                            .decide = keeper_decide,
                            .decide_and_wait = keeper_wait },
                .roots = w->roots,
                .power = { .ctx = w, .can = power_can, .ask = power_ask, .go = power_go, .drop = power_drop },
                .token = a_token,
                .probe = probe,
                .ctx = w,
                .first_job = ++w->n_lives * 1000000,
        };
        w->life = life_new(&config);
        assert_non_null(w->life);
        life_resume(w->life, w->now_s);
        world_pump(w);
}

static void put_image_of(struct world *w, const char *name, const char *os, unsigned done_signals,
                         const enum image_role *roles, size_t n) {
        CLEANUP(image_drop_at) struct image *i = image_new();

        assert_non_null(i);
        i->os = os ? strdup(os) : NULL;
        (void)snprintf(i->name, sizeof(i->name), "%s", name);
        i->kind = IMAGE_PARTS;
        i->arch = ARCH_ARM64;
        i->done_signals = done_signals;
        i->files = calloc(n, sizeof(*i->files));
        i->n_files = n;
        for (size_t f = 0; f < n; f++)
                i->files[f] = (struct image_file){ .path = strdup(image_role_name(roles[f])),
                                                   .role = roles[f],
                                                   .blob = { { (uint8_t)roles[f] } },
                                                   .size = 1000 + f };
        assert_int_equal(image_index(i), 0);
        struct site *next = site_put_image(w->site, i, NULL);
        assert_non_null(next);
        site_drop(w->site);
        w->site = next;
}

static void put_image(struct world *w, const char *name, unsigned done_signals, const enum image_role *roles,
                      size_t n) {
        put_image_of(w, name, NULL, done_signals, roles, n);
}

void world_unknown(struct world *w, enum subnet_unknown policy) {
        CLEANUP(subnet_drop_at) struct subnet *s = subnet_new();

        assert_int_equal(ip_net_parse("10.77.0.0/24", &s->net), 0);
        s->dhcp = SUBNET_DHCP_SERVER;
        s->unknown = policy;
        struct site *next = site_put_subnet(w->site, s, NULL);
        assert_non_null(next);
        site_drop(w->site);
        w->site = next;
}

void world_open(struct world *w) {
        static const enum image_role disk[] = { IMAGE_FILE_DISK_MAP, IMAGE_FILE_DISK_FRAMES,
                                                IMAGE_FILE_KERNEL };
        static const enum image_role root[] = { IMAGE_FILE_ROOT_SQUASHFS, IMAGE_FILE_KERNEL };
        static const enum image_role eeprom[] = { IMAGE_FILE_EEPROM, IMAGE_FILE_RECOVERY };
        static const enum image_role tool[] = { IMAGE_FILE_KERNEL, IMAGE_FILE_INITRD };

        *w = (struct world){ .now_s = 1800000000, .power_can = LIFE_CAN_BOOT | LIFE_CAN_OFF, .next_id = 1 };
        w->last = &w->first;
        w->site = site_empty();
        assert_non_null(w->site);
        w->roots = (1U << ROOT_KINDS) - 1;
        put_image(w, "installed", IMAGE_DONE_CLOUD_INIT | IMAGE_DONE_SSH, disk, ARRAY_LEN(disk));
        put_image(w, "appliance", 0, disk, ARRAY_LEN(disk));
        put_image(w, "live", IMAGE_DONE_CLOUD_INIT, root, ARRAY_LEN(root));
        put_image(w, "live-next", IMAGE_DONE_CLOUD_INIT, root, ARRAY_LEN(root));
        put_image(w, "bare", 0, root, ARRAY_LEN(root));
        put_image(w, "tool", 0, tool, ARRAY_LEN(tool));
        put_image_of(w, "core", IMAGE_OS_UBUNTU_CORE, IMAGE_DONE_SSH, disk, 2);
        put_image(w, "eeprom-2711", 0, eeprom, ARRAY_LEN(eeprom));
        world_unknown(w, SUBNET_UNKNOWN_ENLIST);
        be_born(w);
}

static void die(struct world *w) {
        for (struct pending *p; (p = next_pending(w));) { /* as a region that stops answers */
                const struct error error = { .code = -ESHUTDOWN, .text = "stopping" };
                p->decided(p->ctx, w->site, -ESHUTDOWN, &error);
                free(p);
        }
        life_free(TAKE(w->life));
}

void world_close(struct world *w) {
        die(w);
        site_drop(w->site);
        free(w->inventory);
}

void world_restart(struct world *w) {
        die(w);
        w->power_job = 0;
        be_born(w);
}

void world_put(struct world *w, const struct machine *m) {
        struct site *next = site_put_machine(w->site, m, NULL);

        assert_non_null(next);
        set_site(w, next);
}

void world_add(struct world *w, const char *name, uint8_t mac, const char *power) {
        CLEANUP(machine_drop_at) struct machine *m = machine_new();

        assert_non_null(m);
        m->id = w->next_id++;
        (void)snprintf(m->name, sizeof(m->name), "%s", name);
        (void)snprintf(m->power, sizeof(m->power), "%s", power);
        m->macs[m->n_macs++] = (struct mac){ { 2, 0, 0, 0, 0, mac } };
        world_put(w, m);
}

const struct machine *world_machine(const struct world *w, const char *name) {
        const struct machine *m = site_machine_by_name(w->site, name);
        if (!m)
                fail_msg("there is no machine %s", name);
        return m;
}

int world_order(struct world *w, const char *name, const char *verb, const char *wish, struct error *ret) {
        CLEANUP(json_decref_at) json_t *in = json_loads(wish ? wish : "{}", 0, NULL);
        struct order o = { .wish = in };
        const char *field;

        assert_non_null(in);
        assert_int_equal(order_verb_parse(verb, &o.verb), 0);
        int r = order_check(&o, &field, ret);
        if (r == 0)
                r = life_order(w->life, name, &o, ret);
        world_pump(w);
        return r;
}

void world_must(struct world *w, const char *name, const char *verb, const char *wish) {
        struct error error = {};
        if (world_order(w, name, verb, wish, &error) < 0)
                fail_msg("%s %s: %s", verb, name, error.text);
}

static void tell(struct world *w, struct agent_report *r, const char *body) {
        r->at_s = w->now_s;
        r->body = (char *)body;
        r->body_len = body ? strlen(body) : 0;
        assert_int_equal(ip_parse("10.77.0.9", &r->client_ip), 0);
        life_report(w->life, r);
        world_pump(w);
}

void world_say_of(struct world *w, const char *name, enum agent_report_kind kind, uint64_t task,
                  const char *body) {
        const struct machine *m = world_machine(w, name);
        tell(w, &(struct agent_report){ .kind = kind, .machine = m->id, .mac = m->macs[0], .task = task },
             body);
}

void world_say(struct world *w, const char *name, enum agent_report_kind kind, const char *body) {
        world_say_of(w, name, kind, world_machine(w, name)->task_id, body);
}

void world_renew(struct world *w, const char *name) {
        const struct machine *m = world_machine(w, name);
        tell(w,
             &(struct agent_report){
                     .kind = REPORT_SYSTEM_DHCP, .is_renewed = true, .machine = m->id, .mac = m->macs[0] },
             NULL);
}

void world_stranger(struct world *w, uint8_t mac, enum agent_report_kind kind, uint64_t task,
                    const char *body) {
        struct agent_report r = { .kind = kind,
                                  .mac = { { 2, 0, 0, 0, 0, mac } },
                                  .arch = ARCH_ARM64,
                                  .has_serial = true,
                                  .serial = 0xa1b20000U + mac,
                                  .task = task };
        (void)text_copy(r.board, sizeof(r.board), "pi4b");
        tell(w, &r, body);
}

void world_power_turn(struct world *w) {
        assert_true(w->power_job != 0);
        life_power_turn(w->life, w->power_machine, w->power_job);
        world_pump(w);
}

void world_power_end(struct world *w, int result, const char *words) {
        uint64_t job = w->power_job;
        assert_true(job != 0 && w->is_power_gone);
        w->power_job = 0;
        life_power_done(w->life, w->power_machine, job, result, words, NULL);
        world_pump(w);
}

void world_power(struct world *w) {
        world_power_turn(w);
        world_power_end(w, 0, NULL);
}

void world_pass(struct world *w, int64_t s) {
        w->now_s += s;
        (void)life_tick(w->life, w->now_s);
        world_pump(w);
}

void world_is(const struct world *w, const char *name, enum machine_state state, const char *reason) {
        const struct machine *m = world_machine(w, name);
        const bool is_said = reason ? m->reason && strstr(m->reason, reason) : !m->reason;

        if (m->state != state || !is_said)
                fail_msg("%s is %s, \"%s\"; %s, \"%s\" is right", name, machine_state_name(m->state),
                         m->reason ? m->reason : "", machine_state_name(state), reason ? reason : "");
        if (lifecycle_is_waiting(state) && (m->deadline_s <= w->now_s || !m->reason))
                fail_msg("%s waits without end, or says not why", name);
        if (!lifecycle_is_waiting(state) && m->deadline_s)
                fail_msg("%s waits for nothing, and has a deadline", name);
}

const char *world_task(const struct world *w, const char *name) {
        const struct machine *m = world_machine(w, name);
        return m->task ? task_kind_name(task_kind_of(m)) : "";
}
