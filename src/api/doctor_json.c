/* What the doctor says, as JSON; see doctor_json.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/doctor_json.h"

#include "api/fields.h"
#include "api/trail_json.h"

static json_t *evidence_json(const struct doctor_evidence *e) {
        json_t *out = trail_event_json(e->boot, e->event);

        if (out)
                (void)json_object_set_new(out, "since_ms", json_integer(e->event->at_ms - e->boot->start_ms));
        return out;
}

json_t *doctor_finding_json(const struct doctor_finding *f) {
        json_t *evidence = json_array(), *advice = json_array();

        for (size_t i = 0; i < f->n_evidence; i++)
                (void)json_array_append_new(evidence, evidence_json(&f->evidence[i]));
        for (const char *const *a = f->sign->advice; *a; a++)
                (void)json_array_append_new(advice, json_string(*a));
        return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:s}", "id", f->sign->id, "title", f->sign->title,
                         "weight", doctor_weight_name(f->sign->weight), "words", api_text_or_empty(f->words),
                         "evidence", evidence, "advice", advice, "page", f->sign->page);
}

json_t *doctor_check_json(const struct site_check *check, const char *words) {
        return json_pack("{s:s, s:s, s:s, s:o, s:o, s:s}", "id", check->id, "title", check->title, "outcome",
                         words ? doctor_weight_name(check->weight) : "ok", "words", api_text_or_null(words),
                         "remedy", api_text_or_null(words ? check->remedy : NULL), "page", check->page);
}

json_t *doctor_led_json(unsigned long_flashes, unsigned short_flashes, const struct doctor_led *led) {
        return json_pack("{s:I, s:I, s:o, s:o}", "long", (json_int_t)long_flashes, "short",
                         (json_int_t)short_flashes, "meaning", api_text_or_null(led ? led->meaning : NULL),
                         "advice", api_text_or_null(led ? led->advice : NULL));
}
