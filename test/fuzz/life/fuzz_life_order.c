/*
 * Any details of any order, to a machine in any state: it is refused with a sentence, or what follows is a
 * machine.
 *
 * The first octet is the verb, the second the state, the third has flags of the moment; the rest is the
 * order. A job is read from the same octets, as a database of another version could hold it.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/life/decide.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct site *a_site(void) {
        CLEANUP(image_drop_at) struct image *i = image_new();
        struct site *empty = site_empty();

        assert(i && empty);
        (void)snprintf(i->name, sizeof(i->name), "i");
        i->n_files = 2;
        i->files = calloc(2, sizeof(*i->files));
        i->files[0] = (struct image_file){ .path = strdup("a"), .role = IMAGE_FILE_DISK_MAP };
        i->files[1] = (struct image_file){ .path = strdup("b"), .role = IMAGE_FILE_DISK_FRAMES };
        assert(image_index(i) == 0);
        struct site *site = site_put_image(empty, i, NULL);
        site_drop(empty);
        return site;
}

static void check(const struct site *site, const struct machine *m) {
        struct error error = {};
        struct site *next = site_put_machine(site, m, &error);

        assert(next);
        site_drop(next);
        if (lifecycle_is_waiting(m->state))
                assert(m->deadline_s > 0 && m->reason && m->job);
        json_t *task = m->task ? json_loads(m->task, 0, NULL) : NULL;
        assert(!m->task || json_is_object(task));
        json_decref(task);
}

static void read_job(const char *text) {
        struct job *j = NULL;

        if (job_parse(text, &j) < 0)
                return;
        CLEANUP(free_at) char *printed = job_print(j);
        job_free(j);
        assert(printed && job_parse(printed, &j) == 0);
        job_free(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct error error = {};

        if (len < 3)
                return 0;
        CLEANUP(free_at) char *text = strndup((const char *)data + 3, len - 3);
        read_job(text);
        json_t *wish = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        const struct order o = { .verb = data[0] % ORDER_VERBS, .wish = wish };
        const struct life_facts facts = { .now_s = 1800000000,
                                          .job_id = 8,
                                          .agent_is_up = data[2] & 1,
                                          .power_can = data[2] >> 1 & 3,
                                          .roots = (1U << ROOT_KINDS) - 1,
                                          .token = "0123456789abcdef" };
        const char *field = NULL;
        if (json_is_object(wish) && order_check(&o, &field, &error) == 0) {
                CLEANUP(site_drop_at) struct site *site = a_site();
                CLEANUP(machine_drop_at) struct machine *m = machine_new();
                CLEANUP(life_outcome_clear) struct life_outcome out = {};
                m->id = 1;
                (void)snprintf(m->name, sizeof(m->name), "m");
                m->macs[m->n_macs++] = (struct mac){ { 2, 0, 0, 0, 0, 1 } };
                m->state = data[1] % MACHINE_STATES;
                if (lifecycle_is_waiting(m->state)) {
                        struct job *j = job_new(7, EVENT_COMMISSION);
                        m->deadline_s = 1800000600;
                        m->job = job_print(j);
                        m->reason = strdup("it waits");
                        job_free(j);
                }
                m->is_locked = data[2] & 8;
                m->needs_approval = data[2] & 16;
                m->boots_own = data[2] & 32;
                int r = life_on_order(site, m, &o, &facts, &out, &error);
                assert(r == 0 || error.text[0]);
                if (r == 0 && out.now)
                        check(site, out.now);
        }
        json_decref(wish);
        return 0;
}
