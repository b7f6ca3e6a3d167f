/* What power can hang on: /api/v1/power-drivers, and switching it: /api/v1/machines/{name}/power/{turn}. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "api/handlers.h"
#include "api/page.h"
#include "api/power_json.h"

static json_t *driver_json(const struct api_call *c, const void *thing) {
        (void)c;
        return power_driver_to_json(thing);
}

void power_driver_list(struct api_call *c) {
        CLEANUP(api_list_free) struct api_list found = {};

        /* In the order of their rows, which is from the simplest on. */
        for (size_t i = 0; power_drivers[i]; i++)
                api_list_add(&found, power_drivers[i], "%02zu", i);
        api_page(c, &found, driver_json);
}

/* Where the other end failed, and neither the request nor the daemon. */
static void answer_failure(struct api_call *c, const struct error *error) {
        static const int ours[] = { EINVAL, ENOENT, ENOMEM, ESHUTDOWN, ENOSPC, EOPNOTSUPP };

        for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
                if (error->code == -ours[i]) {
                        api_failure(c, error);
                        return;
                }
        }
        api_problem(c, 502, "%s", error->text);
}

void machine_power_turn(struct api_call *c) {
        const struct machine *m = site_machine_by_name(c->site, c->params[0]);
        struct power_outcome outcome = {};
        enum power_action action;
        struct error error = {};

        if (!m) {
                api_problem(c, 404, "there is no machine %.64s", c->params[0]);
                return;
        }
        if (power_action_parse(c->params[1], &action) < 0) {
                api_problem(c, 404,
                            "power is told on, off, cycle, query, network-once or boot, and not %.64s",
                            c->params[1]);
                return;
        }
        if (m->is_locked && action != POWER_QUERY) {
                api_problem(c, 409, "machine %s is locked: unlock it first", m->name);
                return;
        }
        const int r = c->world->power(c->world->ctx, m, action, &outcome, &error);
        if (r < 0)
                answer_failure(c, &error);
        else
                api_ok(c, 200, power_result_to_json(r, &outcome, &error));
}
