/* Trails as JSON; see trail_json.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/trail_json.h"
#include "api/fields.h"

static json_t *step_json(const struct trail_event *e) {
        static const char *const kinds[] = {
                [TRAIL_DHCP] = "dhcp", [TRAIL_TFTP] = "tftp",   [TRAIL_HTTP] = "http",
                [TRAIL_NOTE] = "note", [TRAIL_AGENT] = "agent", [TRAIL_CONSOLE] = "console",
                [TRAIL_WIRE] = "wire"
        };
        static const char *const outcomes[] = { [TRAIL_OK] = "ok",
                                                [TRAIL_MISS] = "miss",
                                                [TRAIL_PROBE] = "probe",
                                                [TRAIL_IGNORED] = "ignored",
                                                [TRAIL_FAILED] = "failed" };

        return json_pack("{s:s, s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "kind",
                         kinds[e->kind], "outcome", outcomes[e->outcome], "at", api_time_ms(e->at_ms),
                         "at_ms", (json_int_t)e->at_ms, "took_ms", (json_int_t)e->took_ms, "octets",
                         (json_int_t)e->octets, "size", (json_int_t)e->size, "resent", (json_int_t)e->resent,
                         "blksize", (json_int_t)e->blksize, "what", api_text_or_empty(e->what), "detail",
                         api_text_or_empty(e->detail), "client", api_text_or_null(e->client));
}

json_t *trail_session_json(const struct trail_session *s) {
        json_t *steps = json_array();

        for (size_t i = 0; i < s->n_events; i++)
                (void)json_array_append_new(steps, step_json(&s->events[i]));
        return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:I, s:o}", "id", (json_int_t)s->id, "mac",
                         api_mac(&s->mac), "ip", api_ip(&s->ip), "machine", api_text_or_null(s->machine),
                         "start", api_time_ms(s->start_ms), "last", api_time_ms(s->last_ms), "over",
                         s->is_over, "finished", s->is_finished, "dropped", (json_int_t)s->n_dropped, "steps",
                         steps);
}

json_t *trail_event_json(const struct trail_session *s, const struct trail_event *e) {
        json_t *out = step_json(e);
        json_t *whose =
                json_pack("{s:I, s:o, s:o, s:o}", "session", (json_int_t)s->id, "mac", api_mac(&s->mac), "ip",
                          api_ip(&s->ip), "machine", api_text_or_null(s->machine));

        bool is_whole = out && whose && json_object_update(out, whose) == 0;
        json_decref(whose);
        if (is_whole)
                return out;
        json_decref(out);
        return NULL;
}
