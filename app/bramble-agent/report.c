/* Bodies of reports; see report.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble-agent/json.h"
#include "app/bramble-agent/report.h"

char *report_hello(const struct report_hello *hello) {
        CLEANUP(json_decref_at) json_t *o = json_object();

        json_put_text(o, "agent", BRAMBLE_VERSION);
        json_put_text(o, "arch", hello->arch);
        json_put_text(o, "boot_id", hello->boot_id);
        json_put_text(o, "mac", hello->mac);
        json_put(o, "serial", json_null());
        json_put_text(o, "serial", hello->serial);
        json_put_number(o, "uptime_s", (int64_t)hello->uptime_s);
        if (hello->eeprom)
                json_put(o, "eeprom", json_incref(hello->eeprom));
        return json_dumps(o, JSON_COMPACT);
}

char *report_progress(const struct report_progress *progress) {
        CLEANUP(json_decref_at) json_t *o = json_object();

        json_put_number(o, "task", (int64_t)progress->task);
        json_put_text(o, "phase", progress->phase);
        json_put_number(o, "done", (int64_t)progress->done);
        json_put_number(o, "total", (int64_t)progress->total);
        json_put_number(o, "rate", (int64_t)progress->rate);
        json_put_text(o, "text", progress->text);
        return json_dumps(o, JSON_COMPACT);
}

static char *dump_result(uint64_t task, const char *error, json_t *data) {
        CLEANUP(json_decref_at) json_t *o = json_object();

        json_put_number(o, "task", (int64_t)task);
        json_put_bool(o, "ok", !error);
        json_put(o, "error", json_null());
        if (error)
                json_put_text(o, "error", error);
        (void)json_object_set_new(o, "data", data ? json_incref(data) : json_object());
        return json_dumps(o, JSON_COMPACT);
}

char *report_result(uint64_t task, const char *error, json_t *data) {
        char *body = dump_result(task, error, data);

        if (!body || strlen(body) <= REPORT_MAX)
                return body;
        free(body);
        return dump_result(task, error ? error : "what was found is too long to be told: more than 1 MiB",
                           NULL);
}
