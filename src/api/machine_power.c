/* How a machine's power is switched: /api/v1/machines/{name}/power. Secrets go in and never come out. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "api/fields.h"
#include "api/handlers.h"
#include "core/db/findings.h"
#include "core/power/params.h"

static const struct machine *find(struct api_call *c) {
        const struct machine *m = site_machine_by_name(c->site, c->params[0]);
        if (!m)
                api_problem(c, 404, "there is no machine %.64s", c->params[0]);
        return m;
}

struct look_up {
        uint64_t machine;
        char *parameters;
};

static int look_up(void *ctx, struct db *db, struct error *reterr) {
        struct look_up *l = ctx;
        return db_power_get(db, l->machine, &l->parameters, reterr);
}

/* What is set now; *@ret NULL where it is by hand, or was set by another version. */
static int read_power(struct api_call *c, const struct machine *m, struct power_params **ret,
                      struct error *reterr) {
        const struct power_driver *driver = power_driver_by_name(m->power);
        struct look_up l = { .machine = m->id };

        *ret = NULL;
        int r = driver ? db_reader_use(c->world->reader, look_up, &l, reterr) : 0;
        if (r == 0 && l.parameters && power_params_parse(driver, l.parameters, NULL, ret, NULL) == -ENOMEM)
                r = error_set(reterr, -ENOMEM, "out of memory");
        free(l.parameters);
        return r;
}

static void answer(struct api_call *c, const char *driver, const struct power_params *p) {
        CLEANUP(free_at) char *shown = p ? power_params_json(p, true) : NULL;

        api_ok(c, 200,
               json_pack("{s:o, s:o}", "driver", api_text_or_null(driver), "parameters",
                         shown ? json_loads(shown, 0, NULL) : json_object()));
}

void machine_power_show(struct api_call *c) {
        CLEANUP(power_params_free_at) struct power_params *p = NULL;
        const struct machine *m = find(c);
        struct error error = {};

        if (!m)
                return;
        if (read_power(c, m, &p, &error) < 0)
                api_failure(c, &error);
        else
                answer(c, m->power, p);
}

struct wish {
        const char *driver; /* borrowed from the request */
        const json_t *parameters;
};

static int read_driver(void *thing, const json_t *value, struct error *reterr) {
        struct wish *w = thing;

        w->driver = json_string_value(value);
        if (w->driver && power_driver_by_name(w->driver))
                return 0;
        return error_set(reterr, -EINVAL, "there is no power driver \"%.64s\"", w->driver ? w->driver : "");
}

static int read_parameters(void *thing, const json_t *value, struct error *reterr) {
        struct wish *w = thing;

        w->parameters = value;
        return json_is_object(value) ? 0 : error_set(reterr, -EINVAL, "an object is wanted");
}

static const struct api_field fields[] = {
        { "driver", true, read_driver },
        { "parameters", false, read_parameters },
};

/* A secret that comes back as it was shown stays what it was, as long as the driver is the same. */
static int parse_wish(struct api_call *c, const struct machine *m, const struct wish *w,
                      struct power_params **ret, struct error *reterr) {
        CLEANUP(power_params_free_at) struct power_params *was = NULL;
        CLEANUP(free_at) char *text = w->parameters ? json_dumps(w->parameters, JSON_COMPACT) : NULL;

        int r = strcmp(m->power, w->driver) == 0 ? read_power(c, m, &was, reterr) : 0;
        return r < 0 ? r : power_params_parse(power_driver_by_name(w->driver), text, was, ret, reterr);
}

void machine_power_set(struct api_call *c) {
        CLEANUP(power_params_free_at) struct power_params *p = NULL;
        const struct machine *m = find(c);
        struct error error = {};
        struct wish wish = {};
        const char *field;

        if (!m)
                return;
        if (api_fields_read(c->in, fields, ARRAY_LEN(fields), &wish, &field, &error) < 0) {
                api_problem_field(c, 422, field, "%s", error.text);
                return;
        }
        if (parse_wish(c, m, &wish, &p, &error) < 0) {
                api_failure(c, &error);
                return;
        }
        const bool is_by_hand = p->driver->can == 0;
        CLEANUP(free_at) char *kept = power_params_json(p, false);
        if (!kept)
                api_problem(c, 500, "out of memory");
        else if (life_set_power(c->world->life, m->name, is_by_hand ? "" : wish.driver, kept, &error) < 0)
                api_failure(c, &error);
        else
                answer(c, is_by_hand ? "" : wish.driver, p);
}
