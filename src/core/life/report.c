/* Reports, read; see report.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/life/job.h"
#include "core/life/report.h"

/* How much of a text of UTF-8 goes into @max octets without cutting a character in two. */
static size_t fitting(const char *text, size_t max) {
        size_t len = strnlen(text, max);

        while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
                len--;
        return len;
}

/* What others wrote into one line for people: control characters would play with their terminal. */
static void copy_line(char *buf, size_t size, const char *text) {
        size_t len = text ? fitting(text, size - 1) : 0;

        for (size_t i = 0; i < len; i++)
                buf[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? ' ' : text[i];
        buf[len] = 0;
}

static int body_of(const struct agent_report *r, json_t **ret, struct error *reterr) {
        json_error_t error;

        *ret = r->body ? json_loadb(r->body, r->body_len, 0, &error) : NULL;
        if (json_is_object(*ret))
                return 0;
        json_decref(*ret);
        *ret = NULL;
        return error_set(reterr, -EBADMSG, "the agent's report is no JSON object: %s",
                         r->body ? error.text : "it is empty");
}

void result_report_clear(struct result_report *r) {
        json_decref(r->data);
        r->data = NULL;
}

int result_report_read(const struct agent_report *r, struct result_report *ret, struct error *reterr) {
        CLEANUP(json_decref_at) json_t *in = NULL;
        int e = body_of(r, &in, reterr);
        if (e < 0)
                return e;
        const json_t *ok = json_object_get(in, "ok");
        json_t *data = json_object_get(in, "data");
        if (!json_is_boolean(ok))
                return error_set(reterr, -EBADMSG, "the agent's result does not say whether it is ok");
        *ret = (struct result_report){ .is_ok = json_is_true(ok) };
        copy_line(ret->error, sizeof(ret->error), json_string_value(json_object_get(in, "error")));
        ret->data = json_is_object(data) ? json_incref(data) : NULL;
        return 0;
}

void report_names(const json_t *list, char *buf, size_t size) {
        size_t len = 0;
        size_t i;
        json_t *item;

        buf[0] = 0;
        json_array_foreach((json_t *)list, i, item) {
                char name[REPORT_NAME_MAX + 1];
                copy_line(name, sizeof(name), json_string_value(item));
                if (!name[0] || len + 2 + strlen(name) >= size)
                        continue;
                len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? ", " : "", name);
        }
}

static uint64_t number_of(const json_t *in, const char *member) {
        const json_t *value = json_object_get(in, member);
        double number = json_number_value(value);

        if (json_is_integer(value))
                return json_integer_value(value) > 0 ? (uint64_t)json_integer_value(value) : 0;
        return number > 0 && number < 9e18 ? (uint64_t)number : 0;
}

int progress_report_read(const struct agent_report *r, struct progress_report *ret, struct error *reterr) {
        CLEANUP(json_decref_at) json_t *in = NULL;
        int e = body_of(r, &in, reterr);
        if (e < 0)
                return e;
        *ret = (struct progress_report){ .done = number_of(in, "done"),
                                         .total = number_of(in, "total"),
                                         .rate = number_of(in, "rate") };
        copy_line(ret->phase, sizeof(ret->phase), json_string_value(json_object_get(in, "phase")));
        copy_line(ret->text, sizeof(ret->text), json_string_value(json_object_get(in, "text")));
        ret->is_idle = !ret->phase[0] || strcmp(ret->phase, "idle") == 0;
        return 0;
}

/* Text of several lines, cut where it is too long; the caller's. */
static char *output_of(const json_t *in) {
        const char *text = json_string_value(json_object_get(in, "output"));
        return text ? strndup(text, fitting(text, SCRIPT_OUTPUT_MAX)) : NULL;
}

int script_report_read(const struct agent_report *r, struct script_result *ret, struct error *reterr) {
        CLEANUP(json_decref_at) json_t *in = NULL;
        int e = body_of(r, &in, reterr);
        if (e < 0)
                return e;
        const char *name = json_string_value(json_object_get(in, "name"));
        const char *status = json_string_value(json_object_get(in, "status"));
        const json_t *exit_status = json_object_get(in, "exit"), *results = json_object_get(in, "results");
        double runtime_s = json_number_value(json_object_get(in, "runtime_s"));

        *ret = (struct script_result){ .machine = r->machine, .task = r->task, .finished_s = r->at_s };
        if (!name || !name[0] || strlen(name) > SCRIPT_NAME_MAX)
                return error_set(reterr, -EBADMSG, "the agent's script result names no script");
        copy_line(ret->name, sizeof(ret->name), name);
        if (!status || script_status_parse(status, &ret->status) < 0)
                return error_set(reterr, -EBADMSG, "script %s: \"%.32s\" is no status", ret->name,
                                 status ? status : "");
        ret->has_exit = json_is_integer(exit_status);
        ret->exit_status = json_integer_value(exit_status);
        ret->runtime_ms = runtime_s > 0 && runtime_s < 1e9 ? (int64_t)(runtime_s * 1000) : 0;
        ret->output = output_of(in);
        ret->results = json_is_object(results) ? json_dumps(results, JSON_COMPACT) : NULL;
        return 0;
}
