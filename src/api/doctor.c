/* The doctor's judgement of a machine's boots: /api/v1/doctor/boot. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "api/boots.h"
#include "api/doctor_json.h"
#include "api/fields.h"
#include "api/handlers.h"
#include "base/text.h"

enum {
        ARENA_MAX = 8 << 20, /* octets: as for explain */
        PATIENCE_MAX_S = 3600,
        FLASHES_MAX = 20,
};

/* ---- what is asked ---- */

static bool read_patience(struct api_call *c, int64_t *ret_ms) {
        const char *text = api_query(c, "patience");
        uint64_t s = 0;

        if (text && (text_parse_u64(text, PATIENCE_MAX_S, &s) < 0 || s == 0)) {
                api_problem_field(c, 400, "patience", "patience \"%.32s\": seconds are wanted, 1 to %d", text,
                                  PATIENCE_MAX_S);
                return false;
        }
        *ret_ms = (int64_t)s * 1000;
        return true;
}

/* How the LED flashes: long ones, a comma, short ones. */
struct flashes {
        bool is_said;
        uint64_t long_ones, short_ones;
};

static bool read_flashes(struct api_call *c, struct flashes *ret) {
        const char *text = api_query(c, "led");
        char first[8] = "";
        size_t len = text ? strcspn(text, ",") : 0;

        *ret = (struct flashes){ .is_said = text != NULL };
        if (!text)
                return true;
        if (len < sizeof(first) && text[len] == ',') {
                memcpy(first, text, len);
                if (text_parse_u64(first, FLASHES_MAX, &ret->long_ones) == 0 &&
                    text_parse_u64(text + len + 1, FLASHES_MAX, &ret->short_ones) == 0)
                        return true;
        }
        api_problem_field(c, 400, "led", "led \"%.32s\": LONG,SHORT is wanted, as 4,4 or 0,7", text);
        return false;
}

/* ---- what is known ---- */

/* What its firmware is given now; nothing where it has no plan. */
struct given {
        const struct board *board; /* of the call's snapshot; NULL: not known */
        struct boot_loads loads;
        uint64_t config_octets; /* of config.txt; 0: there is none */
};

static void find_given(struct api_call *c, const struct api_asker *who, struct given *ret) {
        CLEANUP(boot_file_drop_at) struct boot_file *config = NULL;
        CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_MAX);
        struct boot_ask ask;

        *ret = (struct given){};
        if (!arena || !api_asker_ask(c, who, &ask))
                return;
        const struct boot_plan *plan = boot_plan(c->site, &ask, arena);
        if (!plan)
                return;
        ret->board = plan->board;
        boot_plan_loads(plan, c->world->blobs, &ret->loads);
        if (boot_plan_file(plan, "config.txt", c->world->blobs, &config, NULL) == BOOT_FILE_FOUND)
                ret->config_octets = config->size;
}

/* Done when it was written, on a board that asks its disk first: its way there does not lead by us. */
static bool is_quiet(const struct machine *m) {
        return m && m->state == STATE_DEPLOYED && m->root == ROOT_DISK &&
               machine_boot_first(m) != BOOT_FIRST_NETWORK;
}

static const char *text_or_null(const char *s) {
        return s[0] ? s : NULL;
}

static void examine(struct api_call *c, const struct api_asker *who, const struct api_boots *all,
                    int64_t patience_ms, struct doctor_report *ret) {
        const struct trail_session *boots[DOCTOR_BOOTS_MAX];
        struct given given;

        for (size_t i = 0; i < all->n; i++)
                boots[i] = &all->sessions[i];
        find_given(c, who, &given);
        const struct doctor_facts facts = {
                .now_ms = c->now_s * 1000,
                .patience_ms = patience_ms,
                .machine = who->machine ? who->machine->name : NULL,
                .board = given.board,
                .kernel = text_or_null(given.loads.kernel),
                .initramfs = text_or_null(given.loads.initramfs),
                .config_octets = given.config_octets,
                .is_quiet = is_quiet(who->machine),
        };
        doctor_examine(boots, all->n, &facts, ret);
}

/* ---- what is answered ---- */

static json_t *report_json(const struct api_asker *who, const struct doctor_report *r,
                           const struct flashes *f) {
        json_t *findings = json_array();

        for (size_t i = 0; i < r->n_findings; i++)
                (void)json_array_append_new(findings, doctor_finding_json(&r->findings[i]));
        json_t *led =
                f->is_said ? doctor_led_json((unsigned)f->long_ones, (unsigned)f->short_ones,
                                             doctor_led_find((unsigned)f->long_ones, (unsigned)f->short_ones))
                           : json_null();
        return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "machine",
                         who->machine ? json_string(who->machine->name) : json_null(), "mac",
                         api_mac(&who->mac), "session",
                         r->boot ? json_integer((json_int_t)r->boot->id) : json_null(), "summary",
                         api_text_or_empty(r->summary), "findings", findings, "led", led);
}

void doctor_boot(struct api_call *c) {
        CLEANUP(api_boots_clear) struct api_boots all = {};
        CLEANUP(free_at) struct doctor_report *report = malloc(sizeof(*report));
        struct api_asker who;
        struct flashes flashes;
        int64_t patience_ms;

        if (!report) {
                api_problem(c, 500, "out of memory");
                return;
        }
        if (!read_patience(c, &patience_ms) || !read_flashes(c, &flashes) || !api_asker_read(c, &who) ||
            !api_boots_copy(c, &who, DOCTOR_BOOTS_MAX, &all))
                return;
        examine(c, &who, &all, patience_ms, report);
        api_ok(c, 200, report_json(&who, report, &flashes));
}
